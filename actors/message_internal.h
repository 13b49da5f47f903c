/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_internal.h - memory of messages, by size, a pool a worker
 *
 * A message of up to eight bytes travels in the mailbox's word.  A larger one
 * lies in a block of its sender's pool, and the word is its address.  Whoever
 * took it out gives the block back; if it came from another worker's pool, it
 * is put on a chain and the whole chain is pushed to that pool's returned
 * stack, so that a block always comes home, at one compare-and-swap for many.
 *
 * Bounds: a pool holds as many blocks as were ever out at once, and each worker
 * keeps back WEIR_MESSAGE_CHAIN - 1 of another pool's at most.  Memory is asked
 * of the allocator in slabs, and goes back when the pool is finished.
 */
#ifndef WEIR_ACTORS_MESSAGE_INTERNAL_H
#define WEIR_ACTORS_MESSAGE_INTERNAL_H

#include "atomic_internal.h"
#include "system.h"

#include <pthread.h>
#include <stdalign.h>

#define WEIR_MESSAGE_CLASSES 12u     /* blocks of 64, 128 ... 4096 bytes */
#define WEIR_MESSAGE_BYTES_MAX 4080u /* what fits into the largest */
#define WEIR_MESSAGE_ALIGN 16u
#define WEIR_MESSAGE_CHAIN 32u

struct weir_message_pool;

/* What stands before a message. */
struct weir_message {
	struct weir_message_pool *home; /* never changes */
	uint32_t class;                 /* never changes */
	uint32_t unused;
	struct weir_message *next; /* while free: the message begins here */
};

struct weir_message_slab;

/* Of one thread, but for returned.  blocks counts those ever made, and
 * got - put how many were handed out here less those given back here. */
struct weir_message_pool {
	struct weir_system *system;
	struct weir_message *free[WEIR_MESSAGE_CLASSES];
	struct weir_message_slab *slabs;
	char *at, *end; /* bytes of the newest slab that are no block yet */

	/* Blocks of another pool, on their way home. */
	struct weir_message_pool *away;
	struct weir_message *away_first, *away_last;
	uint32_t away_count;

	_Atomic uint64_t got, put; /* written by the pool's thread */

	/* A line of its own: any thread pushes. */
	alignas(64) _Atomic(struct weir_message *) returned;
	_Atomic uint64_t put_elsewhere; /* by threads without a pool */
};

/* The pool of all threads that are no workers. */
struct weir_message_shared {
	struct weir_message_pool pool;
	pthread_mutex_t lock; /* for all but returned */
};

void weir_message_pool_init(
	struct weir_message_pool *pool, struct weir_system *system);

/** Give all slabs back.  No message of the pool may be in use; those of other
 *  pools that are on their way home must have been flushed. */
void weir_message_pool_finish(struct weir_message_pool *pool);

/** Memory for a message of @bytes, at most WEIR_MESSAGE_BYTES_MAX, aligned to
 *  16; NULL when out of memory.  The pool's thread. */
void *weir_message_get(struct weir_message_pool *pool, size_t bytes);

/** Give @message back.  @pool is that of the calling thread, NULL if it has
 *  none. */
void weir_message_put(struct weir_message_pool *pool, void *message);

/** Send home what @pool keeps back of another one. */
void weir_message_pool_flush(struct weir_message_pool *pool);

void weir_message_shared_init(
	struct weir_message_shared *shared, struct weir_system *system);
void weir_message_shared_finish(struct weir_message_shared *shared);

/** As weir_message_get(), for threads that are no workers. */
void *weir_message_shared_get(struct weir_message_shared *shared, size_t bytes);

#endif /* WEIR_ACTORS_MESSAGE_INTERNAL_H */
