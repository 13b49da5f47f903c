/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.c - many slices on their way into one write
 *
 * Neighbouring slices, with the line ends between them, make one run.  A copy
 * of a short run costs less than a vector of its own, both here and in the
 * kernel; a long one is written from where it is.
 */
#include "gather_internal.h"

#include "../actors/system_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define COPY_BYTES ((size_t)2048)  /* a run that is shorter is copied */
#define STAGING_MIN ((size_t)8192) /* two of these, and their line ends */
#define MEMORY_PART 16u /* a gather is no larger than that part of it */

/* How much one write may hold, by the run's memory. */
static size_t
bytes_full_of(const struct weir_stage *stage)
{
	size_t most = weir_block_limit(stage) / MEMORY_PART;
	size_t bytes = STAGING_MIN;

	while (bytes * 2 <= most && bytes < WEIR_GATHER_BYTES)
		bytes *= 2;
	return bytes;
}

int
weir_gather_create(
	struct weir_stage *stage, struct weir_io *io, struct weir_gather **ret)
{
	struct weir_gather *gather = weir_allocate(io->system, sizeof(*gather));
	size_t staging;
	int rc;

	if (gather == NULL)
		return -ENOMEM;
	memset(gather, 0, sizeof(*gather));
	gather->io = io;
	gather->waker = weir_stage_waker(stage);
	gather->bytes_full = staging = bytes_full_of(stage);
	if (staging > WEIR_GATHER_STAGING)
		staging = WEIR_GATHER_STAGING;
	rc = weir_block_acquire(stage, staging, &gather->staging);
	if (rc < 0) {
		weir_release(io->system, gather, sizeof(*gather));
		return rc;
	}
	*ret = gather;
	return 0;
}

static void
gather_free(struct weir_gather *gather)
{
	weir_gather_clear(gather);
	weir_block_release(gather->staging);
	weir_release(gather->io->system, gather, sizeof(*gather));
}

void
weir_gather_destroy(struct weir_gather *gather)
{
	if (gather == NULL)
		return;
	if (!gather->busy) {
		gather_free(gather);
		return;
	}
	gather->orphan = true;
	gather->io->backend->cancel(gather->io->impl, &gather->op);
}

static void
op_done(struct weir_io_op *op, int64_t result)
{
	struct weir_gather *gather = (struct weir_gather *)(void *)op;
	const struct weir_io *io = gather->io;

	_Static_assert(offsetof(struct weir_gather, op) == 0, "op is first");
	gather->busy = false;
	gather->result = result;
	if (!gather->orphan) {
		weir_wake(io->system, gather->waker);
		return;
	}
	/* Nobody is left to close what was opened all the same. */
	if (op->code == WEIR_IO_OPEN && result >= 0)
		io->backend->close(io->impl, (int)result);
	gather_free(gather);
}

void
weir_gather_start(struct weir_gather *gather, enum weir_io_code code, int fd,
	int64_t offset)
{
	gather->op = (struct weir_io_op){
		.code = code,
		.fd = fd,
		.data = weir_block_data(gather->staging),
		.vector = gather->vectors + gather->first,
		.vector_count = gather->vector_count - gather->first,
		.offset = offset,
		.done = op_done,
	};
	if (code == WEIR_IO_POLL)
		gather->op.length = POLLOUT;
	if (code == WEIR_IO_OPEN)
		gather->op.length = O_WRONLY;
	gather->busy = true;
	gather->io->backend->submit(gather->io->impl, &gather->op);
}

void
weir_gather_clear(struct weir_gather *gather)
{
	while (gather->held_count > 0)
		weir_block_release(gather->held[--gather->held_count]);
	gather->vector_count = gather->first = 0;
	gather->staged = gather->bytes = 0;
	gather->elements = 0;
}

bool
weir_gather_is_full(const struct weir_gather *gather)
{
	/* A run may need a vector for itself and one for its line end. */
	return gather->bytes >= gather->bytes_full ||
	       gather->vector_count + 2 > WEIR_GATHER_VECTORS ||
	       /* Runs in blocks that touch share a vector, not a hold. */
	       gather->held_count == WEIR_GATHER_VECTORS ||
	       gather->staged + COPY_BYTES + 1 >
		       weir_block_capacity(gather->staging);
}

static void
vector_add(struct weir_gather *gather, const char *data, size_t length)
{
	struct iovec *last =
		gather->vector_count == 0
			? NULL
			: &gather->vectors[gather->vector_count - 1];

	gather->bytes += length;
	if (last != NULL && (char *)last->iov_base + last->iov_len == data) {
		last->iov_len += length;
		return;
	}
	last = &gather->vectors[gather->vector_count++];
	/* The kernel only reads it. */
	memcpy(&last->iov_base, &data, sizeof(data));
	last->iov_len = length;
}

static void
copy_run(struct weir_gather *gather, const char *data, size_t length)
{
	char *to = weir_block_data(gather->staging) + gather->staged;

	memcpy(to, data, length);
	gather->staged += length;
	vector_add(gather, to, length);
}

static void
hold(struct weir_gather *gather, struct weir_block *block)
{
	if (gather->held_count > 0 &&
		gather->held[gather->held_count - 1] == block)
		return;
	weir_block_retain(block);
	gather->held[gather->held_count++] = block;
}

/* Take one run.  Memory that belongs to no block is the program's, for good. */
static void
take_run(struct weir_gather *gather, struct weir_stage *stage, const char *data,
	size_t length)
{
	struct weir_block *block;

	if (length == 0)
		return;
	if (length < COPY_BYTES) {
		copy_run(gather, data, length);
		return;
	}
	block = weir_inlet_block(stage, 0, data);
	if (block != NULL)
		hold(gather, block);
	vector_add(gather, data, length);
}

/* Neighbouring slices of one block. */
struct run {
	const char *data; /* NULL: none */
	size_t length;
	uintptr_t end; /* of the block; 0: not looked up */
};

/* Whether the slice @data goes on where the run ends.  Not into another block:
 * blocks may be neighbours, and a run is held by the one it begins in. */
static bool
run_extends(struct run *run, struct weir_stage *stage, const char *data,
	size_t bytes)
{
	struct weir_block *block;

	if (run->data == NULL || data != run->data + run->length)
		return false;
	if (run->end == 0) {
		block = weir_inlet_block(stage, 0, run->data);
		run->end = block == NULL ? UINTPTR_MAX
					 : (uintptr_t)weir_block_data(block) +
						   weir_block_capacity(block);
	}
	return (uintptr_t)data + bytes <= run->end;
}

size_t
weir_gather_slices(struct weir_gather *gather, struct weir_stage *stage,
	const weir_record *slices, size_t n, bool line_ends)
{
	struct run run = {NULL, 0, 0};
	size_t i;

	for (i = 0; i < n; i++) {
		const char *data = slices[i].data;
		size_t bytes = slices[i].length;
		bool ends =
			!line_ends || (bytes > 0 && data[bytes - 1] == '\n');

		if (!run_extends(&run, stage, data, bytes) ||
			gather->bytes + run.length >= gather->bytes_full) {
			take_run(gather, stage, run.data, run.length);
			run = (struct run){NULL, 0, 0};
			if (weir_gather_is_full(gather))
				break;
			run.data = data;
		}
		run.length += bytes;
		/* The byte behind a record can be read, and often is the
		 * newline it was cut at. */
		if (!ends && data[bytes] == '\n') {
			run.length++;
		} else if (!ends) {
			take_run(gather, stage, run.data, run.length);
			copy_run(gather, "\n", 1);
			run = (struct run){NULL, 0, 0};
		}
	}
	take_run(gather, stage, run.data, run.length);
	gather->elements += i;
	return i;
}

size_t
weir_gather_kept(struct weir_gather *gather, struct weir_stage *stage,
	weir_kept *kept, size_t n)
{
	size_t i;

	(void)stage;
	for (i = 0; i < n && !weir_gather_is_full(gather); i++) {
		const char *data = kept[i].data;
		size_t bytes = kept[i].length;
		bool ends = bytes > 0 && data[bytes - 1] == '\n';

		if (bytes < COPY_BYTES) {
			copy_run(gather, data, bytes);
		} else {
			if (kept[i].block != NULL)
				hold(gather, kept[i].block);
			vector_add(gather, data, bytes);
		}
		if (!ends)
			copy_run(gather, "\n", 1);
		weir_kept_release(&kept[i]);
	}
	gather->elements += i;
	return i;
}

void
weir_gather_newline(struct weir_gather *gather)
{
	copy_run(gather, "\n", 1);
}

bool
weir_gather_advance(struct weir_gather *gather, size_t bytes)
{
	while (bytes > 0 && gather->first < gather->vector_count) {
		struct iovec *vector = &gather->vectors[gather->first];

		if (bytes < vector->iov_len) {
			vector->iov_base = (char *)vector->iov_base + bytes;
			vector->iov_len -= bytes;
			break;
		}
		bytes -= vector->iov_len;
		gather->first++;
	}
	return gather->first < gather->vector_count;
}
