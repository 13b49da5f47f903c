/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.c - batches and where they are kept between uses
 */
#include "batch_internal.h"

#include "../actors/poison_internal.h"
#include "../actors/worker_internal.h"

#include <errno.h>
#include <string.h>

#define CLASS_0_BYTES ((size_t)64)
#define CACHED_MAX 16u /* batches of one class */

/* Back to the allocator, with an array of @bytes. */
static void
batch_free(struct weir_system *system, struct weir_batch *batch, size_t bytes)
{
	if (batch->blocks != batch->own_blocks)
		weir_release(system, batch->blocks,
			batch->block_capacity * sizeof(*batch->blocks));
	weir_release(system, batch, sizeof(*batch) + bytes);
}

static void
pools_destroy(struct weir_system *system, void *content)
{
	struct weir_pools *pools = content;

	for (uint32_t k = 0; k < WEIR_BATCH_CLASSES; k++)
		while (pools->batches[k] != NULL) {
			struct weir_batch *batch = pools->batches[k];

			pools->batches[k] = batch->next;
			weir_unpoison(batch->items, CLASS_0_BYTES << k);
			batch_free(system, batch, CLASS_0_BYTES << k);
		}
	weir_block_pool_finish(system, &pools->blocks);
	weir_release(system, pools, sizeof(*pools));
}

struct weir_pools *
weir_pools_of(struct weir_system *system)
{
	struct weir_pools *pools = system->workers[0]->streams.content;

	if (pools != NULL)
		return pools;
	pools = weir_allocate(system, sizeof(*pools));
	if (pools == NULL)
		return NULL;
	memset(pools, 0, sizeof(*pools));
	system->workers[0]->streams.content = pools;
	system->workers[0]->streams.destroy = pools_destroy;
	return pools;
}

struct weir_batch *
weir_batch_acquire(struct weir_system *system, const struct weir_type *type,
	uint32_t capacity)
{
	struct weir_pools *pools = weir_pools_of(system);
	size_t bytes = (size_t)capacity * type->size;
	struct weir_batch *batch;
	uint32_t k = 0;

	if (pools == NULL)
		return NULL;
	if (bytes > CLASS_0_BYTES)
		k = 58u - (uint32_t)__builtin_clzll(bytes - 1);
	if (k < WEIR_BATCH_CLASSES && pools->batches[k] != NULL) {
		batch = pools->batches[k];
		pools->batches[k] = batch->next;
		pools->batch_count[k]--;
		weir_unpoison(batch->items, CLASS_0_BYTES << k);
	} else {
		if (k >= WEIR_BATCH_CLASSES)
			k = WEIR_BATCH_CLASSES;
		else
			bytes = CLASS_0_BYTES << k;
		batch = weir_allocate(system, sizeof(*batch) + bytes);
		if (batch == NULL)
			return NULL;
		batch->class_index = (uint16_t)k;
		batch->block_capacity = WEIR_BATCH_BLOCKS;
		batch->blocks = batch->own_blocks;
	}
	batch->next = NULL;
	batch->type = type;
	batch->head = batch->count = 0;
	batch->capacity = capacity;
	batch->flags = 0;
	batch->origin = 0;
	batch->block_count = 0; /* a list that has grown stays so */
	batch->serial = ++pools->serial;
	batch->bytes = 0;
	batch->inherited = 0;
	batch->inherited_blocks = 0;
	batch->receipt = NULL;
	batch->trace_id = 0;
	return batch;
}

void
weir_batch_release(struct weir_system *system, struct weir_batch *batch)
{
	struct weir_pools *pools = weir_pools_of(system);
	uint32_t k;

	if (batch == NULL)
		return;
	k = batch->class_index;
	if (batch->count > 0 && batch->type->drop != NULL)
		batch->type->drop(
			weir_batch_item(batch, batch->head), batch->count);
	for (uint32_t i = 0; i < batch->block_count; i++)
		weir_block_release(batch->blocks[i]);
	if (k == WEIR_BATCH_CLASSES) {
		batch_free(system, batch,
			(size_t)batch->capacity * batch->type->size);
	} else if (pools->batch_count[k] == CACHED_MAX) {
		batch_free(system, batch, CLASS_0_BYTES << k);
	} else {
		weir_poison(batch->items, CLASS_0_BYTES << k);
		batch->next = pools->batches[k];
		pools->batches[k] = batch;
		pools->batch_count[k]++;
	}
}

static int
blocks_grow(struct weir_system *system, struct weir_batch *batch)
{
	uint32_t capacity = batch->block_capacity * 2u;
	struct weir_block **blocks =
		weir_allocate(system, capacity * sizeof(*blocks));

	if (blocks == NULL)
		return -ENOMEM;
	memcpy(blocks, batch->blocks, batch->block_count * sizeof(*blocks));
	if (batch->blocks != batch->own_blocks)
		weir_release(system, batch->blocks,
			batch->block_capacity * sizeof(*blocks));
	batch->blocks = blocks;
	batch->block_capacity = (uint16_t)capacity;
	return 0;
}

int
weir_batch_attach(struct weir_system *system, struct weir_batch *batch,
	struct weir_block *block)
{
	/* The newest first: it is the likeliest. */
	for (uint32_t i = batch->block_count; i > 0; i--)
		if (batch->blocks[i - 1] == block)
			return 0;
	if (batch->block_count == batch->block_capacity &&
		blocks_grow(system, batch) < 0)
		return -ENOMEM;
	weir_block_retain(block);
	batch->blocks[batch->block_count++] = block;
	return 0;
}

int
weir_batch_inherit(struct weir_system *system, struct weir_batch *batch,
	const struct weir_batch *from)
{
	batch->flags =
		(uint16_t)(batch->flags | (from->flags & WEIR_BATCH_SHARED));
	for (uint32_t i = 0; i < from->block_count; i++)
		if (weir_batch_attach(system, batch, from->blocks[i]) < 0)
			return -ENOMEM;
	return 0;
}

struct weir_block *
weir_batch_block(const struct weir_batch *batch, const void *at)
{
	struct weir_block *ends_there = NULL;

	for (uint32_t i = 0; i < batch->block_count; i++) {
		struct weir_block *block = batch->blocks[i];
		uintptr_t start = (uintptr_t)block->data - block->headroom;
		uintptr_t end = (uintptr_t)block->data + block->capacity;

		if ((uintptr_t)at >= start && (uintptr_t)at < end)
			return block;
		if ((uintptr_t)at == end)
			ends_there = block;
	}
	/* An empty slice may lie behind the last byte; memory of the caller's
	 * may be cut into blocks that touch. */
	return ends_there;
}
