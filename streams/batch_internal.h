/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch_internal.h - the unit of transfer and of ownership
 *
 * A batch is an array of elements by value and a header.  It has one owner at
 * a time: an outlet that fills it, an edge it waits in, or the step that takes
 * from it.  Passing it on moves a pointer.  A batch of slices also holds a
 * reference to each block its slices point into.
 */
#ifndef WEIR_STREAMS_BATCH_INTERNAL_H
#define WEIR_STREAMS_BATCH_INTERNAL_H

#include "block_internal.h"

#define WEIR_BATCH_CLASSES 16     /* of arrays: 64 bytes, 128 ... 2 MiB */
#define WEIR_BATCH_BLOCKS 4u      /* in the header; more are allocated */
#define WEIR_BATCH_BLOCKS_MAX 64u /* a batch with as many is closed */

#define WEIR_BATCH_ALIGN 64u /* of the elements, at most */

/* Its slices' bytes are seen by somebody else too: change none in place. */
#define WEIR_BATCH_SHARED ((uint16_t)1)

/* It has no elements; see weir_stage_mark(). */
#define WEIR_BATCH_MARK ((uint16_t)2)

struct weir_batch {
	struct weir_batch *next;
	const struct weir_type *type;
	uint32_t head, count; /* the live elements: items[head], ... */
	uint32_t capacity;
	uint32_t origin;      /* which stream of bytes this is a cut of */
	uint16_t class_index; /* WEIR_BATCH_CLASSES: too large for the cache */
	uint16_t home;        /* which worker's pool it came from */
	uint16_t flags;
	uint16_t inherited_blocks; /* see inherited */
	uint16_t block_count, block_capacity;
	uint32_t port;              /* of the far half it is on its way to */
	struct weir_block **blocks; /* own_blocks, or allocated: kept */
	uint64_t serial;            /* unlike that of any other batch */
	/* The batch whose blocks it last got, by its serial, and how many it
	 * had then: they only become more. */
	uint64_t inherited;
	uint64_t bytes; /* of its slices when they were put on the edge */
	void *receipt;  /* whom to tell once all of it was written */
	uint64_t trace_id;
	struct weir_block *own_blocks[WEIR_BATCH_BLOCKS];
	_Alignas(WEIR_BATCH_ALIGN) char items[];
};

/* Everything streams keeps for a worker, whose it is but for what others
 * return.  What was taken from it comes back to it, whoever gives it back. */
struct weir_pools {
	struct weir_block_pool blocks;
	struct weir_batch *batches[WEIR_BATCH_CLASSES];
	uint32_t batch_count[WEIR_BATCH_CLASSES];
	uint64_t serial; /* the worker's number, and how many batches */
	/* Other threads push; the worker takes all of it when it finds no
	 * batch of the size it needs. */
	_Alignas(64) _Atomic(struct weir_batch *) returned;
};

/** The pools of the worker of @system that the calling thread is, made on first
 *  need.  NULL: out of memory, or it is no worker. */
struct weir_pools *weir_pools_of(struct weir_system *system);

/** An empty batch for @capacity elements of @type; NULL: out of memory.  A
 *  worker. */
struct weir_batch *weir_batch_acquire(struct weir_system *system,
	const struct weir_type *type, uint32_t capacity);

/** Give back @batch: drops the elements left in it and its blocks.  Any
 *  thread. */
void weir_batch_release(struct weir_system *system, struct weir_batch *batch);

/** Take a reference to @block for the slices of @batch, unless it has one.
 *  Returns 0 or -ENOMEM. */
int weir_batch_attach(struct weir_system *system, struct weir_batch *batch,
	struct weir_block *block);

/** Let @batch hold all blocks of @from too, and its SHARED mark. */
int weir_batch_inherit(struct weir_system *system, struct weir_batch *batch,
	const struct weir_batch *from);

/** The block of @batch that @at lies in; NULL: none. */
struct weir_block *weir_batch_block(
	const struct weir_batch *batch, const void *at);

static inline char *
weir_batch_item(struct weir_batch *batch, uint32_t index)
{
	return batch->items + (size_t)index * batch->type->size;
}

/** Whether elements of @type are weir_bytes or weir_record. */
bool weir_type_is_slice(const struct weir_type *type);

#endif /* WEIR_STREAMS_BATCH_INTERNAL_H */
