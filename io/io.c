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

/* Those of @graph; NULL: of all. */
static void
identities_free(struct weir_system *system, struct weir_io_files *files,
	const struct weir_graph *graph)
{
	struct weir_io_identity **at = &files->inputs;

	while (*at != NULL) {
		struct weir_io_identity *one = *at;

		if (graph != NULL && one->graph != graph) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		weir_release(system, one, sizeof(*one));
	}
}

static void
files_destroy(struct weir_system *system, void *content)
{
	struct weir_io_files *files = content;

	identities_free(system, files, NULL);
	pthread_mutex_destroy(&files->lock);
	weir_release(system, files, sizeof(*files));
}

/* The files of @system, made on first need; NULL: out of memory. */
static struct weir_io_files *
files_of(struct weir_system *system)
{
	struct weir_io_files *files;

	pthread_mutex_lock(&system->lock);
	files = system->io.content;
	if (files == NULL) {
		files = weir_allocate(system, sizeof(*files));
		if (files != NULL) {
			memset(files, 0, sizeof(*files));
			pthread_mutex_init(&files->lock, NULL);
			system->io.content = files;
			system->io.destroy = files_destroy;
		}
	}
	pthread_mutex_unlock(&system->lock);
	return files;
}

static void
io_destroy(struct weir_system *system, void *content)
{
	struct weir_io *io = content;

	weir_worker_set_park(io->worker, NULL, NULL, NULL);
	io->backend->destroy(io->impl);
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
io_create(struct weir_stage *stage, struct weir_worker *worker,
	struct weir_io **ret)
{
	struct weir_system *system = weir_stage_system(stage);
	struct weir_io_files *files = files_of(system);
	struct weir_io *io = weir_allocate(system, sizeof(*io));
	int rc = -ENOMEM;

	if (files == NULL || io == NULL)
		goto err_free;
	memset(io, 0, sizeof(*io));
	io->system = system;
	io->worker = worker;
	io->files = files;
	io->owner = pthread_self();
	io->process = getpid();
	io->backend = backend_of(system);
	rc = impl_create(stage, io->backend, &io->impl);
	if (rc < 0)
		goto err_free;
	worker->io.content = io;
	worker->io.destroy = io_destroy;
	weir_worker_set_park(worker, &park, io, pending);
	*ret = io;
	return 0;

err_free:
	weir_release(system, io, sizeof(*io));
	return rc;
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
	struct weir_worker *worker = weir_worker_self(weir_stage_system(stage));
	struct weir_io *io = worker->io.content;
	int rc = 0;

	if (io == NULL)
		rc = io_create(stage, worker, &io);
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
		.graph = graph, .device = st->st_dev, .inode = st->st_ino};
	pthread_mutex_lock(&io->files->lock);
	one->next = io->files->inputs;
	io->files->inputs = one;
	pthread_mutex_unlock(&io->files->lock);
	return 0;
}

void
weir_io_inputs_forget(struct weir_io *io, const struct weir_graph *graph)
{
	pthread_mutex_lock(&io->files->lock);
	identities_free(io->system, io->files, graph);
	pthread_mutex_unlock(&io->files->lock);
}

bool
weir_io_is_input(const struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st)
{
	const struct weir_io_identity *one;

	/* A terminal or /dev/null may well be both. */
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return false;
	pthread_mutex_lock(&io->files->lock);
	one = io->files->inputs;
	while (one != NULL &&
		!(one->graph == graph && one->device == st->st_dev &&
			one->inode == st->st_ino))
		one = one->next;
	pthread_mutex_unlock(&io->files->lock);
	return one != NULL;
}
