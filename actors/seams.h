/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seams.h - what a system takes from the world: clock, memory, sleep
 *
 * A system never calls the operating system for these directly; it goes
 * through the tables below, given when it is created.  NULL for any of them
 * means the real thing.  That is how Weir is tested: virtual time, memory that
 * runs out at the n-th allocation, a worker whose sleep is a step of a
 * simulation.  Nothing here is global.
 */
#ifndef WEIR_ACTORS_SEAMS_H
#define WEIR_ACTORS_SEAMS_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

WEIR_BEGIN

/** Monotonic time.  now_ns() may be called from any thread. */
struct weir_clock {
	uint64_t (*now_ns)(void *ctx);
	void *ctx;
};

/**
 * Memory.  allocate() gives @bytes aligned to @align (a power of two) or NULL;
 * release() takes back what allocate() gave, with the same @bytes.  Both may
 * be called from any thread.
 */
struct weir_allocator {
	void *(*allocate)(void *ctx, size_t bytes, size_t align);
	void (*release)(void *ctx, void *memory, size_t bytes);
	void *ctx;
};

/**
 * How the worker of a system sleeps, and how it is woken: the one place where
 * it waits.  The real one sleeps on an eventfd until I/O starts, and then in
 * the wait of its io_uring.
 *
 * @poll runs finished work without waiting (worker's thread only).
 * @park sleeps until wake() was called, finished work arrived or @timeout_ns
 * passed (negative: no limit); worker's thread only.  A wake() that came
 * before park() makes it return at once: none is lost.
 * @wake may be called from any thread and from a signal handler.
 */
struct weir_park_ops {
	void (*poll)(void *ctx);
	void (*park)(void *ctx, int64_t timeout_ns);
	void (*wake)(void *ctx);
};

WEIR_END

#endif /* WEIR_ACTORS_SEAMS_H */
