/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness.c - a user's operator that looks whether the contract is kept
 *
 * It passes on what comes, and notices when a step comes after its end or in
 * another step, when elements come behind the end of the inlet, and when it is
 * closed more than once.
 */
#include "sim.h"

struct witness_args {
	struct weir_stage_opts opts;
	const struct sim *sim;
	struct subject_state *state;
};

struct witness {
	bool stepping;
};

static int
witness_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct witness_args *args = arguments;

	(void)stage;
	(void)state;
	args->state->ended = args->state->closed = false;
	args->state->seen = args->state->order = 0;
	return 0;
}

/* The elements to come: alive, and in the order in which all witnesses of them
 * see them. */
static void
look(struct weir_stage *stage, struct subject_state *state, const char *items,
	size_t n)
{
	const struct weir_type *type = weir_inlet_type(stage, 0);
	enum kind kind = kind_of(type);

	for (size_t i = 0; i < n; i++, items += type->size) {
		int64_t value = 0;

		if (kind == KIND_LIVE)
			value = live_value((const live *)(const void *)items);
		else if (kind == KIND_INT64)
			value = *(const int64_t *)(const void *)items;
		state->order = state->order * 31 + (uint64_t)value;
		state->seen++;
	}
}

static int
pass(struct weir_stage *stage, const struct witness_args *args)
{
	for (;;) {
		struct weir_span in = weir_inlet_peek(stage, 0);
		uint64_t room = weir_outlet_demand(stage, 0);

		if (in.count > 0 && args->state->ended)
			sim_violation(args->sim,
				"%s: an element came behind the end",
				args->opts.name);
		if (in.count > room)
			in.count = (size_t)room;
		if (in.count == 0)
			break;
		look(stage, args->state, in.items, in.count);
		weir_stage_move(stage, 0, 0, in.count);
	}
	if (!weir_inlet_ended(stage, 0))
		return weir_stage_wait(stage);
	args->state->ended = true;
	return weir_inlet_failure(stage, 0) != NULL
		       ? weir_stage_fail_on(stage, 0)
		       : WEIR_DONE;
}

static int
witness_step(struct weir_stage *stage, void *state)
{
	const struct witness_args *args = weir_stage_args(stage);
	struct witness *witness = state;
	int rc;

	if (args->state->ended || args->state->closed)
		sim_violation(args->sim, "%s: stepped behind its end",
			args->opts.name);
	if (witness->stepping)
		sim_violation(args->sim, "%s: stepped within its step",
			args->opts.name);
	witness->stepping = true;
	rc = pass(stage, args);
	witness->stepping = false;
	return rc;
}

static void
witness_close(struct weir_stage *stage, void *state)
{
	const struct witness_args *args = weir_stage_args(stage);

	(void)state;
	if (args->state->closed)
		sim_violation(args->sim, "%s: closed twice", args->opts.name);
	args->state->closed = true;
}

static const struct weir_port any_port[] = {
	{"elements", NULL, 0}, {NULL, NULL, 0}};

static const struct weir_operator op_witness = {
	.name = "witness",
	.summary = "looks whether the contract is kept",
	.inlets = any_port,
	.outlets = any_port,
	.args_bytes = sizeof(struct witness_args),
	.state_bytes = sizeof(struct witness),
	.flags = WEIR_SEES_FAILURE,
	.open = witness_open,
	.step = witness_step,
	.close = witness_close,
};

struct weir_flow
witness_add(struct weir_flow in, const struct sim *sim,
	struct subject_state *state, const struct weir_stage_opts *opts)
{
	const struct witness_args args = {*opts, sim, state};

	return weir_operator_add(&op_witness, &in, 1, &args);
}
