/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_source.c - bytes of files, pipes and descriptors
 *
 * A regular file is read at offsets, several blocks at once, and delivered in
 * order.  When a read falls short the rest of its block is read before
 * anything behind it is delivered.  What cannot be read at an offset is read
 * one piece at a time, into the same block until it is full.
 *
 * How far to read ahead: never further than downstream asks for, not while
 * much waits downstream, not into the half of the memory that others may need,
 * and only as deep as it takes to keep the worker busy (pace.c).
 */
#include "file.h"
#include "pace_internal.h"
#include "reading_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define BLOCK_MIN ((size_t)4096)
#define MEMORY_PART 16u          /* a block is that part of it at most */
#define PIECE_MIN ((size_t)4096) /* room worth another read from a pipe */

/* So many bytes that downstream did not take yet are enough. */
#define WAITING_MAX ((size_t)512 << 10)

struct source_args {
	struct weir_from_file_opts opts;
	const char *const *paths; /* NULL: the descriptor */
	int64_t fd;
};

struct source {
	struct weir_io *io;
	int fd;
	bool is_open, at_offsets;
	bool polls_first; /* a FIFO that may have no writer yet */
	const char *path; /* being read; NULL: a descriptor */
	size_t next_path;
	uint64_t rounds_left;
	uint32_t origin;
	int64_t offset;                  /* of the next read */
	int64_t emitted;                 /* behind what was emitted */
	int64_t size;                    /* when it was opened */
	size_t block_bytes, waiting_max; /* as the memory allows */
	struct weir_reading *readings[WEIR_DEPTH_MAX]; /* a ring, in order */
	uint32_t first, count;
	struct weir_pace pace;
	struct weir_reading *spare; /* used before, to be used again */
	struct weir_block *block;   /* of a pipe: to be filled further */
	size_t block_used;
};

static const struct source_args *
args_of(const struct weir_stage *stage)
{
	return weir_stage_args(stage);
}

/* -- reads on their way ---------------------------------------------------- */

static struct weir_reading *
reading_new(struct weir_stage *stage, struct source *source)
{
	struct weir_reading *reading = source->spare;

	source->spare = NULL;
	return reading != NULL ? reading
			       : weir_reading_create(stage, source->io);
}

/* Let go of @reading, perhaps to use it again. */
static void
reading_drop(struct source *source, struct weir_reading *reading)
{
	if (reading->busy || source->spare != NULL) {
		weir_reading_destroy(reading);
		return;
	}
	weir_block_release(reading->block);
	reading->block = NULL;
	reading->start = reading->filled = 0;
	source->spare = reading;
}

static void
readings_drop(struct source *source)
{
	for (; source->count > 0; source->count--) {
		reading_drop(source, source->readings[source->first]);
		source->first = (source->first + 1) % WEIR_DEPTH_MAX;
	}
}

/* -- files one after another ----------------------------------------------- */

/* Where reading begins and how far it is known to go.  A block device says
 * its size only by its end. */
static int
offsets_begin(struct source *source, const struct stat *st)
{
	const struct weir_io_backend *backend = source->io->backend;
	void *impl = source->io->impl;
	int64_t end;

	source->at_offsets = false;
	source->size = st->st_size;
	source->offset = source->emitted = 0;
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return 0;
	source->offset = backend->seek(impl, source->fd, 0, SEEK_CUR);
	if (source->offset < 0)
		return (int)source->offset;
	source->at_offsets = true;
	source->emitted = source->offset;
	if (!S_ISBLK(st->st_mode))
		return 0;
	end = backend->seek(impl, source->fd, 0, SEEK_END);
	if (end > 0)
		source->size = end;
	end = backend->seek(impl, source->fd, source->offset, SEEK_SET);
	return end < 0 ? (int)end : 0;
}

/* Start with the open descriptor source->fd. */
static int
fd_begin(struct weir_stage *stage, struct source *source, struct stat *ret)
{
	const struct weir_io_backend *backend = source->io->backend;
	int rc = backend->stat(source->io->impl, source->fd, ret);
	char name[WEIR_IO_NAME_BYTES];

	if (rc == 0 && S_ISDIR(ret->st_mode))
		return weir_stage_fail(stage, -EISDIR,
			"cannot read %s: it is a folder",
			weir_io_name(source->path, source->fd, name));
	if (rc == 0)
		rc = offsets_begin(source, ret);
	if (rc < 0)
		return weir_io_fail(
			stage, rc, "look at", source->path, source->fd);
	source->polls_first = source->path != NULL && S_ISFIFO(ret->st_mode);
	return 0;
}

static int
path_open(struct weir_stage *stage, struct source *source, const char *path,
	struct stat *ret)
{
	const struct weir_io_backend *backend = source->io->backend;
	int fd = backend->open(source->io->impl, path, O_RDONLY, 0);

	source->path = path;
	if (fd < 0)
		return weir_io_fail(stage, fd, "open", path, -1);
	source->fd = fd;
	source->is_open = true;
	return fd_begin(stage, source, ret);
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

/* Whether @path can be read.  What is not a regular file is left alone: to
 * open a FIFO and close it again would end its writer. */
static int
path_check(struct weir_stage *stage, struct source *source, const char *path)
{
	const struct weir_io_backend *backend = source->io->backend;
	void *impl = source->io->impl;
	struct stat st;
	int fd = backend->open(impl, path, O_PATH, 0), rc;

	if (fd < 0)
		return weir_io_fail(stage, fd, "open", path, -1);
	rc = backend->stat(impl, fd, &st);
	backend->close(impl, fd);
	if (rc < 0)
		return weir_io_fail(stage, rc, "look at", path, -1);
	if (S_ISDIR(st.st_mode))
		return weir_stage_fail(stage, -EISDIR,
			"cannot read '%s': it is a folder", path);
	if (S_ISREG(st.st_mode)) {
		fd = backend->open(impl, path, O_RDONLY, 0);
		if (fd < 0)
			return weir_io_fail(stage, fd, "open", path, -1);
		backend->close(impl, fd);
	}
	return weir_io_input_add(source->io, weir_stage_graph(stage), &st);
}

/* All files but the first are looked at before anything starts, so that a
 * missing one is found before an output is touched. */
static int
paths_begin(struct weir_stage *stage, struct source *source,
	const char *const *paths, struct stat *ret)
{
	for (size_t i = 1; paths[i] != NULL; i++) {
		int rc = path_check(stage, source, paths[i]);

		if (rc < 0)
			return rc;
	}
	return path_open(stage, source, paths[0], ret);
}

/* How much to read at once: what was asked for, or less than is usual where
 * the run's memory is small. */
static size_t
block_bytes_of(const struct weir_stage *stage, size_t bytes)
{
	size_t most = weir_block_limit(stage) / MEMORY_PART, fits = BLOCK_MIN;

	if (bytes <= most || bytes != WEIR_BLOCK_BYTES)
		return bytes;
	while (fits * 2 <= most)
		fits *= 2;
	return fits;
}

static int
source_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct source_args *args = arguments;
	struct source *source = state;
	struct stat st;
	int rc = weir_io_of(stage, &source->io);

	if (rc < 0)
		return rc;
	source->rounds_left = args->opts.repeat == 0 ? 1 : args->opts.repeat;
	source->origin = 1;
	weir_pace_init(&source->pace);
	source->block_bytes = block_bytes_of(stage, args->opts.block_bytes);
	source->waiting_max = weir_block_limit(stage) / MEMORY_PART;
	if (source->waiting_max > WAITING_MAX)
		source->waiting_max = WAITING_MAX;
	if (args->paths == NULL) {
		source->fd = (int)args->fd;
		source->is_open = true;
		rc = fd_begin(stage, source, &st);
	} else {
		rc = paths_begin(stage, source, args->paths, &st);
	}
	return rc < 0 ? rc
		      : weir_io_input_add(
				source->io, weir_stage_graph(stage), &st);
}

/* The file has ended: go on with the next.  Returns 1 when there is none. */
static int
next_file(struct weir_stage *stage, struct source *source)
{
	const char *const *paths = args_of(stage)->paths;
	struct stat st;

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
	return path_open(stage, source, paths[source->next_path], &st);
}

/* -- the step ------------------------------------------------------------- */

/* How many reads may be in flight.  One where there is no more than the end to
 * be found, or where half of the memory is used; none while much waits. */
static uint64_t
depth(struct weir_stage *stage, const struct source *source)
{
	uint64_t demand = weir_outlet_demand(stage, 0), waiting;

	if (demand == 0)
		return 0;
	waiting = weir_outlet_bytes_waiting(stage, 0);
	if (waiting >= source->waiting_max)
		return 0;
	if (weir_block_used(stage) + source->block_bytes >
		weir_block_limit(stage) / 2)
		return waiting > 0 ? 0 : 1;
	if (!source->at_offsets || source->offset >= source->size)
		return 1;
	return demand < source->pace.depth ? demand : source->pace.depth;
}

/* Prepare the block that the next read fills. */
static int
reading_prepare(struct weir_stage *stage, struct source *source,
	struct weir_reading *reading)
{
	if (source->block != NULL) {
		reading->block = source->block;
		reading->start = source->block_used;
		source->block = NULL;
		return 0;
	}
	return weir_block_acquire(stage, source->block_bytes, &reading->block);
}

/* Start as many reads as there is demand.  Returns 0, -EAGAIN when memory is
 * short and no read is in flight, or another error. */
static int
reads_start(struct weir_stage *stage, struct source *source)
{
	while (source->count < depth(stage, source)) {
		struct weir_reading *reading = reading_new(stage, source);
		int rc;

		if (reading == NULL)
			return -ENOMEM;
		rc = reading_prepare(stage, source, reading);
		if (rc < 0) {
			reading_drop(source, reading);
			return rc == -EAGAIN && source->count > 0 ? 0 : rc;
		}
		reading->offset = source->at_offsets ? source->offset : -1;
		if (source->at_offsets)
			source->offset +=
				(int64_t)weir_block_capacity(reading->block);
		source->readings[(source->first + source->count++) %
				 WEIR_DEPTH_MAX] = reading;
		if (source->polls_first)
			weir_reading_poll(reading, source->fd);
		else
			weir_reading_start(reading, source->fd);
		source->polls_first = false;
	}
	return 0;
}

/* Emit what the oldest read brought. */
static void
deliver(struct weir_stage *stage, struct source *source,
	struct weir_reading *reading, weir_bytes *place)
{
	place->data = weir_block_data(reading->block) + reading->start;
	place->length = reading->filled;
	weir_outlet_attach(stage, 0, reading->block);
	weir_outlet_put(stage, 0, 1);
	source->emitted += (int64_t)reading->filled;
	source->first = (source->first + 1) % WEIR_DEPTH_MAX;
	source->count--;
	weir_pace_note(&source->pace);
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
is_whole(struct source *source, struct weir_reading *reading)
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
	weir_reading_start(reading, source->fd);
	return false;
}

/* The oldest read has failed: again, or for good, behind what it brought. */
static int
read_failed(struct weir_stage *stage, struct source *source,
	struct weir_reading *reading)
{
	int code = (int)reading->result;
	struct weir_span room;

	if (code == -EAGAIN) {
		weir_reading_poll(reading, source->fd);
		return WEIR_EVENT;
	}
	if (code == -EINTR) {
		weir_reading_repeat(reading);
		return WEIR_EVENT;
	}
	if (reading->filled > 0) {
		room = weir_outlet_room(stage, 0);
		if (room.count == 0)
			return WEIR_ROOM;
		deliver(stage, source, reading, room.items);
	}
	return weir_io_fail(stage, code, "read", source->path, source->fd);
}

/* The oldest read brought the end of its file: on to the next one. */
static int
file_ended(struct weir_stage *stage, struct source *source)
{
	int rc = next_file(stage, source);

	if (rc < 0)
		return rc;
	weir_outlet_origin(stage, 0, source->origin);
	return rc == 0 ? WEIR_AGAIN : WEIR_DONE;
}

/* Take the oldest read's result.  Returns an enum weir_wait, or -errno;
 * WEIR_AGAIN: look at the next. */
static int
take_result(struct weir_stage *stage, struct source *source)
{
	struct weir_reading *reading = source->readings[source->first];
	struct weir_span room;

	if (reading->busy) {
		if (source->at_offsets)
			weir_pace_wait(&source->pace, stage);
		return WEIR_EVENT;
	}
	if (reading->result < 0)
		return read_failed(stage, source, reading);
	if (reading->op.code == WEIR_IO_POLL) {
		weir_reading_start(reading, source->fd);
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
	return file_ended(stage, source);
}

static int
source_step(struct weir_stage *stage, void *state)
{
	struct source *source = state;
	int rc;

	weir_pace_step(&source->pace, stage,
		source->count > 0 && source->readings[source->first]->busy);
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
	weir_reading_destroy(source->spare);
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
	.state_bytes = sizeof(struct source), .flags = WEIR_STAYS_HOME,        \
	.open = source_open, .step = source_step, .close = source_close

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
