/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading.c - one read of a source, on its way
 */
#include "reading_internal.h"

#include "../actors/system_internal.h"

#include <poll.h>
#include <string.h>

struct weir_reading *
weir_reading_create(struct weir_stage *stage, struct weir_io *io)
{
	struct weir_reading *reading =
		weir_allocate(io->system, sizeof(*reading));

	if (reading == NULL)
		return NULL;
	memset(reading, 0, sizeof(*reading));
	reading->io = io;
	reading->waker = weir_stage_waker(stage);
	return reading;
}

static void
reading_free(struct weir_reading *reading)
{
	weir_block_release(reading->block);
	weir_release(reading->io->system, reading, sizeof(*reading));
}

void
weir_reading_destroy(struct weir_reading *reading)
{
	if (reading == NULL)
		return;
	if (!reading->busy) {
		reading_free(reading);
		return;
	}
	reading->orphan = true;
	reading->io->backend->cancel(reading->io->impl, &reading->op);
}

static void
op_done(struct weir_io_op *op, int64_t result)
{
	struct weir_reading *reading = (struct weir_reading *)(void *)op;

	_Static_assert(offsetof(struct weir_reading, op) == 0, "op is first");
	reading->busy = false;
	reading->result = result;
	if (reading->orphan)
		reading_free(reading);
	else
		weir_wake(reading->io->system, reading->waker);
}

static void
op_submit(struct weir_reading *reading)
{
	reading->op.done = op_done;
	reading->busy = true;
	reading->io->backend->submit(reading->io->impl, &reading->op);
}

void
weir_reading_start(struct weir_reading *reading, int fd)
{
	size_t at = reading->start + reading->filled;

	reading->op = (struct weir_io_op){
		.code = WEIR_IO_READ,
		.fd = fd,
		.data = weir_block_data(reading->block) + at,
		.length = weir_block_capacity(reading->block) - at,
		.offset = reading->offset < 0
				  ? -1
				  : reading->offset + (int64_t)reading->filled,
	};
	op_submit(reading);
}

void
weir_reading_poll(struct weir_reading *reading, int fd)
{
	reading->op = (struct weir_io_op){
		.code = WEIR_IO_POLL, .fd = fd, .length = POLLIN};
	op_submit(reading);
}

void
weir_reading_repeat(struct weir_reading *reading)
{
	if (reading->op.code == WEIR_IO_POLL)
		weir_reading_poll(reading, reading->op.fd);
	else
		weir_reading_start(reading, reading->op.fd);
}
