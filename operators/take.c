/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take.c - the first elements, and no more
 */
#include "take.h"

#include "operators_internal.h"

struct take_args {
	struct weir_stage_opts opts;
	uint64_t n;
};

struct take {
	uint64_t left;
};

static int
take_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct take_args *args = arguments;
	struct take *take = state;

	take->left = args->n;
	weir_inlet_limit(stage, 0, args->n);
	return 0;
}

static int
take_step(struct weir_stage *stage, void *state)
{
	struct take *take = state;
	struct weir_span span;

	while (take->left > 0 && (span = weir_stage_edit(stage)).count > 0) {
		size_t n = span.count;

		if (n > take->left)
			n = (size_t)take->left;
		weir_stage_pass(stage, n, n);
		take->left -= n;
	}
	return take->left == 0 ? WEIR_DONE : weir_stage_wait(stage);
}

static const struct weir_option take_options[] = {
	{"n", WEIR_OPTION_COUNT, WEIR_PLACE_WORD, offsetof(struct take_args, n),
		0, 0, 0, NULL, "how many elements pass"},
	{0}};

const struct weir_operator weir_op_take = {
	.name = "take",
	.summary = "passes the first N elements, then stops",
	.example = "file a.log | lines | take 10 | stdout",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.options = take_options,
	.args_bytes = sizeof(struct take_args),
	.state_bytes = sizeof(struct take),
	.open = take_open,
	.step = take_step,
};

struct weir_flow
weir_take(struct weir_flow in, uint64_t n, const struct weir_stage_opts *opts)
{
	struct take_args args = {weir_opts(opts), n};

	return weir_operator_add(&weir_op_take, &in, 1, &args);
}
