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
#include "turn_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_NS ((int64_t)50000000) /* the longest an element is held back */

struct sink_args {
	struct weir_to_file_opts opts;
	const char *path; /* NULL: the descriptor */
	int64_t fd;
};

/* What the operation in flight is. */
enum doing { NOTHING, OPENING, WRITING, POLLING, SYNCING };

/* A written element waits for an fsync while acked < written; sync_asked is
 * also set where the file itself is still to be synced. */
struct sink {
	struct weir_io *io;
	int fd;
	bool owns_fd, is_kept, line_ends;
	/* Of a file: written at offsets, or at a position others may share. */
	bool at_offsets, at_position;
	int64_t offset; /* of the write in flight, or the next */
	const char *path;
	struct weir_turn turn; /* among all that write where this one does */
	struct weir_gather *filling, *other; /* other: written, or free */
	enum doing doing;
	int64_t sync_ns; /* fsync that long after an element came; 0: at the
			  * end; negative: never */
	uint64_t in, written, acked; /* elements */
	uint64_t syncing;            /* written ones the fsync will cover */
	bool sync_asked;
	int64_t sync_at_ns; /* when to start it; INT64_MAX: at the end */
};

static const struct sink_args *
args_of(const struct weir_stage *stage)
{
	return weir_stage_args(stage);
}

/* When to sync, as sink.sync_ns. */
static int64_t
sync_ns_of(const struct weir_to_file_opts *opts)
{
	if (opts->sync_ns > 0)
		return opts->sync_ns;
	return opts->sync == WEIR_SYNC_FSYNC ? 0 : -1;
}

static int
sink_fail(struct weir_stage *stage, const struct sink *sink, int code,
	const char *doing)
{
	return weir_io_fail(stage, code, doing, sink->path, sink->fd);
}

static int64_t
now(const struct weir_stage *stage)
{
	return (int64_t)weir_system_now_ns(weir_stage_system(stage));
}

/* Start an operation with sink->other, which carries it. */
static void
op_start(struct sink *sink, enum doing doing)
{
	static const enum weir_io_code codes[] = {
		[OPENING] = WEIR_IO_OPEN,
		[WRITING] = WEIR_IO_WRITE,
		[POLLING] = WEIR_IO_POLL,
		[SYNCING] = WEIR_IO_FSYNC,
	};

	sink->doing = doing;
	if (sink->at_position && doing == WRITING)
		sink->offset = sink->io->backend->seek(
			sink->io->impl, sink->fd, 0, SEEK_CUR);
	weir_gather_start(sink->other, codes[doing], sink->fd,
		sink->at_offsets ? sink->offset : -1);
}

/* -- opening --------------------------------------------------------------- */

/* A FIFO nobody reads yet is opened in the background. */
static int
fifo_open(struct weir_stage *stage, struct sink *sink)
{
	struct weir_block *block = sink->other->staging;
	size_t length = strlen(sink->path) + 1;

	if (length > weir_block_capacity(block))
		return sink_fail(stage, sink, -ENAMETOOLONG, "open");
	/* It may outlive the graph's own copy. */
	memcpy(weir_block_data(block), sink->path, length);
	sink->fd = -1;
	op_start(sink, OPENING);
	return 0;
}

static int
path_open(struct weir_stage *stage, struct sink *sink, bool append)
{
	int flags = O_WRONLY | O_CREAT | (append ? O_APPEND : 0);
	int fd = sink->io->backend->open(
		sink->io->impl, sink->path, flags, 0666);

	if (fd == -ENXIO && weir_io_is_fifo(sink->io, sink->path))
		return fifo_open(stage, sink);
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
	char name[WEIR_IO_NAME_BYTES];
	struct stat st;
	int rc = backend->stat(sink->io->impl, sink->fd, &st);

	if (rc < 0)
		return sink_fail(stage, sink, rc, "look at");
	if (weir_io_is_input(sink->io, weir_stage_graph(stage), &st))
		return weir_stage_fail(stage, -ELOOP,
			"%s is also an input: write to another file",
			weir_io_name(sink->path, sink->fd, name));
	sink->at_offsets = sink->owns_fd && !append && S_ISREG(st.st_mode);
	sink->at_position = !sink->owns_fd && S_ISREG(st.st_mode);
	if (!weir_turn_join(
		    sink->io, &sink->turn, stage, &st, sink->at_offsets))
		return weir_stage_fail(stage, -EBUSY,
			"%s is written by another stage as well: write to "
			"another file, or let all append",
			weir_io_name(sink->path, sink->fd, name));
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	if (sink->at_offsets)
		rc = backend->truncate(sink->io->impl, sink->fd);
	else if (sink->owns_fd && sink->line_ends &&
		 weir_io_is_torn(sink->io, sink->path, st.st_size))
		weir_gather_newline(sink->filling); /* begin on a fresh line */
	return rc < 0 ? sink_fail(stage, sink, rc, "cut short") : 0;
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
gathers_create(struct weir_stage *stage, struct sink *sink)
{
	int rc = weir_gather_create(stage, sink->io, &sink->filling);

	if (rc == 0)
		rc = weir_gather_create(stage, sink->io, &sink->other);
	if (rc == -EAGAIN)
		return weir_stage_fail(stage, -ENOBUFS,
			"the %zu bytes of memory the run may use do not "
			"suffice for its stages: raise its memory",
			weir_block_limit(stage));
	return rc;
}

static int
sink_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct sink_args *args = arguments;
	struct sink *sink = state;
	int rc = weir_io_of(stage, &sink->io);

	if (rc < 0)
		return rc;
	sink->sync_at_ns = INT64_MAX;
	sink->sync_ns = sync_ns_of(&args->opts);
	sink->sync_asked = sink->sync_ns >= 0;
	sink->path = args->path;
	sink->fd = (int)args->fd;
	if ((rc = type_begin(stage, sink)) < 0 ||
		(rc = gathers_create(stage, sink)) < 0)
		return rc;
	if (args->path != NULL &&
		(rc = path_open(stage, sink, args->opts.append)) < 0)
		return rc;
	return sink->doing == OPENING ? 0 : file_begin(stage, sink);
}

/* -- operations ------------------------------------------------------------ */

static void
acknowledge(struct weir_stage *stage, struct sink *sink, uint64_t up_to)
{
	weir_stage_tally(stage, WEIR_OUT, (int64_t)(up_to - sink->acked));
	sink->acked = up_to;
}

/* All that was gathered in @gather is written. */
static void
gather_written(
	struct weir_stage *stage, struct sink *sink, struct weir_gather *gather)
{
	int64_t at_ns = gather->since_ns + sink->sync_ns;

	sink->written += gather->elements;
	weir_gather_clear(gather);
	if (sink->sync_ns < 0) {
		acknowledge(stage, sink, sink->written);
		return;
	}
	sink->sync_asked = true;
	if (sink->sync_ns > 0 && at_ns < sink->sync_at_ns)
		sink->sync_at_ns = at_ns;
}

static void
write_ended(struct weir_stage *stage, struct sink *sink, int64_t result)
{
	const struct weir_io_backend *backend = sink->io->backend;

	weir_stage_tally_bytes(stage, 0, (uint64_t)result);
	sink->offset += result;
	if (!weir_gather_advance(sink->other, (size_t)result)) {
		weir_turn_give(sink->io, &sink->turn);
		gather_written(stage, sink, sink->other);
		return;
	}
	/* io_uring leaves the position where it was when an error cut the
	 * write short, and the rest would go over the beginning. */
	if (sink->at_position)
		backend->seek(sink->io->impl, sink->fd, sink->offset, SEEK_SET);
	op_start(sink, WRITING);
}

static void
sync_ended(struct weir_stage *stage, struct sink *sink)
{
	acknowledge(stage, sink, sink->syncing);
	sink->sync_asked = false;
	sink->sync_at_ns = INT64_MAX;
}

/* Somebody has opened the FIFO to read it. */
static int
open_ended(struct weir_stage *stage, struct sink *sink, int fd)
{
	sink->fd = fd;
	sink->owns_fd = true;
	return file_begin(stage, sink);
}

/* Nothing is left to do: the sink ends as its inlet did. */
static int
sink_finished(struct weir_stage *stage)
{
	return weir_inlet_failure(stage, 0) == NULL
		       ? WEIR_DONE
		       : weir_stage_fail_on(stage, 0);
}

/* The operation in flight failed with @code.  Returns as take_result. */
static int
op_failed(
	struct weir_stage *stage, struct sink *sink, enum doing doing, int code)
{
	static const char *const verbs[] = {[OPENING] = "open",
		[WRITING] = "write to",
		[POLLING] = "write to",
		[SYNCING] = "sync"};

	if (code == -EINTR || (code == -EAGAIN && doing != WRITING)) {
		op_start(sink, doing);
		return 0;
	}
	if (code == -EAGAIN) {
		op_start(sink, POLLING);
		return 0;
	}
	if (code != -EPIPE)
		return sink_fail(stage, sink, code, verbs[doing]);
	return sink_finished(stage);
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
	sink->doing = NOTHING;
	if (result == 0 && doing == WRITING)
		result = -EIO;
	if (result < 0)
		return op_failed(stage, sink, doing, (int)result);
	if (doing == OPENING)
		return open_ended(stage, sink, (int)result);
	if (doing == POLLING)
		op_start(sink, WRITING);
	else if (doing == WRITING)
		write_ended(stage, sink, result);
	else
		sync_ended(stage, sink);
	return 0;
}

/* -- the step ------------------------------------------------------------- */

static void
gather_input(struct weir_stage *stage, struct sink *sink)
{
	struct weir_gather *gather = sink->filling;
	struct weir_span in;

	while (!weir_gather_is_full(gather) &&
		(in = weir_inlet_peek(stage, 0)).count > 0) {
		size_t n;

		if (gather->elements == 0)
			gather->since_ns = now(stage);
		n = sink->is_kept ? weir_gather_kept(
					    gather, stage, in.items, in.count)
				  : weir_gather_slices(gather, stage, in.items,
					    in.count, sink->line_ends);
		weir_inlet_take(stage, 0, n);
		weir_stage_tally(stage, WEIR_IN, (int64_t)n);
		sink->in += n;
	}
}

/* When what is gathered goes out at the latest. */
static int64_t
flush_at_ns(const struct sink *sink)
{
	int64_t hold_ns = FLUSH_NS;

	if (sink->filling->elements == 0)
		return INT64_MAX;
	if (sink->sync_ns > 0 && sink->sync_ns < hold_ns)
		hold_ns = sink->sync_ns;
	return sink->filling->since_ns + hold_ns;
}

/* With nothing in flight: start the next operation there is reason for.  An
 * fsync that is due goes first, or a steady input would put it off for ever. */
static void
start_next(struct weir_stage *stage, struct sink *sink, bool at_end)
{
	struct weir_gather *full = sink->filling;
	bool some = full->elements > 0;
	int64_t now_ns = some || sink->sync_asked ? now(stage) : 0;

	if (sink->sync_asked &&
		(now_ns >= sink->sync_at_ns || (at_end && !some))) {
		sink->syncing = sink->written;
		op_start(sink, SYNCING);
	} else if (some && (at_end || weir_turn_has(&sink->turn) ||
				   weir_stage_is_idle(stage) ||
				   weir_gather_is_full(full) ||
				   now_ns >= flush_at_ns(sink))) {
		if (!sink->at_offsets && !weir_turn_take(sink->io, &sink->turn))
			return;
		sink->filling = sink->other;
		sink->other = full;
		if (full->vector_count > 0) {
			op_start(sink, WRITING);
		} else { /* empty elements */
			weir_turn_give(sink->io, &sink->turn);
			gather_written(stage, sink, full);
		}
	}
}

/* With nothing in flight: when to look again. */
static void
wait_for_time(struct weir_stage *stage, struct sink *sink)
{
	int64_t at_ns = flush_at_ns(sink);

	if (at_ns != INT64_MAX)
		weir_stage_when_idle(stage);
	if (sink->sync_asked && sink->sync_at_ns < at_ns)
		at_ns = sink->sync_at_ns;
	weir_stage_alarm(stage, at_ns);
}

/* Whether upstream failed and what is on its way is not wanted any more. */
static bool
is_broken_off(struct weir_stage *stage)
{
	return args_of(stage)->opts.stage.on_failure == WEIR_FAST &&
	       weir_inlet_failure(stage, 0) != NULL;
}

static int
sink_step(struct weir_stage *stage, void *state)
{
	struct sink *sink = state;
	bool at_end;
	int rc = take_result(stage, sink);

	if (rc != 0)
		return rc;
	if (is_broken_off(stage))
		return sink_finished(stage);
	gather_input(stage, sink);
	at_end = weir_inlet_ended(stage, 0);
	if (sink->doing == NOTHING) {
		start_next(stage, sink, at_end);
		gather_input(stage, sink);
		at_end = weir_inlet_ended(stage, 0);
	}
	if (sink->doing != NOTHING || weir_turn_waits(&sink->turn))
		return weir_gather_is_full(sink->filling) || at_end
			       ? WEIR_EVENT
			       : WEIR_INPUT;
	if (at_end && sink->filling->elements == 0 && !sink->sync_asked)
		return sink_finished(stage);
	wait_for_time(stage, sink);
	return at_end || weir_gather_is_full(sink->filling) ? WEIR_AGAIN
							    : WEIR_INPUT;
}

static void
sink_close(struct weir_stage *stage, void *state)
{
	struct sink *sink = state;

	if (sink->io == NULL)
		return;
	weir_stage_tally(
		stage, WEIR_UNACKED, (int64_t)(sink->in - sink->acked));
	weir_gather_destroy(sink->filling);
	weir_gather_destroy(sink->other);
	weir_turn_leave(sink->io, &sink->turn);
	if (sink->owns_fd)
		sink->io->backend->close(sink->io->impl, sink->fd);
}

/* -- descriptors ----------------------------------------------------------- */

static const char *const syncs[] = {"none", "fsync", NULL};

static const struct weir_option file_options[] = {
	{"path", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct sink_args, path), 0, 0, 0, NULL,
		"the file, made or cut short"},
	{"append", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct sink_args, opts.append), 0, 0, 0, NULL,
		"write behind what is there"},
	{"sync", WEIR_OPTION_CHOICE, WEIR_PLACE_KEY,
		offsetof(struct sink_args, opts.sync), 0, 0, 0, syncs,
		"whether to fsync before the run ends"},
	{"sync", WEIR_OPTION_TIME, WEIR_PLACE_KEY,
		offsetof(struct sink_args, opts.sync_ns), 1, 0, 0, NULL,
		"fsync in groups, that long after a record at most"},
	{0}};

static const struct weir_option fd_options[] = {{0}};

static const struct weir_port sink_inlets[] = {
	{"bytes or records", NULL, 0}, {NULL, NULL, 0}};
static const struct weir_port sink_outlets[] = {{NULL, NULL, 0}};

#define SINK(opened)                                                           \
	.inlets = sink_inlets, .outlets = sink_outlets,                        \
	.args_bytes = sizeof(struct sink_args),                                \
	.state_bytes = sizeof(struct sink),                                    \
	.flags = WEIR_TALLIES | WEIR_SEES_FAILURE | WEIR_STAYS_HOME,           \
	.open = opened, .step = sink_step, .close = sink_close

const struct weir_operator weir_op_to_file = {.name = "file",
	.summary = "writes to a file",
	.example = "file a.log | lines | grep x | file out.log",
	.options = file_options,
	SINK(sink_open)};

/* Arguments that are all zero: the descriptor is said by open. */
static int
stdout_open(struct weir_stage *stage, void *state, const void *arguments)
{
	struct sink_args args = *(const struct sink_args *)arguments;

	args.fd = STDOUT_FILENO;
	return sink_open(stage, state, &args);
}

const struct weir_operator weir_op_stdout = {.name = "stdout",
	.summary = "writes to standard output",
	.example = "file a.log | lines | grep x | stdout",
	.options = fd_options,
	SINK(stdout_open)};

const struct weir_operator weir_op_to_fd = {.name = "fd",
	.summary = "writes to an open descriptor",
	.options = fd_options,
	SINK(sink_open)};

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
