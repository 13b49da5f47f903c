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

#define WEIR_SPIN_NS 50000      /* to look for work before sleep, at first */
#define WEIR_TURN_MESSAGES 128u /* the default budget of a turn */
#define WEIR_TURN_NS 200000     /* and in time */

struct weir_outbox; /* actor_internal.h */

struct weir_worker {
	struct weir_system *system;
	uint32_t index;
	uint32_t bit;              /* in idle */
	struct weir_idle *idle;    /* where it announces sleep */
	struct weir_worker *outer; /* what its thread was before entering */
	pthread_t thread;          /* not of worker 0 */
	bool pinned;               /* runs home cells only */
	bool seeded;               /* draws the next cell */
	bool unlike;               /* pinned, or seeded */
	bool alone;                /* there will never be another */

	/* -- its thread's -- */
	uint32_t rounds;
	struct weir_cell *current;      /* whose turn it is; NULL: none */
	struct weir_cell *first, *last; /* ready home cells */
	bool looks;                     /* counts as one that looks for work */
	bool polls;                     /* there is something to poll */
	int64_t spin_ns;                /* how long to look before sleep */
	int64_t watches_ns;             /* the alarm it sleeps until */
	/* The lone cell that was seen waiting: whose, where, since when. */
	const struct weir_worker *lone_of;
	uint32_t lone_head;
	int64_t lone_since_ns;
	struct weir_parker own_parker, other_parker;
	struct weir_message_pool messages;
	/* Of the actor whose handler runs, if something waits in it. */
	struct weir_outbox *outbox;
	struct weir_system_slot io, streams; /* of the higher folders */

	bool unused; /* pinned, and free for another; the system's */

	/* -- anybody's -- */
	_Atomic(const struct weir_parker *) parker;
	int event_fd;              /* readable: somebody woke the worker */
	struct weir_idle own_idle; /* of a pinned one */
	_Atomic size_t pending;    /* I/O in flight, when last looked */
	_Atomic int interrupted;   /* somebody asked for a look at the wait */
	/* At the end of the last turn two cells or more were ready. */
	_Atomic bool crowded;
	_Atomic uint64_t turns, sleeps, stolen;
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

/** Run cells until wait->done().  Returns 0, -ETIMEDOUT at the deadline, or
 *  -EDEADLK on virtual time, when nothing will ever happen.  On the worker's
 *  thread, not within a turn. */
int weir_worker_run(
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

/** Whether a turn of WEIR_TURN_NS or more has come to its end; the look at the
 *  clock of weir_turn_lasts(). */
bool weir_turn_looks(const struct weir_worker *worker, int64_t *until_ns);

/**
 * Whether a turn on @worker that has handled @n messages may go on, as far as
 * time goes.  *@until_ns is the turn's, 0 at its beginning.  The clock is read
 * after 2, 4, 8 ... messages: never in a turn of one, six times in one of 127.
 * With a seed time does not count.
 */
static inline bool
weir_turn_lasts(const struct weir_worker *worker, uint32_t n, int64_t *until_ns)
{
	return n < 2 || (n & (n - 1)) != 0 || weir_turn_looks(worker, until_ns);
}

/** Let @worker look whether its wait is done.  Any thread, signal handlers. */
void weir_worker_interrupt(struct weir_worker *worker);

static inline int64_t
weir_worker_now(const struct weir_worker *worker)
{
	return (int64_t)weir_system_now_ns(worker->system);
}

/* -- look.c -------------------------------------------------------------- */

/** There is no cell to run: look for one, or sleep.  False: nothing will ever
 *  happen. */
bool weir_worker_rest(
	struct weir_worker *worker, const struct weir_worker_wait *wait);

/** @worker has looked for work, and stops. */
void weir_worker_looks_no_more(struct weir_worker *worker);

/* -- threads.c ----------------------------------------------------------- */

/** As many workers as the process may use cores. */
uint32_t weir_workers_default(void);

/** Make worker 0, which sleeps by @ops (NULL: on its eventfd), and note that
 *  there shall be @goal.  Returns 0, -ENOMEM, or the error of eventfd(2). */
int weir_workers_init(struct weir_system *system,
	const struct weir_park_ops *ops, void *ctx, uint32_t goal);

/** Start the threads of the other workers, unless they run.  Returns 0, also if
 *  there are fewer than wanted; or, when there is none of several, why.  Any
 *  thread. */
int weir_workers_start(struct weir_system *system);

/** Stop all threads, give back what the workers keep for higher folders, and
 *  free them. */
void weir_workers_finish(struct weir_system *system);

/** A thread of its own for one cell, whose home it becomes; in a deterministic
 *  system worker 0.  Returns 0, -ENOMEM or -EAGAIN.  Any thread. */
int weir_worker_pin(struct weir_system *system, struct weir_worker **ret);

/** The cell is gone: another may have its thread. */
void weir_worker_unpin(struct weir_worker *worker);

/** How often a sleeping worker was woken, by whomever. */
uint64_t weir_system_wakes(struct weir_system *system);

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

/** Events on their way that will end its sleep by themselves.  Its thread. */
static inline size_t
weir_worker_pending(const struct weir_worker *worker)
{
	const struct weir_parker *parker = weir_load(&worker->parker, relaxed);

	return parker->pending(parker->ctx);
}

/** Sleep on the parker, at most @timeout_ns (negative: no limit).  Its thread,
 *  which has announced it. */
void weir_worker_sleep(struct weir_worker *worker, int64_t timeout_ns);

#endif /* WEIR_ACTORS_WORKER_INTERNAL_H */
