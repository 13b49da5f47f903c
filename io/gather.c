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
#include <string.h>

#define COPY_BYTES ((size_t)2048) /* a run that is shorter is copied */

int
weir_gather_create(struct weir_stage *stage, struct weir_gather **ret)
{
	struct weir_system *system = weir_stage_system(stage);
	struct weir_gather *gather = weir_allocate(system, sizeof(*gather));
	int rc;

	if (gather == NULL)
		return -ENOMEM;
	memset(gather, 0, sizeof(*gather));
	gather->system = system;
	gather->waker = weir_stage_waker(stage);
	rc = weir_block_acquire(stage, WEIR_GATHER_BYTES, &gather->staging);
	if (rc < 0) {
		weir_release(system, gather, sizeof(*gather));
		return rc;
	}
	*ret = gather;
	return 0;
}

void
weir_gather_destroy(struct weir_gather *gather)
{
	if (gather == NULL)
		return;
	if (gather->busy) {
		gather->orphan = true;
		return;
	}
	weir_gather_clear(gather);
	weir_block_release(gather->staging);
	weir_release(gather->system, gather, sizeof(*gather));
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
	return gather->bytes >= WEIR_GATHER_BYTES ||
	       gather->vector_count + 2 > WEIR_GATHER_VECTORS ||
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

size_t
weir_gather_slices(struct weir_gather *gather, struct weir_stage *stage,
	const weir_record *slices, size_t n, bool line_ends)
{
	const char *run = NULL;
	size_t length = 0, i;

	for (i = 0; i < n && !weir_gather_is_full(gather); i++) {
		const char *data = slices[i].data;
		size_t bytes = slices[i].length;
		bool ends =
			!line_ends || (bytes > 0 && data[bytes - 1] == '\n');

		/* The byte behind a record can be read, and often is the
		 * newline it was cut at. */
		if (!ends && data[bytes] == '\n') {
			bytes++;
			ends = true;
		}
		if (run != NULL && data == run + length) {
			length += bytes;
		} else {
			take_run(gather, stage, run, length);
			run = data;
			length = bytes;
		}
		if (!ends) {
			take_run(gather, stage, run, length);
			copy_run(gather, "\n", 1);
			run = NULL;
			length = 0;
		} else if (gather->bytes + length >= WEIR_GATHER_BYTES) {
			take_run(gather, stage, run, length);
			run = NULL;
			length = 0;
		}
	}
	take_run(gather, stage, run, length);
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
