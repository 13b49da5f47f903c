/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system_internal.h - what a system holds, for the folders of the library
 */
#ifndef WEIR_ACTORS_SYSTEM_INTERNAL_H
#define WEIR_ACTORS_SYSTEM_INTERNAL_H

#include "alarm_internal.h"
#include "arena_internal.h"
#include "atomic_internal.h"
#include "idle_internal.h"
#include "injection_internal.h"
#include "mailbox_ring_internal.h"
#include "message_internal.h"
#include "system.h"
#include "table_internal.h"
#include "waker_internal.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#define WEIR_WORKERS_MAX WEIR_IDLE_WORKERS /* those that share work */
#define WEIR_WORKERS_ALL 256u              /* with the pinned ones */

struct weir_actor_kind;

/* How a worker sleeps: the operations, and how many events (I/O in flight) may
 * still end its sleep without anybody waking it. */
struct weir_parker {
	struct weir_park_ops ops;
	void *ctx;
	size_t (*pending)(const void *ctx);
};

/* What a higher folder keeps in a system, or in a worker. */
struct weir_system_slot {
	void *content;
	void (*destroy)(struct weir_system *, void *content);
};

struct weir_system {
	struct weir_allocator allocator;
	struct weir_clock clock;
	uint64_t seed, random, trace; /* worker 0's thread */
	bool virtual_time;
	_Atomic uint64_t virtual_ns;

	struct weir_ring_pool rings; /* of the cells' mailboxes */
	struct weir_arena_spares spares;
	struct weir_table cells, wakers;
	struct weir_alarms alarms;
	struct weir_idle idle; /* of the workers that steal */
	struct weir_injection injection;

	/* Worker 0 is always there; the others from weir_workers_start() on,
	 * and behind WEIR_WORKERS_MAX the pinned ones. */
	struct weir_worker *workers[WEIR_WORKERS_ALL];
	_Atomic uint32_t worker_count, pinned_count;
	uint32_t worker_goal;
	int64_t spin_ns;      /* how long workers look for work at first */
	pthread_mutex_t lock; /* of the above, and of making io */
	pid_t process;        /* whose the threads are */
	_Atomic int started;  /* all there will be are there */
	_Atomic int stopping;
	_Atomic int entered; /* a thread is worker 0 */

	struct weir_message_shared messages; /* of threads without a worker */
	_Atomic(struct weir_actor_kind *) actor_kinds;
	weir_dead_letter_fn dead_letter; /* may be NULL */
	void *dead_letter_ctx;
	_Atomic uint64_t dead_letters;
	_Atomic int run_stopped; /* weir_system_run() is to return */

	const struct weir_io_backend *io_ops; /* NULL: io's default */
	struct weir_system_slot io;
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

/** After publishing work that any worker may do, by a sequentially consistent
 *  operation: wake one, if one sleeps and none looks for work.  Any thread,
 *  signal handlers. */
void weir_system_offer(struct weir_system *system);

/** Ask worker 0 to look at what it waits for.  Any thread, signal handlers. */
void weir_system_interrupt(struct weir_system *system);

/** Run finished work and ready cells; never waits.  Worker 0's thread. */
void weir_system_poll(struct weir_system *system);

/** Sleep until there may be work, at most @timeout_ns (negative: no limit).
 *  On virtual time with nothing on its way, time jumps instead.  Worker 0's
 *  thread. */
void weir_system_park(struct weir_system *system, int64_t timeout_ns);

/** Events on their way that will end a sleep by themselves, of all workers. */
size_t weir_system_pending(struct weir_system *system);

/** Move virtual time on by @ns; no effect on real time. */
void weir_system_advance(struct weir_system *system, uint64_t ns);

/** Whether the calling thread is a worker. */
bool weir_system_on_worker(struct weir_system *system);

/** The calling thread becomes worker 0 / is it no longer.  Returns -EBUSY when
 *  another one is, or this one is a worker of @system already. */
int weir_system_enter(struct weir_system *system);
void weir_system_leave(struct weir_system *system);

#endif /* WEIR_ACTORS_SYSTEM_INTERNAL_H */
