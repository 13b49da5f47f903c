/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balance.c - each element to one of several flows, whichever has room
 */
#include "balance.h"

#include "operators_internal.h"

struct balance {
	uint32_t first; /* the outlet to look at first */
};

/* Of the outlets with room the one with the least outstanding; of several the
 * next in turn. */
static uint32_t
choose(struct weir_stage *stage, uint32_t first, uint64_t *ret_room)
{
	uint32_t outlets = weir_stage_outlets(stage), best = first;
	uint64_t least = UINT64_MAX;

	*ret_room = 0;
	for (uint32_t i = 0; i < outlets; i++) {
		uint32_t outlet = (first + i) % outlets;
		uint64_t room = weir_outlet_demand(stage, outlet), waiting;

		if (room == 0)
			continue;
		waiting = weir_outlet_waiting(stage, outlet);
		if (waiting < least) {
			least = waiting;
			*ret_room = room;
			best = outlet;
		}
	}
	return best;
}

static int
balance_step(struct weir_stage *stage, void *state)
{
	struct balance *balance = state;
	size_t n;

	while ((n = weir_inlet_peek(stage, 0).count) > 0) {
		uint64_t room;
		uint32_t outlet = choose(stage, balance->first, &room);

		if (room == 0)
			return WEIR_ROOM;
		if (n > room)
			n = (size_t)room;
		weir_stage_move(stage, 0, outlet, n);
		balance->first = outlet + 1;
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_balance = {
	.name = "balance",
	.summary = "sends each element to one of several flows",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.args_bytes = sizeof(struct weir_stage_opts),
	.state_bytes = sizeof(struct balance),
	.flags = WEIR_MANY_OUTLETS | WEIR_SPLITS,
	.demand = WEIR_DEMAND_ANY,
	.step = balance_step,
};

void
weir_balance(struct weir_flow in, struct weir_flow *ret, size_t n,
	const struct weir_stage_opts *opts)
{
	weir_fan_out_add(&weir_op_balance, in, opts, ret, n);
}
