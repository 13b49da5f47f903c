/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_sink.c - bytes and records into files, pipes and descriptors
 *
 * Two gathers take turns: one is written while the other fills.  There is one
 * write in flight, so what is written is in order.  A gather goes out when it
 * is full, when the worker would sleep, or a moment after its first element
 * came; elements count as written once the kernel, and with sync the disk, has
 * them.
 */
#include "file.h"
#include "gather_internal.h"
#include "io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_NS ((int64_t)50000000) /* the longest an element is held back */

struct sink_args {
	struct weir_to_file_opts opts;
	const char *sync; /* none, fsync or a time: in the pipeline language */
	const char *path; /* NULL: the descriptor */
	int64_t fd;
};

/* What the operation in flight is. */
enum doing { NOTHING, WRITING, POLLING, SYNCING };

struct sink {
	struct weir_io *io;
	int fd;
	bool is_open, owns_fd, is_kept, line_ends;
	const char *path;
	struct weir_gather *filling, *other; /* other: written, or free */
	enum doing doing;
	int64_t flush_ns; /* when to write what is there; INT64_MAX: nothing */
	int64_t sync_ns;  /* fsync that long after an element was written; 0: at
			   * the end; negative: never */
	uint64_t in, written, acked; /* elements */
	bool sync_asked;             /* written elements wait for an fsync */
	uint64_t syncing;   /* of these, what the one in flight covers */
	int64_t sync_at_ns; /* when to start it */
};

static const struct sink_args *
args_of(const struct weir_stage *stage)
{
	return weir_stage_args(stage);
}

/* A time as the pipeline language writes it, in ns; negative: it is none. */
static int64_t
parse_time(const char *text)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000},
		{"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};
	int64_t number = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (*at - '0');
		if (number > 1000000000)
			return -1;
	}
	for (size_t i = 0; at != text && i < sizeof(units) / sizeof(units[0]);
		i++)
		if (strcmp(at, units[i].unit) == 0)
			return number > INT64_MAX / units[i].ns
				       ? -1
				       : number * units[i].ns;
	return -1;
}

/* When to sync, by the options or the word of the pipeline language: as
 * sink.sync_ns.  Returns -EINVAL when the word means nothing. */
static int
sync_of(const struct sink_args *args, int64_t *ret_ns)
{
	const char *word = args->sync;

	*ret_ns = args->opts.sync_ns > 0
			  ? args->opts.sync_ns
			  : (args->opts.sync == WEIR_SYNC_FSYNC ? 0 : -1);
	if (word == NULL || strcmp(word, "none") == 0)
		return 0;
	*ret_ns = strcmp(word, "fsync") == 0 ? 0 : parse_time(word);
	if (*ret_ns < 0 || (*ret_ns == 0 && strcmp(word, "fsync") != 0))
		return -EINVAL;
	return 0;
}

static int
sink_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct sink_args *args = arguments;
	int64_t sync_ns;

	if (sync_of(args, &sync_ns) == 0 && args->opts.sync_ns >= 0)
		return 0;
	snprintf(text, text_bytes,
		"'sync' is 'none', 'fsync' or a time above 0 such as 5ms, not "
		"'%s'",
		args->sync == NULL ? "a time below 0" : args->sync);
	*ret_key = "sync";
	*ret_at = 0;
	return -EINVAL;
}

static int
sink_fail(struct weir_stage *stage, const struct sink *sink, int code,
	const char *doing)
{
	return weir_stage_fail(stage, code, "cannot %s '%s': %s", doing,
		sink->path == NULL ? "its output" : sink->path,
		strerrordesc_np(-code));
}

static int64_t
now(const struct weir_stage *stage)
{
	return (int64_t)weir_system_now_ns(weir_stage_system(stage));
}

/* -- opening --------------------------------------------------------------- */

/* Records that are appended begin on a fresh line. */
static void
mend_last_line(struct sink *sink, const struct stat *st)
{
	char last = '\n';

	if (!S_ISREG(st->st_mode) || st->st_size == 0 || !sink->line_ends)
		return;
	if (sink->io->backend->look(
		    sink->io->impl, sink->fd, &last, 1, st->st_size - 1) == 1 &&
		last != '\n')
		weir_gather_newline(sink->filling);
}

static int
path_open(struct weir_stage *stage, struct sink *sink, bool append)
{
	const struct weir_io_backend *backend = sink->io->backend;
	void *impl = sink->io->impl;
	int flags = O_CREAT | (append ? O_APPEND : 0), fd;

	/* Appending wants to read the last byte, where it may. */
	fd = backend->open(
		impl, sink->path, flags | (append ? O_RDWR : O_WRONLY), 0666);
	if (append && (fd == -EACCES || fd == -EINVAL || fd == -ENXIO))
		fd = backend->open(impl, sink->path, flags | O_WRONLY, 0666);
	if (fd < 0)
		return sink_fail(stage, sink, fd, "open");
	sink->fd = fd;
	sink->owns_fd = true;
	return 0;
}

/* Judge the open file before a byte of it is touched. */
static int
file_begin(struct weir_stage *stage, struct sink *sink)
{
	const struct weir_io_backend *backend = sink->io->backend;
	bool append = args_of(stage)->opts.append;
	struct stat st;
	int rc = backend->stat(sink->io->impl, sink->fd, &st);

	if (rc < 0)
		return sink_fail(stage, sink, rc, "look at");
	if (weir_io_is_input(sink->io, weir_stage_graph(stage), &st))
		return weir_stage_fail(stage, -ELOOP,
			"'%s' is also an input: write to another file",
			sink->path == NULL ? "its output" : sink->path);
	if (sink->owns_fd && append)
		mend_last_line(sink, &st);
	else if (sink->owns_fd && S_ISREG(st.st_mode) && st.st_size > 0) {
		rc = backend->truncate(sink->io->impl, sink->fd);
		if (rc < 0)
			return sink_fail(stage, sink, rc, "cut short");
	}
	return 0;
}

/* What the elements are. */
static int
type_begin(struct weir_stage *stage, struct sink *sink)
{
	const struct weir_type *type = weir_inlet_type(stage, 0);

	sink->is_kept = weir_type_equal(type, &weir_type_weir_kept);
	sink->line_ends =
		sink->is_kept || weir_type_equal(type, &weir_type_weir_record);
	if (sink->line_ends || weir_type_equal(type, &weir_type_weir_bytes))
		return 0;
	return weir_stage_fail(stage, -EINVAL,
		"takes elements of type bytes, record or kept, not %s",
		type->name);
}

static int
sink_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct sink_args *args = arguments;
	struct sink *sink = state;
	int rc = weir_io_of(stage, &sink->io);

	if (rc < 0)
		return rc;
	sink->flush_ns = sink->sync_at_ns = INT64_MAX;
	(void)sync_of(args, &sink->sync_ns); /* judged by check */
	sink->path = args->path;
	sink->fd = (int)args->fd;
	if ((rc = type_begin(stage, sink)) < 0 ||
		(rc = weir_gather_create(stage, &sink->filling)) < 0 ||
		(rc = weir_gather_create(stage, &sink->other)) < 0)
		return rc == -EAGAIN ? -ENOBUFS : rc;
	if (args->path != NULL &&
		(rc = path_open(stage, sink, args->opts.append)) < 0)
		return rc;
	return file_begin(stage, sink);
}

/* -- operations --------------------------------------------------------------
 */

static void
op_done(struct weir_io_op *op, int64_t result)
{
	struct weir_gather *gather = (struct weir_gather *)(void *)op;

	_Static_assert(offsetof(struct weir_gather, op) == 0, "op is first");
	gather->busy = false;
	gather->result = result;
	if (gather->orphan)
		weir_gather_destroy(gather);
	else
		weir_wake(gather->system, gather->waker);
}

/* Start an operation with sink->other, which carries it. */
static void
op_start(struct sink *sink, enum doing doing)
{
	struct weir_gather *gather = sink->other;

	gather->op = (struct weir_io_op){
		.code = doing == WRITING   ? WEIR_IO_WRITE
			: doing == POLLING ? WEIR_IO_POLL
					   : WEIR_IO_FSYNC,
		.fd = sink->fd,
		.vector = gather->vectors + gather->first,
		.vector_count = gather->vector_count - gather->first,
		.length = doing == POLLING ? POLLOUT : 0,
		.offset = -1,
		.done = op_done,
	};
	gather->busy = true;
	sink->doing = doing;
	sink->io->backend->submit(sink->io->impl, &gather->op);
}

static void
acknowledge(struct weir_stage *stage, struct sink *sink, uint64_t up_to)
{
	weir_stage_tally(stage, WEIR_OUT, (int64_t)(up_to - sink->acked));
	sink->acked = up_to;
}

/* The write has ended: was that all? */
static void
write_ended(struct weir_stage *stage, struct sink *sink)
{
	struct weir_gather *gather = sink->other;

	weir_stage_tally_bytes(stage, 0, (uint64_t)gather->result);
	if (weir_gather_advance(gather, (size_t)gather->result)) {
		op_start(sink, WRITING);
		return;
	}
	sink->doing = NOTHING;
	sink->written += gather->elements;
	weir_gather_clear(gather);
	if (sink->sync_ns < 0) {
		acknowledge(stage, sink, sink->written);
		return;
	}
	if (!sink->sync_asked)
		sink->sync_at_ns = sink->sync_ns == 0
					   ? INT64_MAX
					   : now(stage) + sink->sync_ns;
	sink->sync_asked = true;
}

/* Take the result of the operation in flight, if it has one.  Returns 0,
 * WEIR_DONE when the reader is gone, or -errno. */
static int
take_result(struct weir_stage *stage, struct sink *sink)
{
	int64_t result = sink->other->result;
	enum doing doing = sink->doing;

	if (doing == NOTHING || sink->other->busy)
		return 0;
	if (result == -EINTR || (result == -EAGAIN && doing == SYNCING)) {
		op_start(sink, doing);
	} else if (result == -EAGAIN || doing == POLLING) {
		op_start(sink, doing == POLLING ? WRITING : POLLING);
	} else if (result == -EPIPE) {
		sink->doing = NOTHING;
		return WEIR_DONE;
	} else if (result < 0 || (result == 0 && doing == WRITING)) {
		sink->doing = NOTHING;
		return sink_fail(stage, sink, result < 0 ? (int)result : -EIO,
			doing == SYNCING ? "sync" : "write to");
	} else if (doing == WRITING) {
		write_ended(stage, sink);
	} else {
		sink->doing = NOTHING;
		acknowledge(stage, sink, sink->syncing);
		sink->sync_asked = sink->acked < sink->written;
	}
	return 0;
}

/* -- the step ------------------------------------------------------------- */

static void
gather_input(struct weir_stage *stage, struct sink *sink)
{
	struct weir_span in;

	while (!weir_gather_is_full(sink->filling) &&
		(in = weir_inlet_peek(stage, 0)).count > 0) {
		size_t n = sink->is_kept ? weir_gather_kept(sink->filling,
						   stage, in.items, in.count)
					 : weir_gather_slices(sink->filling,
						   stage, in.items, in.count,
						   sink->line_ends);

		weir_inlet_take(stage, 0, n);
		weir_stage_tally(stage, WEIR_IN, (int64_t)n);
		sink->in += n;
	}
}

/* When to look again without being woken. */
static void
alarm_set(struct weir_stage *stage, struct sink *sink)
{
	int64_t at_ns = sink->flush_ns;

	if (sink->sync_asked && sink->sync_at_ns < at_ns)
		at_ns = sink->sync_at_ns;
	if (at_ns != INT64_MAX)
		weir_stage_alarm(stage, at_ns);
}

/* Whether what is gathered is to go out: full, the last, or old enough. */
static bool
is_due(struct weir_stage *stage, struct sink *sink, bool idle, bool at_end)
{
	if (sink->filling->bytes == 0)
		return false;
	if (idle || at_end || weir_gather_is_full(sink->filling))
		return true;
	if (sink->flush_ns == INT64_MAX) {
		sink->flush_ns = now(stage) + FLUSH_NS;
		return false;
	}
	return now(stage) >= sink->flush_ns;
}

/* With nothing in flight: start the next operation there is reason for. */
static void
start_next(struct weir_stage *stage, struct sink *sink, bool idle, bool at_end)
{
	struct weir_gather *full = sink->filling;

	if (is_due(stage, sink, idle, at_end)) {
		sink->filling = sink->other;
		sink->other = full;
		sink->flush_ns = INT64_MAX;
		op_start(sink, WRITING);
	} else if (sink->sync_asked &&
		   (at_end || (sink->sync_at_ns != INT64_MAX &&
				      now(stage) >= sink->sync_at_ns))) {
		sink->syncing = sink->written;
		op_start(sink, SYNCING);
	}
}

static int
sink_step(struct weir_stage *stage, void *state)
{
	struct sink *sink = state;
	bool idle = weir_stage_is_idle(stage), at_end;
	int rc = take_result(stage, sink);

	if (rc != 0)
		return rc;
	gather_input(stage, sink);
	at_end = weir_inlet_ended(stage, 0);
	if (sink->doing == NOTHING) {
		start_next(stage, sink, idle, at_end);
		gather_input(stage, sink);
		at_end = weir_inlet_ended(stage, 0);
	}
	if (sink->doing == NOTHING && sink->filling->bytes == 0 &&
		!sink->sync_asked && at_end)
		return WEIR_DONE;
	if (sink->doing == NOTHING && sink->filling->bytes > 0)
		weir_stage_when_idle(stage);
	alarm_set(stage, sink);
	return weir_gather_is_full(sink->filling) || at_end ? WEIR_EVENT
							    : WEIR_INPUT;
}

static void
sink_close(struct weir_stage *stage, void *state)
{
	struct sink *sink = state;

	if (sink->io == NULL)
		return;
	if (sink->other != NULL && sink->other->busy)
		sink->io->backend->cancel(sink->io->impl, &sink->other->op);
	weir_stage_tally(
		stage, WEIR_UNACKED, (int64_t)(sink->in - sink->acked));
	weir_gather_destroy(sink->filling);
	weir_gather_destroy(sink->other);
	if (sink->owns_fd)
		sink->io->backend->close(sink->io->impl, sink->fd);
}

/* -- descriptors ----------------------------------------------------------- */

#define SYNC_OPTION                                                            \
	{                                                                      \
		"sync", WEIR_OPTION_STRING, WEIR_PLACE_KEY,                    \
			offsetof(struct sink_args, sync), 0, 0, 0, NULL,       \
			"none, fsync at the end, or fsync that often (5ms)"    \
	}

static const struct weir_option file_options[] = {
	{"path", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct sink_args, path), 0, 0, 0, NULL,
		"the file, made or cut short"},
	{"append", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct sink_args, opts.append), 0, 0, 0, NULL,
		"write behind what is there"},
	SYNC_OPTION, {0}};

static const struct weir_option fd_options[] = {{0}};

static const struct weir_port sink_inlets[] = {
	{"bytes or records", NULL, 0}, {NULL, NULL, 0}};
static const struct weir_port sink_outlets[] = {{NULL, NULL, 0}};

#define SINK                                                                   \
	.inlets = sink_inlets, .outlets = sink_outlets,                        \
	.args_bytes = sizeof(struct sink_args),                                \
	.state_bytes = sizeof(struct sink), .flags = WEIR_TALLIES,             \
	.check = sink_check, .open = sink_open, .step = sink_step,             \
	.close = sink_close

const struct weir_operator weir_op_to_file = {.name = "file",
	.summary = "writes to a file",
	.example = "file a.log | lines | grep x | file out.log",
	.options = file_options,
	SINK};

/* Arguments that are all zero: the descriptor is said by open. */
static int
stdout_open(struct weir_stage *stage, void *state, const void *arguments)
{
	struct sink_args args = *(const struct sink_args *)arguments;

	args.fd = STDOUT_FILENO;
	return sink_open(stage, state, &args);
}

const struct weir_operator weir_op_stdout = {
	.name = "stdout",
	.summary = "writes to standard output",
	.example = "file a.log | lines | grep x | stdout",
	.options = fd_options,
	.inlets = sink_inlets,
	.outlets = sink_outlets,
	.args_bytes = sizeof(struct sink_args),
	.state_bytes = sizeof(struct sink),
	.flags = WEIR_TALLIES,
	.check = sink_check,
	.open = stdout_open,
	.step = sink_step,
	.close = sink_close,
};

const struct weir_operator weir_op_to_fd = {.name = "fd",
	.summary = "writes to an open descriptor",
	.options = fd_options,
	SINK};

void
weir_to_file(struct weir_flow in, const char *path,
	const struct weir_to_file_opts *opts)
{
	struct sink_args args = {.path = path, .fd = -1};

	if (opts != NULL)
		args.opts = *opts;
	weir_operator_add(&weir_op_to_file, &in, 1, &args);
}

void
weir_to_fd(struct weir_flow in, int fd, const struct weir_to_file_opts *opts)
{
	struct sink_args args = {.fd = fd};

	if (opts != NULL)
		args.opts = *opts;
	weir_operator_add(&weir_op_to_fd, &in, 1, &args);
}
