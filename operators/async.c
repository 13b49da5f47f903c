/* SPDX-License-Identifier: Apache-2.0 */
/*
 * async.c - a boundary between two parts of a pipeline
 */
#include "async.h"

#include "operators_internal.h"

struct async_args {
	struct weir_async_opts opts;
};

static int
async_step(struct weir_stage *stage, void *state)
{
	(void)state;
	for (;;) {
		size_t n = weir_inlet_peek(stage, 0).count;
		uint64_t room = weir_outlet_demand(stage, 0);

		if (n > room)
			n = (size_t)room;
		if (n == 0)
			return weir_stage_wait(stage);
		weir_stage_move(stage, 0, 0, n);
	}
}

static const struct weir_option async_options[] = {
	{"window", WEIR_OPTION_COUNT, WEIR_PLACE_KEY,
		offsetof(struct async_args, opts.window), 1, 1 << 30, 0, NULL,
		"elements asked for ahead (4096, or --window)"},
	{"window_bytes", WEIR_OPTION_SIZE, WEIR_PLACE_NONE,
		offsetof(struct async_args, opts.window_bytes), 1, 0, 0, NULL,
		"bytes under way, in slices"},
	{"window_batches", WEIR_OPTION_SIZE, WEIR_PLACE_NONE,
		offsetof(struct async_args, opts.window_batches), 1, 1 << 20, 0,
		NULL, "batches under way"},
	{0}};

const struct weir_operator weir_op_async = {
	.name = "async",
	.summary = "lets what is before it run ahead by a window",
	.example = "file a.log | lines | async window=1k | grep x | stdout",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.options = async_options,
	.window_at = offsetof(struct async_args, opts.window),
	.args_bytes = sizeof(struct async_args),
	.step = async_step,
};

struct weir_flow
weir_async(struct weir_flow in, const struct weir_async_opts *opts)
{
	return weir_operator_add(&weir_op_async, &in, 1, opts);
}
