/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_internal.h - a graph while it runs: edges, stages, the islands they form
 *
 * What belongs to an island is touched by the worker that runs it, but for the
 * atomics.
 */
#ifndef WEIR_STREAMS_RUN_INTERNAL_H
#define WEIR_STREAMS_RUN_INTERNAL_H

#include "../actors/alarm_internal.h"
#include "channel_internal.h"
#include "graph_internal.h"

#define WEIR_ATTACHED_MAX 8u /* blocks attached to one outlet in a step */

/*
 * From an outlet to an inlet: batches in order, and demand.  All three counts
 * only grow, and sent - taken elements wait in it:
 *
 *	taken <= sent <= granted
 *
 * The end, a failure and a cancel are said once.
 *
 * An edge between two islands is a boundary and consists of two halves with a
 * channel between them: the near one ends the outlet (no to), what is put on
 * it goes into the channel; the far one begins the inlet (no from), what comes
 * out of the channel arrives on it.  Each belongs to its island.
 *
 * Counts are atomics with a single writer, so that others may look at them.
 */
struct weir_edge {
	struct weir_run *run;
	struct weir_stage *from, *to;
	struct weir_boundary *boundary; /* this is one half of it; or NULL */
	uint32_t outlet, inlet;
	const struct weir_type *type;
	bool slices;                     /* of weir_bytes or weir_record */
	bool ended;                      /* nothing more will be sent */
	bool cancelled;                  /* nothing more will be taken */
	bool whole;                      /* nothing is put behind a batch */
	uint32_t origin;                 /* of what is put next */
	struct weir_batch *first, *last; /* the oldest, the newest */
	struct weir_batch *spare;        /* handed out by room, not put yet */
	struct weir_batch *room;         /* last or spare: where room pointed */
	_Atomic uint64_t granted, sent, taken;
	uint64_t limit;  /* never granted more than this */
	uint64_t window; /* asked for at once by what ends the edge */
	const struct weir_error *failure; /* how it ended; NULL: completed */
	const struct weir_error *cause; /* why it was cancelled; NULL: enough */
	struct weir_block *attached[WEIR_ATTACHED_MAX]; /* of this step */
	uint32_t attached_count;
	uint64_t first_bytes; /* of the first batch, taken already */
	_Atomic uint64_t bytes_sent, bytes_taken, waiting_max;
	_Atomic uint64_t waits_for_input, waits_for_room;
};

/* The channel between a near and a far half. */
struct weir_boundary {
	struct weir_channel channel;
	struct weir_edge *near, *far;
	struct weir_island *producer, *consumer;
	bool fast;                 /* a failure does not wait behind data */
	struct weir_credit popped; /* the consumer's: batches taken off */
	_Atomic uint64_t lost;     /* elements the producer's side dropped */
	_Atomic uint64_t bytes_out_max; /* the most bytes on their way */
};

struct weir_stage {
	struct weir_run *run;
	struct weir_island *island;
	const struct weir_operator *op;
	const struct weir_stage_opts *opts; /* first of the arguments; NULL */
	const void *args;
	void *state;
	const char *name;
	uint32_t index; /* in the graph */
	uint32_t slot;  /* in its island: its bit */
	uint32_t inlet_count, outlet_count;
	struct weir_edge **inlets, **outlets;

	enum weir_wait wait;           /* why the last step stopped */
	bool opened, ended, attention; /* attention: look at the ports first */
	bool waits_for_memory, has_waker, has_attached, out_of_memory;
	bool failing;          /* an inlet failed, perhaps behind data */
	bool has_far;          /* an inlet comes from another island */
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

	/* For others to look at. */
	_Atomic uint64_t tally[WEIR_TALLY_COUNT];
	_Atomic uint64_t bytes_in, bytes_out, batches, steps;
	_Atomic int shown; /* enum weir_shown */
};

/* What a stage is seen to wait for. */
enum weir_shown {
	WEIR_SHOWS_TURN,
	WEIR_SHOWS_INPUT,
	WEIR_SHOWS_ROOM,
	WEIR_SHOWS_EVENT,
	WEIR_SHOWS_MEMORY,
	WEIR_SHOWS_END
};

/*
 * Stages that hang together by edges within: they are stepped by one worker at
 * a time, from a queue that is a bitmap, a bit a stage in topological order.
 * What other islands say to it are words; see channel_internal.h.
 */
struct weir_island {
	struct weir_run *run;
	struct weir_stage **stages;
	struct weir_edge **nears, **fars;
	uint32_t index, stage_count, near_count, far_count;
	/* What has not ended: stages, near halves until END was posted, far
	 * ones until it came. */
	uint32_t live;
	uint32_t words;        /* of each bitmap below */
	uint64_t *ready;       /* to be stepped */
	uint64_t *again;       /* to be stepped in the next turn */
	uint64_t *regrant;     /* whose inlets may be granted more */
	uint64_t *when_idle;   /* to be stepped before the worker sleeps */
	uint64_t *when_quiet;  /* to be stepped when no other is ready */
	int64_t next_alarm_ns; /* the earliest; INT64_MAX: none */
	bool idling;  /* the stages ready are those that waited for idleness */
	bool moved;   /* something happened since they were */
	bool quiet;   /* this step is one of when_quiet */
	bool stirred; /* something happened since the last of those */
	bool dirty;   /* a near half has something to send */
	bool held_back;  /* a near half holds a small batch back */
	bool stays_home; /* a stage of it does */
	bool drained, aborted;

	/* -- as a cell; see turn.c -- */
	struct weir_cell *cell; /* NULL: none yet */
	bool held;              /* the run has its consumer side */
	bool queued;            /* held, and in a queue that nobody looks at */
	bool counted;           /* in run->active */
	bool resting;           /* the last turn found nothing to do */
	bool has_waker;
	struct weir_waker memory_waker;
	struct weir_alarm alarm;
	int64_t alarm_set_ns; /* what it is set to; INT64_MAX: it is not */
};

struct weir_run {
	struct weir_graph *graph;
	struct weir_system *system;
	struct weir_arena arena;
	struct weir_account *account;
	struct weir_stage *stages;
	struct weir_edge *edges; /* of the graph; of a boundary the near half */
	struct weir_edge *fars;  /* far halves */
	struct weir_boundary *boundaries;
	struct weir_island *islands;
	uint32_t stage_count, edge_count, boundary_count, island_count;
	uint32_t batch_items;
	uint64_t window; /* elements of a boundary that does not say */
	uint64_t started_ns, ended_ns;
	bool scheduled;                /* its islands run, or have run */
	bool drained, aborted, mended; /* requests that were handed on */
	bool finished, seeded;         /* finished: all islands are held */
	_Atomic uint32_t live;         /* islands that have not ended */
	_Atomic uint32_t active;       /* islands that are not idle */

	/* Asked for by anybody: drain; cancel, which the one who waits turns
	 * into an abort; abort. */
	_Atomic int drain_asked, cancel_asked, abort_asked;
	_Atomic int broken; /* a word found no place: see boundary.c */
	_Atomic int abort_claimed, failed; /* who sets it writes: */
	struct weir_error abort_cause;
	struct weir_error error; /* the first that reached a sink; code 0 */
};

/* -- edge.c -------------------------------------------------------------- */

/** How many elements may be put on @edge. */
static inline uint64_t
weir_edge_demand(const struct weir_edge *edge)
{
	return edge->cancelled || edge->ended
		       ? 0
		       : weir_count_of(&edge->granted) -
				 weir_count_of(&edge->sent);
}

static inline uint64_t
weir_edge_waiting(const struct weir_edge *edge)
{
	return weir_count_of(&edge->sent) - weir_count_of(&edge->taken);
}

/** Bytes of @n slices. */
uint64_t weir_slices_bytes(const void *items, size_t n);

/** Append @batch, which the edge owns from now on. */
void weir_edge_push(struct weir_edge *edge, struct weir_batch *batch);

/** Link @batch behind the others, without counting it. */
void weir_edge_link(struct weir_edge *edge, struct weir_batch *batch);

/** Take off the first batch, with what is left in it. */
struct weir_batch *weir_edge_pop(struct weir_edge *edge);

/** Count @n elements at @items, the first in @edge, as taken.  Before the
 *  batch is changed, or popped. */
void weir_edge_take(struct weir_edge *edge, size_t n);

/** Whether elements of stream @origin may go behind those of the last batch,
 *  so that not more than @kept fill it. */
bool weir_edge_may_append(
	const struct weir_edge *edge, uint32_t origin, size_t kept);

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

/* -- boundary.c ---------------------------------------------------------- */

/** Serve @word, which another island posted to @island. */
void weir_boundary_word(struct weir_island *island, uint64_t word);

/** Send what the near halves of @island hold, as credit allows, and grant them
 *  more; @all: small batches too. */
void weir_nears_flush(struct weir_island *island, bool all);

/** Publish what @stage took from far halves. */
void weir_fars_publish(struct weir_stage *stage);

/** Nothing more will happen in @island by itself: answer who asks for
 *  credit. */
void weir_fars_idle(struct weir_island *island);

/** Take far halves of @island as ended, whose end may have been lost. */
void weir_fars_close(struct weir_island *island);

/** Drop what the near halves of @island hold, and end them. */
void weir_nears_abort(struct weir_island *island);

/** Elements, and bytes of slices, put on the near half @edge that nobody took
 *  yet. */
uint64_t weir_near_waiting(const struct weir_edge *edge);
uint64_t weir_near_bytes_waiting(const struct weir_edge *edge);

/** Say so to the other side that the far half @edge is cancelled. */
void weir_far_cancel(struct weir_edge *edge, const struct weir_error *cause);

/* -- islands.c ----------------------------------------------------------- */

/** Which island each stage of @graph is in, in @ret, a number a stage; returns
 *  how many islands there are. */
uint32_t weir_islands_colour(const struct weir_graph *graph, uint32_t *ret);

/** What the arguments of stage @def say about its inlets: NULL when they are
 *  no boundaries. */
const struct weir_window *weir_stage_window(const struct weir_stage_def *def);

/** Make the islands of @run, whose stages and edges are there, and the
 *  boundaries between them.  Returns 0 or -ENOMEM. */
int weir_islands_init(struct weir_run *run);

/* -- turn.c -------------------------------------------------------------- */

/** Post @word to the island @end; see weir_channel_post_fn. */
int weir_island_post(void *end, uint64_t word);

/** Give @island its cell, which the run holds.  Returns 0 or -ENOMEM. */
int weir_island_acquire(struct weir_island *island);

/** Give the cell back, which the run holds. */
void weir_island_release(struct weir_island *island);

/** Let @island, which the run holds, have turns. */
void weir_island_schedule(struct weir_island *island);

/** Let @island look at what was asked of the run. */
void weir_island_notify(struct weir_island *island);

/** Hold @island, if it is idle.  Returns whether it is held. */
bool weir_island_seize(struct weir_island *island);

/** Whether something came to @island, which is held, since it was idle. */
bool weir_island_has_mail(const struct weir_island *island);

/** In a child of fork(2): hold @island though it may wait in the queue of
 * worker 0.  Returns whether it is held. */
bool weir_island_inherit(struct weir_island *island);

/** Let @island, which is held, go idle again, if nothing came meanwhile. */
void weir_island_let_go(struct weir_island *island);

/** Serve the words that came to @island. */
void weir_island_words(struct weir_island *island);

/* -- stall.c ------------------------------------------------------------- */

/** Nothing is to be done on this worker.  If the run stands still, for good
 *  unless the caller does something once the wait @returns, fail it.  Returns
 *  whether to look again. */
bool weir_run_judge(struct weir_run *run, bool returns);

/* -- island.c ------------------------------------------------------------ */

/** Let @stage step soon. */
static inline void
weir_stage_ready(struct weir_stage *stage)
{
	stage->island->ready[stage->slot / 64] |= (uint64_t)1
						  << (stage->slot % 64);
}

/** Look soon whether the inlets of @stage may be granted more. */
static inline void
weir_stage_regrant(struct weir_stage *stage)
{
	stage->island->regrant[stage->slot / 64] |= (uint64_t)1
						    << (stage->slot % 64);
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

/** Record how the run failed, the first time. */
void weir_run_fail(struct weir_run *run, const struct weir_error *error);

/** What @code, a negative errno, means. */
const char *weir_error_text(int code);

/** Whether an abort was asked for and has not been done.  Acquire: its cause is
 *  written; pairs with the release of who asked. */
static inline bool
weir_island_must_abort(const struct weir_island *island)
{
	return weir_load(&island->run->abort_asked, acquire) != 0 &&
	       !island->aborted;
}

/** Step stages on @worker, until none is ready or the turn is over. */
void weir_island_turn(
	struct weir_island *island, const struct weir_worker *worker);

/** Whether a turn would do anything. */
bool weir_island_is_ready(const struct weir_island *island);

/** Whether a stage waits for nothing being ready. */
bool weir_island_wants_idle(const struct weir_island *island);

/** Nothing is ready in @island: ready who waited for that. */
void weir_island_idle(struct weir_island *island);

/** Step the stages of @island whose alarm has come; find the next one. */
void weir_island_alarms(struct weir_island *island);

/** End the sources of @island / all of its stages, from the last. */
void weir_island_drain(struct weir_island *island);
void weir_island_abort(
	struct weir_island *island, const struct weir_error *cause);

/** Something of @island ended: a stage, or one side of a boundary. */
void weir_island_ended_one(struct weir_island *island);

/** Drop the batches that the step of @stage emptied, and what it attached. */
void weir_stage_settle(struct weir_stage *stage);

/* -- fuse.c -------------------------------------------------------------- */

/** The step of an operator that has edit instead of one. */
int weir_fused_step(struct weir_stage *stage);

#endif /* WEIR_STREAMS_RUN_INTERNAL_H */
