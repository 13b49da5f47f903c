/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system_internal.h - what a system holds, for the folders of the library
 */
#ifndef WEIR_ACTORS_SYSTEM_INTERNAL_H
#define WEIR_ACTORS_SYSTEM_INTERNAL_H

#include "atomic_internal.h"
#include "mailbox_ring_internal.h"
#include "system.h"
#include "waker_internal.h"

#include <pthread.h>
#include <stdbool.h>

/* How the worker sleeps: the operations, and how many events (I/O in flight)
 * may still end its sleep without anybody waking it. */
struct weir_parker {
	struct weir_park_ops ops;
	void *ctx;
	size_t (*pending)(const void *ctx);
};

/* What a higher folder keeps in a system. */
struct weir_system_slot {
	void *content;
	void (*destroy)(struct weir_system *, void *content);
};

struct weir_system {
	struct weir_allocator allocator;
	struct weir_clock clock;
	uint64_t seed, random, trace; /* worker's thread */
	bool virtual_time;
	_Atomic uint64_t virtual_ns;

	struct weir_ring_pool rings; /* of its mailboxes */
	struct weir_wakers wakers;
	struct weir_parker own_parker, other_parker;
	_Atomic(const struct weir_parker *) parker;
	int event_fd; /* readable: somebody woke the worker */
	/* The worker announces sleep before it looks for work a last time; who
	 * brings work looks at it afterwards.  Both sequentially consistent,
	 * so at least one of them sees the other. */
	_Atomic int sleeping;
	_Atomic int interrupted; /* somebody asked for a look at the run */

	_Atomic pthread_t worker; /* the thread inside a wait; 0: none */

	const struct weir_io_backend *io_ops; /* NULL: io's default */
	struct weir_system_slot io, streams;
};

/** Memory of the system's allocator, aligned to 64 bytes; NULL when out of
 *  it.  Any thread. */
void *weir_allocate(struct weir_system *system, size_t bytes);

/** As weir_allocate(), aligned to @align and not less than 64. */
void *weir_allocate_aligned(
	struct weir_system *system, size_t bytes, size_t align);

/** Give back what weir_allocate() gave for @bytes (NULL allowed). */
void weir_release(struct weir_system *system, void *memory, size_t bytes);

/** The next number of the system's random sequence.  Worker's thread. */
uint64_t weir_system_random(struct weir_system *system);

/** A random number below @n, which is above 0. */
uint64_t weir_system_random_below(struct weir_system *system, uint64_t n);

/** Mix @what into the trace hash; for deterministic systems. */
void weir_system_trace_add(struct weir_system *system, uint64_t what);

/** Let the worker sleep by @ops from now on.  @pending(ctx) says how many
 *  events are on their way.  NULL ops: as at the start. */
void weir_system_set_park(struct weir_system *system,
	const struct weir_park_ops *ops, void *ctx,
	size_t (*pending)(const void *ctx));

/** Readable once somebody called weir_system_kick(); read it to reset. */
int weir_system_eventfd(const struct weir_system *system);

/** Make the worker leave its sleep.  Any thread, signal handlers. */
void weir_system_kick(struct weir_system *system);

/** Kick the worker, and only if it sleeps or is about to.  What it shall see
 *  must have been published by a sequentially consistent operation before. */
void weir_system_notify(struct weir_system *system);

/** Ask the worker to look at the flags of its run. */
void weir_system_interrupt(struct weir_system *system);

/** Run finished work and wakes; never waits.  Worker's thread. */
void weir_system_poll(struct weir_system *system);

/** Sleep until there may be work, at most @timeout_ns (negative: no limit).
 *  On virtual time with nothing on its way, time jumps instead. */
void weir_system_park(struct weir_system *system, int64_t timeout_ns);

/** Events on their way that will end a sleep by themselves. */
size_t weir_system_pending(struct weir_system *system);

/** Move virtual time on by @ns; no effect on real time. */
void weir_system_advance(struct weir_system *system, uint64_t ns);

/** Whether the calling thread is the worker. */
bool weir_system_on_worker(struct weir_system *system);

/** The calling thread becomes the worker / is it no longer.  Returns -EBUSY
 *  when another one is. */
int weir_system_enter(struct weir_system *system);
void weir_system_leave(struct weir_system *system);

#endif /* WEIR_ACTORS_SYSTEM_INTERNAL_H */
