/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_ring.c - the pool of rings that mailboxes borrow
 */
#include "mailbox_ring_internal.h"

#include <string.h>

#define TAG_ONE ((uint64_t)1 << 32)

static size_t
ring_bytes(uint32_t class)
{
	return sizeof(struct weir_ring) +
	       weir_ring_capacity(class) * sizeof(struct weir_slot);
}

void
weir_ring_pool_init(
	struct weir_ring_pool *pool, const struct weir_allocator *allocator)
{
	memset(pool, 0, sizeof(*pool));
	pool->allocator = *allocator;
}

void
weir_ring_pool_finish(struct weir_ring_pool *pool)
{
	const struct weir_allocator *allocator = &pool->allocator;
	uint32_t used = weir_load(&pool->used, relaxed);

	for (uint32_t i = 0; i < used; i++) {
		struct weir_ring *ring = weir_ring_of(pool, i << 2);

		allocator->release(allocator->ctx, ring,
			ring_bytes(weir_ring_class(ring->id)));
	}
	for (uint32_t i = 0; i < WEIR_RING_CHUNKS; i++) {
		struct weir_ring_chunk *chunk =
			weir_load(&pool->chunks[i], relaxed);

		if (chunk != NULL)
			allocator->release(
				allocator->ctx, chunk, sizeof(*chunk));
	}
}

/* The chunk that names ring @index, made if there is none; NULL when out of
 * memory. */
static struct weir_ring_chunk *
chunk_of(struct weir_ring_pool *pool, uint32_t index)
{
	const struct weir_allocator *allocator = &pool->allocator;
	_Atomic(struct weir_ring_chunk *) *place =
		&pool->chunks[index / WEIR_RING_CHUNK];
	struct weir_ring_chunk *chunk = weir_load(place, acquire);
	struct weir_ring_chunk *made;

	if (chunk != NULL)
		return chunk;
	made = allocator->allocate(allocator->ctx, sizeof(*made), 64);
	if (made == NULL)
		return NULL;
	memset(made, 0, sizeof(*made));
	/* The release pairs with the acquire above, of who comes second. */
	if (weir_compare_exchange(place, &chunk, made, acq_rel, acquire))
		return made;
	allocator->release(allocator->ctx, made, sizeof(*made));
	return chunk;
}

/* Draw the next index, and the chunk that names it; -1: no more. */
static int64_t
index_draw(struct weir_ring_pool *pool, struct weir_ring_chunk **ret_chunk)
{
	uint32_t index = weir_load(&pool->used, relaxed);

	do {
		if (index >= WEIR_RINGS_MAX)
			return -1;
		*ret_chunk = chunk_of(pool, index);
		if (*ret_chunk == NULL)
			return -1;
		/* Relaxed: the index publishes nothing. */
	} while (!weir_compare_exchange(
		&pool->used, &index, index + 1, relaxed, relaxed));
	return index;
}

static struct weir_ring *
ring_create(struct weir_ring_pool *pool, uint32_t class)
{
	const struct weir_allocator *allocator = &pool->allocator;
	struct weir_ring_chunk *chunk;
	struct weir_ring *ring;
	int64_t index;

	ring = allocator->allocate(allocator->ctx, ring_bytes(class), 64);
	if (ring == NULL)
		return NULL;
	index = index_draw(pool, &chunk);
	if (index < 0) {
		allocator->release(allocator->ctx, ring, ring_bytes(class));
		return NULL;
	}
	memset(ring, 0, ring_bytes(class));
	ring->mask = weir_ring_capacity(class) - 1;
	ring->id = (uint32_t)index << 2 | class;
	/* Relaxed: whoever looks for it learns its id by an acquire. */
	weir_store(&chunk->rings[index % WEIR_RING_CHUNK], ring, relaxed);
	return ring;
}

struct weir_ring *
weir_ring_acquire(struct weir_ring_pool *pool, uint32_t class)
{
	_Atomic uint64_t *list = &pool->free[class - 1];
	/* Pairs with the release of who gave the ring back: it is clean. */
	uint64_t first = weir_load(list, acquire);
	struct weir_ring *ring;

	while ((uint32_t)first != 0) {
		uint32_t next;

		ring = weir_ring_of(pool, ((uint32_t)first - 1) << 2);
		/* Relaxed: if another thread took it meanwhile, this is
		 * anything, and the tag makes the exchange fail. */
		next = weir_load(&ring->next_index, relaxed);
		if (weir_compare_exchange(list, &first,
			    ((first & ~(TAG_ONE - 1)) + TAG_ONE) | next,
			    acquire, acquire))
			return ring;
	}
	return ring_create(pool, class);
}

void
weir_ring_release(struct weir_ring_pool *pool, struct weir_ring *ring)
{
	_Atomic uint64_t *list = &pool->free[weir_ring_class(ring->id) - 1];
	uint64_t first = weir_load(list, relaxed), mine;

	do {
		weir_store(&ring->next_index, (uint32_t)first, relaxed);
		mine = ((first & ~(TAG_ONE - 1)) + TAG_ONE) |
		       ((ring->id >> 2) + 1);
		/* Pairs with the acquires in weir_ring_acquire(). */
	} while (!weir_compare_exchange(list, &first, mine, release, relaxed));
}

uint32_t
weir_ring_pool_borrowed(struct weir_ring_pool *pool)
{
	uint32_t borrowed = weir_load(&pool->used, relaxed);

	for (uint32_t i = 0; i < WEIR_RING_CLASSES; i++) {
		uint64_t next = weir_load(&pool->free[i], acquire);

		for (; (uint32_t)next != 0; borrowed--) {
			struct weir_ring *ring =
				weir_ring_of(pool, ((uint32_t)next - 1) << 2);

			next = weir_load(&ring->next_index, relaxed);
		}
	}
	return borrowed;
}
