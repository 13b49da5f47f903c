/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null.c - take everything, keep nothing
 */
#include "null.h"

#include "operators_internal.h"

static int
null_step(struct weir_stage *stage, void *state)
{
	const struct weir_type *type = weir_inlet_type(stage, 0);
	struct weir_span in;

	(void)state;
	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		if (type->drop != NULL)
			type->drop(in.items, in.count);
		weir_inlet_take(stage, 0, in.count);
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_null = {
	.name = "null",
	.summary = "takes everything and keeps nothing",
	.example = "file a.log | lines | null",
	.inlets = weir_any_port,
	.outlets = weir_no_ports,
	.args_bytes = sizeof(struct weir_stage_opts),
	.step = null_step,
};

void
weir_to_null(struct weir_flow in, const struct weir_stage_opts *opts)
{
	weir_operator_add(&weir_op_null, &in, 1, opts);
}
