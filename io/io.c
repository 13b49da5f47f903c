/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io.c - the I/O of a system, and the list of I/O stages
 */
#include "io_internal.h"

#include "../actors/worker_internal.h"
#include "file.h"
#include "sim_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

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

	weir_worker_set_park(system->workers[0], NULL, NULL, NULL);
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

static const struct weir_park_ops park = {park_poll, park_park, park_wake};

/* Make the backend's part, by the thread that will use it. */
static int
impl_create(struct weir_stage *stage, const struct weir_io_backend *backend,
	void **ret)
{
	char text[256] = "";
	int rc = backend->create(weir_stage_system(stage), backend->ctx, ret,
		text, sizeof(text));

	return rc < 0 && text[0] != '\0'
		       ? weir_stage_fail(stage, rc, "%s", text)
		       : rc;
}

static int
io_create(struct weir_stage *stage, struct weir_io **ret)
{
	struct weir_system *system = weir_stage_system(stage);
	struct weir_io *io = weir_allocate(system, sizeof(*io));
	int rc;

	if (io == NULL)
		return -ENOMEM;
	memset(io, 0, sizeof(*io));
	io->system = system;
	io->owner = pthread_self();
	io->process = getpid();
	io->backend = backend_of(system);
	rc = impl_create(stage, io->backend, &io->impl);
	if (rc < 0) {
		weir_release(system, io, sizeof(*io));
		return rc;
	}
	system->io.content = io;
	system->io.destroy = io_destroy;
	weir_worker_set_park(system->workers[0], &park, io, pending);
	*ret = io;
	return 0;
}

/* What there is was made by another thread, whose ring takes nothing from this
 * one. */
static int
io_move(struct weir_stage *stage, struct weir_io *io)
{
	void *impl;
	int rc;

	if (io->backend->in_flight(io->impl) > 0)
		return weir_stage_fail(stage, -EBUSY,
			"another thread ran this system before, and its I/O "
			"has not ended");
	rc = impl_create(stage, io->backend, &impl);
	if (rc < 0)
		return rc;
	io->backend->destroy(io->impl);
	io->impl = impl;
	io->owner = pthread_self();
	return 0;
}

int
weir_io_of(struct weir_stage *stage, struct weir_io **ret)
{
	struct weir_io *io = weir_stage_system(stage)->io.content;
	int rc = 0;

	if (io == NULL)
		rc = io_create(stage, &io);
	else if (io->process != getpid())
		rc = weir_stage_fail(stage, -EPERM,
			"its system did I/O before a fork: make a new one in "
			"the child");
	else if (!pthread_equal(io->owner, pthread_self()))
		rc = io_move(stage, io);
	if (rc == 0)
		*ret = io;
	return rc;
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
