/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.c - bytes cut into lines
 *
 * Lines are cut where they lie.  The beginning of a line whose end is in a
 * block to come (the partial line) is copied to a small block of our own, so
 * that the large one can go.  When the next block comes, the partial line goes
 * to the headroom in front of it; where there is no room, the rest of the line
 * goes to our block, which at least doubles when it grows: the work is linear
 * in the bytes.
 */
#include "lines.h"

#include "newline_internal.h"
#include "operators_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define CARRY_BYTES ((size_t)4096) /* the first block for partial lines */
#define AHEAD 2u                   /* blocks asked for in the long run */

struct lines {
	/* Where partial lines are kept, behind lines emitted from there. */
	struct weir_block *carry;
	size_t start, length; /* of the partial line in it */
	uint32_t origin;      /* of the partial line */
	size_t at;            /* how much of the first chunk was cut already */
	uint64_t chunks;      /* cut to their end */
	uint64_t found;       /* lines */
};

static const struct weir_lines_opts *
opts_of(const struct weir_stage *stage)
{
	return weir_stage_args(stage);
}

static int
fail_long(struct weir_stage *stage, const struct lines *lines)
{
	return weir_stage_fail_at(stage, -EMSGSIZE, lines->found + 1,
		"line %" PRIu64 " is longer than %" PRIu64
		" bytes: raise 'max'",
		lines->found + 1, opts_of(stage)->line_bytes_max);
}

/* -- the partial line ------------------------------------------------------ */

/* Twice as much as is needed, so that growing costs no more than the line, but
 * not more than the longest line and its newline. */
static size_t
grown(const struct weir_stage *stage, size_t needed)
{
	size_t most = opts_of(stage)->line_bytes_max + 1;

	return needed * 2 < most ? needed * 2 : most;
}

/* See that @more bytes, a newline and one byte fit behind the partial line.
 * Returns 0, or as weir_block_acquire(). */
static int
carry_reserve(struct weir_stage *stage, struct lines *lines, size_t more)
{
	size_t needed = lines->length + more + 2;
	struct weir_block *block;
	int rc;

	if (lines->carry != NULL &&
		weir_block_capacity(lines->carry) - lines->start >= needed)
		return 0;
	if (needed < CARRY_BYTES)
		needed = CARRY_BYTES;
	else if (lines->length > 0)
		needed = grown(stage, needed);
	rc = weir_block_acquire(stage, needed, &block);
	if (rc < 0)
		return rc;
	if (lines->length > 0)
		memcpy(weir_block_data(block),
			weir_block_data(lines->carry) + lines->start,
			lines->length);
	weir_block_release(lines->carry);
	lines->carry = block;
	lines->start = 0;
	return 0;
}

/* Put @length bytes behind the partial line. */
static int
carry_append(struct weir_stage *stage, struct lines *lines, const char *data,
	size_t length)
{
	int rc;

	if (lines->length + length > opts_of(stage)->line_bytes_max)
		return fail_long(stage, lines);
	rc = carry_reserve(stage, lines, length);
	if (rc < 0)
		return rc;
	memcpy(weir_block_data(lines->carry) + lines->start + lines->length,
		data, length);
	lines->length += length;
	return 0;
}

static void
emit(struct weir_stage *stage, struct lines *lines, size_t n)
{
	weir_outlet_put(stage, 0, n);
	lines->found += n;
	weir_stage_tally(stage, WEIR_IN, (int64_t)n);
	weir_stage_tally(stage, WEIR_OUT, (int64_t)n);
}

/* Emit the line that is complete in our block.  @newline: it has one. */
static void
carry_emit(struct weir_stage *stage, struct lines *lines, weir_record *place,
	bool newline)
{
	char *line = weir_block_data(lines->carry) + lines->start;

	/* Behind it stands a newline in any case, so that line and newline can
	 * be written as one. */
	line[lines->length] = '\n';
	place->data = line;
	place->length =
		lines->length + (newline && opts_of(stage)->keep ? 1 : 0);
	/* The byte behind a slice may be read elsewhere while the next line is
	 * written here: it is not part of that. */
	lines->start += place->length + 1;
	lines->length = 0;
	weir_outlet_attach(stage, 0, lines->carry);
	emit(stage, lines, 1);
}

/* -- chunks ---------------------------------------------------------------- */

/* Whether the partial line fits in front of @chunk, which nobody else sees. */
static bool
has_headroom(struct weir_stage *stage, const struct lines *lines,
	const weir_bytes *chunk)
{
	struct weir_block *block = weir_inlet_block(stage, 0, chunk->data);

	return block != NULL && chunk->data == weir_block_data(block) &&
	       weir_block_headroom(block) >= lines->length &&
	       !weir_inlet_shared(stage, 0);
}

/* Bring the partial line together with its rest in @chunk. */
static int
carry_join(struct weir_stage *stage, struct lines *lines, weir_bytes *chunk,
	weir_record *place)
{
	const char *newline = memchr(chunk->data, '\n', chunk->length);
	size_t rest = newline == NULL ? chunk->length
				      : (size_t)(newline - chunk->data);
	int rc;

	if (newline != NULL && has_headroom(stage, lines, chunk)) {
		chunk->data -= lines->length;
		chunk->length += lines->length;
		/* The headroom is ours to write: see has_headroom(). */
		memcpy((char *)(uintptr_t)chunk->data,
			weir_block_data(lines->carry) + lines->start,
			lines->length);
		lines->length = 0;
		return 0;
	}
	rc = carry_append(stage, lines, chunk->data, rest);
	if (rc < 0)
		return rc;
	lines->at = newline == NULL ? rest : rest + 1;
	if (newline != NULL)
		carry_emit(stage, lines, place, true);
	return 0;
}

/* How many of @n lines come before one that is too long.  The newline is added
 * where it is to be kept. */
static size_t
judge(const struct weir_lines_opts *opts, weir_record *lines, size_t n)
{
	uint64_t longest = 0;
	size_t i;

	for (i = 0; i < n; i++)
		longest = lines[i].length > longest ? lines[i].length : longest;
	if (longest > opts->line_bytes_max)
		for (i = 0; lines[i].length <= opts->line_bytes_max;)
			i++;
	for (size_t k = 0; opts->keep && k < i; k++)
		lines[k].length++;
	return i;
}

/* Cut the rest of @chunk into the @room places.  Returns 0 or -errno. */
static int
chunk_cut(struct weir_stage *stage, struct lines *lines,
	const weir_bytes *chunk, struct weir_span room)
{
	size_t n, good, used;

	n = weir_newline_split(chunk->data + lines->at,
		chunk->length - lines->at, room.items, room.count, &used);
	good = judge(opts_of(stage), room.items, n);
	emit(stage, lines, good);
	if (good < n)
		return fail_long(stage, lines);
	lines->at += used;
	if (n == room.count)
		return 0;
	/* No newline is left. */
	used = chunk->length - lines->at;
	if (used > 0) {
		int rc = carry_append(
			stage, lines, chunk->data + lines->at, used);

		if (rc < 0)
			return rc;
		lines->origin = weir_inlet_origin(stage, 0);
	}
	lines->at = chunk->length;
	return 0;
}

/* Go on with the first chunk.  Returns 0, or -errno. */
static int
chunk_step(struct weir_stage *stage, struct lines *lines, weir_bytes *chunk,
	struct weir_span room)
{
	int rc;

	if (lines->length > 0 && lines->at == 0) {
		if (weir_inlet_origin(stage, 0) != lines->origin) {
			carry_emit(stage, lines, room.items, false);
			return 0;
		}
		rc = carry_join(stage, lines, chunk, room.items);
	} else {
		rc = chunk_cut(stage, lines, chunk, room);
	}
	if (rc == 0 && lines->at == chunk->length) {
		weir_inlet_take(stage, 0, 1);
		lines->at = 0;
		lines->chunks++;
	}
	return rc;
}

static int
lines_step(struct weir_stage *stage, void *state)
{
	struct lines *lines = state;

	for (;;) {
		struct weir_span in = weir_inlet_peek(stage, 0), room;
		bool ended = in.count == 0 && weir_inlet_ended(stage, 0);
		int rc;

		if (ended && lines->length == 0)
			return WEIR_DONE;
		room = weir_outlet_room(stage, 0);
		if (room.count == 0)
			return WEIR_ROOM;
		if (ended) {
			carry_emit(stage, lines, room.items, false);
			continue;
		}
		if (in.count == 0) {
			weir_inlet_request(
				stage, 0, lines->chunks == 0 ? 1 : AHEAD);
			return WEIR_INPUT;
		}
		rc = chunk_step(stage, lines, in.items, room);
		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
	}
}

static void
lines_close(struct weir_stage *stage, void *state)
{
	struct lines *lines = state;

	(void)stage;
	weir_block_release(lines->carry);
}

static const struct weir_option lines_options[] = {
	{"max", WEIR_OPTION_SIZE, WEIR_PLACE_KEY,
		offsetof(struct weir_lines_opts, line_bytes_max), 1,
		(int64_t)1 << 40, 1 << 20, NULL,
		"bytes of the longest line, without its newline"},
	{"keep", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct weir_lines_opts, keep), 0, 0, 0, NULL,
		"leave the newline at the line's end"},
	{0}};

const struct weir_operator weir_op_lines = {
	.name = "lines",
	.summary = "cuts bytes into lines",
	.example = "file a.log | lines max=64KiB | count",
	.inlets =
		(const struct weir_port[]){
			{"bytes", &weir_type_weir_bytes, 0}, {NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"lines", &weir_type_weir_record, 0}, {NULL, NULL, 0}},
	.options = lines_options,
	.args_bytes = sizeof(struct weir_lines_opts),
	.state_bytes = sizeof(struct lines),
	.flags = WEIR_TALLIES,
	.demand = WEIR_DEMAND_OWN,
	.step = lines_step,
	.close = lines_close,
};

struct weir_flow
weir_lines(struct weir_flow in, const struct weir_lines_opts *opts)
{
	return weir_operator_add(&weir_op_lines, &in, 1, opts);
}
