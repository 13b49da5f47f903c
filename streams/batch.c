/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.c - batches and where they are kept between uses
 */
#include "batch_internal.h"

#include "../actors/poison_internal.h"
#include "../actors/worker_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define CLASS_0_BYTES ((size_t)64)

/* Free batches of one class that a pool keeps: as many as a boundary has under
 * way, in memory that does not hurt. */
#define KEPT_BYTES ((size_t)512 << 10)
#define KEPT_MIN 16u
#define KEPT_MAX 256u

/* Back to the allocator, with an array of @bytes. */
static void
batch_free(struct weir_system *system, struct weir_batch *batch, size_t bytes)
{
	if (batch->blocks != batch->own_blocks)
		weir_release(system, batch->blocks,
			batch->block_capacity * sizeof(*batch->blocks));
	weir_release(system, batch, sizeof(*batch) + bytes);
}

static uint32_t
kept_max(uint32_t k)
{
	size_t n = KEPT_BYTES / (CLASS_0_BYTES << k);

	return n < KEPT_MIN ? KEPT_MIN : n > KEPT_MAX ? KEPT_MAX : (uint32_t)n;
}

/* -- the pool of a worker -------------------------------------------------- */

/* @batch is poisoned. */
static void
pool_keep(struct weir_pools *pools, struct weir_batch *batch)
{
	uint32_t k = batch->class_index;

	batch->next = pools->batches[k];
	pools->batches[k] = batch;
	pools->batch_count[k]++;
}

/* Take what other threads gave back. */
static void
pool_collect(struct weir_system *system, struct weir_pools *pools)
{
	/* Pairs with the push in pool_return: batch and next are written. */
	struct weir_batch *batch =
		weir_exchange(&pools->returned, NULL, acquire);

	while (batch != NULL) {
		struct weir_batch *next = weir_plain_load(&batch->next);
		uint32_t k = batch->class_index;

		if (pools->batch_count[k] < kept_max(k)) {
			pool_keep(pools, batch);
		} else {
			weir_unpoison(batch->items, CLASS_0_BYTES << k);
			batch_free(system, batch, CLASS_0_BYTES << k);
		}
		batch = next;
	}
}

static struct weir_batch *
pool_take(struct weir_system *system, struct weir_pools *pools, uint32_t k)
{
	struct weir_batch *batch = pools->batches[k];

	if (batch == NULL && weir_load(&pools->returned, relaxed) != NULL) {
		pool_collect(system, pools);
		batch = pools->batches[k];
	}
	if (batch == NULL)
		return NULL;
	pools->batches[k] = batch->next;
	pools->batch_count[k]--;
	weir_unpoison(batch->items, CLASS_0_BYTES << k);
	return batch;
}

/* Send @batch, poisoned, home to the pool of another worker. */
static void
pool_return(struct weir_pools *home, struct weir_batch *batch)
{
	struct weir_batch *head = weir_load(&home->returned, relaxed);

	do
		weir_plain_store(&batch->next, head);
	while (!weir_compare_exchange(
		&home->returned, &head, batch, release, relaxed));
}

static void
pools_destroy(struct weir_system *system, void *content)
{
	struct weir_pools *pools = content;

	pool_collect(system, pools);
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
	struct weir_worker *worker = weir_worker_self(system);
	struct weir_pools *pools;

	if (worker == NULL)
		return NULL;
	if (worker->streams.content != NULL)
		return worker->streams.content;
	pools = weir_allocate(system, sizeof(*pools));
	if (pools == NULL)
		return NULL;
	memset(pools, 0, sizeof(*pools));
	pools->serial = (uint64_t)worker->index << 48;
	worker->streams.content = pools;
	worker->streams.destroy = pools_destroy;
	return pools;
}

/* -- batches --------------------------------------------------------------- */

/* A batch of the allocator's with an array of @bytes. */
static struct weir_batch *
batch_new(struct weir_system *system, uint32_t k, size_t bytes)
{
	struct weir_batch *batch =
		weir_allocate(system, sizeof(*batch) + bytes);

	if (batch == NULL)
		return NULL;
	batch->class_index = (uint16_t)k;
	batch->block_capacity = WEIR_BATCH_BLOCKS;
	batch->blocks = batch->own_blocks;
	return batch;
}

struct weir_batch *
weir_batch_acquire(struct weir_system *system, const struct weir_type *type,
	uint32_t capacity)
{
	struct weir_worker *worker = weir_worker_self(system);
	struct weir_pools *pools = weir_pools_of(system);
	size_t bytes = (size_t)capacity * type->size;
	struct weir_batch *batch = NULL;
	uint32_t k = 0;

	assert(worker != NULL);
	if (pools == NULL)
		return NULL;
	if (bytes > CLASS_0_BYTES)
		k = 58u - (uint32_t)__builtin_clzll(bytes - 1);
	if (k < WEIR_BATCH_CLASSES) {
		bytes = CLASS_0_BYTES << k;
		batch = pool_take(system, pools, k);
	} else {
		k = WEIR_BATCH_CLASSES;
	}
	if (batch == NULL)
		batch = batch_new(system, k, bytes);
	if (batch == NULL)
		return NULL;
	batch->home = (uint16_t)worker->index;
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

/* The array of @batch is nobody's any more. */
static void
batch_return(struct weir_system *system, struct weir_batch *batch)
{
	struct weir_worker *worker = weir_worker_self(system);
	uint32_t k = batch->class_index;
	struct weir_pools *pools;

	if (k == WEIR_BATCH_CLASSES) {
		batch_free(system, batch,
			(size_t)batch->capacity * batch->type->size);
		return;
	}
	if (worker == NULL || worker->index != batch->home) {
		pools = system->workers[batch->home]->streams.content;
		weir_poison(batch->items, CLASS_0_BYTES << k);
		pool_return(pools, batch);
		return;
	}
	pools = worker->streams.content;
	if (pools->batch_count[k] == kept_max(k)) {
		batch_free(system, batch, CLASS_0_BYTES << k);
		return;
	}
	weir_poison(batch->items, CLASS_0_BYTES << k);
	pool_keep(pools, batch);
}

void
weir_batch_release(struct weir_system *system, struct weir_batch *batch)
{
	if (batch == NULL)
		return;
	if (batch->count > 0 && batch->type->drop != NULL)
		batch->type->drop(
			weir_batch_item(batch, batch->head), batch->count);
	for (uint32_t i = 0; i < batch->block_count; i++)
		weir_block_release(batch->blocks[i]);
	batch_return(system, batch);
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
