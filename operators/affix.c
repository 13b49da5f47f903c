/* SPDX-License-Identifier: Apache-2.0 */
/*
 * affix.c - records with a text in front of or behind them
 *
 * The new records go to fresh blocks, each followed by a newline, so that
 * neighbours can be searched and written as one run.
 */
#include "text.h"

#include "operators_internal.h"

#include <errno.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10) /* shared by many records */

struct affix_args {
	struct weir_stage_opts opts;
	const char *text;
};

struct affix {
	struct weir_block *block; /* being filled; NULL: none */
	size_t used;
	const char *front, *back; /* "": nothing there */
	size_t front_bytes, back_bytes;
};

static void
affix_set(struct affix *affix, const char *front, const char *back)
{
	affix->front = front;
	affix->back = back;
	affix->front_bytes = strlen(front);
	affix->back_bytes = strlen(back);
}

static int
prefix_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct affix_args *args = arguments;

	(void)stage;
	affix_set(state, args->text, "");
	return 0;
}

static int
suffix_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct affix_args *args = arguments;

	(void)stage;
	affix_set(state, "", args->text);
	return 0;
}

/* See that the block has room for @bytes. */
static int
block_room(struct weir_stage *stage, struct affix *affix, size_t bytes)
{
	if (affix->block != NULL &&
		weir_block_capacity(affix->block) - affix->used >= bytes)
		return 0;
	weir_block_release(affix->block);
	affix->block = NULL;
	affix->used = 0;
	return weir_block_acquire(stage,
		bytes < BLOCK_BYTES ? BLOCK_BYTES : bytes, &affix->block);
}

static char *
append(char *to, const char *bytes, size_t n)
{
	if (n > 0) /* bytes may be NULL then */
		memcpy(to, bytes, n);
	return to + n;
}

/* Write the new record for @from behind those in the block. */
static void
write_record(struct affix *affix, const weir_record *from, weir_record *ret)
{
	char *begin = weir_block_data(affix->block) + affix->used;
	char *to = append(begin, affix->front, affix->front_bytes);

	to = append(to, from->data, from->length);
	to = append(to, affix->back, affix->back_bytes);
	*to = '\n';
	ret->data = begin;
	ret->length = (size_t)(to - begin);
	affix->used += ret->length + 1;
}

/* Fill the @n places @out from @in, as far as one block goes.  Returns how
 * many, or as weir_block_acquire(). */
static int
write_some(struct weir_stage *stage, struct affix *affix, const weir_record *in,
	weir_record *out, size_t n)
{
	size_t more = affix->front_bytes + affix->back_bytes + 1;
	int rc = block_room(stage, affix, in[0].length + more);
	size_t i;

	if (rc < 0)
		return rc;
	for (i = 0; i < n && weir_block_capacity(affix->block) - affix->used >=
				     in[i].length + more;
		i++)
		write_record(affix, &in[i], &out[i]);
	return (int)i;
}

static int
affix_step(struct weir_stage *stage, void *state)
{
	struct affix *affix = state;
	struct weir_span in, room;

	while ((in = weir_inlet_peek(stage, 0)).count > 0 &&
		(room = weir_outlet_room(stage, 0)).count > 0) {
		size_t n = in.count < room.count ? in.count : room.count;
		int rc = write_some(stage, affix, in.items, room.items, n);

		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		weir_outlet_attach(stage, 0, affix->block);
		weir_outlet_put(stage, 0, (size_t)rc);
		weir_inlet_take(stage, 0, (size_t)rc);
	}
	return weir_stage_wait(stage);
}

static void
affix_close(struct weir_stage *stage, void *state)
{
	struct affix *affix = state;

	(void)stage;
	weir_block_release(affix->block);
}

static const struct weir_option affix_options[] = {
	{"text", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct affix_args, text), 0, 0, 0, NULL,
		"what to add"},
	{0}};

#define AFFIX                                                                  \
	.inlets = weir_record_port, .outlets = weir_record_port,               \
	.options = affix_options, .args_bytes = sizeof(struct affix_args),     \
	.state_bytes = sizeof(struct affix), .step = affix_step,               \
	.close = affix_close

const struct weir_operator weir_op_prefix = {.name = "prefix",
	.summary = "puts a text in front of each record",
	.example = "file a.log | lines | prefix 'a: ' | stdout",
	.open = prefix_open,
	AFFIX};

const struct weir_operator weir_op_suffix = {.name = "suffix",
	.summary = "puts a text behind each record",
	.example = "file a.log | lines | suffix ';' | stdout",
	.open = suffix_open,
	AFFIX};

static struct weir_flow
affix_add(struct weir_flow in, const struct weir_operator *op, const char *text,
	const struct weir_stage_opts *opts)
{
	struct affix_args args = {weir_opts(opts), text};

	return weir_operator_add(op, &in, 1, &args);
}

struct weir_flow
weir_prefix(struct weir_flow in, const char *text,
	const struct weir_stage_opts *opts)
{
	return affix_add(in, &weir_op_prefix, text, opts);
}

struct weir_flow
weir_suffix(struct weir_flow in, const char *text,
	const struct weir_stage_opts *opts)
{
	return affix_add(in, &weir_op_suffix, text, opts);
}
