/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system.h - one world of workers, clocks and memory
 *
 * Everything that runs belongs to a system and shares nothing with another:
 * two systems in one process do not meet.  Most programs never make one: a
 * graph created without a system makes a private one for itself.
 *
 * A system with a seed is deterministic: one worker, on the caller's thread,
 * virtual time, the simulated I/O backend unless another is given, and every
 * choice (which stage runs next, where a batch is cut, which completion comes
 * first) drawn from the seed.  The same seed gives the same trace hash.
 *
 * A system is of one process.  After fork(2) the child may destroy it and the
 * graphs on it, or leave them; to run graphs it makes a system of its own.
 */
#ifndef WEIR_ACTORS_SYSTEM_H
#define WEIR_ACTORS_SYSTEM_H

#include "seams.h"

WEIR_BEGIN

struct weir_system;
struct weir_io_backend;  /* io/backend.h */
struct weir_dead_letter; /* actors/actor.h */

/**
 * Called for each dead letter of a system, on whichever thread finds it, so
 * from several at a time.  It must not block; it may send.  What it is given
 * is valid within the call only.
 */
typedef void (*weir_dead_letter_fn)(
	void *ctx, const struct weir_dead_letter *letter);

/** Zero or NULL in any field means the default. */
struct weir_system_opts {
	const struct weir_clock *clock;         /* monotonic clock */
	const struct weir_allocator *allocator; /* malloc */
	const struct weir_io_backend *io;       /* io_uring, made when needed */
	const struct weir_park_ops *park;       /* on an eventfd, until I/O */
	void *park_ctx;
	/* How many workers, at most 56; one is the thread that waits for the
	 * system, the others get a thread when there is work for several.  0:
	 * one a core the process may use; 1 with a seed or a park table. */
	unsigned workers;
	uint64_t seed; /* not 0: deterministic, see above */
	/* With a seed: run on real time and real I/O all the same, so that the
	 * seed fixes the scheduling only. */
	int real_world;
	weir_dead_letter_fn dead_letter; /* none: they are counted only */
	void *dead_letter_ctx;
};

/**
 * Create a system.  On success *@ret is owned by the caller, to be passed to
 * weir_system_destroy().  What the options point to is copied (the tables) or
 * borrowed until then (their contexts).  Returns 0, -EINVAL (too many workers),
 * -ENOMEM, or the error of eventfd(2).  Any thread.
 */
WEIR_API int weir_system_create(
	const struct weir_system_opts *opts, struct weir_system **ret);

/**
 * Free @system (NULL allowed).  No graph of it may be left.  Waits for what is
 * lent to the kernel to come back, which it cancels first.  The thread that ran
 * its graphs: another one cannot cancel, and leaves lent what is lent.
 */
WEIR_API void weir_system_destroy(struct weir_system *system);

/**
 * Run the actors of @system as its worker 0, until weir_system_stop() is called
 * or @timeout_ns has passed (negative: no limit).  Other workers run them with
 * or without this; in a system of one worker, or with a seed, nobody else does.
 *
 * Returns 0 when it was stopped, -ETIMEDOUT, -EDEADLK (on virtual time, where
 * nothing is left to do), or -EBUSY: another thread is worker 0, or this one is
 * a worker of @system.  Blocks; any thread.
 */
WEIR_API int weir_system_run(struct weir_system *system, int64_t timeout_ns);

/** Let weir_system_run() return, or the next call of it.  What the caller wrote
 *  before is seen after that.  Any thread, actors, signal handlers. */
WEIR_API void weir_system_stop(struct weir_system *system);

/** Now, in nanoseconds of the system's clock.  Any thread. */
WEIR_API uint64_t weir_system_now_ns(const struct weir_system *system);

/**
 * A hash over every scheduling decision so far: which stage ran, why it
 * stopped, how much it moved.  Kept only with a seed; 0 without one.  The
 * thread that runs the system, between waits.
 */
WEIR_API uint64_t weir_system_trace(const struct weir_system *system);

/**
 * A waker names something that can be woken, from any thread and as late as
 * you like: when what it names is gone, waking it does nothing.
 */
struct weir_waker {
	uint32_t index, generation;
};

/** Wake what @waker names.  Any thread; never blocks, never allocates. */
WEIR_API void weir_wake(struct weir_system *system, struct weir_waker waker);

WEIR_END

#endif /* WEIR_ACTORS_SYSTEM_H */
