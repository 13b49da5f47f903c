/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count.c - how many elements: as an operator and as a sink
 */
#include "count.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>

struct count_args {
	struct weir_stage_opts opts;
	uint64_t *ret;
};

/* Drop all that waits.  Returns how many elements that were. */
static uint64_t
absorb(struct weir_stage *stage)
{
	const struct weir_type *type = weir_inlet_type(stage, 0);
	struct weir_span in;
	uint64_t n = 0;

	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		if (type->drop != NULL)
			type->drop(in.items, in.count);
		weir_inlet_take(stage, 0, in.count);
		n += in.count;
	}
	return n;
}

static int
count_step(struct weir_stage *stage, void *state)
{
	struct weir_span room;

	(void)state;
	weir_stage_tally(stage, WEIR_ABSORBED, (int64_t)absorb(stage));
	if (!weir_inlet_ended(stage, 0))
		return WEIR_INPUT;
	room = weir_outlet_room(stage, 0);
	if (room.count == 0)
		return WEIR_ROOM;
	*(uint64_t *)room.items = weir_inlet_taken(stage, 0);
	weir_outlet_put(stage, 0, 1);
	weir_stage_tally(stage, WEIR_CREATED, 1);
	return WEIR_DONE;
}

static int
to_count_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct count_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->ret != NULL)
		return 0;
	snprintf(text, text_bytes, "has no memory for its result: NULL");
	return -EINVAL;
}

static int
to_count_step(struct weir_stage *stage, void *state)
{
	(void)state;
	absorb(stage);
	return weir_stage_wait(stage);
}

static void
to_count_finish(struct weir_stage *stage, void *state)
{
	const struct count_args *args = weir_stage_args(stage);

	(void)state;
	*args->ret = weir_inlet_taken(stage, 0);
}

const struct weir_operator weir_op_count = {
	.name = "count",
	.summary = "counts elements",
	.example = "file a.log | lines | count",
	.inlets = weir_any_port,
	.outlets = (const struct weir_port[]){{"count", &weir_type_uint64_t, 0},
		{NULL, NULL, 0}},
	.args_bytes = sizeof(struct weir_stage_opts),
	.demand = WEIR_DEMAND_BATCH,
	.step = count_step,
};

const struct weir_operator weir_op_to_count = {
	.name = "count",
	.summary = "counts elements",
	.inlets = weir_any_port,
	.outlets = weir_no_ports,
	.args_bytes = sizeof(struct count_args),
	.check = to_count_check,
	.step = to_count_step,
	.finish = to_count_finish,
};

struct weir_flow
weir_count(struct weir_flow in, const struct weir_stage_opts *opts)
{
	return weir_operator_add(&weir_op_count, &in, 1, opts);
}

void
weir_to_count(
	struct weir_flow in, uint64_t *ret, const struct weir_stage_opts *opts)
{
	struct count_args args = {weir_opts(opts), ret};

	weir_operator_add(&weir_op_to_count, &in, 1, &args);
}
