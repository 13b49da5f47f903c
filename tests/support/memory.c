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
	void *piece = NULL;

	memory->allocations++;
	if (memory->fail_at != 0 &&
		(memory->allocations == memory->fail_at ||
			(memory->and_after &&
				memory->allocations > memory->fail_at))) {
		memory->failed = true;
		return NULL;
	}
	if (posix_memalign(&piece, align, bytes) != 0)
		return NULL;
	memory->pieces++;
	memory->bytes += bytes;
	return piece;
}

static void
counting_release(void *ctx, void *piece, size_t bytes)
{
	struct memory *memory = ctx;

	memory->pieces--;
	memory->bytes -= bytes;
	free(piece);
}

struct weir_allocator
memory_allocator(struct memory *memory)
{
	return (struct weir_allocator){
		counting_allocate, counting_release, memory};
}
