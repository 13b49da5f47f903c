/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimal.c - numbers as text
 *
 * Digits of many numbers go into one block, each followed by a newline, so
 * that neighbouring records can be written as one run.
 */
#include "decimal.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 20u /* of a number, with its sign */

struct decimal_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
};

struct decimal {
	struct weir_block *block; /* being filled; NULL: none */
	size_t used;
	bool is_signed;
};

static int
decimal_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct decimal_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->type == NULL ||
		weir_type_equal(args->type, &weir_type_int64_t) ||
		weir_type_equal(args->type, &weir_type_uint64_t))
		return 0;
	snprintf(text, text_bytes,
		"takes elements of type int64 or uint64, not %s",
		args->type->name);
	return -EINVAL;
}

static int
decimal_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct decimal_args *args = arguments;
	struct decimal *decimal = state;

	(void)stage;
	decimal->is_signed = weir_type_equal(args->type, &weir_type_int64_t);
	return 0;
}

/* Write @value and a newline at @to.  Returns how many digits and signs. */
static size_t
put_number(char *to, uint64_t value, bool negative)
{
	char digits[DIGITS_MAX];
	size_t n = 0, length;

	do
		digits[n++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	if (negative)
		digits[n++] = '-';
	length = n;
	while (n > 0)
		*to++ = digits[--n];
	*to = '\n';
	return length;
}

/* See that the block has room for @n numbers. */
static int
block_room(struct weir_stage *stage, struct decimal *decimal, size_t n)
{
	size_t bytes = n * (DIGITS_MAX + 1);

	if (decimal->block != NULL &&
		weir_block_capacity(decimal->block) - decimal->used >= bytes)
		return 0;
	weir_block_release(decimal->block);
	decimal->block = NULL;
	decimal->used = 0;
	return weir_block_acquire(stage, 4 * bytes, &decimal->block);
}

static void
convert(struct decimal *decimal, const uint64_t *in, weir_record *out, size_t n)
{
	char *base = weir_block_data(decimal->block);

	for (size_t i = 0; i < n; i++) {
		bool negative = decimal->is_signed && in[i] >> 63 != 0;
		char *to = base + decimal->used;

		out[i].data = to;
		out[i].length =
			put_number(to, negative ? -in[i] : in[i], negative);
		decimal->used += out[i].length + 1;
	}
}

static int
decimal_step(struct weir_stage *stage, void *state)
{
	struct decimal *decimal = state;
	struct weir_span in, room;

	while ((in = weir_inlet_peek(stage, 0)).count > 0 &&
		(room = weir_outlet_room(stage, 0)).count > 0) {
		size_t n = in.count < room.count ? in.count : room.count;
		int rc = block_room(stage, decimal, n);

		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		convert(decimal, in.items, room.items, n);
		weir_outlet_attach(stage, 0, decimal->block);
		weir_outlet_put(stage, 0, n);
		weir_inlet_take(stage, 0, n);
	}
	return weir_stage_wait(stage);
}

static void
decimal_close(struct weir_stage *stage, void *state)
{
	struct decimal *decimal = state;

	(void)stage;
	weir_block_release(decimal->block);
}

const struct weir_operator weir_op_decimal = {
	.name = "decimal",
	.summary = "writes numbers as text",
	.inlets =
		(const struct weir_port[]){
			{"numbers", NULL, offsetof(struct decimal_args, type)},
			{NULL, NULL, 0}},
	.outlets = weir_record_port,
	.args_bytes = sizeof(struct decimal_args),
	.state_bytes = sizeof(struct decimal),
	.check = decimal_check,
	.open = decimal_open,
	.step = decimal_step,
	.close = decimal_close,
};

struct weir_flow
weir_decimal(struct weir_flow in, const struct weir_stage_opts *opts)
{
	struct decimal_args args = {weir_opts(opts), weir_flow_type(in)};

	return weir_operator_add(&weir_op_decimal, &in, 1, &args);
}
