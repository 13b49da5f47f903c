/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io.c - the I/O of a system, and the list of I/O stages
 */
#include "io_internal.h"

#include "../actors/system_internal.h"
#include "file.h"
#include "sim_internal.h"

#include <errno.h>
#include <string.h>

/* A file that a graph reads: an output must not be the same. */
struct weir_io_identity {
	struct weir_io_identity *next;
	const struct weir_graph *graph;
	dev_t device;
	ino_t inode;
};

const struct weir_operator *const weir_io_operators[] = {
	&weir_op_from_file,
	&weir_op_stdin,
	&weir_op_from_fd,
	&weir_op_to_file,
	&weir_op_stdout,
	&weir_op_to_fd,
	NULL,
};

static void
identities_free(struct weir_io *io, const struct weir_graph *graph)
{
	struct weir_io_identity **at = &io->inputs;

	while (*at != NULL) {
		struct weir_io_identity *one = *at;

		if (graph != NULL && one->graph != graph) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		weir_release(io->system, one, sizeof(*one));
	}
}

static void
io_destroy(struct weir_system *system, void *content)
{
	struct weir_io *io = content;

	weir_system_set_park(system, NULL, NULL, NULL);
	io->backend->destroy(io->impl);
	identities_free(io, NULL);
	weir_release(system, io, sizeof(*io));
}

/* The backend given, or the one that fits the system. */
static const struct weir_io_backend *
backend_of(const struct weir_system *system)
{
	if (system->io_ops != NULL)
		return system->io_ops;
	return system->virtual_time ? &weir_io_sim : &weir_io_uring;
}

static size_t
pending(const void *ctx)
{
	const struct weir_io *io = ctx;

	return io->backend->in_flight(io->impl);
}

/* The backend's park operations take what it made; the system is given one
 * context for these and for pending. */
static void
park_poll(void *ctx)
{
	struct weir_io *io = ctx;

	io->backend->park.poll(io->impl);
}

static void
park_park(void *ctx, int64_t timeout_ns)
{
	struct weir_io *io = ctx;

	io->backend->park.park(io->impl, timeout_ns);
}

static void
park_wake(void *ctx)
{
	struct weir_io *io = ctx;

	io->backend->park.wake(io->impl);
}

int
weir_io_of(struct weir_stage *stage, struct weir_io **ret)
{
	static const struct weir_park_ops park = {
		park_poll, park_park, park_wake};
	struct weir_system *system = weir_stage_system(stage);
	struct weir_io *io = system->io.content;
	char text[256] = "";
	int rc;

	if (io != NULL) {
		*ret = io;
		return 0;
	}
	io = weir_allocate(system, sizeof(*io));
	if (io == NULL)
		return -ENOMEM;
	memset(io, 0, sizeof(*io));
	io->system = system;
	io->backend = backend_of(system);
	rc = io->backend->create(
		system, io->backend->ctx, &io->impl, text, sizeof(text));
	if (rc < 0) {
		weir_release(system, io, sizeof(*io));
		return text[0] == '\0' ? rc
				       : weir_stage_fail(stage, rc, "%s", text);
	}
	system->io.content = io;
	system->io.destroy = io_destroy;
	weir_system_set_park(system, &park, io, pending);
	*ret = io;
	return 0;
}

int
weir_io_input_add(struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st)
{
	struct weir_io_identity *one = weir_allocate(io->system, sizeof(*one));

	if (one == NULL)
		return -ENOMEM;
	*one = (struct weir_io_identity){
		io->inputs, graph, st->st_dev, st->st_ino};
	io->inputs = one;
	return 0;
}

void
weir_io_inputs_forget(struct weir_io *io, const struct weir_graph *graph)
{
	identities_free(io, graph);
}

bool
weir_io_is_input(const struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st)
{
	/* A terminal or /dev/null may well be both. */
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return false;
	for (const struct weir_io_identity *one = io->inputs; one != NULL;
		one = one->next)
		if (one->graph == graph && one->device == st->st_dev &&
			one->inode == st->st_ino)
			return true;
	return false;
}
