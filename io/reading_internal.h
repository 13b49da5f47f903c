/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading_internal.h - one read of a source, on its way
 */
#ifndef WEIR_IO_READING_INTERNAL_H
#define WEIR_IO_READING_INTERNAL_H

#include "io_internal.h"

/* Fills a block from @start on, by one read or several.  Outlives the stage
 * while it is lent. */
struct weir_reading {
	struct weir_io_op op;
	struct weir_io *io;
	struct weir_waker waker;
	struct weir_block *block;
	size_t start, filled;
	int64_t offset; /* of start, in the file; negative: its position */
	int64_t result; /* of op */
	bool busy, orphan;
};

/** Make one for @stage, without a block; NULL: out of memory. */
struct weir_reading *weir_reading_create(
	struct weir_stage *stage, struct weir_io *io);

/** Free @reading (NULL allowed) and its reference to its block; while it is
 *  lent, it is cancelled, and freed once it comes back. */
void weir_reading_destroy(struct weir_reading *reading);

/** Read from @fd into what is left of the block. */
void weir_reading_start(struct weir_reading *reading, int fd);

/** Wait until there is something to read, where a read would not. */
void weir_reading_poll(struct weir_reading *reading, int fd);

/** Start the operation again that was interrupted. */
void weir_reading_repeat(struct weir_reading *reading);

#endif /* WEIR_IO_READING_INTERNAL_H */
