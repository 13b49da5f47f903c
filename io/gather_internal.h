/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather_internal.h - many slices on their way into one write
 */
#ifndef WEIR_IO_GATHER_INTERNAL_H
#define WEIR_IO_GATHER_INTERNAL_H

#include "../streams/stage.h"
#include "io_internal.h"

/* A write is about that long at most; of it, what is copied.  Less where the
 * run's memory is small. */
#define WEIR_GATHER_BYTES ((size_t)512 << 10)
#define WEIR_GATHER_STAGING ((size_t)256 << 10)
#define WEIR_GATHER_VECTORS 128u

/*
 * What one write takes: a vector of runs.  A run is either long, and stays
 * where it is in a block that is held for it, or was short, and was copied
 * behind the others in the staging block.
 */
struct weir_gather {
	struct weir_io_op op;
	struct weir_io *io;
	struct weir_waker waker;
	struct iovec vectors[WEIR_GATHER_VECTORS];
	struct weir_block *held[WEIR_GATHER_VECTORS];
	unsigned vector_count, held_count;
	unsigned first; /* the vector that is written next */
	struct weir_block *staging;
	size_t staged;     /* bytes in it */
	size_t bytes;      /* in all vectors */
	size_t bytes_full; /* with as many it is full */
	uint64_t elements; /* that end in it */
	int64_t since_ns;  /* when the first came */
	int64_t result;    /* of op */
	bool busy, orphan;
};

/** Make one for @stage, with its staging block.  Returns 0 or -errno, as
 *  weir_block_acquire(). */
int weir_gather_create(
	struct weir_stage *stage, struct weir_io *io, struct weir_gather **ret);

/** Free @gather (NULL allowed); while it is lent, it is cancelled, and freed
 *  once it comes back. */
void weir_gather_destroy(struct weir_gather *gather);

/** Lend @gather to an operation of @code: a write of what is left in it at
 *  @offset (-1: the position of @fd), or one that only needs somebody to
 *  wake. */
void weir_gather_start(struct weir_gather *gather, enum weir_io_code code,
	int fd, int64_t offset);

/** Forget what was gathered. */
void weir_gather_clear(struct weir_gather *gather);

/** Whether there is no room for another slice. */
bool weir_gather_is_full(const struct weir_gather *gather);

/**
 * Gather up to @n slices, which are elements of the stage's inlet 0, until it
 * is full.  With @line_ends a newline goes behind each that does not end in
 * one.  Returns how many.
 */
size_t weir_gather_slices(struct weir_gather *gather, struct weir_stage *stage,
	const weir_record *slices, size_t n, bool line_ends);

/** As above, for elements that own their bytes: they are dropped once copied
 *  or held. */
size_t weir_gather_kept(struct weir_gather *gather, struct weir_stage *stage,
	weir_kept *kept, size_t n);

/** Put one newline in front of everything: nothing was gathered yet. */
void weir_gather_newline(struct weir_gather *gather);

/** Note that @bytes were written.  Returns whether some are left. */
bool weir_gather_advance(struct weir_gather *gather, size_t bytes);

#endif /* WEIR_IO_GATHER_INTERNAL_H */
