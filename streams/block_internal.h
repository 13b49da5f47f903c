/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block_internal.h - blocks, their pool, and the accountant of a run
 */
#ifndef WEIR_STREAMS_BLOCK_INTERNAL_H
#define WEIR_STREAMS_BLOCK_INTERNAL_H

#include "../actors/atomic_internal.h"
#include "../actors/system_internal.h"
#include "block.h"

#define WEIR_BLOCK_CLASSES 9 /* 4 KiB, 8 KiB ... 1 MiB */

/* What one stage acquired, and whom to wake for it: a number of waiters. */
struct weir_holder {
	_Atomic size_t held; /* bytes of blocks */
	uint32_t waiter;
};

/* An island, with a stage that may wait for memory to come back. */
struct weir_waiter {
	struct weir_waker waker;
	_Atomic int waits;
};

/*
 * Counts the blocks of one run.  Outlives the run for as long as one of them
 * is lent to somebody: a reference for the run and one for each block.
 */
struct weir_account {
	struct weir_system *system;
	_Atomic size_t used;
	_Atomic size_t references;
	_Atomic int wanted; /* a waiter waits */
	size_t limit;
	_Atomic size_t max; /* the most ever used */
	uint32_t holder_count, waiter_count;
	struct weir_waiter *waiters; /* behind the holders */
	struct weir_holder holders[];
};

struct weir_block {
	_Atomic uint32_t references;
	uint32_t holder;              /* the stage that acquired it */
	struct weir_account *account; /* NULL: memory of the caller's */
	struct weir_system *system;
	char *data;
	size_t capacity, headroom;
	size_t bytes; /* of the whole allocation */
	/* A kept slice points into it: no stage changes it in place from now
	 * on.  Set before what was kept goes on, so relaxed: whoever gets it
	 * gets this too. */
	_Atomic bool kept;
	void (*foreign_release)(void *ctx);
	void *foreign_ctx;
	struct weir_block_pool *home; /* NULL: the caller's, or too large */
	struct weir_block *next;      /* in the pool, or on its way back */
};

/* Blocks given back, by size; of one worker.  Other threads push to returned;
 * the worker takes all of it when it finds none of the size it needs. */
struct weir_block_pool {
	struct weir_block *free[WEIR_BLOCK_CLASSES];
	size_t cached_bytes;
	_Alignas(64) _Atomic(struct weir_block *) returned;
};

/** For @holders stages, all of waiter 0, and @waiters islands. */
int weir_account_create(struct weir_system *system, uint32_t holders,
	uint32_t waiters, size_t limit, struct weir_account **ret);

/** Give back the run's reference. */
void weir_account_release(struct weir_account *account);

/** As weir_block_acquire(), on behalf of stage number @holder. */
int weir_block_get(struct weir_account *account, uint32_t holder, size_t bytes,
	struct weir_block **ret);

/** As weir_block_foreign(). */
int weir_block_wrap(struct weir_system *system, const char *data, size_t bytes,
	void (*release)(void *ctx), void *ctx, struct weir_block **ret);

void weir_block_pool_finish(
	struct weir_system *system, struct weir_block_pool *pool);

#endif /* WEIR_STREAMS_BLOCK_INTERNAL_H */
