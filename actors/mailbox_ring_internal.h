/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_ring_internal.h - rings of slots that mailboxes borrow
 *
 * A mailbox that holds more than its inline slots can borrows a ring of its
 * system's pool and gives it back when it is empty.  A ring goes back clean:
 * each of its marks is 0.  Rings have three sizes, and ids, so that a mailbox
 * can name one within its ticket word: id = index << 2 | class; id 0 stands
 * for the inline slots.
 *
 * The free rings are stacks, one a class, by R. K. Treiber, with a tag against
 * ABA. No ring is unmapped before the pool is finished, so whoever holds a
 * stale id may look at it.
 */
#ifndef WEIR_ACTORS_MAILBOX_RING_INTERNAL_H
#define WEIR_ACTORS_MAILBOX_RING_INTERNAL_H

#include "atomic_internal.h"
#include "seams.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR_RING_CLASSES 3u
#define WEIR_RING_CHUNKS 256u
#define WEIR_RING_CHUNK 4096u /* rings named by one */
#define WEIR_RINGS_MAX (WEIR_RING_CHUNKS * WEIR_RING_CHUNK)
#define WEIR_RING_CAPACITY_MAX 16384u

/* mark is 0 or names the position whose message the slot holds: who claimed
 * the position writes the value and then its mark (release); the consumer reads
 * the mark (acquire), then the value, and clears the mark. */
struct weir_slot {
	_Atomic uint64_t mark;
	uint64_t value;
};

struct weir_ring {
	uint64_t mask;               /* slots - 1, those used by the consumer */
	uint64_t base;               /* the position it was installed at */
	uint32_t id;                 /* forever */
	uint32_t previous;           /* id of the ring before it */
	_Atomic uint32_t next_index; /* in the free list: index + 1 */
	bool lossy;                  /* of a mailbox that drops its oldest */
	_Atomic uint64_t written;    /* by senders of that one, so far */
	alignas(64) struct weir_slot slots[];
};

struct weir_ring_chunk {
	_Atomic(struct weir_ring *) rings[WEIR_RING_CHUNK];
};

struct weir_ring_pool {
	struct weir_allocator allocator;
	_Atomic uint32_t used; /* indices given out */
	/* Of each class: tag << 32 | index + 1 of the first free ring. */
	_Atomic uint64_t free[WEIR_RING_CLASSES];
	_Atomic(struct weir_ring_chunk *) chunks[WEIR_RING_CHUNKS];
};

/** The class of ring @id: 0 for the inline slots, else 1 to 3. */
static inline uint32_t
weir_ring_class(uint32_t id)
{
	return id & 3u;
}

/** Slots of a ring of @class, 1 to 3: 64, 1024, 16384. */
static inline uint32_t
weir_ring_capacity(uint32_t class)
{
	return 4u << (4u * class);
}

/** The ring that @id names, which is not 0.  Whoever holds a position of it,
 *  or saw its id by an acquire of the ticket word. */
static inline struct weir_ring *
weir_ring_of(struct weir_ring_pool *pool, uint32_t id)
{
	uint32_t index = id >> 2;
	struct weir_ring_chunk *chunk;

	/* Both were written before the id was, and the id came by an acquire
	 * of the ticket word. */
	chunk = weir_load(&pool->chunks[index / WEIR_RING_CHUNK], relaxed);
	return weir_load(&chunk->rings[index % WEIR_RING_CHUNK], relaxed);
}

void weir_ring_pool_init(
	struct weir_ring_pool *pool, const struct weir_allocator *allocator);

/** Free every ring; no mailbox of the pool is used any more. */
void weir_ring_pool_finish(struct weir_ring_pool *pool);

/** Borrow a clean ring of @class, 1 to 3; NULL when out of memory.  Any
 *  thread. */
struct weir_ring *weir_ring_acquire(
	struct weir_ring_pool *pool, uint32_t class);

/** Give back @ring, whose marks are all 0.  Any thread. */
void weir_ring_release(struct weir_ring_pool *pool, struct weir_ring *ring);

/** How many rings are out.  While no other thread uses the pool. */
uint32_t weir_ring_pool_borrowed(struct weir_ring_pool *pool);

#endif /* WEIR_ACTORS_MAILBOX_RING_INTERNAL_H */
