/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - run a graph to its end, take it down
 *
 * Islands run wherever the scheduler has them; the thread that waits for the
 * run is worker 0.  It hands on what other threads and signal handlers asked
 * for, judges a run that stands still, and sees the end: when no island lives
 * any more it seizes them all, and from then on they are its own.
 */
#include "run_internal.h"

#include "../actors/worker_internal.h"

#include <errno.h>
#include <unistd.h>

/* One call of weir_run_wait(), or of something that waits for the end. */
struct wait {
	struct weir_run *run;
	uint32_t turns; /* so many at most; 0: no limit */
	bool returns;   /* it has an end of its own */
};

static void
islands_notify(struct weir_run *run)
{
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_notify(&run->islands[i]);
}

/* Let the run be aborted for @cause, unless it is already. */
static void
abort_ask(struct weir_run *run, const struct weir_error *cause)
{
	static const struct weir_error aborted = {.code = -ECANCELED,
		.stage = "graph",
		.text = "aborted",
		.stage_index = WEIR_NOBODY};

	if (weir_exchange(&run->abort_claimed, 1, relaxed) != 0)
		return;
	run->abort_cause = cause == NULL || cause->code == 0 ? aborted : *cause;
	/* Pairs with the acquire in turns: the cause is written. */
	weir_store(&run->abort_asked, 1, release);
}

/* Hand on what other threads and signal handlers asked for, once.  They made
 * this worker look, by weir_system_interrupt(). */
static void
requests_serve(struct weir_run *run)
{
	if (weir_load(&run->cancel_asked, acquire) != 0)
		abort_ask(run, NULL);
	/* The islands acquire what is behind the flags. */
	if (weir_load(&run->drain_asked, relaxed) != 0 && !run->drained) {
		run->drained = true;
		islands_notify(run);
	}
	if (weir_load(&run->abort_asked, relaxed) != 0 && !run->aborted) {
		run->aborted = true;
		islands_notify(run);
	}
	if (weir_load(&run->broken, relaxed) != 0 && !run->mended) {
		run->mended = true;
		islands_notify(run);
	}
}

/* No island lives: they will all be idle, and then are the run's. */
static bool
run_close(struct weir_run *run)
{
	bool all = true;

	for (uint32_t i = 0; i < run->island_count; i++)
		all &= weir_island_seize(&run->islands[i]);
	if (!all)
		return false;
	run->finished = true;
	run->ended_ns = weir_system_now_ns(run->system);
	if (weir_load(&run->abort_asked, relaxed) != 0)
		run->error = run->abort_cause;
	return true;
}

static bool
wait_done(void *ctx)
{
	struct wait *wait = ctx;
	struct weir_run *run = wait->run;

	requests_serve(run);
	/* Pairs with the release of the last that ended. */
	if (weir_load(&run->live, acquire) == 0 && run_close(run))
		return true;
	return wait->turns > 0 && --wait->turns == 0;
}

static bool
wait_idle(void *ctx)
{
	struct wait *wait = ctx;
	struct weir_run *run = wait->run;

	/* Islands that have ended are about to go idle. */
	if (weir_load(&run->live, acquire) == 0)
		return weir_load(&run->active, acquire) == 0;
	return weir_run_judge(run, wait->returns);
}

/* On worker 0, until the run has ended or the time has come. */
static void
run_until(struct weir_run *run, int64_t deadline_ns, uint32_t turns)
{
	struct wait wait = {run, turns, deadline_ns != INT64_MAX};
	const struct weir_worker_wait how = {
		.done = wait_done,
		.idle = wait_idle,
		.ctx = &wait,
		.deadline_ns = deadline_ns,
	};

	(void)weir_worker_run(run->system->workers[0], &how);
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
		run_until(run, deadline_ns,
			timeout_ns == 0 ? run->island_count + 1 : 0);
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
	/* Pairs with the acquire in turns. */
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
	abort_ask(run, cause);
	/* From within a step the stages are in use: the wait will do it. */
	if (weir_system_enter(run->system) < 0) {
		weir_system_interrupt(run->system);
		return;
	}
	run_until(run, INT64_MAX, 0);
	weir_system_leave(run->system);
}

/* All islands are the run's: end what has not ended. */
static void
islands_end(struct weir_run *run)
{
	for (uint32_t i = run->island_count; i-- > 0;)
		weir_island_abort(&run->islands[i], NULL);
	/* What they posted to each other meanwhile is late now. */
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_words(&run->islands[i]);
}

/* In a child of fork(2) there is no thread but this one: take what is idle, or
 * waits in the queue of worker 0.  Returns whether that is all. */
static bool
islands_inherit(struct weir_run *run)
{
	bool all = true;

	for (uint32_t i = 0; i < run->island_count; i++)
		all &= weir_island_inherit(&run->islands[i]);
	return all;
}

/* Let all islands be the run's.  Returns false when one was in the hands of a
 * thread that is not in this process: the run is left as it is. */
static bool
run_stop(struct weir_run *run)
{
	if (!run->scheduled || run->finished)
		return true;
	if (run->system->process != getpid())
		return islands_inherit(run);
	weir_run_abort(run, NULL);
	return run->finished;
}

void
weir_run_destroy(struct weir_run *run)
{
	struct weir_system *system;
	bool entered;

	if (run == NULL || !run_stop(run))
		return;
	system = run->system;
	entered = weir_system_enter(system) == 0;
	if (!run->finished && weir_load(&run->live, relaxed) > 0)
		islands_end(run);
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_release(&run->islands[i]);
	weir_account_release(run->account);
	weir_arena_finish(&run->arena);
	if (run->graph->run == run)
		run->graph->run = NULL;
	weir_release(system, run, sizeof(*run));
	if (entered)
		weir_system_leave(system);
}

int
weir_graph_run(struct weir_graph *graph, struct weir_error *ret)
{
	struct weir_run *run;
	int rc = weir_graph_start(graph, &run, ret);

	return rc < 0 ? rc : weir_run_wait(run, -1, ret);
}
