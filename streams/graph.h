/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - build a graph of stages, run it, see what it does
 *
 *	struct weir_graph *g = weir_graph_create(NULL);
 *	struct weir_flow f = weir_from_file(g, path, NULL);
 *	f = weir_lines(f, NULL);
 *	f = weir_filter(f, is_failure, &rule, NULL);
 *	weir_to_file(f, out, NULL);
 *	rc = weir_graph_run(g, &error);
 *	weir_graph_destroy(g);
 *
 * A flow is a value naming one open outlet.  A source makes one, an operator
 * takes one and returns one, a sink ends one; a reusable part of a pipeline is
 * a C function from flow to flow.  Flow functions are total: the first error
 * sticks in the graph and is reported, once, by run.  A NULL graph is accepted
 * everywhere and reported as -ENOMEM.
 *
 * One thread builds and runs a graph.  Paths and options are copied; contexts,
 * arrays and memory for results are borrowed until the run ends.
 *
 * Boundaries (async, parallel) cut a graph into islands.  A graph of one island
 * runs on the thread inside weir_graph_run() or weir_run_wait(), worker 0 of
 * its system.  With several, any worker of the system may run an island, also
 * while nobody is inside a wait; those with files stay on worker 0.  Functions
 * and contexts that are given to a stage are called by one worker at a time,
 * but by which one may change, and two stages of two islands may be called at
 * the same time: what they share is theirs to guard.  Everything they wrote is
 * seen by who gets the end of the run from weir_run_wait().
 */
#ifndef WEIR_STREAMS_GRAPH_H
#define WEIR_STREAMS_GRAPH_H

#include <stdio.h>

#include "../actors/system.h"
#include "stage.h"

WEIR_BEGIN

struct weir_run;

/** Zero means the default. */
struct weir_graph_opts {
	struct weir_system *system; /* NULL: a private one, the caller's thread
				     * is its worker */
	size_t memory_bytes;        /* for all blocks of a run; 64 MiB */
	size_t batch_items;         /* elements in a batch, 1 to 4096; 256 */
	unsigned workers; /* of a private system, max. 56; 0: one a core */
	uint64_t window;  /* elements of a boundary that says nothing; 4096 */
};

/** What went wrong.  Strings live until weir_graph_destroy(). */
struct weir_error {
	int code;          /* a negative errno */
	const char *stage; /* its name; "graph" when about none */
	const char *text;  /* a sentence without the stage's name */
	uint64_t element;  /* from 1; 0: about no single one */
	const void *cause; /* the user's own, passed on by identity */
	/* For errors found when building: which stage (the order of adding,
	 * from 0), the option at fault (NULL: none) and the byte in its text.
	 */
	uint32_t stage_index;
	const char *key;
	size_t key_at;
	int opening; /* 1: a source or sink could not be opened */
};

/** A graph, owned by the caller, or NULL when out of memory or where there are
 *  to be too many workers. */
WEIR_API struct weir_graph *weir_graph_create(const struct weir_graph_opts *);

/** Free @graph (NULL allowed) and a run of it that was not destroyed, which
 *  is aborted.  Not from within a function of one of its stages, and not while
 *  another thread is inside a wait of its system or weir_system_run(). */
WEIR_API void weir_graph_destroy(struct weir_graph *graph);

/** The system @graph runs on; NULL for a NULL graph. */
WEIR_API struct weir_system *weir_graph_system(struct weir_graph *graph);

/**
 * Judge the graph as it stands, open nothing: the first error of building it,
 * an outlet nobody takes, types that differ.  Returns 0 or the error's code,
 * which is also stored in @ret (NULL allowed).
 */
WEIR_API int weir_graph_check(struct weir_graph *graph, struct weir_error *ret);

/**
 * Run the graph to its end on the calling thread.  Blocks.  Returns 0 when
 * every sink completed, else the code of the first error, stored in @ret (NULL
 * allowed).  The statistics of the run can be read until weir_graph_destroy().
 */
WEIR_API int weir_graph_run(struct weir_graph *graph, struct weir_error *ret);

/**
 * Open all stages, on the calling thread, sources first, sinks last, and let
 * the graph run.  What belongs to worker 0 progresses inside weir_run_wait(),
 * and what other workers run from now on.  One run of a graph at a time; a
 * graph may be run again once that ended.  On success *ret is the caller's,
 * until it or the graph is destroyed or the graph is started again; it is
 * written before a function of a stage is called.  Returns 0 or the code of the
 * error in
 * @ret_error (NULL allowed); -EBUSY while a run of it goes on or its system is
 * inside a wait.  Blocks only where open(2) does.
 */
WEIR_API int weir_graph_start(struct weir_graph *graph, struct weir_run **ret,
	struct weir_error *ret_error);

/**
 * Progress until the run ended or @timeout_ns passed (negative: no limit; 0:
 * a turn of what can be done without waiting).  Returns 0 when it completed,
 * the code of its error (in @ret, NULL allowed), -ETIMEDOUT while it goes on,
 * or -EBUSY when its system is inside another wait.  The thread that started
 * the run.
 */
WEIR_API int weir_run_wait(
	struct weir_run *run, int64_t timeout_ns, struct weir_error *ret);

/**
 * Stop the sources; what they emitted goes through to the sinks.  With
 * @timeout_ns 0 it only asks, from any thread or signal handler, and returns
 * 0; else the thread that started the run waits as by weir_run_wait(), and it
 * returns the same.  A run that was drained completes: results are written.
 */
WEIR_API int weir_run_drain(struct weir_run *run, int64_t timeout_ns);

/** Stop at once: elements under way are released, the result is @cause (NULL
 *  or code 0: -ECANCELED), the first one given.  The thread that started the
 *  run: waits until every step that is under way has returned.  From within a
 *  function of a stage, on any worker: done once that has returned. */
WEIR_API void weir_run_abort(
	struct weir_run *run, const struct weir_error *cause);

/** Ask for weir_run_abort(run, NULL), from any thread or signal handler; done
 *  at the next chance inside a wait.  The run must not have been destroyed. */
WEIR_API void weir_run_cancel(struct weir_run *run);

/** Free @run (NULL allowed); one that goes on is aborted first.  The thread
 *  that started it, not from within a function of one of its stages, and not
 *  while another thread is inside a wait of its system or weir_system_run(). */
WEIR_API void weir_run_destroy(struct weir_run *run);

/* -- what a run shows ---------------------------------------------------- */

/** What one stage did so far.  Counts of elements, bytes of slices. */
struct weir_stage_stats {
	const char *name, *operator_name;
	uint64_t tally[WEIR_TALLY_COUNT];
	uint64_t bytes_in, bytes_out;
	uint64_t batches, steps;
	const char *waits_for; /* "input", "room", "event", "memory", "turn",
				* "ended" */
	bool is_source, is_sink, ended;
	uint32_t island; /* which one it is in, from 0 */
};

/** What one edge carried so far. */
struct weir_edge_stats {
	const char *from, *to; /* names of its stages */
	const struct weir_type *type;
	uint64_t granted, sent, taken;    /* elements, in all */
	uint64_t bytes_sent, bytes_taken; /* of slices */
	uint64_t waiting, waiting_max;    /* elements in it now; the most */
	uint64_t waits_for_input;         /* steps downstream that ended so */
	uint64_t waits_for_room;          /* steps upstream that ended so */
	/* A boundary has a window, which is its capacity; what others hold is
	 * bounded by what downstream asks for. */
	bool is_boundary;
	uint64_t capacity, capacity_bytes, capacity_batches;
	uint64_t bytes_crossing_max; /* the most bytes on their way at once */
	uint32_t island_from, island_to;
};

/** A run as a whole: bytes of blocks, how many stages, edges and islands, the
 *  workers of its system that were started, the time from its start to now or
 *  to its end. */
struct weir_totals {
	size_t memory_used, memory_max, memory_limit;
	uint32_t stages, edges, islands, workers;
	uint64_t elapsed_ns;
};

/** The run of @graph that goes on or ended last; NULL: none.  The graph's. */
WEIR_API struct weir_run *weir_graph_last_run(struct weir_graph *graph);

/** What @run, one of its stages or one of its edges did so far.  Stages are
 *  numbered in the order of adding, edges by the stage they lead to, then by
 *  its inlet; from 0.  Strings are the graph's.  Returns 0, or -ENOENT when
 *  there is no such stage or edge.  The thread that started the run, also
 *  while other workers run islands of it: each count is right, two of them may
 *  be a moment apart, taken <= sent <= granted at least. */
WEIR_API void weir_run_totals(
	const struct weir_run *run, struct weir_totals *ret);
WEIR_API int weir_run_stage_stats(const struct weir_run *run, uint32_t stage,
	struct weir_stage_stats *ret);
WEIR_API int weir_run_edge_stats(
	const struct weir_run *run, uint32_t edge, struct weir_edge_stats *ret);

/** Write the balance of every stage and the state of every edge as text.
 *  Thread as above. */
WEIR_API void weir_run_dump(const struct weir_run *run, FILE *file);

/** Write the graph in Graphviz's language, with counts once it ran.  Returns 0
 *  or -EIO. */
WEIR_API int weir_graph_write_dot(struct weir_graph *graph, FILE *file);

/** One stage, and the stages its inlets come from, in the order of adding; for
 *  drawing.  Returns how many inlets it has, or -ENOENT. */
WEIR_API int weir_graph_stage(struct weir_graph *graph, uint32_t stage,
	const struct weir_operator **ret_operator, const char **ret_name,
	uint32_t *ret_from, size_t from_max);

WEIR_END

#endif /* WEIR_STREAMS_GRAPH_H */
