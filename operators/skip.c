/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skip.c - all but the first elements
 */
#include "skip.h"

#include "operators_internal.h"

struct skip_args {
	struct weir_stage_opts opts;
	uint64_t n;
};

struct skip {
	uint64_t left; /* to be dropped yet */
};

static int
skip_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct skip_args *args = arguments;
	struct skip *skip = state;

	(void)stage;
	skip->left = args->n;
	return 0;
}

static int
skip_step(struct weir_stage *stage, void *state)
{
	struct skip *skip = state;
	struct weir_span span;

	while (skip->left > 0 && (span = weir_inlet_peek(stage, 0)).count > 0) {
		size_t n = span.count;

		if (n > skip->left)
			n = (size_t)skip->left;
		weir_inlet_drop(stage, 0, n);
		skip->left -= n;
	}
	while (skip->left == 0 && (span = weir_stage_edit(stage)).count > 0)
		weir_stage_pass(stage, span.count, span.count);
	return weir_stage_wait(stage);
}

static const struct weir_option skip_options[] = {
	{"n", WEIR_OPTION_COUNT, WEIR_PLACE_WORD, offsetof(struct skip_args, n),
		0, 0, 0, NULL, "how many elements are left out"},
	{0}};

const struct weir_operator weir_op_skip = {
	.name = "skip",
	.summary = "leaves out the first N elements",
	.example = "file a.csv | lines | skip 1 | stdout",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.options = skip_options,
	.args_bytes = sizeof(struct skip_args),
	.state_bytes = sizeof(struct skip),
	.demand = WEIR_DEMAND_SELECT,
	.open = skip_open,
	.step = skip_step,
};

struct weir_flow
weir_skip(struct weir_flow in, uint64_t n, const struct weir_stage_opts *opts)
{
	struct skip_args args = {weir_opts(opts), n};

	return weir_operator_add(&weir_op_skip, &in, 1, &args);
}
