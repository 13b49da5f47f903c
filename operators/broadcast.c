/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broadcast.c - every element to several flows
 */
#include "broadcast.h"

#include "operators_internal.h"

static int
broadcast_step(struct weir_stage *stage, void *state)
{
	struct weir_span in;

	(void)state;
	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		uint64_t n = in.count;
		int rc;

		for (uint32_t i = 0; i < weir_stage_outlets(stage); i++)
			if (!weir_outlet_cancelled(stage, i) &&
				weir_outlet_demand(stage, i) < n)
				n = weir_outlet_demand(stage, i);
		if (n == 0)
			break;
		rc = weir_stage_broadcast(stage, (size_t)n);
		if (rc < 0)
			return rc;
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_broadcast = {
	.name = "tee",
	.summary = "sends every element to several flows",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.args_bytes = sizeof(struct weir_stage_opts),
	.flags = WEIR_MANY_OUTLETS,
	.step = broadcast_step,
};

void
weir_broadcast(struct weir_flow in, struct weir_flow *ret, size_t n,
	const struct weir_stage_opts *opts)
{
	weir_fan_out_add(&weir_op_broadcast, in, opts, ret, n);
}
