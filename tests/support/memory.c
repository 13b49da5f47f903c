/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.c - an allocator that counts, and fails when it is told to
 */
#include "memory.h"

#include <stdlib.h>

static void *
counting_allocate(void *ctx, size_t bytes, size_t align)
{
	struct memory *memory = ctx;
	/* Counts only: nothing is ordered by them, here and below. */
	size_t nth = 1 + atomic_fetch_add_explicit(
				 &memory->allocations, 1, memory_order_relaxed);
	void *piece = NULL;

	if (memory->fail_at != 0 &&
		(nth == memory->fail_at ||
			(memory->and_after && nth > memory->fail_at))) {
		atomic_store_explicit(
			&memory->failed, true, memory_order_relaxed);
		return NULL;
	}
	if (posix_memalign(&piece, align, bytes) != 0)
		return NULL;
	atomic_fetch_add_explicit(&memory->pieces, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&memory->bytes, bytes, memory_order_relaxed);
	return piece;
}

static void
counting_release(void *ctx, void *piece, size_t bytes)
{
	struct memory *memory = ctx;

	atomic_fetch_sub_explicit(&memory->pieces, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&memory->bytes, bytes, memory_order_relaxed);
	free(piece);
}

struct weir_allocator
memory_allocator(struct memory *memory)
{
	return (struct weir_allocator){
		counting_allocate, counting_release, memory};
}
