/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - run a graph to its end, take it down
 */
#include "run_internal.h"

#include "../actors/worker_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define TURN_STEPS 64u

static bool
run_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	weir_cell_attend(cell);
	return !weir_mailbox_rest(&cell->mailbox);
}

int
weir_run_cell_acquire(struct weir_run *run)
{
	static const struct weir_cell_ops ops = {run_turn};
	static const struct weir_mailbox_limits limits = {.bound = 1};
	int rc = weir_cell_acquire(run->system, &ops, run, &limits, &run->cell);

	if (rc < 0)
		return rc;
	run->cell->home = run->system->workers[0];
	weir_cell_schedule(run->cell);
	return 0;
}

/* End all islands, from the last on, and let go of what is between them. */
static void
islands_abort(struct weir_run *run, const struct weir_error *cause)
{
	for (uint32_t i = run->island_count; i-- > 0;)
		weir_island_abort(&run->islands[i], cause);
	/* What they posted to each other meanwhile is late now. */
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_finish(&run->islands[i]);
	run->finished = true;
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
	if (!run->finished && run->live > 0)
		islands_abort(run, NULL);
	if (run->has_memory_waker)
		weir_waker_release(system, run->memory_waker);
	if (run->cell != NULL)
		weir_cell_abandon(run->cell);
	weir_account_release(run->account);
	weir_arena_finish(&run->arena);
	if (run->graph->run == run)
		run->graph->run = NULL;
	weir_release(system, run, sizeof(*run));
	if (entered)
		weir_system_leave(system);
}

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
	islands_abort(run, &run->error);
	run_finish(run);
}

/* What other threads and signal handlers asked for. */
static void
requests_serve(struct weir_run *run)
{
	/* Taken, not cleared: who interrupted had written the flags before.
	 * Pairs with the store in interrupt. */
	(void)weir_exchange(&run->system->workers[0]->interrupted, 0, seq_cst);
	if (weir_load(&run->cancel_asked, acquire) != 0 && !run->finished) {
		run_abort(run);
		return;
	}
	if (weir_load(&run->drain_asked, acquire) != 0 && !run->drained) {
		run->drained = true;
		for (uint32_t i = 0; i < run->island_count; i++)
			weir_island_drain(&run->islands[i]);
	}
}

/* The earliest alarm; INT64_MAX: none. */
static int64_t
next_alarm(const struct weir_run *run)
{
	int64_t next_ns = INT64_MAX;

	for (uint32_t i = 0; i < run->island_count; i++)
		if (run->islands[i].next_alarm_ns < next_ns)
			next_ns = run->islands[i].next_alarm_ns;
	return next_ns;
}

static bool
any_ready(const struct weir_run *run)
{
	for (uint32_t i = 0; i < run->island_count; i++)
		if (weir_island_is_ready(&run->islands[i]))
			return true;
	return false;
}

/* Let the stages step that asked to before the worker sleeps. */
static bool
idle_ready(struct weir_run *run)
{
	bool any = false;

	for (uint32_t i = 0; i < run->island_count; i++)
		any |= weir_island_idle(&run->islands[i]);
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
		next_alarm(run) != INT64_MAX)
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
	int64_t alarm_ns = next_alarm(run);
	int64_t until_ns = alarm_ns < deadline_ns ? alarm_ns : deadline_ns;
	int64_t timeout_ns = -1;

	if (until_ns != INT64_MAX) {
		timeout_ns =
			until_ns - (int64_t)weir_system_now_ns(run->system);
		if (timeout_ns < 0)
			timeout_ns = 0;
	}
	weir_system_park(run->system, timeout_ns);
}

/* A turn of each island; in a deterministic system of one of them. */
static void
islands_turn(struct weir_run *run)
{
	if (run->seeded) {
		uint64_t i = run->island_count == 1
				     ? 0
				     : weir_system_random_below(
					       run->system, run->island_count);

		weir_island_turn(&run->islands[i], TURN_STEPS);
		return;
	}
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_turn(&run->islands[i], TURN_STEPS);
}

static void
run_until(struct weir_run *run, int64_t deadline_ns)
{
	struct weir_system *system = run->system;
	_Atomic int *interrupted = &system->workers[0]->interrupted;
	bool busy;

	/* The interrupt may have been taken by a wait for another run. */
	requests_serve(run);
	while (!run->finished) {
		if (weir_load(interrupted, relaxed) != 0)
			requests_serve(run);
		islands_turn(run);
		if (run->abort_asked) {
			run_abort(run);
			return;
		}
		if (run->live == 0) {
			run_finish(run);
			return;
		}
		weir_system_poll(system);
		for (uint32_t i = 0; i < run->island_count; i++)
			weir_island_alarms(&run->islands[i]);
		busy = any_ready(run) || weir_load(interrupted, relaxed) != 0 ||
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
