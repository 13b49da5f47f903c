/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.c - objects that are named by an index and never unmapped
 */
#include "table_internal.h"

#include "system_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(WEIR_TABLE_FIRST == 1u << WEIR_TABLE_FIRST_BIT, "its bit");

#define PAGE_BYTES ((uintptr_t)4096)
#define LARGE_BYTES ((size_t)8 << 20) /* four large pages */
#define TAG_ONE ((uint64_t)1 << 32)
#define TAG_MASK (~(TAG_ONE - 1))

void
weir_table_init(struct weir_table *table, struct weir_system *system,
	size_t item_bytes, size_t link)
{
	memset(table, 0, sizeof(*table));
	table->system = system;
	table->item_bytes = item_bytes;
	table->link = link;
	pthread_mutex_init(&table->lock, NULL);
}

static size_t
chunk_bytes(const struct weir_table *table, uint32_t chunk)
{
	return ((size_t)WEIR_TABLE_FIRST << chunk) * table->item_bytes;
}

void
weir_table_finish(struct weir_table *table)
{
	for (uint32_t i = 0; i < WEIR_TABLE_CHUNKS; i++)
		weir_release(table->system,
			weir_load(&table->chunks[i], relaxed),
			chunk_bytes(table, i));
	pthread_mutex_destroy(&table->lock);
}

/* A million objects touched for the first time cost more in page faults than in
 * all else.  Where the kernel gives no large pages, nothing changes. */
static void
ask_for_large_pages(char *items, size_t bytes)
{
	uintptr_t from =
		((uintptr_t)items + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	uintptr_t to = ((uintptr_t)items + bytes) & ~(PAGE_BYTES - 1);

	if (bytes >= LARGE_BYTES)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static _Atomic uint32_t *
next_free_of(const struct weir_table *table, uint32_t index)
{
	char *item = weir_table_at(table, index);

	return (void *)(item + table->link);
}

/* One never used before, its chunk made if need be.  Zeroed singly, so that
 * what is not used yet takes no memory. */
static int
item_new(struct weir_table *table, uint32_t *ret)
{
	uint32_t index = weir_load(&table->used, relaxed);
	uint32_t chunk = weir_table_chunk(index);
	char *items;

	if (chunk >= WEIR_TABLE_CHUNKS)
		return -ENOMEM;
	items = weir_load(&table->chunks[chunk], relaxed);
	if (items == NULL) {
		items = weir_allocate(table->system, chunk_bytes(table, chunk));
		if (items == NULL)
			return -ENOMEM;
		ask_for_large_pages(items, chunk_bytes(table, chunk));
		weir_store(&table->chunks[chunk], items, relaxed);
	}
	index -= WEIR_TABLE_FIRST * ((1u << chunk) - 1);
	memset(items + index * table->item_bytes, 0, table->item_bytes);
	*ret = weir_fetch_add(&table->used, 1, release);
	return 0;
}

int
weir_table_take(struct weir_table *table, uint32_t *ret_index)
{
	/* Pairs with the release in give: the object is as it was left. */
	uint64_t head = weir_load(&table->free, acquire), next;
	int rc;

	do {
		if ((uint32_t)head == 0) {
			pthread_mutex_lock(&table->lock);
			rc = item_new(table, ret_index);
			pthread_mutex_unlock(&table->lock);
			return rc;
		}
		/* Another may take it now and write its link: then the tag has
		 * moved on, and what was read is not used. */
		next = weir_load(
			next_free_of(table, (uint32_t)head - 1), relaxed);
	} while (!weir_compare_exchange(&table->free, &head,
		((head & TAG_MASK) + TAG_ONE) | next, acquire, acquire));
	*ret_index = (uint32_t)head - 1;
	return 0;
}

void
weir_table_give(struct weir_table *table, uint32_t index)
{
	_Atomic uint32_t *next_free = next_free_of(table, index);
	uint64_t head = weir_load(&table->free, relaxed);

	do
		weir_store(next_free, (uint32_t)head, relaxed);
	while (!weir_compare_exchange(&table->free, &head,
		((head & TAG_MASK) + TAG_ONE) | (index + 1), release, relaxed));
}
