/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parallel.c - the same stages several times, side by side
 *
 * A split, for each copy a lane that leads into its island, and a join.  In
 * order, the split deals out spans in turn; a lane lets one in at a time and
 * puts a mark behind what came out of it (see "chunks" in streams/stage.h), and
 * the join takes up to the mark, in the same turn.  A lane that ended is left
 * out by both.  When a copy fails the split stops, so that the failure comes
 * behind what the others still have.
 */
#include "parallel.h"

#include "../streams/graph.h"
#include "async.h"
#include "balance.h"
#include "merge.h"
#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>

/* -- the split ------------------------------------------------------------- */

struct split_args {
	struct weir_stage_opts opts;
	uint64_t n;
	bool has_copy;
	bool unordered;
};

struct split {
	uint32_t next; /* whose turn it is */
};

static int
split_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct split_args *args = arguments;

	(void)ret_at;
	if (args->n == 0 || args->n > WEIR_PARALLEL_MAX) {
		snprintf(text, text_bytes,
			"would make %llu copies: 1 to %u are possible",
			(unsigned long long)args->n, WEIR_PARALLEL_MAX);
		*ret_key = "n";
		return -EINVAL;
	}
	return weir_check_function(args->has_copy, text, text_bytes);
}

/* The outlet whose turn it is, and its room. */
static uint32_t
turn_of(struct weir_stage *stage, struct split *split, uint64_t *ret_room)
{
	uint32_t outlets = weir_stage_outlets(stage);

	for (uint32_t i = 0; i < outlets; i++) {
		if (!weir_outlet_cancelled(stage, split->next))
			break;
		split->next = (split->next + 1) % outlets;
	}
	*ret_room = weir_outlet_demand(stage, split->next);
	return split->next;
}

static bool
has_failed_copy(const struct weir_stage *stage)
{
	for (uint32_t i = 0; i < weir_stage_outlets(stage); i++)
		if (weir_outlet_cause(stage, i) != NULL)
			return true;
	return false;
}

static int
split_step(struct weir_stage *stage, void *state)
{
	const struct split_args *args = weir_stage_args(stage);
	struct split *split = state;
	size_t n;

	if (has_failed_copy(stage))
		return WEIR_DONE;
	if (args->unordered)
		return weir_op_balance.step(stage, state);
	while ((n = weir_inlet_peek(stage, 0).count) > 0) {
		uint64_t room;
		uint32_t outlet = turn_of(stage, split, &room);

		if (room == 0)
			return WEIR_ROOM;
		if (n > room)
			n = (size_t)room;
		weir_stage_move(stage, 0, outlet, n);
		split->next = (outlet + 1) % weir_stage_outlets(stage);
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_parallel = {
	.name = "parallel",
	.summary = "deals elements out to copies of stages",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.args_bytes = sizeof(struct split_args),
	.state_bytes = sizeof(struct split),
	.flags = WEIR_MANY_OUTLETS | WEIR_SPLITS,
	.demand = WEIR_DEMAND_ANY,
	.check = split_check,
	.step = split_step,
};

/* -- the lanes ------------------------------------------------------------- */

struct lane_args {
	struct weir_stage_opts opts;
	struct weir_window window;
};

struct lane {
	bool inside; /* a chunk is in the island */
	size_t left; /* of it, in the inlet */
};

/* What is left of the chunk inside, or the next one.  Returns how many of its
 * elements may be emitted, or why none, in @ret_wait. */
static size_t
chunk_next(struct weir_stage *stage, struct lane *lane, int *ret_wait)
{
	uint64_t room;

	if (!lane->inside) {
		lane->left = weir_inlet_peek(stage, 0).count;
		lane->inside = lane->left > 0;
	}
	*ret_wait = WEIR_INPUT;
	if (lane->left == 0)
		return 0;
	*ret_wait = WEIR_ROOM;
	room = weir_outlet_demand(stage, 0);
	return lane->left < room ? lane->left : (size_t)room;
}

/* The chunk is inside as a whole: mark its end once nothing of it is left.
 * Returns whether the next may come, or a negative errno. */
static int
chunk_end(struct weir_stage *stage, struct lane *lane)
{
	int rc;

	if (!weir_stage_is_quiet(stage)) {
		weir_stage_when_quiet(stage);
		return 0;
	}
	rc = weir_stage_mark(stage);
	if (rc < 0)
		return rc;
	lane->inside = false;
	return 1;
}

static int
lane_step(struct weir_stage *stage, void *state)
{
	struct lane *lane = state;
	int rc;

	for (;;) {
		size_t n = chunk_next(stage, lane, &rc);

		if (n > 0) {
			weir_stage_move(stage, 0, 0, n);
			lane->left -= n;
		} else if (lane->left > 0) {
			return rc;
		}
		if (lane->inside && lane->left == 0) {
			rc = chunk_end(stage, lane);
			if (rc <= 0)
				return rc < 0 ? rc : WEIR_INPUT;
		} else if (!lane->inside) {
			break;
		}
	}
	if (!weir_inlet_ended(stage, 0))
		return WEIR_INPUT;
	return weir_inlet_failure(stage, 0) != NULL
		       ? weir_stage_fail_on(stage, 0)
		       : WEIR_DONE;
}

static const struct weir_operator lane_op = {
	.name = "lane",
	.summary = "lets a chunk at a time into a copy",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.window_at = offsetof(struct lane_args, window),
	.args_bytes = sizeof(struct lane_args),
	.state_bytes = sizeof(struct lane),
	.flags = WEIR_TAKES_CHUNKS | WEIR_SEES_FAILURE,
	.step = lane_step,
};

/* -- the join -------------------------------------------------------------- */

struct join_args {
	struct weir_stage_opts opts;
	struct weir_window window;
	bool nested;
};

struct join {
	uint32_t turn;
};

static int
join_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct join_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (!args->nested)
		return 0;
	snprintf(text, text_bytes,
		"keeps the order of copies that are cut themselves: leave out "
		"the 'async' or 'parallel' in them, or make it unordered");
	return -EINVAL;
}

/* Go on to the next inlet. */
static void
join_turn(struct weir_stage *stage, struct join *join)
{
	join->turn = (join->turn + 1) % weir_stage_inlets(stage);
}

static int
join_step(struct weir_stage *stage, void *state)
{
	struct join *join = state;
	uint32_t ended = 0;

	while (ended < weir_stage_inlets(stage)) {
		uint32_t inlet = join->turn;
		size_t n = weir_inlet_peek(stage, inlet).count;
		uint64_t room = weir_outlet_demand(stage, 0);

		if (weir_inlet_marked(stage, inlet)) {
			weir_inlet_take_mark(stage, inlet);
			join_turn(stage, join);
			ended = 0;
		} else if (n > 0) {
			if (room == 0)
				return WEIR_ROOM;
			weir_stage_move(
				stage, inlet, 0, n < room ? n : (size_t)room);
		} else if (!weir_inlet_ended(stage, inlet)) {
			return WEIR_INPUT;
		} else if (weir_inlet_failure(stage, inlet) != NULL) {
			return weir_stage_fail_on(stage, inlet);
		} else {
			join_turn(stage, join);
			ended++;
		}
	}
	return WEIR_DONE;
}

static const struct weir_operator join_op = {
	.name = "join",
	.summary = "takes what copies emit in turn",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.window_at = offsetof(struct join_args, window),
	.args_bytes = sizeof(struct join_args),
	.state_bytes = sizeof(struct join),
	.flags = WEIR_MANY_INLETS | WEIR_JOINS | WEIR_SEES_FAILURE,
	.check = join_check,
	.step = join_step,
};

/* -- unordered ------------------------------------------------------------- */

/* A copy that failed has made the split stop; what the others still have comes
 * first. */
static int
gather_step(struct weir_stage *stage, void *state)
{
	int rc = weir_op_merge.step(stage, state);

	for (uint32_t i = 0; rc == WEIR_DONE && i < weir_stage_inlets(stage);
		i++)
		if (weir_inlet_failure(stage, i) != NULL)
			return weir_stage_fail_on(stage, i);
	return rc;
}

static const struct weir_operator gather_op = {
	.name = "join",
	.summary = "takes what copies emit as it comes",
	.inlets = weir_any_port,
	.outlets = weir_any_port,
	.window_at = offsetof(struct join_args, window),
	.args_bytes = sizeof(struct join_args),
	.state_bytes = sizeof(struct join),
	.flags = WEIR_MANY_INLETS | WEIR_JOINS | WEIR_SEES_FAILURE,
	.step = gather_step,
};

/* -- building -------------------------------------------------------------- */

/* Whether a stage added after @lane is a boundary. */
static bool
is_cut_behind(const struct weir_flow *lane)
{
	const struct weir_operator *op;
	uint32_t i = lane->stage + 1;

	while (lane->stage < UINT32_MAX - 1 &&
		weir_graph_stage(lane->graph, i++, &op, NULL, NULL, 0) >= 0)
		if (op->window_at != 0)
			return true;
	return false;
}

static struct weir_flow
lane_add(struct weir_flow in, const struct weir_parallel_opts *opts)
{
	const struct weir_async_opts async = {
		.stage.name = "lane", .window = opts->window};
	const struct lane_args lane = {.window.elements = opts->window};

	return opts->unordered ? weir_async(in, &async)
			       : weir_operator_add(&lane_op, &in, 1, &lane);
}

struct weir_flow
weir_parallel(struct weir_flow in, size_t n, weir_flow_fn copy, void *ctx,
	const struct weir_parallel_opts *opts)
{
	static const struct weir_parallel_opts none = {.unordered = false};
	struct weir_flow flows[WEIR_PARALLEL_MAX];
	struct split_args split = {.n = n, .has_copy = copy != NULL};
	struct join_args join = {.nested = false};

	if (opts == NULL)
		opts = &none;
	split.opts = opts->stage;
	split.unordered = opts->unordered;
	join.window.elements = opts->window;
	/* What cannot be is said by the check of the split. */
	if (n == 0 || n > WEIR_PARALLEL_MAX || copy == NULL)
		n = 1;
	weir_fan_out_add(&weir_op_parallel, in, &split, flows, n);
	for (size_t i = 0; i < n && copy != NULL; i++) {
		struct weir_flow lane = lane_add(flows[i], opts);

		flows[i] = copy(ctx, lane);
		if (!opts->unordered)
			join.nested |= is_cut_behind(&lane);
	}
	return weir_operator_add(
		opts->unordered ? &gather_op : &join_op, flows, n, &join);
}
