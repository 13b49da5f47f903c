/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table_internal.h - objects that are named by an index and never unmapped
 *
 * A table grows by chunks, each as large as all before it, which stay where
 * they are until the table is finished; so whoever holds an index, however old,
 * may look at the object.  Free ones form a stack.  Any thread takes and gives.
 *
 * Algorithm: R. K. Treiber's stack (IBM RJ 5118, 1986) with a tag beside its
 * head that each change moves on, so that a head seen twice is the same stack.
 */
#ifndef WEIR_ACTORS_TABLE_INTERNAL_H
#define WEIR_ACTORS_TABLE_INTERNAL_H

#include "atomic_internal.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR_TABLE_FIRST 64u /* objects of chunk 0; each has twice as many */
#define WEIR_TABLE_FIRST_BIT 6u
#define WEIR_TABLE_CHUNKS 25u /* 2^31 objects */

struct weir_system;

struct weir_table {
	struct weir_system *system;
	size_t item_bytes;
	/* Where in an object its link is, an _Atomic uint32_t that is the
	 * table's. */
	size_t link;
	_Atomic uint64_t free; /* tag << 32 | index + 1 of the first; 0: none */
	pthread_mutex_t lock;  /* of growing */
	_Atomic uint32_t used; /* taken at least once, and zeroed for that */
	_Atomic(char *) chunks[WEIR_TABLE_CHUNKS];
};

void weir_table_init(struct weir_table *table, struct weir_system *system,
	size_t item_bytes, size_t link);

/** Free all objects. */
void weir_table_finish(struct weir_table *table);

/** Take an object, all zero if it was never taken before and else as it was
 *  given.  Returns 0 or -ENOMEM. */
int weir_table_take(struct weir_table *table, uint32_t *ret_index);

/** Give back the object @index. */
void weir_table_give(struct weir_table *table, uint32_t index);

/** The chunk that the object @index lies in. */
static inline uint32_t
weir_table_chunk(uint32_t index)
{
	return 31u - (uint32_t)__builtin_clz(index / WEIR_TABLE_FIRST + 1);
}

/** The object @index; NULL: there never was one. */
static inline void *
weir_table_at(const struct weir_table *table, uint32_t index)
{
	uint32_t place, top;

	/* Pairs with the release in item_new: the object is there. */
	if (index >= weir_load(&table->used, acquire))
		return NULL;
	/* Counted from the first object on, each chunk is as long as the
	 * number of its own first one: the highest bit is the chunk. */
	place = index + WEIR_TABLE_FIRST;
	top = 31u - (uint32_t)__builtin_clz(place);
	return weir_load(&table->chunks[top - WEIR_TABLE_FIRST_BIT], relaxed) +
	       (place ^ 1u << top) * table->item_bytes;
}

#endif /* WEIR_ACTORS_TABLE_INTERNAL_H */
