/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.c - look at each element as it passes
 */
#include "tap.h"

#include "operators_internal.h"

struct tap_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	weir_tap_fn fn;
	void *ctx;
};

static int
tap_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct tap_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	return weir_check_function(args->fn != NULL, text, text_bytes);
}

static size_t
tap_edit(struct weir_stage *stage, void *state, void *items, size_t n)
{
	const struct tap_args *args = weir_stage_args(stage);

	(void)state;
	for (size_t i = 0; i < n; i++)
		args->fn(args->ctx, (char *)items + i * args->type->size);
	return n;
}

const struct weir_operator weir_op_tap = {
	.name = "tap",
	.summary = "lets a function look at each element",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.args_bytes = sizeof(struct tap_args),
	.check = tap_check,
	.edit = tap_edit,
};

struct weir_flow
weir_tap(struct weir_flow in, weir_tap_fn fn, void *ctx,
	const struct weir_stage_opts *opts)
{
	struct tap_args args = {weir_opts(opts), weir_flow_type(in), fn, ctx};

	return weir_operator_add(&weir_op_tap, &in, 1, &args);
}
