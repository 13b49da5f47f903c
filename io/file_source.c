/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_source.c - bytes of files, pipes and descriptors
 *
 * A regular file is read at offsets, as many blocks at once as downstream asks
 * for, and delivered in order.  When a read falls short the rest of its block
 * is read before anything behind it is delivered.  What cannot be read at an
 * offset is read one piece at a time, into the same block until it is full.
 */
#include "file.h"
#include "io_internal.h"

#include "../actors/system_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 16u            /* reads in flight */
#define PIECE_MIN ((size_t)4096) /* room worth another read from a pipe */

struct source_args {
	struct weir_from_file_opts opts;
	const char *const *paths; /* NULL: the descriptor */
	int64_t fd;
};

/* One read.  Outlives the stage while it is lent. */
struct reading {
	struct weir_io_op op;
	struct weir_system *system;
	struct weir_waker waker;
	struct weir_block *block;
	size_t start,
		filled; /* of the block: where to read to, how much came */
	int64_t offset; /* of start, in the file */
	int64_t result;
	bool busy, orphan;
};

struct source {
	struct weir_io *io;
	int fd;
	bool is_open, at_offsets, ended;
	const char *path; /* being read; NULL: a descriptor */
	size_t next_path;
	uint64_t rounds_left;
	uint32_t origin;
	int64_t offset;                      /* of the next read */
	int64_t emitted;                     /* behind what was emitted */
	int64_t size;                        /* when it was opened */
	struct reading *readings[DEPTH_MAX]; /* a ring, in order */
	uint32_t first, count;
	struct reading *spare;    /* used before, to be used again */
	struct weir_block *block; /* of a pipe: to be filled further */
	size_t block_used;
};

static const struct source_args *
args_of(const struct weir_stage *stage)
{
	return weir_stage_args(stage);
}

/* -- one read -------------------------------------------------------------- */

static void
reading_free(struct reading *reading)
{
	if (reading == NULL)
		return;
	weir_block_release(reading->block);
	weir_release(reading->system, reading, sizeof(*reading));
}

static void
reading_done(struct weir_io_op *op, int64_t result)
{
	struct reading *reading = (struct reading *)(void *)op;

	_Static_assert(offsetof(struct reading, op) == 0, "op comes first");
	reading->busy = false;
	reading->result = result;
	if (reading->orphan)
		reading_free(reading);
	else
		weir_wake(reading->system, reading->waker);
}

static void
reading_submit(struct source *source, struct reading *reading)
{
	size_t room = weir_block_capacity(reading->block) - reading->start -
		      reading->filled;

	reading->op = (struct weir_io_op){
		.code = WEIR_IO_READ,
		.fd = source->fd,
		.data = weir_block_data(reading->block) + reading->start +
			reading->filled,
		.length = room,
		.offset = source->at_offsets
				  ? reading->offset + (int64_t)reading->filled
				  : -1,
		.done = reading_done,
	};
	reading->busy = true;
	source->io->backend->submit(source->io->impl, &reading->op);
}

/* Wait until there is something to read, where the descriptor would not. */
static void
reading_poll(struct source *source, struct reading *reading)
{
	reading->op = (struct weir_io_op){
		.code = WEIR_IO_POLL,
		.fd = source->fd,
		.length = POLLIN,
		.done = reading_done,
	};
	reading->busy = true;
	source->io->backend->submit(source->io->impl, &reading->op);
}

static struct reading *
reading_new(struct weir_stage *stage, struct source *source)
{
	struct reading *reading = source->spare;

	source->spare = NULL;
	if (reading != NULL)
		return reading;
	reading = weir_allocate(source->io->system, sizeof(*reading));
	if (reading == NULL)
		return NULL;
	memset(reading, 0, sizeof(*reading));
	reading->system = source->io->system;
	reading->waker = weir_stage_waker(stage);
	return reading;
}

/* Let go of @reading: to be used again, or freed, or left to its end. */
static void
reading_drop(struct source *source, struct reading *reading)
{
	if (reading->busy) {
		reading->orphan = true;
		source->io->backend->cancel(source->io->impl, &reading->op);
		return;
	}
	weir_block_release(reading->block);
	reading->block = NULL;
	reading->start = reading->filled = 0;
	if (source->spare == NULL)
		source->spare = reading;
	else
		reading_free(reading);
}

static void
readings_drop(struct source *source)
{
	for (; source->count > 0; source->count--) {
		reading_drop(source, source->readings[source->first]);
		source->first = (source->first + 1) % DEPTH_MAX;
	}
}

/* -- files one after another ------------------------------------------------
 */

static int
fail_path(
	struct weir_stage *stage, int code, const char *doing, const char *path)
{
	return weir_stage_fail(stage, code, "cannot %s '%s': %s", doing,
		path == NULL ? "its input" : path, strerrordesc_np(-code));
}

/* Start with the open descriptor source->fd. */
static int
fd_begin(struct weir_stage *stage, struct source *source)
{
	const struct weir_io_backend *backend = source->io->backend;
	struct stat st;
	int rc = backend->stat(source->io->impl, source->fd, &st);

	if (rc < 0)
		return fail_path(stage, rc, "look at", source->path);
	if (S_ISDIR(st.st_mode))
		return weir_stage_fail(stage, -EISDIR,
			"cannot read '%s': it is a folder",
			source->path == NULL ? "its input" : source->path);
	source->at_offsets = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
	source->size = st.st_size;
	source->offset = 0;
	if (source->at_offsets) {
		source->offset = backend->seek(
			source->io->impl, source->fd, 0, SEEK_CUR);
		if (source->offset < 0)
			source->at_offsets = false;
	}
	source->emitted = source->offset;
	return weir_io_input_add(source->io, weir_stage_graph(stage), &st);
}

static int
path_open(struct weir_stage *stage, struct source *source, const char *path)
{
	const struct weir_io_backend *backend = source->io->backend;
	int fd = backend->open(source->io->impl, path, O_RDONLY, 0);

	source->path = path;
	if (fd < 0)
		return fail_path(stage, fd, "open", path);
	source->fd = fd;
	source->is_open = true;
	return fd_begin(stage, source);
}

static void
path_close(struct source *source)
{
	const struct weir_io_backend *backend = source->io->backend;

	readings_drop(source);
	weir_block_release(source->block);
	source->block = NULL;
	if (source->is_open && source->path != NULL)
		backend->close(source->io->impl, source->fd);
	else if (source->is_open && source->at_offsets)
		backend->seek(source->io->impl, source->fd, source->emitted,
			SEEK_SET);
	source->is_open = false;
}

/* All files but the first are looked at before anything starts, so that a
 * missing one is found before an output is touched. */
static int
paths_check(struct weir_stage *stage, struct source *source,
	const char *const *paths)
{
	const struct weir_io_backend *backend = source->io->backend;
	void *impl = source->io->impl;

	for (size_t i = 1; paths[i] != NULL; i++) {
		int fd =
			backend->open(impl, paths[i], O_RDONLY | O_NONBLOCK, 0);
		struct stat st;
		int rc;

		if (fd < 0)
			return fail_path(stage, fd, "open", paths[i]);
		rc = backend->stat(impl, fd, &st);
		backend->close(impl, fd);
		if (rc == 0 && S_ISDIR(st.st_mode))
			return weir_stage_fail(stage, -EISDIR,
				"cannot read '%s': it is a folder", paths[i]);
		if (rc == 0)
			rc = weir_io_input_add(
				source->io, weir_stage_graph(stage), &st);
		if (rc < 0)
			return fail_path(stage, rc, "look at", paths[i]);
	}
	return 0;
}

static int
source_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct source_args *args = arguments;
	struct source *source = state;
	int rc = weir_io_of(stage, &source->io);

	if (rc < 0)
		return rc;
	source->rounds_left = args->opts.repeat == 0 ? 1 : args->opts.repeat;
	source->origin = 1;
	if (args->paths == NULL) {
		source->fd = (int)args->fd;
		source->is_open = true;
		return fd_begin(stage, source);
	}
	rc = paths_check(stage, source, args->paths);
	return rc < 0 ? rc : path_open(stage, source, args->paths[0]);
}

/* The file has ended: go on with the next.  Returns 1 when there is none. */
static int
next_file(struct weir_stage *stage, struct source *source)
{
	const char *const *paths = args_of(stage)->paths;

	path_close(source);
	if (paths == NULL)
		return 1;
	source->origin++;
	source->next_path++;
	if (paths[source->next_path] == NULL) {
		if (--source->rounds_left == 0)
			return 1;
		source->next_path = 0;
	}
	return path_open(stage, source, paths[source->next_path]);
}

/* -- the step ------------------------------------------------------------- */

/* How many reads may be in flight: what downstream asks for, one where there
 * is no more than the end to be found. */
static uint64_t
depth(struct weir_stage *stage, const struct source *source)
{
	uint64_t demand = weir_outlet_demand(stage, 0);

	if (!source->at_offsets || source->offset >= source->size)
		return demand > 0 ? 1 : 0;
	return demand < DEPTH_MAX ? demand : DEPTH_MAX;
}

/* Prepare the block that the next read fills. */
static int
reading_prepare(struct weir_stage *stage, struct source *source,
	struct reading *reading)
{
	if (source->block != NULL) {
		reading->block = source->block;
		reading->start = source->block_used;
		source->block = NULL;
		return 0;
	}
	return weir_block_acquire(
		stage, args_of(stage)->opts.block_bytes, &reading->block);
}

/* Start as many reads as there is demand.  Returns 0, -EAGAIN when memory is
 * short and no read is in flight, or another error. */
static int
reads_start(struct weir_stage *stage, struct source *source)
{
	while (source->count < depth(stage, source)) {
		struct reading *reading = reading_new(stage, source);
		int rc;

		if (reading == NULL)
			return -ENOMEM;
		rc = reading_prepare(stage, source, reading);
		if (rc < 0) {
			reading_drop(source, reading);
			return rc == -EAGAIN && source->count > 0 ? 0 : rc;
		}
		reading->offset = source->offset;
		if (source->at_offsets)
			source->offset +=
				(int64_t)weir_block_capacity(reading->block);
		source->readings[(source->first + source->count++) %
				 DEPTH_MAX] = reading;
		reading_submit(source, reading);
	}
	return 0;
}

/* Emit what the oldest read brought. */
static void
deliver(struct weir_stage *stage, struct source *source,
	struct reading *reading, weir_bytes *place)
{
	place->data = weir_block_data(reading->block) + reading->start;
	place->length = reading->filled;
	weir_outlet_attach(stage, 0, reading->block);
	weir_outlet_put(stage, 0, 1);
	source->emitted += (int64_t)reading->filled;
	source->first = (source->first + 1) % DEPTH_MAX;
	source->count--;
	/* The rest of a pipe's block is for the next read. */
	source->block_used = reading->start + reading->filled;
	if (!source->at_offsets &&
		weir_block_capacity(reading->block) - source->block_used >=
			PIECE_MIN) {
		source->block = reading->block;
		reading->block = NULL;
	}
	reading_drop(source, reading);
}

/* A read came back without an error: is the block to be delivered?  One that
 * fell short in the middle of the file is read on. */
static bool
is_whole(struct source *source, struct reading *reading)
{
	size_t capacity = weir_block_capacity(reading->block);

	reading->filled += (size_t)reading->result;
	if (!source->at_offsets || reading->result == 0)
		return true;
	if (reading->start + reading->filled == capacity)
		return true;
	if (source->count == 1 &&
		reading->offset + (int64_t)reading->filled >= source->size) {
		/* The end as it was known: look behind it afterwards. */
		source->offset = reading->offset + (int64_t)reading->filled;
		return true;
	}
	reading_submit(source, reading);
	return false;
}

/* The oldest read has failed: again, or for good. */
static int
read_failed(struct weir_stage *stage, struct source *source,
	struct reading *reading)
{
	int code = (int)reading->result;

	if (code == -EAGAIN) {
		reading_poll(source, reading);
		return WEIR_EVENT;
	}
	if (code == -EINTR) {
		reading_submit(source, reading);
		return WEIR_EVENT;
	}
	return fail_path(stage, code, "read", source->path);
}

/* Take the oldest read's result.  Returns an enum weir_wait, or -errno;
 * WEIR_AGAIN: look at the next. */
static int
take_result(struct weir_stage *stage, struct source *source)
{
	struct reading *reading = source->readings[source->first];
	struct weir_span room;
	int rc;

	if (reading->busy)
		return WEIR_EVENT;
	if (reading->result < 0)
		return read_failed(stage, source, reading);
	if (reading->op.code == WEIR_IO_POLL) {
		reading_submit(source, reading);
		return WEIR_EVENT;
	}
	room = weir_outlet_room(stage, 0);
	if (room.count == 0)
		return WEIR_ROOM;
	if (!is_whole(source, reading))
		return WEIR_EVENT;
	if (reading->filled > 0) {
		bool at_end = reading->result == 0;

		deliver(stage, source, reading, room.items);
		if (!at_end)
			return WEIR_AGAIN;
	}
	rc = next_file(stage, source);
	if (rc < 0)
		return rc;
	weir_outlet_origin(stage, 0, source->origin);
	return rc == 0 ? WEIR_AGAIN : WEIR_DONE;
}

static int
source_step(struct weir_stage *stage, void *state)
{
	struct source *source = state;
	int rc;

	for (;;) {
		rc = reads_start(stage, source);
		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		if (source->count == 0)
			return WEIR_ROOM;
		rc = take_result(stage, source);
		if (rc != WEIR_AGAIN)
			return rc;
	}
}

static void
source_close(struct weir_stage *stage, void *state)
{
	struct source *source = state;

	if (source->io == NULL)
		return;
	path_close(source);
	reading_free(source->spare);
	weir_io_inputs_forget(source->io, weir_stage_graph(stage));
}

/* -- descriptors ----------------------------------------------------------- */

#define BLOCK_OPTION                                                           \
	{                                                                      \
		"block", WEIR_OPTION_SIZE, WEIR_PLACE_KEY,                     \
			offsetof(struct source_args, opts.block_bytes), 4096,  \
			64 << 20, (int64_t)WEIR_BLOCK_BYTES, NULL,             \
			"bytes read at once"                                   \
	}

static const struct weir_option file_options[] = {
	{"path", WEIR_OPTION_STRINGS, WEIR_PLACE_WORD,
		offsetof(struct source_args, paths), 0, 0, 0, NULL,
		"files, read one after another"},
	BLOCK_OPTION,
	{"repeat", WEIR_OPTION_COUNT, WEIR_PLACE_KEY,
		offsetof(struct source_args, opts.repeat), 1, 0, 1, NULL,
		"how often to read them all"},
	{0}};

static const struct weir_option fd_options[] = {BLOCK_OPTION, {0}};

static const struct weir_port source_inlets[] = {{NULL, NULL, 0}};
static const struct weir_port source_outlets[] = {
	{"bytes", &weir_type_weir_bytes, 0}, {NULL, NULL, 0}};

#define SOURCE                                                                 \
	.inlets = source_inlets, .outlets = source_outlets,                    \
	.args_bytes = sizeof(struct source_args),                              \
	.state_bytes = sizeof(struct source), .open = source_open,             \
	.step = source_step, .close = source_close

const struct weir_operator weir_op_from_file = {.name = "file",
	.summary = "reads files, one after another",
	.example = "file a.log b.log | lines | count",
	.options = file_options,
	SOURCE};

/* Its descriptor is 0, which a cleared struct says by itself. */
const struct weir_operator weir_op_stdin = {.name = "stdin",
	.summary = "reads standard input",
	.example = "stdin | lines | grep x | stdout",
	.options = fd_options,
	SOURCE};

const struct weir_operator weir_op_from_fd = {.name = "fd",
	.summary = "reads an open descriptor",
	.options = fd_options,
	SOURCE};

struct weir_flow
weir_from_files(struct weir_graph *graph, const char *const *paths,
	const struct weir_from_file_opts *opts)
{
	struct source_args args = {.paths = paths, .fd = -1};

	if (opts != NULL)
		args.opts = *opts;
	return weir_source_add(graph, &weir_op_from_file, &args);
}

struct weir_flow
weir_from_file(struct weir_graph *graph, const char *path,
	const struct weir_from_file_opts *opts)
{
	const char *const paths[] = {path, NULL};

	return weir_from_files(graph, path == NULL ? NULL : paths, opts);
}

struct weir_flow
weir_from_fd(struct weir_graph *graph, int fd,
	const struct weir_from_file_opts *opts)
{
	struct source_args args = {.fd = fd};

	if (opts != NULL)
		args.opts = *opts;
	return weir_source_add(graph, &weir_op_from_fd, &args);
}
