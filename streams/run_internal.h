/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_internal.h - a graph while it runs: edges, stages, the island they form
 *
 * Everything here belongs to the worker that runs it, but for the few atomics.
 */
#ifndef WEIR_STREAMS_RUN_INTERNAL_H
#define WEIR_STREAMS_RUN_INTERNAL_H

#include "batch_internal.h"
#include "graph_internal.h"

#define WEIR_ATTACHED_MAX 8u /* blocks attached to one outlet in a step */

/*
 * From an outlet to an inlet: batches in order, and demand.  All three counts
 * only grow, and sent - taken elements wait in it:
 *
 *	taken <= sent <= granted
 *
 * The end, a failure and a cancel are said once.
 */
struct weir_edge {
	struct weir_stage *from, *to;
	uint32_t outlet, inlet;
	const struct weir_type *type;
	bool slices;                     /* of weir_bytes or weir_record */
	bool ended;                      /* nothing more will be sent */
	bool cancelled;                  /* nothing more will be taken */
	uint32_t origin;                 /* of what is put next */
	struct weir_batch *first, *last; /* the oldest, the newest */
	struct weir_batch *spare;        /* handed out by room, not put yet */
	struct weir_batch *room;         /* last or spare: where room pointed */
	uint64_t granted, sent, taken;
	uint64_t limit;  /* never granted more than this */
	uint64_t window; /* asked for at once by what ends the edge */
	const struct weir_error *failure; /* how it ended; NULL: completed */
	const struct weir_error *cause; /* why it was cancelled; NULL: enough */
	struct weir_block *attached[WEIR_ATTACHED_MAX]; /* of this step */
	uint32_t attached_count;
	uint64_t bytes_sent, waiting_max;
	uint64_t waits_for_input, waits_for_room;
};

struct weir_stage {
	struct weir_run *run;
	const struct weir_operator *op;
	const struct weir_stage_opts *opts; /* first of the arguments; NULL */
	const void *args;
	void *state;
	const char *name;
	uint32_t index;
	uint32_t inlet_count, outlet_count;
	struct weir_edge **inlets, **outlets;

	enum weir_wait wait;           /* why the last step stopped */
	bool opened, ended, attention; /* attention: look at the ports first */
	bool waits_for_memory, has_waker, has_attached, out_of_memory;
	bool failing;          /* an inlet failed, perhaps behind data */
	uint32_t open_outlets; /* not cancelled */
	uint64_t ask;          /* of a selective stage; see regrant() */
	uint64_t *requests;    /* WEIR_DEMAND_OWN, of each inlet */
	uint64_t step_taken, step_put; /* in this step */
	struct weir_batch *retired;    /* emptied in this step */
	struct weir_block *keep_block; /* where small slices are kept */
	size_t keep_used;
	int64_t alarm_ns;
	struct weir_waker waker;
	struct weir_error failure; /* code 0: none said */
	char *failure_text;        /* the graph's; NULL until needed */

	int64_t tally[WEIR_TALLY_COUNT];
	uint64_t bytes_in, bytes_out, batches, steps;
};

struct weir_run {
	struct weir_graph *graph;
	struct weir_system *system;
	struct weir_arena arena;
	struct weir_account *account;
	struct weir_stage *stages;
	struct weir_edge *edges;
	uint32_t stage_count, edge_count;
	uint32_t live; /* stages that have not ended */
	uint32_t batch_items;
	uint32_t words;        /* of each bitmap below, a bit a stage */
	uint64_t *ready;       /* to be stepped */
	uint64_t *again;       /* to be stepped in the next turn */
	uint64_t *regrant;     /* whose inlets may be granted more */
	uint64_t *when_idle;   /* to be stepped before the worker sleeps */
	int64_t next_alarm_ns; /* the earliest; INT64_MAX: none */
	uint64_t started_ns, ended_ns;
	struct weir_error error; /* the first that reached a sink; code 0 */
	struct weir_error abort_cause; /* code 0: none was given */
	bool abort_asked;              /* by a function of a stage */
	struct weir_waker memory_waker;
	_Atomic int drain_asked, cancel_asked;
	bool has_memory_waker, finished, drained, seeded;
	bool idling; /* the stages ready are those that waited for idleness */
};

/* -- edge.c -------------------------------------------------------------- */

/** How many elements may be put on @edge. */
static inline uint64_t
weir_edge_demand(const struct weir_edge *edge)
{
	return edge->cancelled || edge->ended ? 0 : edge->granted - edge->sent;
}

static inline uint64_t
weir_edge_waiting(const struct weir_edge *edge)
{
	return edge->sent - edge->taken;
}

/** Bytes of @n slices. */
uint64_t weir_slices_bytes(const void *items, size_t n);

/** Append @batch, which the edge owns from now on. */
void weir_edge_push(struct weir_edge *edge, struct weir_batch *batch);

/** Take off the first batch, with what is left in it. */
struct weir_batch *weir_edge_pop(struct weir_edge *edge);

/** A batch that is last in @edge, or will be, with a free place; NULL: out of
 *  memory. */
struct weir_batch *weir_edge_room(struct weir_edge *edge);

/** Say that @n elements were written behind those of edge->room.  They are
 *  lost, and the stage fails, when out of memory. */
void weir_edge_put(struct weir_edge *edge, uint32_t n);

/** Move @n elements of @from into @edge.  Returns how many: fewer when out of
 *  memory, with which the stage fails then. */
uint32_t weir_edge_append(struct weir_edge *edge, struct weir_batch *from,
	const char *items, uint32_t n);

/** Bytes of the slices that wait in @edge. */
uint64_t weir_edge_bytes_waiting(const struct weir_edge *edge);

/** Drop all that waits.  Returns how many elements that were. */
uint64_t weir_edge_clear(struct weir_edge *edge);

/** Complete @edge, or fail it, behind what waits in it. */
void weir_edge_end(struct weir_edge *edge, const struct weir_error *failure);

/** Cancel @edge: what waits is dropped, nothing more is wanted. */
void weir_edge_cancel(struct weir_edge *edge, const struct weir_error *cause);

/* -- island.c ------------------------------------------------------------ */

/** Let @stage step soon. */
static inline void
weir_stage_ready(struct weir_stage *stage)
{
	stage->run->ready[stage->index / 64] |= (uint64_t)1
						<< (stage->index % 64);
}

/** Look soon whether the inlets of @stage may be granted more. */
static inline void
weir_stage_regrant(struct weir_stage *stage)
{
	stage->run->regrant[stage->index / 64] |= (uint64_t)1
						  << (stage->index % 64);
}

/** After @stage took and put so much: a selective stage that took and emitted
 *  nothing asks for twice as many, until it emits again. */
void weir_stage_adapt(struct weir_stage *stage, uint64_t taken, uint64_t put);

/** End @stage: outlets complete, or fail with @failure; inlets are cancelled
 *  with @cause. */
void weir_stage_end(struct weir_stage *stage, const struct weir_error *failure,
	const struct weir_error *cause);

/** Count @n elements that @stage made or took, and then lost since it is out of
 *  memory, with which it fails. */
void weir_stage_lose(struct weir_stage *stage, uint32_t n);

/** Record how the run failed, once. */
void weir_run_fail(struct weir_run *run, const struct weir_error *error);

/** What @code, a negative errno, means. */
const char *weir_error_text(int code);

/** Step stages until none is ready or @budget steps were made. */
void weir_island_turn(struct weir_run *run, unsigned budget);

/** Drop the batches that the step of @stage emptied, and what it attached. */
void weir_stage_settle(struct weir_stage *stage);

/* -- fuse.c -------------------------------------------------------------- */

/** The step of an operator that has edit instead of one. */
int weir_fused_step(struct weir_stage *stage);

#endif /* WEIR_STREAMS_RUN_INTERNAL_H */
