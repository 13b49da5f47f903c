/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.h - refcounted memory that slices point into
 *
 * A block has a fixed capacity, some headroom in front of it (for a partial
 * record carried over from the block before) and at least 64 readable bytes
 * behind it.  A batch of slices holds a list of the blocks they point into, so
 * that passing, filtering and dropping slices touches no reference count.
 *
 * Memory has one accountant: every block a run acquires counts, whole, against
 * the run's memory option until its last reference is gone.
 */
#ifndef WEIR_STREAMS_BLOCK_H
#define WEIR_STREAMS_BLOCK_H

#include "type.h"

WEIR_BEGIN

struct weir_stage;

#define WEIR_BLOCK_HEADROOM ((size_t)4096)   /* in front of each block */
#define WEIR_BLOCK_BYTES ((size_t)256 << 10) /* the usual capacity */

/**
 * Get a block of at least @bytes for @stage, which becomes the owner of one
 * reference.  Its bytes are not cleared.  From within open(), step() only.
 *
 * Returns 0; -EAGAIN when the run's memory is used up for the moment (return
 * WEIR_EVENT: the stage is stepped again when a block came back); -ENOBUFS
 * when @bytes exceed what the run may ever use; -ENOMEM.
 */
WEIR_API int weir_block_acquire(
	struct weir_stage *stage, size_t bytes, struct weir_block **ret);

/** How many bytes of blocks the run of @stage may use, and how many it uses
 *  now: what takes memory for speed only takes it by these. */
WEIR_API size_t weir_block_limit(const struct weir_stage *stage);
WEIR_API size_t weir_block_used(const struct weir_stage *stage);

/**
 * Make a block of the caller's memory @data, which must stay as it is and
 * readable until @release(ctx) is called, once, when the last reference is
 * gone (NULL: nothing to do).  It has no headroom and is never written to; one
 * byte behind it must be readable.  Not counted against the run's memory.
 * Returns 0 or -ENOMEM.
 */
WEIR_API int weir_block_foreign(struct weir_stage *stage, const char *data,
	size_t bytes, void (*release)(void *ctx), void *ctx,
	struct weir_block **ret);

/** Take one more reference.  Any thread. */
WEIR_API void weir_block_retain(struct weir_block *block);

/** Give back one reference (NULL allowed).  Any thread. */
WEIR_API void weir_block_release(struct weir_block *block);

/** Where the bytes of @block begin.  The headroom lies in front of it. */
WEIR_API char *weir_block_data(struct weir_block *block);

/** How many bytes @block holds, without its headroom. */
WEIR_API size_t weir_block_capacity(const struct weir_block *block);

/** How many bytes may be written in front of weir_block_data(): 0 for memory
 *  that is the caller's. */
WEIR_API size_t weir_block_headroom(const struct weir_block *block);

/** Give back what @kept owns; it becomes empty.  Any thread. */
WEIR_API void weir_kept_release(struct weir_kept *kept);

WEIR_END

#endif /* WEIR_STREAMS_BLOCK_H */
