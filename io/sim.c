/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.c - the simulated I/O backend
 *
 * What is submitted waits in a list.  Each poll ends some of it: without a
 * seed all, in order; with one a drawn part, in a drawn order, in drawn
 * lengths, and park moves virtual time on by a drawn step.  A cancelled
 * operation ends as late as any other, and may have done its work all the same.
 */
#include "sim_world_internal.h"

#include "../actors/system_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_NS 100000u

/* What one system has of a world. */
struct sim {
	struct weir_system *system;
	struct weir_sim *world;
	bool owns_world;
	struct weir_io_op *ops, *ops_last; /* started, in order */
	size_t in_flight;
	bool woken;
};

/* -- operations ---------------------------------------------------------- */

/* What @fd names; NULL: nothing. */
static struct weir_sim_descriptor *
descriptor_of(const struct sim *sim, int fd)
{
	return fd < WEIR_SIM_FIRST_FD ||
			       fd >= WEIR_SIM_FIRST_FD + WEIR_SIM_DESCRIPTORS
		       ? NULL
		       : sim->world->descriptors[fd - WEIR_SIM_FIRST_FD];
}

/* As in a kernel, an operation holds on to what its number meant. */
static void
sim_submit(void *io, struct weir_io_op *op)
{
	struct sim *sim = io;
	struct weir_sim_descriptor *descriptor = descriptor_of(sim, op->fd);

	if (descriptor != NULL)
		descriptor->references++;
	op->target = descriptor;
	op->generation = 0; /* not cancelled */
	op->token = (uint32_t)++sim->world->counts[op->code];
	op->next = NULL;
	if (sim->ops == NULL)
		sim->ops = op;
	else
		sim->ops_last->next = op;
	sim->ops_last = op;
	sim->in_flight++;
}

static void
sim_cancel(void *io, struct weir_io_op *op)
{
	(void)io;
	op->generation = 1;
}

/* How many of @length bytes move at once. */
static size_t
piece(struct sim *sim, const struct weir_sim_file *file, size_t length)
{
	if (file->piece > 0 && length > file->piece)
		length = file->piece;
	if (sim->world->short_bytes > 0 && length > sim->world->short_bytes)
		length = sim->world->short_bytes;
	if (sim->system->seed != 0 && length > 1 &&
		weir_system_random(sim->system) % 4 == 0)
		length = 1 +
			 (size_t)weir_system_random_below(sim->system, length);
	return length;
}

static int64_t
do_read(struct sim *sim, struct weir_sim_descriptor *descriptor,
	struct weir_io_op *op)
{
	struct weir_sim_file *file = descriptor->file;
	size_t at = (size_t)(op->offset < 0 ? descriptor->at : op->offset);
	size_t n = op->length;

	if (at >= file->length)
		return 0;
	if (n > file->length - at)
		n = file->length - at;
	n = piece(sim, file, n);
	memcpy(op->data, file->data + at, n);
	if (op->offset < 0)
		descriptor->at += (int64_t)n;
	return (int64_t)n;
}

static int64_t
do_write(struct sim *sim, struct weir_sim_descriptor *descriptor,
	struct weir_io_op *op)
{
	struct weir_sim_file *file = descriptor->file;
	size_t total = 0, left, at;

	for (unsigned i = 0; i < op->vector_count; i++)
		total += op->vector[i].iov_len;
	if (descriptor->append)
		descriptor->at = (int64_t)file->length;
	at = (size_t)(op->offset < 0 ? descriptor->at : op->offset);
	left = total = piece(sim, file, total);
	if (file->limit > 0 && at + total > file->limit) {
		if (at >= file->limit)
			return -ENOSPC;
		left = total = file->limit - at;
	}
	if (weir_sim_file_reserve(file, at + total + 1) < 0)
		return -ENOMEM;
	for (unsigned i = 0; left > 0; i++) {
		size_t n = op->vector[i].iov_len;

		if (n > left)
			n = left;
		memcpy(file->data + at, op->vector[i].iov_base, n);
		at += n;
		left -= n;
	}
	if (at > file->length)
		file->length = at;
	if (op->offset < 0)
		descriptor->at = (int64_t)at;
	return (int64_t)total;
}

static int sim_open(void *io, const char *path, int flags, mode_t mode);

static int64_t
perform(struct sim *sim, struct weir_io_op *op)
{
	const struct weir_sim_fault *fault = &sim->world->faults[op->code];

	/* A cancel may come too late: what it was about is done then. */
	if (op->generation != 0 &&
		(sim->system->seed == 0 ||
			weir_system_random(sim->system) % 2 == 0))
		return -ECANCELED;
	if (fault->result != 0 && op->token >= fault->nth &&
		op->token <= fault->nth + fault->count)
		return fault->result;
	if (op->code == WEIR_IO_OPEN)
		return sim_open(sim, op->data, (int)op->length, 0);
	if (op->target == NULL)
		return -EBADF;
	switch (op->code) {
	case WEIR_IO_READ:
		return do_read(sim, op->target, op);
	case WEIR_IO_WRITE:
		return do_write(sim, op->target, op);
	case WEIR_IO_POLL:
		return (int64_t)op->length;
	default:
		return 0;
	}
}

/* Whether @op may end now. */
static bool
may_end(struct sim *sim, const struct weir_io_op *op, bool all)
{
	if (op->generation == 0 && sim->world->held[op->code])
		return false;
	return all || sim->system->seed == 0 ||
	       weir_system_random(sim->system) % 2 == 0;
}

/* Take the operations that end now off the list; the others stay in order. */
static struct weir_io_op *
take_ending(struct sim *sim, bool all)
{
	struct weir_io_op **at = &sim->ops, *ending = NULL, **end = &ending;

	sim->ops_last = NULL;
	while (*at != NULL) {
		struct weir_io_op *op = *at;

		if (!may_end(sim, op, all)) {
			sim->ops_last = op;
			at = &op->next;
			continue;
		}
		*at = op->next;
		op->next = NULL;
		/* In order, or now and then ahead of the others. */
		if (sim->system->seed != 0 &&
			weir_system_random(sim->system) % 2 == 0) {
			op->next = ending;
			if (ending == NULL)
				end = &op->next;
			ending = op;
		} else {
			*end = op;
			end = &op->next;
		}
	}
	return ending;
}

static void
end_some(struct sim *sim, bool all)
{
	struct weir_io_op *op = take_ending(sim, all);

	while (op != NULL) {
		struct weir_io_op *next = op->next;
		struct weir_sim_descriptor *descriptor = op->target;
		int64_t result = perform(sim, op);

		sim->in_flight--;
		op->done(op, result); /* may free it */
		weir_sim_descriptor_release(descriptor);
		op = next;
	}
}

static void
sim_poll(void *io)
{
	end_some(io, false);
}

static void
sim_park(void *io, int64_t timeout_ns)
{
	struct sim *sim = io;
	uint64_t step = STEP_NS;

	if (sim->system->seed != 0)
		step = 1 + weir_system_random_below(sim->system, STEP_NS);
	if (timeout_ns >= 0 && (uint64_t)timeout_ns < step)
		step = (uint64_t)timeout_ns;
	weir_system_advance(sim->system, step);
	end_some(sim, false);
}

static void
sim_wake(void *io)
{
	struct sim *sim = io;

	sim->woken = true;
}

static size_t
sim_in_flight(const void *io)
{
	const struct sim *sim = io;

	return sim->in_flight;
}

/* -- files --------------------------------------------------------------- */

static int
sim_open(void *io, const char *path, int flags, mode_t mode)
{
	struct sim *sim = io;
	struct weir_sim *world = sim->world;
	struct weir_sim_file *file = flags & O_CREAT
					     ? weir_sim_file_make(world, path)
					     : weir_sim_file_find(world, path);
	struct weir_sim_descriptor *descriptor;
	int i = 0;

	(void)mode;
	if (file == NULL)
		return flags & O_CREAT ? -ENOMEM : -ENOENT;
	while (i < WEIR_SIM_DESCRIPTORS && world->descriptors[i] != NULL)
		i++;
	if (i == WEIR_SIM_DESCRIPTORS)
		return -EMFILE;
	descriptor = calloc(1, sizeof(*descriptor));
	if (descriptor == NULL)
		return -ENOMEM;
	*descriptor = (struct weir_sim_descriptor){
		file, 0, (flags & O_APPEND) != 0, 1};
	world->descriptors[i] = descriptor;
	return WEIR_SIM_FIRST_FD + i;
}

static int
sim_stat(void *io, int fd, struct stat *ret)
{
	const struct weir_sim_descriptor *descriptor = descriptor_of(io, fd);
	const struct weir_sim_file *file;

	if (descriptor == NULL)
		return -EBADF;
	file = descriptor->file;
	memset(ret, 0, sizeof(*ret));
	ret->st_mode = file->piece > 0 ? S_IFIFO : S_IFREG;
	ret->st_size = file->piece > 0 ? 0 : (off_t)file->length;
	ret->st_ino = file->inode;
	ret->st_dev = 1;
	return 0;
}

static int
sim_close(void *io, int fd)
{
	struct sim *sim = io;
	struct weir_sim_descriptor *descriptor = descriptor_of(sim, fd);

	if (descriptor == NULL)
		return -EBADF;
	sim->world->descriptors[fd - WEIR_SIM_FIRST_FD] = NULL;
	weir_sim_descriptor_release(descriptor);
	return 0;
}

static int64_t
sim_seek(void *io, int fd, int64_t offset, int whence)
{
	struct weir_sim_descriptor *descriptor = descriptor_of(io, fd);

	if (descriptor == NULL)
		return -EBADF;
	if (descriptor->file->piece > 0)
		return -ESPIPE;
	if (whence == SEEK_SET)
		descriptor->at = offset;
	else if (whence == SEEK_CUR)
		descriptor->at += offset;
	else
		descriptor->at = (int64_t)descriptor->file->length + offset;
	return descriptor->at;
}

static int
sim_truncate(void *io, int fd)
{
	struct weir_sim_descriptor *descriptor = descriptor_of(io, fd);

	if (descriptor == NULL)
		return -EBADF;
	descriptor->file->length = 0;
	return 0;
}

static int64_t
sim_look(void *io, int fd, void *data, size_t length, int64_t offset)
{
	const struct weir_sim_descriptor *descriptor = descriptor_of(io, fd);
	const struct weir_sim_file *file;

	if (descriptor == NULL)
		return -EBADF;
	file = descriptor->file;
	if ((size_t)offset >= file->length)
		return 0;
	if (length > file->length - (size_t)offset)
		length = file->length - (size_t)offset;
	memcpy(data, file->data + offset, length);
	return (int64_t)length;
}

/* -- the backend --------------------------------------------------------- */

static int
sim_backend_create(struct weir_system *system, const void *ctx, void **ret,
	char *text, size_t text_bytes)
{
	struct sim *sim = weir_allocate(system, sizeof(*sim));

	(void)text;
	(void)text_bytes;
	if (sim == NULL)
		return -ENOMEM;
	memset(sim, 0, sizeof(*sim));
	sim->system = system;
	/* Worlds are changed by what is done in them. */
	memcpy(&sim->world, &ctx, sizeof(ctx));
	if (ctx == NULL) {
		sim->owns_world = true;
		if (weir_sim_create(&sim->world) < 0) {
			weir_release(system, sim, sizeof(*sim));
			return -ENOMEM;
		}
	}
	*ret = sim;
	return 0;
}

static void
sim_backend_destroy(void *io)
{
	struct sim *sim = io;

	for (struct weir_io_op *op = sim->ops; op != NULL; op = op->next)
		op->generation = 1;
	while (sim->in_flight > 0)
		end_some(sim, true);
	if (sim->owns_world)
		weir_sim_destroy(sim->world);
	weir_release(sim->system, sim, sizeof(*sim));
}

const struct weir_io_backend weir_io_sim = {
	.name = "simulated",
	.create = sim_backend_create,
	.destroy = sim_backend_destroy,
	.submit = sim_submit,
	.cancel = sim_cancel,
	.park = {sim_poll, sim_park, sim_wake},
	.in_flight = sim_in_flight,
	.open = sim_open,
	.stat = sim_stat,
	.close = sim_close,
	.seek = sim_seek,
	.truncate = sim_truncate,
	.look = sim_look,
};
