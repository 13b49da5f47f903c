/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - bring a graph to life, run it to its end, take it down
 */
#include "run_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TURN_STEPS 64u
#define WINDOW_BYTES 16384u

/* -- coming to life ------------------------------------------------------ */

static bool
stage_init(struct weir_run *run, struct weir_stage *stage, uint32_t index)
{
	const struct weir_stage_def *def = &run->graph->stages[index];
	struct weir_arena *arena = &run->arena;
	uint32_t in = def->inlet_count, out = def->outlet_count;

	stage->run = run;
	stage->op = def->op;
	stage->args = def->args;
	stage->opts = def->op->args_bytes > 0 ? def->args : NULL;
	stage->name = def->name;
	stage->index = index;
	stage->inlet_count = in;
	stage->outlet_count = stage->open_outlets = out;
	stage->wait = WEIR_AGAIN;
	stage->alarm_ns = INT64_MAX;
	stage->state = weir_arena_get(arena, def->op->state_bytes, 64);
	stage->inlets = weir_arena_get(
		arena, in * sizeof(*stage->inlets), sizeof(void *));
	stage->outlets = weir_arena_get(
		arena, out * sizeof(*stage->outlets), sizeof(void *));
	stage->requests =
		weir_arena_get(arena, in * sizeof(uint64_t), sizeof(uint64_t));
	return stage->state != NULL && stage->inlets != NULL &&
	       stage->outlets != NULL && stage->requests != NULL;
}

/* How many elements a sink asks for at once.  Several batches, so that a turn
 * of the chain moves more than one; as many as stay in the first cache with
 * what they become.  What slices point to is larger: one batch. */
static uint64_t
edge_window(const struct weir_run *run, const struct weir_edge *edge)
{
	uint64_t items = WINDOW_BYTES / edge->type->size;

	if (edge->slices || items < run->batch_items)
		return run->batch_items;
	return items - items % run->batch_items;
}

/* One edge for each inlet, in the order of the stages. */
static void
edges_init(struct weir_run *run)
{
	struct weir_edge *edge = run->edges;

	for (uint32_t s = 0; s < run->stage_count; s++) {
		const struct weir_stage_def *def = &run->graph->stages[s];

		for (uint32_t i = 0; i < def->inlet_count; i++, edge++) {
			struct weir_flow in = def->inlets[i];

			edge->from = &run->stages[in.stage];
			edge->to = &run->stages[s];
			edge->outlet = in.outlet;
			edge->inlet = i;
			edge->type = run->graph->stages[in.stage]
					     .outlets[in.outlet]
					     .type;
			edge->slices = weir_type_is_slice(edge->type);
			edge->limit = UINT64_MAX;
			edge->window = edge_window(run, edge);
			edge->from->outlets[in.outlet] = edge;
			edge->to->inlets[i] = edge;
		}
	}
}

static void
memory_wake(void *target)
{
	struct weir_run *run = target;

	weir_store(&run->account->wanted, 0, seq_cst);
	for (uint32_t i = 0; i < run->stage_count; i++)
		if (run->stages[i].waits_for_memory && !run->stages[i].ended)
			weir_stage_ready(&run->stages[i]);
}

static uint32_t
edges_count(const struct weir_graph *graph)
{
	uint32_t n = 0;

	for (uint32_t s = 0; s < graph->stage_count; s++)
		n += graph->stages[s].inlet_count;
	return n;
}

static bool
bitmaps_init(struct weir_run *run)
{
	uint64_t **const bitmaps[] = {
		&run->ready, &run->again, &run->regrant, &run->when_idle};

	for (size_t i = 0; i < sizeof(bitmaps) / sizeof(bitmaps[0]); i++) {
		*bitmaps[i] = weir_arena_get(
			&run->arena, run->words * sizeof(uint64_t), 64);
		if (*bitmaps[i] == NULL)
			return false;
	}
	return true;
}

/* Everything a run consists of, nothing opened. */
static int
run_init(struct weir_run *run, struct weir_graph *graph)
{
	uint32_t n = graph->stage_count;

	run->graph = graph;
	run->system = graph->system;
	run->seeded = graph->system->seed != 0;
	run->batch_items = graph->batch_items;
	run->stage_count = n;
	run->edge_count = edges_count(graph);
	run->words = (n + 63) / 64;
	run->next_alarm_ns = INT64_MAX;
	run->stages = weir_arena_get(&run->arena, n * sizeof(*run->stages),
		_Alignof(struct weir_stage));
	run->edges = weir_arena_get(&run->arena,
		run->edge_count * sizeof(*run->edges),
		_Alignof(struct weir_edge));
	if (run->stages == NULL || run->edges == NULL || !bitmaps_init(run))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		if (!stage_init(run, &run->stages[i], i))
			return -ENOMEM;
	edges_init(run);
	if (weir_account_create(
		    run->system, n, graph->memory_bytes, &run->account) < 0)
		return -ENOMEM;
	if (weir_waker_acquire(
		    run->system, memory_wake, run, &run->memory_waker) < 0)
		return -ENOMEM;
	run->has_memory_waker = true;
	run->account->waker = run->memory_waker;
	run->live = n;
	return 0;
}

static int
stage_open(struct weir_run *run, struct weir_stage *stage)
{
	int rc;

	stage->opened = true;
	if (stage->op->open == NULL)
		return 0;
	rc = stage->op->open(stage, stage->state, stage->args);
	if (stage->out_of_memory)
		rc = -ENOMEM;
	if (rc >= 0)
		return 0;
	if (stage->failure.code == 0)
		weir_stage_fail(stage, rc, "%s", weir_error_text(rc));
	run->error = stage->failure;
	run->error.stage = stage->name;
	run->error.stage_index = stage->index;
	run->error.opening =
		stage->inlet_count == 0 || stage->outlet_count == 0;
	return rc;
}

/* Sources first, sinks last, so that nothing is created or cut short unless
 * all sources are there. */
static int
stages_open(struct weir_run *run)
{
	int rc;

	for (int pass = 0; pass < 3; pass++)
		for (uint32_t i = 0; i < run->stage_count; i++) {
			struct weir_stage *stage = &run->stages[i];
			int kind = stage->inlet_count == 0    ? 0
				   : stage->outlet_count == 0 ? 2
							      : 1;

			if (kind == pass && (rc = stage_open(run, stage)) < 0)
				return rc;
		}
	return 0;
}

static void
stages_abort(struct weir_run *run, const struct weir_error *cause)
{
	for (uint32_t i = run->stage_count; i-- > 0;)
		weir_stage_end(&run->stages[i], NULL, cause);
	run->finished = true;
}

static void
fail_start(const struct weir_run *run, int rc, struct weir_error *ret)
{
	if (ret == NULL)
		return;
	*ret = run->error;
	if (ret->code == 0)
		*ret = (struct weir_error){.code = rc,
			.stage = "graph",
			.text = rc == -EBUSY
					? "its system is running in a wait"
					: "out of memory while the run was "
					  "made",
			.stage_index = WEIR_NOBODY};
}

int
weir_graph_start(struct weir_graph *graph, struct weir_run **ret,
	struct weir_error *ret_error)
{
	struct weir_system *system;
	struct weir_run *run;
	int rc = weir_graph_check(graph, ret_error);

	if (rc < 0)
		return rc;
	if (graph->run != NULL && !graph->run->finished) {
		if (ret_error != NULL)
			*ret_error = (struct weir_error){.code = -EBUSY,
				.stage = "graph",
				.text = "a run of it is going on",
				.stage_index = WEIR_NOBODY};
		return -EBUSY;
	}
	weir_run_destroy(graph->run);
	system = graph->system;
	run = weir_allocate(system, sizeof(*run));
	if (run == NULL) {
		fail_start(&(struct weir_run){0}, -ENOMEM, ret_error);
		return -ENOMEM;
	}
	memset(run, 0, sizeof(*run));
	weir_arena_init(&run->arena, system);
	run->graph = graph;
	run->system = system;
	rc = weir_system_enter(system);
	if (rc == 0) {
		rc = run_init(run, graph);
		if (rc == 0)
			rc = stages_open(run);
		run->started_ns = run->ended_ns = weir_system_now_ns(system);
		weir_system_leave(system);
	}
	if (rc < 0) {
		fail_start(run, rc, ret_error);
		weir_run_destroy(run);
		return rc;
	}
	for (uint32_t i = 0; i < run->stage_count; i++)
		weir_stage_ready(&run->stages[i]);
	graph->run = run;
	*ret = run;
	return 0;
}

void
weir_run_destroy(struct weir_run *run)
{
	struct weir_system *system;
	bool entered;

	if (run == NULL)
		return;
	system = run->system;
	entered = weir_system_enter(system) == 0;
	if (run->stages != NULL && !run->finished && run->live > 0)
		stages_abort(run, NULL);
	if (run->has_memory_waker)
		weir_waker_release(system, run->memory_waker);
	weir_account_release(run->account);
	weir_arena_finish(&run->arena);
	if (run->graph->run == run)
		run->graph->run = NULL;
	weir_release(system, run, sizeof(*run));
	if (entered)
		weir_system_leave(system);
}

/* -- running ------------------------------------------------------------- */

static void
run_finish(struct weir_run *run)
{
	run->finished = true;
	run->ended_ns = weir_system_now_ns(run->system);
}

/* End all stages at once, with the cause that was given. */
static void
run_abort(struct weir_run *run)
{
	static const struct weir_error aborted = {.code = -ECANCELED,
		.stage = "graph",
		.text = "aborted",
		.stage_index = WEIR_NOBODY};

	run->error = run->abort_cause.code == 0 ? aborted : run->abort_cause;
	stages_abort(run, &run->error);
	run_finish(run);
}

static void
sources_stop(struct weir_run *run)
{
	for (uint32_t i = 0; i < run->stage_count; i++)
		if (run->stages[i].inlet_count == 0)
			weir_stage_end(&run->stages[i], NULL, NULL);
}

/* What other threads and signal handlers asked for. */
static void
requests_serve(struct weir_run *run)
{
	/* Taken, not cleared: who interrupted had written the flags before.
	 * Pairs with the store in interrupt. */
	(void)weir_exchange(&run->system->interrupted, 0, seq_cst);
	if (weir_load(&run->cancel_asked, acquire) != 0 && !run->finished) {
		run_abort(run);
		return;
	}
	if (weir_load(&run->drain_asked, acquire) != 0 && !run->drained) {
		run->drained = true;
		sources_stop(run);
	}
}

/* Step the stages whose alarm has come; find the next one. */
static void
alarms_ring(struct weir_run *run)
{
	int64_t now_ns, next_ns = INT64_MAX;

	if (run->next_alarm_ns == INT64_MAX)
		return;
	now_ns = (int64_t)weir_system_now_ns(run->system);
	if (now_ns < run->next_alarm_ns)
		return;
	for (uint32_t i = 0; i < run->stage_count; i++) {
		struct weir_stage *stage = &run->stages[i];

		if (stage->ended)
			continue;
		if (stage->alarm_ns <= now_ns) {
			stage->alarm_ns = INT64_MAX;
			weir_stage_ready(stage);
		} else if (stage->alarm_ns < next_ns) {
			next_ns = stage->alarm_ns;
		}
	}
	run->next_alarm_ns = next_ns;
}

static bool
any_ready(const struct weir_run *run)
{
	for (uint32_t w = 0; w < run->words; w++)
		if ((run->ready[w] | run->again[w] | run->regrant[w]) != 0)
			return true;
	return false;
}

/* Let the stages step that asked to before the worker sleeps. */
static bool
idle_ready(struct weir_run *run)
{
	bool any = false;

	for (uint32_t w = 0; w < run->words; w++) {
		any |= run->when_idle[w] != 0;
		run->ready[w] |= run->when_idle[w];
		run->when_idle[w] = 0;
	}
	run->idling = any;
	return any;
}

/* Who holds the run's memory, the largest first, as text. */
static void
holders_name(const struct weir_run *run, char *text, size_t bytes)
{
	struct weir_account *account = run->account;
	uint64_t told[2] = {UINT64_MAX, UINT64_MAX};
	size_t at = 0;

	text[0] = '\0';
	for (int k = 0; k < 3 && at < bytes; k++) {
		uint64_t most = 0, who = 0;

		for (uint32_t i = 0; i < run->stage_count; i++) {
			uint64_t held = weir_load(&account->held[i], relaxed);

			if (held > most && i != told[0] && i != told[1]) {
				most = held;
				who = i;
			}
		}
		if (most == 0)
			break;
		if (k < 2)
			told[k] = who;
		at += (size_t)snprintf(text + at, bytes - at,
			"%s'%s' %" PRIu64 " KiB", k == 0 ? "" : ", ",
			run->stages[who].name, most >> 10);
	}
}

static const char *
wait_name(enum weir_wait wait)
{
	static const char *const names[] = {
		"its turn", "input", "room", "an event", "nothing"};

	return names[wait];
}

/* Nothing is ready and nothing will come: fail, and say who stands still. */
static void
stall(struct weir_run *run)
{
	struct weir_stage *stuck = NULL;
	char holders[256];

	for (uint32_t i = 0; i < run->stage_count; i++) {
		struct weir_stage *stage = &run->stages[i];

		if (stage->ended)
			continue;
		if (stage->waits_for_memory) {
			holders_name(run, holders, sizeof(holders));
			weir_stage_fail(stage, -ENOBUFS,
				"all %zu bytes of memory the run may use are "
				"held, by %s: raise its memory",
				run->account->limit, holders);
			stuck = stage;
			break;
		}
		/* The one with input waiting whose outlets have room. */
		if (stuck == NULL || stage->wait == WEIR_EVENT ||
			(stage->inlet_count > 0 &&
				stage->inlets[0]->first != NULL))
			stuck = stage;
	}
	if (stuck == NULL)
		return;
	if (!stuck->waits_for_memory)
		weir_stage_fail(stuck, -EDEADLK,
			"stands still: it waits for %s, and nothing that could "
			"end that is on its way",
			wait_name(stuck->wait));
	stuck->failure.stage = stuck->name;
	stuck->failure.stage_index = stuck->index;
	weir_run_fail(run, &stuck->failure);
	weir_stage_end(stuck, &stuck->failure, &stuck->failure);
}

/* Whether something may still happen though no stage is ready.  @returns: the
 * wait has an end, after which the caller may do something. */
static bool
may_move(struct weir_run *run, bool returns)
{
	if (weir_system_pending(run->system) > 0 ||
		run->next_alarm_ns != INT64_MAX)
		return true;
	if (run->system->virtual_time && !returns)
		return false;
	/* A waker that somebody out there may hold. */
	for (uint32_t i = 0; i < run->stage_count; i++)
		if (!run->stages[i].ended && run->stages[i].has_waker &&
			run->stages[i].wait == WEIR_EVENT &&
			!run->stages[i].waits_for_memory)
			return true;
	return false;
}

/* Sleep until the next alarm, the deadline, or something happens. */
static void
sleep_until(struct weir_run *run, int64_t deadline_ns)
{
	int64_t until_ns = run->next_alarm_ns < deadline_ns ? run->next_alarm_ns
							    : deadline_ns;
	int64_t timeout_ns = -1;

	if (until_ns != INT64_MAX) {
		timeout_ns =
			until_ns - (int64_t)weir_system_now_ns(run->system);
		if (timeout_ns < 0)
			timeout_ns = 0;
	}
	weir_system_park(run->system, timeout_ns);
}

static void
run_until(struct weir_run *run, int64_t deadline_ns)
{
	struct weir_system *system = run->system;
	bool busy;

	/* The interrupt may have been taken by a wait for another run. */
	requests_serve(run);
	while (!run->finished) {
		if (weir_load(&system->interrupted, relaxed) != 0)
			requests_serve(run);
		weir_island_turn(run, TURN_STEPS);
		run->idling = false;
		if (run->abort_asked) {
			run_abort(run);
			return;
		}
		if (run->live == 0) {
			run_finish(run);
			return;
		}
		weir_system_poll(system);
		alarms_ring(run);
		busy = any_ready(run) ||
		       weir_load(&system->interrupted, relaxed) != 0 ||
		       idle_ready(run);
		if (!busy && !may_move(run, deadline_ns != INT64_MAX)) {
			stall(run);
			continue;
		}
		if (deadline_ns != INT64_MAX &&
			(int64_t)weir_system_now_ns(system) >= deadline_ns)
			return;
		if (!busy)
			sleep_until(run, deadline_ns);
	}
}

int
weir_run_wait(struct weir_run *run, int64_t timeout_ns, struct weir_error *ret)
{
	struct weir_system *system = run->system;
	int64_t deadline_ns = INT64_MAX, now_ns;
	int rc;

	if (!run->finished) {
		rc = weir_system_enter(system);
		if (rc < 0)
			return rc;
		if (timeout_ns >= 0) {
			now_ns = (int64_t)weir_system_now_ns(system);
			if (timeout_ns < INT64_MAX - now_ns)
				deadline_ns = now_ns + timeout_ns;
		}
		run_until(run, deadline_ns);
		weir_system_leave(system);
	}
	if (!run->finished)
		return -ETIMEDOUT;
	if (run->error.code != 0 && ret != NULL)
		*ret = run->error;
	return run->error.code;
}

int
weir_run_drain(struct weir_run *run, int64_t timeout_ns)
{
	/* Pairs with the acquire in requests_serve. */
	weir_store(&run->drain_asked, 1, release);
	weir_system_interrupt(run->system);
	return timeout_ns == 0 ? 0 : weir_run_wait(run, timeout_ns, NULL);
}

void
weir_run_cancel(struct weir_run *run)
{
	weir_store(&run->cancel_asked, 1, release);
	weir_system_interrupt(run->system);
}

void
weir_run_abort(struct weir_run *run, const struct weir_error *cause)
{
	if (run->finished)
		return;
	if (cause != NULL)
		run->abort_cause = *cause;
	/* From within a step the stages are in use: the wait will do it. */
	if (weir_system_enter(run->system) < 0) {
		run->abort_asked = true;
		return;
	}
	run_abort(run);
	weir_system_leave(run->system);
}

int
weir_graph_run(struct weir_graph *graph, struct weir_error *ret)
{
	struct weir_run *run;
	int rc = weir_graph_start(graph, &run, ret);

	return rc < 0 ? rc : weir_run_wait(run, -1, ret);
}
