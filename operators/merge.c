/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.c - the elements of several flows as they come
 *
 * A batch of each flow in turn; the flow to begin with moves on each time, so
 * that none is preferred.
 */
#include "merge.h"

#include "operators_internal.h"

struct merge {
	uint32_t first; /* the inlet to look at first */
};

static int
merge_step(struct weir_stage *stage, void *state)
{
	struct merge *merge = state;
	uint32_t inlets = weir_stage_inlets(stage), idle = 0;

	while (idle < inlets) {
		uint32_t inlet = merge->first;
		uint64_t room = weir_outlet_demand(stage, 0);
		size_t n = weir_inlet_peek(stage, inlet).count;

		if (room == 0)
			break;
		merge->first = inlet + 1 == inlets ? 0 : inlet + 1;
		if (n > room)
			n = (size_t)room;
		if (n > 0)
			weir_stage_move(stage, inlet, 0, n);
		idle = n > 0 ? 0 : idle + 1;
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_merge = {
	.name = "merge",
	.summary = "joins several flows, taking turns",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.args_bytes = sizeof(struct weir_stage_opts),
	.state_bytes = sizeof(struct merge),
	.flags = WEIR_MANY_INLETS | WEIR_JOINS,
	.step = merge_step,
};

struct weir_flow
weir_merge(const struct weir_flow *in, size_t n,
	const struct weir_stage_opts *opts)
{
	return weir_operator_add(&weir_op_merge, in, n, opts);
}
