/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - a plan built as a graph, executed and watched
 *
 * A violation of what must hold ends the program: it prints the plan, the state
 * of the run, and the command that replays it.
 */
#ifndef WEIR_TESTS_SIM_SIM_H
#define WEIR_TESTS_SIM_SIM_H

#include "oracle.h"

#include "io/sim_internal.h"
#include "streams/graph.h"
#include "tests/support/live.h"
#include "tests/support/memory.h"
#include "tests/support/probe.h"

/** The program ends with it when it found a violation. */
#define SIM_VIOLATION 70

#define SIM_STAGES (8 * PLAN_NODES) /* with those of copies */

/** What a node needs while it runs, and leaves behind. */
struct subject_state {
	struct probe_source source;
	struct probe_sink sink;
	void *items; /* of an array, or collected */
	size_t item_count;
	size_t collected; /* SIZE_MAX: not written */
	uint64_t counted; /* UINT64_MAX: not written */
	struct folded folded;
	_Atomic uint64_t seen; /* by a witness, by taps */
	uint64_t order;        /* a hash of what a witness saw */
	bool ended, closed;    /* a witness was */
	bool finished;         /* and completed */
};

/** One execution. */
struct sim {
	const struct plan *plan;
	struct memory memory;
	struct weir_system *system;
	struct weir_sim *world;
	struct weir_graph *graph;
	struct weir_run *run;
	struct weir_error error;
	struct subject_state states[PLAN_NODES];
	uint64_t capacity[PLAN_NODES]; /* of the edges out of a node */
	struct happened happened;
	bool event_served;
	bool ended;                 /* no worker is in it any more */
	bool cut_short[SIM_STAGES]; /* went on when the run was aborted */
	uint64_t now_ns;            /* of a system without a seed */
	int rc; /* how the run ended, or why it did not start */
	uint64_t trace;
};

/** Execute @plan and check all that must hold.  @again: once more, to see that
 *  the same seed does the same. */
void sim_try(const struct plan *plan, bool again);

/** Let a crash be reported as a violation. */
void sim_catch_crashes(void);

/** Where sim_try() counts how stages ended; see coverage.h. */
struct coverage;
void sim_count_in(struct coverage *coverage);

/** End the program: what must hold does not. */
_Noreturn void sim_violation(const struct sim *sim, const char *format, ...)
	WEIR_PRINTF(2, 3);

/* -- parts ----------------------------------------------------------------- */

/** The node that stage or edge @name belongs to; NULL: what a parallel adds by
 *  itself.  watch.c */
const struct node *sim_node_of(const struct plan *plan, const char *name);

/** Add all nodes of the plan to sim->graph.  build.c */
void sim_build(struct sim *sim);

/** What is left of arrays and collections.  build.c */
void sim_free_items(struct sim *sim);

/** The file that node @index reads or writes.  build.c */
void sim_file_name(char name[16], uint32_t index);

/** How much may be on its way on each edge.  watch.c */
void sim_capacities(struct sim *sim);

/** What always holds, also in the middle of a step.  watch.c */
void sim_watch(void *sim);

/** What holds once the run has ended.  watch.c */
void sim_watch_end(const struct sim *sim);

/** Compare what came out with what the oracle says.  judge.c */
void sim_judge(const struct sim *sim);

/** The operator of a witness, which is its own context.  witness.c */
struct weir_flow witness_add(struct weir_flow in, const struct sim *sim,
	struct subject_state *state, const struct weir_stage_opts *opts);

#endif /* WEIR_TESTS_SIM_SIM_H */
