/* SPDX-License-Identifier: Apache-2.0 */
/*
 * island.c - stages fused on one worker, stepped from a queue
 *
 * The queue is a bitmap, a bit a stage in topological order, and the most
 * downstream ready stage steps first: what is there goes out before more comes
 * in, so a fused chain holds one batch.  A deterministic system draws instead.
 * No step runs inside another.
 */
#include "run_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The smallest demand over the outlets that are still wanted. */
static uint64_t
outlets_demand(const struct weir_stage *stage)
{
	uint64_t least = UINT64_MAX;

	if (stage->outlet_count == 1)
		return weir_edge_demand(stage->outlets[0]);
	for (uint32_t i = 0; i < stage->outlet_count; i++) {
		const struct weir_edge *edge = stage->outlets[i];

		if (!edge->cancelled && weir_edge_demand(edge) < least)
			least = weir_edge_demand(edge);
	}
	return least == UINT64_MAX ? 0 : least;
}

/* How many elements @stage wants to be waiting, or on their way, in @inlet. */
static uint64_t
wanted(const struct weir_stage *stage, uint32_t inlet)
{
	uint64_t room;

	if (stage->op->demand == WEIR_DEMAND_OWN)
		return stage->requests[inlet];
	if (stage->op->demand == WEIR_DEMAND_BATCH || stage->outlet_count == 0)
		return stage->inlets[inlet]->window;
	room = outlets_demand(stage);
	if (stage->op->demand == WEIR_DEMAND_SELECT && room > 0 &&
		stage->ask > room)
		return stage->ask;
	return room;
}

/* Grant @edge so much that @want elements may wait or be on their way. */
static bool
edge_grant(struct weir_edge *edge, uint64_t want)
{
	uint64_t granted = want > (uint64_t)INT64_MAX - edge->taken
				   ? (uint64_t)INT64_MAX
				   : edge->taken + want;

	if (granted > edge->limit)
		granted = edge->limit;
	if (edge->cancelled || edge->ended)
		return false;
	if (granted <= edge->granted) {
		/* Upstream may have stopped for the bytes that waited. */
		if (edge->from->wait == WEIR_ROOM &&
			weir_edge_waiting(edge) == 0 &&
			weir_edge_demand(edge) > 0 && !edge->from->ended)
			weir_stage_ready(edge->from);
		return false;
	}
	edge->granted = granted;
	if (edge->from->wait == WEIR_ROOM && !edge->from->ended)
		weir_stage_ready(edge->from);
	return true;
}

/* Ask more of the inlets of @stage, as the demand of its outlets allows, and
 * go on upstream along a chain. */
static void
stage_grant(struct weir_stage *stage)
{
	assert(stage != NULL);
	while (stage->inlet_count == 1) {
		if (stage->ended ||
			!edge_grant(stage->inlets[0], wanted(stage, 0)))
			return;
		stage = stage->inlets[0]->from;
	}
	for (uint32_t i = 0; i < stage->inlet_count && !stage->ended; i++)
		if (edge_grant(stage->inlets[i], wanted(stage, i)))
			weir_stage_regrant(stage->inlets[i]->from);
}

/* Let demand flow upstream, from the sinks on, so that each stage is looked at
 * once.  Done when no stage is ready: demand that came sooner would be used no
 * sooner. */
static void
demand_flow(struct weir_run *run)
{
	for (uint32_t w = run->words; w-- > 0;)
		while (run->regrant[w] != 0) {
			uint32_t bit =
				63 - (uint32_t)__builtin_clzll(run->regrant[w]);

			run->regrant[w] &= ~((uint64_t)1 << bit);
			stage_grant(&run->stages[w * 64 + bit]);
		}
}

void
weir_stage_adapt(struct weir_stage *stage, uint64_t taken, uint64_t put)
{
	const struct weir_edge *edge = stage->inlets[0];

	/* Once all it asked for came, and was nothing. */
	if (put > 0)
		stage->ask = 0;
	else if (taken > 0 && edge->taken == edge->granted)
		stage->ask = stage->ask == 0 ? 2 : stage->ask * 2;
	if (stage->ask > stage->run->batch_items)
		stage->ask = stage->run->batch_items;
}

void
weir_run_fail(struct weir_run *run, const struct weir_error *error)
{
	if (run->error.code == 0)
		run->error = *error;
}

void
weir_stage_settle(struct weir_stage *stage)
{
	struct weir_system *system = stage->run->system;

	while (stage->retired != NULL) {
		struct weir_batch *batch = stage->retired;

		stage->retired = batch->next;
		weir_batch_release(system, batch);
	}
	stage->has_attached = false;
	for (uint32_t i = 0; i < stage->outlet_count; i++) {
		struct weir_edge *edge = stage->outlets[i];

		while (edge->attached_count > 0)
			weir_block_release(
				edge->attached[--edge->attached_count]);
	}
}

void
weir_stage_end(struct weir_stage *stage, const struct weir_error *failure,
	const struct weir_error *cause)
{
	struct weir_system *system = stage->run->system;

	if (stage->ended)
		return;
	stage->ended = true;
	stage->run->live--;
	if (stage->op->close != NULL && stage->opened)
		stage->op->close(stage, stage->state);
	weir_stage_settle(stage);
	weir_block_release(stage->keep_block);
	stage->keep_block = NULL;
	if (stage->has_waker)
		weir_waker_release(system, stage->waker);
	stage->has_waker = false;
	stage->alarm_ns = INT64_MAX;
	for (uint32_t i = 0; i < stage->outlet_count; i++) {
		weir_batch_release(system, stage->outlets[i]->spare);
		stage->outlets[i]->spare = NULL;
		weir_edge_end(stage->outlets[i], failure);
	}
	for (uint32_t i = 0; i < stage->inlet_count; i++)
		weir_edge_cancel(stage->inlets[i], cause);
	if (failure != NULL && stage->outlet_count == 0)
		weir_run_fail(stage->run, failure);
}

const char *
weir_error_text(int code)
{
	const char *text = strerrordesc_np(-code);

	return text == NULL ? "failed" : text;
}

/* The stage did not come to an end by itself: what it failed with. */
static void
stage_failed(struct weir_stage *stage, int code)
{
	struct weir_error *failure = &stage->failure;

	if (failure->code == 0 || failure->text == NULL)
		failure->text = weir_error_text(code);
	if (failure->code == 0)
		failure->code = code;
	/* Else it came from upstream. */
	if (failure->stage == NULL) {
		failure->stage = stage->name;
		failure->stage_index = stage->index;
	}
	weir_stage_end(stage, failure, failure);
}

/* What became known about the ports since the last step.  Returns whether the
 * stage is to be stepped all the same. */
static bool
attend(struct weir_stage *stage)
{
	stage->attention = false;
	if (stage->outlet_count > 0 && stage->open_outlets == 0) {
		weir_stage_end(stage, NULL, stage->outlets[0]->cause);
		return false;
	}
	if (stage->op->flags & WEIR_SEES_FAILURE)
		return true;
	for (uint32_t i = 0; i < stage->inlet_count; i++) {
		struct weir_edge *edge = stage->inlets[i];

		if (edge->failure == NULL || edge->cancelled)
			continue;
		if (stage->opts != NULL &&
			stage->opts->on_failure == WEIR_FAST) {
			uint64_t n = weir_edge_clear(edge);

			stage->tally[WEIR_IN] += (int64_t)n;
			stage->tally[WEIR_CANCELLED] += (int64_t)n;
		}
		if (weir_edge_waiting(edge) > 0)
			continue;
		weir_stage_end(stage, edge->failure, edge->failure);
		return false;
	}
	return true;
}

/* Note why the step stopped. */
static void
count_wait(struct weir_stage *stage)
{
	if (stage->wait == WEIR_INPUT) {
		for (uint32_t i = 0; i < stage->inlet_count; i++)
			stage->inlets[i]->waits_for_input++;
	} else if (stage->wait == WEIR_ROOM) {
		for (uint32_t i = 0; i < stage->outlet_count; i++)
			stage->outlets[i]->waits_for_room++;
	} else if (stage->wait == WEIR_AGAIN) {
		stage->run->again[stage->index / 64] |= (uint64_t)1
							<< (stage->index % 64);
	}
}

static void
complete(struct weir_stage *stage)
{
	if (stage->op->finish != NULL)
		stage->op->finish(stage, stage->state);
	weir_stage_end(stage, NULL, NULL);
}

/* A failure that waited behind data which this step has taken is next. */
static void
look_for_failure(struct weir_stage *stage)
{
	for (uint32_t i = 0; i < stage->inlet_count; i++) {
		struct weir_edge *edge = stage->inlets[i];

		if (edge->failure != NULL && !edge->cancelled &&
			weir_edge_waiting(edge) == 0) {
			stage->attention = true;
			weir_stage_ready(stage);
		}
	}
}

static void
stage_step(struct weir_stage *stage)
{
	int rc;

	if (stage->attention && !attend(stage))
		return;
	stage->steps++;
	stage->step_taken = stage->step_put = 0;
	stage->waits_for_memory = false;
	rc = stage->op->step != NULL ? stage->op->step(stage, stage->state)
				     : weir_fused_step(stage);
	if (stage->retired != NULL || stage->has_attached)
		weir_stage_settle(stage);
	if (stage->out_of_memory)
		rc = -ENOMEM;
	if (stage->run->seeded)
		weir_system_trace_add(stage->run->system,
			(uint64_t)stage->index << 48 ^
				(uint64_t)(rc + 4096) << 32 ^
				stage->step_taken << 16 ^ stage->step_put);
	if (rc < 0) {
		stage_failed(stage, rc);
		return;
	}
	if (rc == WEIR_DONE) {
		complete(stage);
		return;
	}
	stage->wait = (enum weir_wait)rc;
	count_wait(stage);
	if (stage->inlet_count == 0)
		return;
	if (stage->op->demand == WEIR_DEMAND_SELECT)
		weir_stage_adapt(stage, stage->step_taken, stage->step_put);
	weir_stage_regrant(stage);
	if (stage->failing && (stage->op->flags & WEIR_SEES_FAILURE) == 0)
		look_for_failure(stage);
}

/* The stage to step next; NULL: none is ready. */
static inline struct weir_stage *
next_ready(struct weir_run *run)
{
	uint32_t w = run->words;

	do {
		uint64_t ready = run->ready[--w];

		if (ready != 0)
			return &run->stages[w * 64 + 63 -
					    (uint32_t)__builtin_clzll(ready)];
	} while (w > 0);
	return NULL;
}

/* As next_ready(), any of them by the system's seed. */
static struct weir_stage *
random_ready(struct weir_run *run)
{
	uint64_t count = 0, pick;

	for (uint32_t w = 0; w < run->words; w++)
		count += (uint64_t)__builtin_popcountll(run->ready[w]);
	if (count == 0)
		return NULL;
	pick = weir_system_random_below(run->system, count);
	for (uint32_t i = 0; i < run->stage_count; i++)
		if ((run->ready[i / 64] >> (i % 64) & 1) != 0 && pick-- == 0)
			return &run->stages[i];
	return NULL;
}

void
weir_island_turn(struct weir_run *run, unsigned budget)
{
	bool seeded = run->seeded;

	for (uint32_t w = 0; w < run->words; w++) {
		run->ready[w] |= run->again[w];
		run->again[w] = 0;
	}
	while (budget-- > 0 && !run->abort_asked) {
		struct weir_stage *stage =
			seeded ? random_ready(run) : next_ready(run);

		if (stage == NULL) {
			demand_flow(run);
			stage = seeded ? random_ready(run) : next_ready(run);
		}
		if (stage == NULL)
			return;
		run->ready[stage->index / 64] &=
			~((uint64_t)1 << (stage->index % 64));
		if (!stage->ended)
			stage_step(stage);
	}
}
