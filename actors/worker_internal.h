/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_internal.h - a thread that runs cells
 *
 * Worker 0 has no thread of its own: it is whoever is between
 * weir_system_enter() and weir_system_leave().  A worker runs the cells of its
 * queue, of its home list (cells that run nowhere else), of its inbox (home
 * cells that other threads made ready) and of the system's injection list.
 */
#ifndef WEIR_ACTORS_WORKER_INTERNAL_H
#define WEIR_ACTORS_WORKER_INTERNAL_H

#include "idle_internal.h"
#include "run_queue_internal.h"
#include "system_internal.h"

#define WEIR_TURN_MESSAGES 128u /* the default budget of a turn */

struct weir_worker {
	struct weir_system *system;
	uint32_t index;
	uint32_t bit;              /* in idle */
	struct weir_idle *idle;    /* where it announces sleep */
	struct weir_worker *outer; /* what its thread was before entering */

	/* -- its thread's -- */
	uint32_t rounds;
	struct weir_cell *current;      /* whose turn it is; NULL: none */
	struct weir_cell *first, *last; /* ready home cells */
	bool polls;                     /* there is something to poll */
	struct weir_parker own_parker, other_parker;
	struct weir_system_slot io, streams; /* of the higher folders */

	/* -- anybody's -- */
	_Atomic(const struct weir_parker *) parker;
	int event_fd;            /* readable: somebody woke the worker */
	_Atomic size_t pending;  /* I/O in flight, when last looked */
	_Atomic int interrupted; /* somebody asked for a look at the wait */
	_Atomic uint64_t turns, sleeps;
	_Atomic uint64_t wakes;            /* of it, by anybody */
	_Atomic(struct weir_cell *) inbox; /* the newest first */
	struct weir_run_queue queue;
};

/** What a call of weir_worker_run() waits for.  All on its own thread. */
struct weir_worker_wait {
	/* Looked at before each turn; true ends the wait. */
	bool (*done)(void *ctx);
	/* There is no cell to run and the worker is about to sleep.  True: it
	 * made one ready, or done() will be true.  NULL: none. */
	bool (*idle)(void *ctx);
	void *ctx;
	int64_t deadline_ns; /* INT64_MAX: none */
};

/** The worker that the calling thread is, of the innermost wait. */
extern _Thread_local struct weir_worker *weir_worker_current;

/** The worker of @system that the calling thread is; NULL: none. */
static inline struct weir_worker *
weir_worker_self(const struct weir_system *system)
{
	struct weir_worker *worker = weir_worker_current;

	/* A wait for another system may be going on within a turn. */
	while (worker != NULL && worker->system != system)
		worker = worker->outer;
	return worker;
}

/** Make the next worker of @system, which sleeps by @ops (NULL: on its
 *  eventfd).  Returns 0, -ENOMEM, or the error of eventfd(2). */
int weir_worker_create(
	struct weir_system *system, const struct weir_park_ops *ops, void *ctx);

/** Free @worker (NULL allowed), which runs no more. */
void weir_worker_destroy(struct weir_worker *worker);

/** Run cells until wait->done() or the deadline.  On the worker's thread, not
 *  within a turn. */
void weir_worker_run(
	struct weir_worker *worker, const struct weir_worker_wait *wait);

/** Run one round: a few turns of what is ready, without waiting.  Returns
 *  whether there was anything. */
bool weir_worker_round(struct weir_worker *worker);

/** Let @cell, ready and in no queue, have a turn on @worker, its own thread. */
void weir_worker_push(struct weir_worker *worker, struct weir_cell *cell);

/** Put @cell in the inbox of its home, @worker.  Any thread. */
void weir_worker_post(struct weir_worker *worker, struct weir_cell *cell);

/** Wake @worker if it sleeps or is about to.  What it shall see was published
 *  by a sequentially consistent operation before.  Any thread, signal
 *  handlers. */
void weir_worker_notify(struct weir_worker *worker);

/** Move what any worker may run to the injection list: its thread goes. */
void weir_worker_flush(struct weir_worker *worker);

/* -- park.c ---------------------------------------------------------------- */

/** Let @worker sleep by @ops (NULL: on its eventfd).  0, or what eventfd(2)
 *  failed with. */
int weir_park_init(
	struct weir_worker *worker, const struct weir_park_ops *ops, void *ctx);
void weir_park_finish(struct weir_worker *worker);

/** Let @worker, the caller, sleep by @ops from now on.  @pending(ctx) says how
 *  many events are on their way.  NULL ops: as at the start. */
void weir_worker_set_park(struct weir_worker *worker,
	const struct weir_park_ops *ops, void *ctx,
	size_t (*pending)(const void *ctx));

/** Readable once somebody called weir_worker_kick(); read it to reset. */
int weir_worker_eventfd(const struct weir_worker *worker);

/** Make the worker leave its sleep.  Any thread, signal handlers. */
void weir_worker_kick(struct weir_worker *worker);

/** Run finished work; never waits.  Its thread. */
static inline void
weir_worker_poll(struct weir_worker *worker)
{
	const struct weir_parker *parker;

	if (!worker->polls)
		return;
	parker = weir_load(&worker->parker, relaxed);
	parker->ops.poll(parker->ctx);
	weir_store(&worker->pending, parker->pending(parker->ctx), relaxed);
}

/** Sleep on the parker, at most @timeout_ns (negative: no limit).  Its thread,
 *  which has announced it. */
void weir_worker_sleep(struct weir_worker *worker, int64_t timeout_ns);

#endif /* WEIR_ACTORS_WORKER_INTERNAL_H */
