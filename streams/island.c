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

#include "../actors/worker_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define TURN_STEPS 64u

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

/* The demand of all outlets together. */
static uint64_t
outlets_sum(const struct weir_stage *stage)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < stage->outlet_count; i++) {
		uint64_t demand = weir_edge_demand(stage->outlets[i]);

		sum = demand > UINT64_MAX - sum ? UINT64_MAX : sum + demand;
	}
	return sum;
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
	if (stage->op->demand == WEIR_DEMAND_ANY)
		return outlets_sum(stage);
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
	uint64_t taken = weir_count_of(&edge->taken);
	uint64_t granted = want > (uint64_t)INT64_MAX - taken
				   ? (uint64_t)INT64_MAX
				   : taken + want;

	/* What a far half may get is the window of its boundary. */
	if (edge->cancelled || edge->ended || edge->from == NULL)
		return false;
	if (granted > edge->limit)
		granted = edge->limit;
	if (granted <= weir_count_of(&edge->granted)) {
		/* Upstream may have stopped for the bytes that waited. */
		if (edge->from->wait == WEIR_ROOM &&
			weir_edge_waiting(edge) == 0 &&
			weir_edge_demand(edge) > 0 && !edge->from->ended)
			weir_stage_ready(edge->from);
		return false;
	}
	weir_store(&edge->granted, granted, relaxed);
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
demand_flow(struct weir_island *island)
{
	for (uint32_t w = island->words; w-- > 0;)
		while (island->regrant[w] != 0) {
			uint32_t bit = 63 - (uint32_t)__builtin_clzll(
						    island->regrant[w]);

			island->regrant[w] &= ~((uint64_t)1 << bit);
			stage_grant(island->stages[w * 64 + bit]);
		}
}

void
weir_stage_adapt(struct weir_stage *stage, uint64_t taken, uint64_t put)
{
	const struct weir_edge *edge = stage->inlets[0];

	/* Once all it asked for came, and was nothing. */
	if (put > 0)
		stage->ask = 0;
	else if (taken > 0 &&
		 weir_count_of(&edge->taken) == weir_count_of(&edge->granted))
		stage->ask = stage->ask == 0 ? 2 : stage->ask * 2;
	if (stage->ask > stage->run->batch_items)
		stage->ask = stage->run->batch_items;
}

void
weir_run_fail(struct weir_run *run, const struct weir_error *error)
{
	/* Read when all islands are idle. */
	if (weir_exchange(&run->failed, 1, relaxed) == 0)
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
	weir_store(&stage->shown, WEIR_SHOWS_END, relaxed);
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
	weir_island_ended_one(stage->island);
}

void
weir_island_ended_one(struct weir_island *island)
{
	/* Pairs with the acquire of who waits for the run. */
	if (--island->live == 0)
		weir_fetch_sub(&island->run->live, 1, release);
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

			weir_count_add(&stage->tally[WEIR_IN], n);
			weir_count_add(&stage->tally[WEIR_CANCELLED], n);
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
	enum weir_shown shown = WEIR_SHOWS_TURN;

	if (stage->wait == WEIR_INPUT) {
		shown = WEIR_SHOWS_INPUT;
		for (uint32_t i = 0; i < stage->inlet_count; i++)
			weir_count_add(&stage->inlets[i]->waits_for_input, 1);
	} else if (stage->wait == WEIR_ROOM) {
		shown = WEIR_SHOWS_ROOM;
		for (uint32_t i = 0; i < stage->outlet_count; i++)
			weir_count_add(&stage->outlets[i]->waits_for_room, 1);
	} else if (stage->wait == WEIR_AGAIN) {
		stage->island->again[stage->slot / 64] |= (uint64_t)1
							  << (stage->slot % 64);
	} else if (stage->waits_for_memory) {
		shown = WEIR_SHOWS_MEMORY;
	} else {
		shown = WEIR_SHOWS_EVENT;
	}
	weir_store(&stage->shown, (int)shown, relaxed);
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
	weir_count_add(&stage->steps, 1);
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
	if (stage->has_far)
		weir_fars_publish(stage);
	if (stage->op->demand == WEIR_DEMAND_SELECT)
		weir_stage_adapt(stage, stage->step_taken, stage->step_put);
	weir_stage_regrant(stage);
	if (stage->failing && (stage->op->flags & WEIR_SEES_FAILURE) == 0)
		look_for_failure(stage);
}

/* The stage to step next; NULL: none is ready. */
static inline struct weir_stage *
next_ready(struct weir_island *island)
{
	uint32_t w = island->words;

	do {
		uint64_t ready = island->ready[--w];

		if (ready != 0)
			return island->stages[w * 64 + 63 -
					      (uint32_t)__builtin_clzll(ready)];
	} while (w > 0);
	return NULL;
}

/* As next_ready(), any of them by the system's seed. */
static struct weir_stage *
random_ready(struct weir_island *island)
{
	uint64_t count = 0, pick;

	for (uint32_t w = 0; w < island->words; w++)
		count += (uint64_t)__builtin_popcountll(island->ready[w]);
	if (count == 0)
		return NULL;
	pick = weir_system_random_below(island->run->system, count);
	for (uint32_t i = 0; i < island->stage_count; i++)
		if ((island->ready[i / 64] >> (i % 64) & 1) != 0 && pick-- == 0)
			return island->stages[i];
	return NULL;
}

static uint32_t
bits_count(const uint64_t *bits, uint32_t words)
{
	uint32_t n = 0;

	for (uint32_t w = 0; w < words; w++)
		n += (uint32_t)__builtin_popcountll(bits[w]);
	return n;
}

/* A stage that waits for no other one being ready; NULL: none, or nothing has
 * happened since. */
static struct weir_stage *
quiet_next(struct weir_island *island)
{
	for (uint32_t w = 0; w < island->words && island->stirred; w++) {
		uint64_t bits = island->when_quiet[w];

		if (bits == 0)
			continue;
		island->when_quiet[w] = bits & (bits - 1);
		island->stirred = island->when_quiet[w] != 0;
		island->quiet = true;
		return island->stages[w * 64 + (uint32_t)__builtin_ctzll(bits)];
	}
	return NULL;
}

/* The stage to step next, taken out of the bitmap it is in; NULL: none. */
static struct weir_stage *
take_next(struct weir_island *island)
{
	bool seeded = island->run->seeded;
	struct weir_stage *stage =
		seeded ? random_ready(island) : next_ready(island);

	if (stage == NULL) {
		demand_flow(island);
		stage = seeded ? random_ready(island) : next_ready(island);
	}
	if (stage == NULL)
		return quiet_next(island);
	island->ready[stage->slot / 64] &= ~((uint64_t)1 << (stage->slot % 64));
	island->stirred = true;
	return stage;
}

/* Step stages, until none is ready any more or the turn has had its share. */
static void
stages_step(struct weir_island *island, const struct weir_worker *worker)
{
	int64_t until_ns = 0;
	uint32_t idle =
		island->idling ? bits_count(island->ready, island->words) : 0;

	for (uint32_t n = 1; n <= TURN_STEPS && !weir_island_must_abort(island);
		n++) {
		struct weir_stage *stage = take_next(island);

		if (stage == NULL)
			return;
		/* What steps since nothing else did is no change. */
		if (idle > 0)
			idle--;
		else
			island->moved = true;
		if (!stage->ended)
			stage_step(stage);
		island->quiet = false;
		if (island->dirty)
			weir_nears_flush(island, false);
		/* A step is a batch: the clock is read after 8, 16, 32. */
		if (n % 4 == 0 && !weir_turn_lasts(worker, n / 4, &until_ns))
			return;
	}
}

void
weir_island_turn(struct weir_island *island, const struct weir_worker *worker)
{
	for (uint32_t w = 0; w < island->words; w++) {
		island->ready[w] |= island->again[w];
		island->again[w] = 0;
	}
	stages_step(island, worker);
	/* Small batches are not held back for longer than a turn. */
	if (island->dirty || island->held_back)
		weir_nears_flush(island, true);
	island->idling = false;
}

bool
weir_island_is_ready(const struct weir_island *island)
{
	for (uint32_t w = 0; w < island->words; w++)
		if ((island->ready[w] | island->again[w] | island->regrant[w] |
			    (island->stirred ? island->when_quiet[w] : 0)) != 0)
			return true;
	return false;
}

bool
weir_island_wants_idle(const struct weir_island *island)
{
	for (uint32_t w = 0; w < island->words && island->moved; w++)
		if (island->when_idle[w] != 0)
			return true;
	return false;
}

void
weir_island_idle(struct weir_island *island)
{
	for (uint32_t w = 0; w < island->words; w++) {
		island->ready[w] |= island->when_idle[w];
		island->when_idle[w] = 0;
	}
	island->moved = false;
	island->idling = true;
}

void
weir_island_alarms(struct weir_island *island)
{
	int64_t now_ns, next_ns = INT64_MAX;

	if (island->next_alarm_ns == INT64_MAX)
		return;
	now_ns = (int64_t)weir_system_now_ns(island->run->system);
	if (now_ns < island->next_alarm_ns)
		return;
	for (uint32_t i = 0; i < island->stage_count; i++) {
		struct weir_stage *stage = island->stages[i];

		if (stage->ended)
			continue;
		if (stage->alarm_ns <= now_ns) {
			stage->alarm_ns = INT64_MAX;
			weir_stage_ready(stage);
		} else if (stage->alarm_ns < next_ns) {
			next_ns = stage->alarm_ns;
		}
	}
	island->next_alarm_ns = next_ns;
}

void
weir_island_drain(struct weir_island *island)
{
	for (uint32_t i = 0; i < island->stage_count; i++)
		if (island->stages[i]->inlet_count == 0)
			weir_stage_end(island->stages[i], NULL, NULL);
}

void
weir_island_abort(struct weir_island *island, const struct weir_error *cause)
{
	for (uint32_t i = island->stage_count; i-- > 0;)
		weir_stage_end(island->stages[i], NULL, cause);
	weir_nears_abort(island);
}
