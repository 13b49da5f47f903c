/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - execute a plan, from the system's creation to its end
 */
#include "coverage.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAITS_MAX 200000u
#define WAITS_IN_TIME 8u /* one of them lets virtual time pass */
#define WAIT_NS 1000000
#define TICK_NS 1000u
/* With threads a minute in which nothing ends is taken for a hang. */
#define THREADS_WAIT_NS 10000000
#define THREADS_WAITS_MAX 6000u

static const struct sim *running; /* for the handler below */
static struct coverage *counted_in;

void
sim_count_in(struct coverage *coverage)
{
	counted_in = coverage;
}

/* -- violations ------------------------------------------------------------ */

static void
report(const struct sim *sim)
{
	fprintf(stderr, "\n");
	plan_print(sim->plan, stderr);
	if (sim->graph != NULL && weir_graph_last_run(sim->graph) != NULL)
		weir_run_dump(weir_graph_last_run(sim->graph), stderr);
	if (sim->plan->seed != 0)
		fprintf(stderr,
			"replay: WEIR_SEED=%" PRIu64 " ./simulation%s\n",
			sim->plan->seed,
			sim->plan->workers > 0 ? " --threads 1000" : "");
	(void)fflush(stderr);
}

_Noreturn void
sim_violation(const struct sim *sim, const char *format, ...)
{
	va_list args;

	running = NULL;
	fprintf(stderr, "violation: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	report(sim);
	/* A fuzzer keeps the input of a program that aborts. */
	if (sim->plan->seed == 0)
		abort();
	_exit(SIM_VIOLATION);
}

/* A crash, or an element released twice: of which plan? */
static void
crashed(int number)
{
	const struct sim *sim = running;

	running = NULL;
	if (sim == NULL) {
		fprintf(stderr, "violation: ended by signal %d\n", number);
		_exit(SIM_VIOLATION);
	}
	fprintf(stderr, "violation: ended by signal %d", number);
	report(sim);
	if (sim->plan->seed == 0) {
		signal(number, SIG_DFL);
		raise(number);
	}
	_exit(SIM_VIOLATION);
}

void
sim_catch_crashes(void)
{
	static const int numbers[] = {
		SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGVTALRM};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], crashed);
}

/* -- one execution --------------------------------------------------------- */

static void
event_note(struct sim *sim)
{
	struct weir_stage_stats stats;

	for (uint32_t i = 0; i < SIM_STAGES &&
			     weir_run_stage_stats(sim->run, i, &stats) == 0;
		i++)
		sim->cut_short[i] = !stats.ended;
}

static void
event_serve(struct sim *sim)
{
	static const struct weir_error cause = {
		.code = -ECANCELED, .stage = "graph", .text = "by the plan"};

	sim->event_served = true;
	if (sim->plan->event != EVENT_DRAIN)
		event_note(sim);
	switch (sim->plan->event) {
	case EVENT_DRAIN:
		sim->happened.drained = true;
		(void)weir_run_drain(sim->run, 0);
		break;
	case EVENT_CANCEL:
		weir_run_cancel(sim->run);
		break;
	default:
		weir_run_abort(sim->run, &cause);
	}
}

/* Go on for a moment. */
static void
wait_some(struct sim *sim, unsigned waits)
{
	int64_t timeout_ns = 0;

	if (sim->plan->workers > 0)
		timeout_ns = waits < sim->plan->event_at ? 0 : THREADS_WAIT_NS;
	else if (waits % WAITS_IN_TIME == 0)
		timeout_ns = WAIT_NS;
	sim->rc = weir_run_wait(sim->run, timeout_ns, &sim->error);
	sim->ended = sim->rc != -ETIMEDOUT;
	sim_watch(sim);
}

static void
go_on(struct sim *sim)
{
	const struct plan *plan = sim->plan;
	unsigned waits_max = plan->workers > 0 ? THREADS_WAITS_MAX : WAITS_MAX;

	sim->rc = -ETIMEDOUT;
	for (unsigned waits = 0; sim->rc == -ETIMEDOUT; waits++) {
		if (plan->event != EVENT_NONE && waits == plan->event_at)
			event_serve(sim);
		if (waits == waits_max)
			sim_violation(sim, "does not come to an end");
		wait_some(sim, waits);
	}
}

/* What the oracle has to know of the run. */
static void
note_happened(struct sim *sim)
{
	const struct plan *plan = sim->plan;
	struct happened *happened = &sim->happened;
	struct weir_stage_stats stats;

	happened->loose = sim->memory.failed ||
			  (sim->event_served && plan->event != EVENT_DRAIN) ||
			  (plan->memory_bytes != 0 && sim->rc != 0) ||
			  (plan->io_fails != 0 &&
				  weir_sim_count(sim->world, plan->io_code) >=
					  plan->io_fails);
	for (uint32_t i = 0; weir_run_stage_stats(sim->run, i, &stats) == 0;
		i++) {
		const struct node *node = sim_node_of(plan, stats.name);

		if (node != NULL)
			happened->created[node->index] =
				node->out == KIND_BYTES
					? stats.bytes_out
					: stats.tally[WEIR_CREATED];
	}
}

/* Time for systems without a seed: each look at the clock takes a while. */
static uint64_t
ticking_now_ns(void *ctx)
{
	struct sim *sim = ctx;

	return sim->now_ns += TICK_NS;
}

static int
world_make(struct sim *sim)
{
	const struct plan *plan = sim->plan;
	struct weir_allocator allocator = memory_allocator(&sim->memory);
	struct weir_system_opts opts = {.allocator = &allocator,
		.seed = plan->system_seed,
		.workers = 1};
	const struct weir_clock clock = {ticking_now_ns, sim};
	struct weir_graph_opts graph_opts = {.batch_items = plan->batch_items,
		.memory_bytes = plan->memory_bytes};

	if (weir_sim_create(&sim->world) < 0)
		abort();
	if (plan->io_fails != 0)
		weir_sim_fault(sim->world,
			&(struct weir_sim_fault){plan->io_code, plan->io_fails,
				plan->io_count, plan->io_result});
	weir_sim_short(sim->world, plan->io_short);
	if (plan->workers > 0)
		opts.workers = plan->workers;
	else if (plan->system_seed == 0)
		opts.clock = &clock;
	opts.io = weir_sim_backend(sim->world);
	if (weir_system_create(&opts, &sim->system) < 0)
		return -ENOMEM;
	graph_opts.system = sim->system;
	sim->graph = weir_graph_create(&graph_opts);
	return 0;
}

static bool
has_files(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++)
		if (plan->nodes[i].op == OP_FILE ||
			plan->nodes[i].op == OP_TO_FILE)
			return true;
	return false;
}

/* All memory of the run is back; but for what an operation is lent. */
static void
accountant_check(const struct sim *sim)
{
	struct weir_totals totals;

	weir_run_totals(sim->run, &totals);
	if (totals.memory_used != 0 && !has_files(sim->plan))
		sim_violation(sim, "%zu bytes of memory are still charged",
			totals.memory_used);
}

static void
take_down(struct sim *sim)
{
	weir_graph_destroy(sim->graph);
	sim->graph = NULL;
	weir_system_destroy(sim->system);
	weir_sim_destroy(sim->world);
	sim_free_items(sim);
	for (uint32_t i = 0; i < sim->plan->count; i++) {
		probe_source_free(&sim->states[i].source);
		probe_sink_free(&sim->states[i].sink);
	}
	if (live_count() != 0)
		sim_violation(
			sim, "%zu elements were not released", live_count());
	if (sim->memory.pieces != 0)
		sim_violation(sim, "%zu allocations were not given back",
			sim->memory.pieces);
}

static void
execute(struct sim *sim)
{
	sim->rc = world_make(sim);
	if (sim->rc == 0) {
		sim_build(sim);
		sim_capacities(sim);
		sim->rc = weir_graph_start(sim->graph, &sim->run, &sim->error);
	}
	if (sim->run == NULL) {
		if (!(sim->rc == -ENOMEM && sim->memory.failed) &&
			!(sim->rc == -ENOBUFS && sim->plan->memory_bytes != 0))
			sim_violation(sim, "does not start: %d: %s", sim->rc,
				sim->error.text == NULL ? "" : sim->error.text);
		return;
	}
	go_on(sim);
	sim->trace = weir_system_trace(sim->system);
	note_happened(sim);
	sim_watch_end(sim);
	accountant_check(sim);
	sim_judge(sim);
	if (counted_in != NULL)
		coverage_add(counted_in, sim);
}

static void
sim_once(struct sim *sim, const struct plan *plan)
{
	*sim = (struct sim){.plan = plan};
	sim->memory.fail_at = plan->alloc_fails;
	sim->memory.and_after = plan->alloc_and_after;
	live_reset();
	running = sim;
	execute(sim);
	take_down(sim);
	running = NULL;
}

void
sim_try(const struct plan *plan, bool again)
{
	static struct sim sim;
	uint64_t trace;
	int rc;

	sim_once(&sim, plan);
	if (!again || plan->system_seed == 0)
		return;
	trace = sim.trace;
	rc = sim.rc;
	sim_once(&sim, plan);
	if (sim.trace != trace || sim.rc != rc)
		sim_violation(&sim,
			"the same seed gives trace %" PRIx64
			" and result %d, then %" PRIx64 " and %d",
			trace, rc, sim.trace, sim.rc);
}
