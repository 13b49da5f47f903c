/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c - draw a graph of any shape, and what goes wrong in it
 */
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FLOWS_MAX 6u
#define SOURCES_MAX 6u

/* An outlet that nobody takes yet. */
struct open_flow {
	uint32_t node, outlet;
	enum kind kind;
	uint64_t sources; /* whose elements come along, a bit each */
	uint32_t stamps;  /* how many there may be on them */
	bool marked;      /* only the text of records tells ways apart */
};

/* A plan under construction. */
struct drawing {
	struct plan *plan;
	struct dice *dice;
	struct open_flow flows[FLOWS_MAX];
	uint32_t flow_count;
	bool inside; /* what is added is copied, by a parallel */
};

static uint32_t
below(const struct drawing *d, uint32_t n)
{
	return dice_below(d->dice, n);
}

static bool
one_in(const struct drawing *d, uint32_t n)
{
	return dice_one_in(d->dice, n);
}

/* -- nodes ----------------------------------------------------------------- */

static struct node *
node_add(struct drawing *d, enum node_op op, enum kind in, enum kind out)
{
	struct plan *plan = d->plan;
	struct node *node = &plan->nodes[plan->count];

	*node = (struct node){.op = op, .in = in, .out = out};
	node->index = plan->count++;
	node->outlets = out == KIND_NONE ? 0 : 1;
	node->modulus = 2;
	snprintf(node->name, sizeof(node->name), "%u-%s", node->index,
		op_name(op));
	node->opts.name = node->name;
	node->opts.on_failure = one_in(d, 6) ? WEIR_FAST : WEIR_DRAIN;
	return node;
}

/* Let @node take @flow. */
static void
connect(struct drawing *d, struct node *node, const struct open_flow *flow)
{
	node->from[node->inlets] = flow->node;
	node->from_outlet[node->inlets++] = flow->outlet;
	d->plan->nodes[flow->node].to[flow->outlet] = node->index;
}

/* Any element that may pass by, to be refused by a function. */
static int64_t
victim(const struct drawing *d)
{
	const struct plan *plan = d->plan;
	uint32_t source;

	if (plan->sources == 0 || !one_in(d, 4))
		return 0;
	source = below(d, plan->sources);
	return value_base(source) + dice_between(d->dice, 1, 60);
}

static uint32_t
draw_length(const struct drawing *d)
{
	return one_in(d, 6) ? below(d, PLAN_ITEMS_MAX) : below(d, 80);
}

static void
source_add(struct drawing *d)
{
	static const enum kind kinds[] = {KIND_LIVE, KIND_INT64, KIND_RECORD,
		KIND_BYTES, KIND_LIVE, KIND_INT64, KIND_BYTES, KIND_INT64};
	static const enum node_op ops[] = {OP_PROBE, OP_PROBE, OP_PROBE,
		OP_PROBE, OP_ARRAY, OP_ARRAY, OP_FILE, OP_RANGE};
	uint32_t which = below(d, 8);
	struct node *node;

	if (d->flow_count == FLOWS_MAX || d->plan->sources == SOURCES_MAX)
		return;
	node = node_add(d, ops[which], KIND_NONE, kinds[which]);
	node->source = d->plan->sources++;
	node->n = draw_length(d);
	node->no_newline = node->out == KIND_BYTES && one_in(d, 3);
	if (node->op == OP_PROBE && one_in(d, 8))
		node->code_at_end = ESTALE;
	if (node->op == OP_FILE && one_in(d, 4))
		node->piece = dice_between(d->dice, 1, 300);
	d->flows[d->flow_count++] = (struct open_flow){node->index, 0,
		node->out, UINT64_C(1) << node->source, 0, false};
}

/* -- operators ------------------------------------------------------------- */

static struct node *
pipe_add(struct drawing *d, struct open_flow *flow, enum node_op op,
	enum kind out)
{
	struct node *node = node_add(d, op, flow->kind, out);

	connect(d, node, flow);
	flow->node = node->index;
	flow->outlet = 0;
	flow->kind = out;
	return node;
}

static void
function_draw(struct drawing *d, struct node *node)
{
	node->modulus = dice_between(d->dice, 2, 7);
	node->few = one_in(d, 3);
	if (node->op == OP_MAP || node->op == OP_FILTER ||
		node->op == OP_FILTER_EACH)
		return;
	node->fails_at = victim(d);
	node->opts.on_error = (enum weir_on_error)below(d, 3);
}

/* What a map may make of @flow. */
static enum kind
map_result(const struct drawing *d, const struct open_flow *flow)
{
	enum kind kind = flow->kind;

	if (kind == KIND_RECORD)
		return one_in(d, 2) && !flow->marked ? KIND_INT64 : KIND_RECORD;
	if (!one_in(d, 4))
		return kind;
	return kind == KIND_LIVE ? KIND_INT64 : KIND_LIVE;
}

static void
map_add(struct drawing *d, struct open_flow *flow)
{
	enum kind out = map_result(d, flow);
	enum node_op op = OP_MAP_EACH;

	if (flow->stamps == VALUE_STAMPS)
		return;
	if (flow->kind != KIND_RECORD && flow->kind == out)
		op = (enum node_op)(OP_MAP + (int)below(d, 3));
	else if (flow->kind == KIND_INT64)
		op = one_in(d, 2) ? OP_MAP : OP_MAP_EACH;
	function_draw(d, pipe_add(d, flow, op, out));
	if (out != KIND_RECORD)
		flow->stamps++;
}

static void
select_add(struct drawing *d, struct open_flow *flow)
{
	enum node_op op = (enum node_op)(OP_FILTER + (int)below(d, 3));

	if (op == OP_FILTER && flow->kind == KIND_RECORD)
		op = OP_FILTER_EACH;
	function_draw(d, pipe_add(d, flow, op, flow->kind));
}

static void
boundary_add(struct drawing *d, struct open_flow *flow)
{
	struct node *node = pipe_add(d, flow, OP_ASYNC, flow->kind);

	node->window = one_in(d, 3) ? dice_between(d->dice, 1, 3)
				    : dice_between(d->dice, 1, 300);
	if (one_in(d, 3))
		node->window_bytes = dice_between(d->dice, 1, 500);
	if (one_in(d, 4))
		node->window_batches = dice_between(d->dice, 1, 4);
}

/* Operators of any type. */
static void
any_add(struct drawing *d, struct open_flow *flow)
{
	bool bytes = flow->kind == KIND_BYTES;
	enum kind kind = flow->kind;

	/* Copies would take, or witness, each for itself. */
	if (d->inside) {
		pipe_add(d, flow, OP_TAP, kind);
		return;
	}
	switch (bytes ? 3 + below(d, 3) : below(d, 6)) {
	case 0:
		pipe_add(d, flow, OP_TAKE, kind)->n =
			one_in(d, 8) ? 0 : below(d, 200);
		break;
	case 1:
		pipe_add(d, flow, OP_SKIP, kind)->n = below(d, 50);
		break;
	case 2:
		pipe_add(d, flow, OP_TAP, kind);
		break;
	case 3:
		pipe_add(d, flow, OP_WITNESS, kind);
		break;
	default:
		boundary_add(d, flow);
	}
}

static void
record_add(struct drawing *d, struct open_flow *flow)
{
	static const char *const patterns[] = {
		"pear", "7", "p.ar", "[05]+1", ""};
	enum node_op op = (enum node_op)(OP_GREP + (int)below(d, 6));
	struct node *node = pipe_add(d, flow, op, KIND_RECORD);

	node->pattern = patterns[below(d, 5)];
	node->few = one_in(d, 3);
}

/* Operators of one type only. */
static void
typed_add(struct drawing *d, struct open_flow *flow)
{
	switch (flow->kind) {
	case KIND_BYTES:
		pipe_add(d, flow, OP_LINES, KIND_RECORD)->capacity =
			one_in(d, 6) ? dice_between(d->dice, 20, 60) : 0;
		break;
	case KIND_RECORD:
		record_add(d, flow);
		break;
	case KIND_INT64:
	case KIND_UINT64:
		pipe_add(d, flow, OP_DECIMAL, KIND_RECORD);
		break;
	default:
		map_add(d, flow);
	}
}

static void
stage_add(struct drawing *d, struct open_flow *flow)
{
	bool bytes = flow->kind == KIND_BYTES;
	bool number = flow->kind == KIND_UINT64;

	switch (below(d, 9)) {
	case 0:
	case 1:
	case 2:
		any_add(d, flow);
		break;
	case 3:
	case 4:
		typed_add(d, flow);
		break;
	case 5:
		if (!bytes && !number && !d->inside && one_in(d, 4))
			pipe_add(d, flow, OP_COUNT, KIND_UINT64);
		else
			typed_add(d, flow);
		break;
	case 6:
		if (!bytes && !number)
			select_add(d, flow);
		break;
	default:
		if (!bytes && !number)
			map_add(d, flow);
	}
}

/* -- forks and joins ------------------------------------------------------- */

/* A few stages, several times, side by side. */
static void
parallel_add(struct drawing *d, struct open_flow *flow)
{
	struct node *begin, *end;
	uint32_t stages = dice_between(d->dice, 1, 3);

	if (flow->kind == KIND_BYTES || flow->kind == KIND_UINT64)
		return;
	begin = pipe_add(d, flow, OP_PARALLEL, flow->kind);
	begin->copies = dice_between(d->dice, 1, 4);
	begin->unordered = one_in(d, 2);
	begin->window = one_in(d, 3) ? dice_between(d->dice, 1, 3)
				     : dice_between(d->dice, 1, 200);
	d->inside = true;
	while (stages-- > 0)
		stage_add(d, flow);
	/* One at least is needed. */
	pipe_add(d, flow, OP_TAP, flow->kind);
	if (begin->unordered && one_in(d, 4))
		boundary_add(d, flow);
	d->inside = false;
	end = pipe_add(d, flow, OP_JOIN, flow->kind);
	end->copies = begin->copies;
	end->unordered = begin->unordered;
	end->window = begin->window;
	end->opts.on_failure = WEIR_DRAIN;
	begin->partner = end->index;
}

/* Deal out the elements of a flow, and bring them together again. */
static void
detour_add(struct drawing *d, struct open_flow *flow)
{
	struct node *fork = pipe_add(d, flow, OP_BALANCE, flow->kind), *join;
	struct open_flow branches[PLAN_PORTS];
	uint32_t n = dice_between(d->dice, 2, 3);

	fork->outlets = n;
	for (uint32_t i = 0; i < n; i++) {
		branches[i] = *flow;
		branches[i].outlet = i;
		if (one_in(d, 2))
			boundary_add(d, &branches[i]);
		else
			pipe_add(d, &branches[i], OP_TAP, flow->kind);
		d->plan->nodes[branches[i].node].opts.on_failure = WEIR_DRAIN;
	}
	join = node_add(d, OP_MERGE, flow->kind, flow->kind);
	join->partner = fork->index + 1;
	join->opts.on_failure = WEIR_DRAIN;
	for (uint32_t i = 0; i < n; i++)
		connect(d, join, &branches[i]);
	flow->node = join->index;
	flow->outlet = 0;
}

static void
fork_add(struct drawing *d, uint32_t i)
{
	struct open_flow flow = d->flows[i];
	uint32_t n = dice_between(d->dice, 1, 3);
	enum node_op op = OP_TEE;
	struct node *node;

	if (flow.kind != KIND_BYTES && flow.kind != KIND_UINT64) {
		if (one_in(d, 3)) {
			detour_add(d, &d->flows[i]);
			return;
		}
		if (one_in(d, 4))
			op = OP_BALANCE;
	}
	if (d->flow_count + n - 1 > FLOWS_MAX)
		return;
	node = pipe_add(d, &flow, op, flow.kind);
	node->outlets = n;
	for (uint32_t k = 0; k < n; k++) {
		flow.outlet = k;
		d->flows[k == 0 ? i : d->flow_count++] = flow;
	}
}

/* Let elements of one source that came along different ways differ. */
static bool
tell_apart(struct drawing *d, struct open_flow *flow)
{
	static const enum node_op ops[] = {OP_PREFIX, OP_SUFFIX};

	if (flow->kind == KIND_RECORD) {
		pipe_add(d, flow, ops[below(d, 2)], KIND_RECORD);
		flow->marked = true;
		return true;
	}
	if (flow->stamps == VALUE_STAMPS)
		return false;
	pipe_add(d, flow, OP_MAP, flow->kind);
	flow->stamps++;
	return true;
}

/* Join flow @i with others of its kind. */
static void
join_add(struct drawing *d, uint32_t i)
{
	struct open_flow joined = d->flows[i];
	struct open_flow taken[PLAN_PORTS] = {joined};
	uint32_t n = 1, left = 0;
	struct node *node;

	if (joined.kind == KIND_BYTES || joined.kind == KIND_UINT64)
		return;
	for (uint32_t k = 0; k < d->flow_count; k++) {
		struct open_flow *flow = &d->flows[k];
		bool fits =
			k != i && flow->kind == joined.kind && n < PLAN_PORTS;

		if (k == i)
			continue;
		if (fits && (flow->sources & joined.sources) != 0)
			fits = tell_apart(d, flow);
		if (fits) {
			joined.sources |= flow->sources;
			joined.marked |= flow->marked;
			if (flow->stamps > joined.stamps)
				joined.stamps = flow->stamps;
			taken[n++] = *flow;
		} else {
			d->flows[left++] = *flow;
		}
	}
	node = node_add(d, OP_MERGE, joined.kind, joined.kind);
	for (uint32_t k = 0; k < n; k++)
		connect(d, node, &taken[k]);
	joined.node = node->index;
	joined.outlet = 0;
	d->flows[left++] = joined;
	d->flow_count = left;
}

/* -- sinks ----------------------------------------------------------------- */

static enum node_op
sink_draw(const struct drawing *d, enum kind kind)
{
	uint32_t which = below(d, 8);

	if (which == 0)
		return OP_TO_NULL;
	if (which == 1 && kind != KIND_BYTES)
		return OP_TO_COUNT;
	if (which == 2 && (kind == KIND_LIVE || kind == KIND_INT64))
		return OP_TO_FOLD;
	if (which == 3 && (kind == KIND_LIVE || kind == KIND_INT64))
		return OP_TO_COLLECT;
	if (which <= 3 && (kind == KIND_RECORD || kind == KIND_BYTES))
		return OP_TO_FILE;
	return OP_TO_PROBE;
}

static void
sink_add(struct drawing *d, struct open_flow *flow)
{
	enum node_op op = sink_draw(d, flow->kind);
	struct node *node = pipe_add(d, flow, op, KIND_NONE);

	switch (op) {
	case OP_TO_FOLD:
		function_draw(d, node);
		break;
	case OP_TO_COLLECT:
		node->capacity = one_in(d, 6) ? below(d, 40) : 0;
		break;
	case OP_TO_FILE:
		node->limit = one_in(d, 6) ? below(d, 600) : 0;
		break;
	case OP_TO_PROBE:
		node->window = below(d, 20);
		node->stop_after = one_in(d, 5) ? 1 + below(d, 60) : 0;
		break;
	default:
		break;
	}
}

/* -- the whole ------------------------------------------------------------- */

static void
graph_draw(struct drawing *d)
{
	uint32_t length = dice_between(d->dice, 1, 24);

	source_add(d);
	for (uint32_t k = 0; k < length; k++) {
		uint32_t what = below(d, 11);
		uint32_t i = d->flow_count == 0 ? 0 : below(d, d->flow_count);

		/* Room for what tells flows apart, and for all sinks. */
		if (d->plan->count + 2 * FLOWS_MAX + 8 > PLAN_NODES)
			break;
		if (what == 0 || d->flow_count == 0)
			source_add(d);
		else if (what == 1)
			fork_add(d, i);
		else if (what == 2)
			join_add(d, i);
		else if (what == 3 && d->flow_count > 1)
			sink_add(d, &d->flows[--d->flow_count]);
		else if (what == 4)
			parallel_add(d, &d->flows[i]);
		else
			stage_add(d, &d->flows[i]);
	}
	while (d->flow_count > 0)
		sink_add(d, &d->flows[--d->flow_count]);
}

static void
memory_draw(struct plan *plan, struct dice *dice)
{
	if (dice_one_in(dice, 10))
		plan->memory_bytes = dice_between(dice, 4, 255) << 12;
	if (!dice_one_in(dice, 10))
		return;
	plan->alloc_fails = dice_between(dice, 1, 120);
	plan->alloc_and_after = dice_one_in(dice, 2);
}

static void
io_draw(struct plan *plan, struct dice *dice)
{
	static const int results[] = {-EIO, -ENOSPC, -EINTR, -EPIPE};

	if (dice_one_in(dice, 4))
		plan->io_short = dice_between(dice, 1, 200);
	if (!dice_one_in(dice, 8))
		return;
	plan->io_code = dice_one_in(dice, 2) ? WEIR_IO_WRITE : WEIR_IO_READ;
	plan->io_fails = dice_between(dice, 1, 6);
	plan->io_count = dice_below(dice, 3);
	plan->io_result = results[dice_below(dice, 4)];
}

void
plan_draw(struct plan *plan, struct dice *dice)
{
	struct drawing drawing = {.plan = plan, .dice = dice};
	uint64_t seed = plan->seed;

	*plan = (struct plan){.seed = seed};
	plan->batch_items = dice_one_in(dice, 3) ? dice_between(dice, 1, 4)
						 : dice_between(dice, 1, 64);
	if (!dice_one_in(dice, 4))
		plan->system_seed = 1 + dice_below(dice, 65536);
	memory_draw(plan, dice);
	io_draw(plan, dice);
	if (dice_one_in(dice, 6)) {
		plan->event = (enum plan_event)dice_between(dice, 1, 3);
		plan->event_at = dice_below(dice, 12);
	}
	graph_draw(&drawing);
}
