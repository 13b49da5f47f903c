/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.c - a plan becomes a graph; the users' functions in it
 */
#include "sim.h"

#include "io/file.h"
#include "operators/operators.h"
#include "streams/kernel.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLLECT_MAX ((size_t)PLAN_NODES * PLAN_ITEMS_MAX)

/* -- users' functions ------------------------------------------------------ */

WEIR_MAP_WITH(stamp_live, const struct node, node, live, x, live)
{
	return (live){x.ticket, value_stamp(live_value(&x), node->index)};
}

WEIR_MAP_WITH(stamp_number, const struct node, node, int64_t, x, int64_t)
{
	return value_stamp(x, node->index);
}

WEIR_MAP_WITH(enliven, const struct node, node, int64_t, x, live)
{
	return live_make(value_stamp(x, node->index));
}

WEIR_TRY_MAP_WITH(try_live, const struct node, node, stage, live, x, live, ret)
{
	if (node_refuses(node, live_value(&x)))
		return weir_stage_fail(stage, -EDOM, "refused");
	*ret = (live){x.ticket, value_stamp(x.value, node->index)};
	return 0;
}

WEIR_TRY_MAP_WITH(
	try_number, const struct node, node, stage, int64_t, x, int64_t, ret)
{
	if (node_refuses(node, x))
		return weir_stage_fail(stage, -EDOM, "refused");
	*ret = value_stamp(x, node->index);
	return 0;
}

WEIR_FILTER_WITH(keep_live, const struct node, node, live, x)
{
	return node_keeps(node, live_value(&x));
}

WEIR_FILTER_WITH(keep_number, const struct node, node, int64_t, x)
{
	return node_keeps(node, x);
}

/* The number in an element. */
static int64_t
value_in(enum kind kind, const void *element)
{
	const weir_record *record = element;

	if (kind == KIND_LIVE)
		return live_value(element);
	if (kind == KIND_RECORD)
		return value_of_line(record->data, record->length);
	return *(const int64_t *)element;
}

static int
map_each(void *ctx, const void *in, void *out)
{
	const struct node *node = ctx;
	int64_t value = value_in(node->in, in);
	live element;

	if (node_refuses(node, value))
		return -EDOM;
	if (node->out == KIND_RECORD) {
		*(weir_record *)out = *(const weir_record *)in;
		return 0;
	}
	value = value_stamp(value, node->index);
	if (node->out == KIND_INT64) {
		if (node->in == KIND_LIVE) {
			element = *(const live *)in;
			live_drop(&element, 1);
		}
		*(int64_t *)out = value;
		return 0;
	}
	*(live *)out = node->in == KIND_LIVE
			       ? (live){((const live *)in)->ticket, value}
			       : live_make(value);
	return 0;
}

static bool
keep_each(void *ctx, const void *element)
{
	const struct node *node = ctx;

	return node_keeps(node, value_in(node->in, element));
}

static int
keep_or_fail(void *ctx, const void *in, void *out)
{
	const struct node *node = ctx;
	int64_t value = value_in(node->in, in);
	live element;

	if (node_refuses(node, value))
		return -EDOM;
	if (node_keeps(node, value)) {
		memcpy(out, in, kind_type(node->in)->size);
		return 1;
	}
	if (node->in == KIND_LIVE) {
		element = *(const live *)in;
		live_drop(&element, 1);
	}
	return 0;
}

/* Look at elements that pass: they must be alive. */
static void
see(void *ctx, const void *element)
{
	struct subject_state *state = ctx;
	const live *each = element;

	/* Of all copies of a tap. */
	atomic_fetch_add_explicit(
		&state->seen, live_value(each) != 0, memory_order_relaxed);
}

static void
see_any(void *ctx, const void *element)
{
	struct subject_state *state = ctx;

	(void)element;
	atomic_fetch_add_explicit(&state->seen, 1, memory_order_relaxed);
}

static int
fold_each(void *ctx, void *acc, const void *in)
{
	const struct node *node = ctx;
	int64_t value = value_in(node->in, in);
	live element;

	if (node_refuses(node, value))
		return -EDOM;
	folded_add(acc, value);
	if (node->in == KIND_LIVE) {
		element = *(const live *)in;
		live_drop(&element, 1);
	}
	return 0;
}

/* -- sources --------------------------------------------------------------- */

void
sim_file_name(char name[16], uint32_t index)
{
	snprintf(name, 16, "file-%u", index);
}

static struct weir_flow
probe_build(struct sim *sim, const struct node *node)
{
	struct probe_source *source = &sim->states[node->index].source;

	source->kind = node->out;
	source->first = value_base(node->source) + 1;
	source->n = node->n;
	source->line = value_line;
	source->no_newline = node->no_newline;
	source->code = -(int)node->code_at_end;
	source->hook = sim->plan->workers > 0 ? NULL : sim_watch;
	source->ctx = sim;
	return probe_from(sim->graph, source, &node->opts);
}

static struct weir_flow
array_build(struct sim *sim, const struct node *node)
{
	struct subject_state *state = &sim->states[node->index];
	const struct weir_type *type = kind_type(node->out);
	int64_t base = value_base(node->source);

	state->items = malloc((node->n + 1) * type->size);
	if (state->items == NULL)
		abort();
	state->item_count = node->n;
	for (uint32_t i = 0; i < node->n; i++)
		if (node->out == KIND_LIVE)
			((live *)state->items)[i] = live_make(base + i + 1);
		else
			((int64_t *)state->items)[i] = base + i + 1;
	return weir_from_array(
		sim->graph, type, state->items, node->n, &node->opts);
}

static struct weir_flow
file_build(struct sim *sim, const struct node *node)
{
	const struct weir_from_file_opts opts = {
		.stage = node->opts, .block_bytes = 4096};
	char name[16], line[LINE_MAX_BYTES];
	struct text text = {0};

	sim_file_name(name, node->index);
	for (uint32_t i = 1; i <= node->n; i++) {
		text_add(&text, line,
			value_line(value_base(node->source) + i, line));
		if (i < node->n || !node->no_newline)
			text_add(&text, "\n", 1);
	}
	if (weir_sim_file_set(sim->world, name,
		    text.data == NULL ? "" : text.data, text.length) < 0 ||
		(node->piece > 0 &&
			weir_sim_file_pipe(sim->world, name, node->piece) < 0))
		abort();
	text_free(&text);
	return weir_from_file(sim->graph, name, &opts);
}

/* -- operators ------------------------------------------------------------- */

static struct weir_flow
map_build(const struct node *node, struct weir_flow in)
{
	const struct weir_stage_opts *opts = &node->opts;
	void *ctx = (void *)(uintptr_t)node;

	if (node->op == OP_MAP_EACH)
		return weir_map(in, kind_type(node->out), map_each, ctx, opts);
	if (node->op == OP_TRY_MAP)
		return node->in == KIND_LIVE ? try_live(in, node, opts)
					     : try_number(in, node, opts);
	if (node->in != node->out)
		return enliven(in, node, opts);
	return node->in == KIND_LIVE ? stamp_live(in, node, opts)
				     : stamp_number(in, node, opts);
}

static struct weir_flow
select_build(const struct node *node, struct weir_flow in)
{
	const struct weir_stage_opts *opts = &node->opts;
	void *ctx = (void *)(uintptr_t)node;

	if (node->op == OP_FILTER_MAP)
		return weir_filter_map(
			in, kind_type(node->in), keep_or_fail, ctx, opts);
	if (node->op == OP_FILTER_EACH)
		return weir_filter(in, keep_each, ctx, opts);
	return node->in == KIND_LIVE ? keep_live(in, node, opts)
				     : keep_number(in, node, opts);
}

static struct weir_flow
record_build(const struct node *node, struct weir_flow in)
{
	const struct weir_grep_opts grep = {
		.stage = node->opts, .invert = node->few};
	const struct weir_lines_opts lines = {
		.stage = node->opts, .line_bytes_max = node->capacity};
	char mark[NODE_MARK_BYTES];

	(void)node_mark(node, mark);
	switch (node->op) {
	case OP_LINES:
		return weir_lines(in, &lines);
	case OP_GREP:
		return weir_grep(in, node->pattern, &grep);
	case OP_UPPER:
		return weir_upper(in, &node->opts);
	case OP_LOWER:
		return weir_lower(in, &node->opts);
	case OP_TRIM:
		return weir_trim(in, &node->opts);
	case OP_PREFIX:
		return weir_prefix(in, mark, &node->opts);
	case OP_SUFFIX:
		return weir_suffix(in, mark, &node->opts);
	default:
		return weir_decimal(in, &node->opts);
	}
}

static struct weir_flow
any_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	struct subject_state *state = &sim->states[node->index];
	const struct weir_async_opts window = {.stage = node->opts,
		.window = node->window,
		.window_bytes = node->window_bytes,
		.window_batches = node->window_batches};

	switch (node->op) {
	case OP_TAKE:
		return weir_take(in, node->n, &node->opts);
	case OP_SKIP:
		return weir_skip(in, node->n, &node->opts);
	case OP_TAP:
		return weir_tap(in, node->in == KIND_LIVE ? see : see_any,
			state, &node->opts);
	case OP_WITNESS:
		return witness_add(in, sim, state, &node->opts);
	case OP_ASYNC:
		return weir_async(in, &window);
	default:
		return weir_count(in, &node->opts);
	}
}

/* -- sinks ----------------------------------------------------------------- */

static void
probe_sink_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	struct probe_sink *sink = &sim->states[node->index].sink;

	sink->want = PROBE_ALL;
	sink->window = node->window;
	sink->cancel_at_once = node->stop_after == 1;
	sink->cancel_after = node->stop_after == 0 ? 0 : node->stop_after - 1;
	sink->hook = sim->plan->workers > 0 ? NULL : sim_watch;
	sink->ctx = sim;
	probe_to(in, sink, &node->opts);
}

static void
collect_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	struct subject_state *state = &sim->states[node->index];
	size_t capacity = node->capacity == 0 ? COLLECT_MAX : node->capacity;

	state->items = malloc(capacity * kind_type(node->in)->size);
	if (state->items == NULL)
		abort();
	weir_to_collect(
		in, state->items, capacity, &state->collected, &node->opts);
}

static void
file_sink_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	const struct weir_to_file_opts opts = {.stage = node->opts};
	char name[16];

	sim_file_name(name, node->index);
	if (weir_sim_file_set(sim->world, name, "", 0) < 0 ||
		(node->limit > 0 &&
			weir_sim_file_limit(sim->world, name, node->limit) < 0))
		abort();
	weir_to_file(in, name, &opts);
}

static void
sink_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	struct subject_state *state = &sim->states[node->index];

	state->counted = UINT64_MAX;
	state->folded.chain = 1;
	state->collected = SIZE_MAX;
	switch (node->op) {
	case OP_TO_COUNT:
		weir_to_count(in, &state->counted, &node->opts);
		break;
	case OP_TO_FOLD:
		weir_to_fold(in, fold_each, (void *)(uintptr_t)node,
			&state->folded, sizeof(state->folded), &node->opts);
		break;
	case OP_TO_COLLECT:
		collect_build(sim, node, in);
		break;
	case OP_TO_FILE:
		file_sink_build(sim, node, in);
		break;
	case OP_TO_PROBE:
		probe_sink_build(sim, node, in);
		break;
	default:
		weir_to_null(in, &node->opts);
	}
}

/* -- the whole ------------------------------------------------------------- */

static struct weir_flow pipe_build(
	struct sim *sim, const struct node *node, struct weir_flow in);

/* What a parallel has copies of. */
struct part {
	struct sim *sim;
	const struct node *begin;
};

static struct weir_flow
part_build(void *ctx, struct weir_flow flow)
{
	const struct part *part = ctx;

	for (uint32_t i = part->begin->index + 1; i < part->begin->partner; i++)
		flow = pipe_build(part->sim, &part->sim->plan->nodes[i], flow);
	return flow;
}

static struct weir_flow
parallel_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	const struct weir_parallel_opts opts = {.stage = node->opts,
		.unordered = node->unordered,
		.window = node->window};
	struct part part = {sim, node};

	return weir_parallel(in, node->copies, part_build, &part, &opts);
}

static struct weir_flow
source_build(struct sim *sim, const struct node *node)
{
	int64_t base = value_base(node->source);

	switch (node->op) {
	case OP_ARRAY:
		return array_build(sim, node);
	case OP_FILE:
		return file_build(sim, node);
	case OP_RANGE:
		return weir_from_range(sim->graph, base + 1,
			base + (int64_t)node->n, &node->opts);
	default:
		return probe_build(sim, node);
	}
}

static struct weir_flow
pipe_build(struct sim *sim, const struct node *node, struct weir_flow in)
{
	switch (node->op) {
	case OP_MAP:
	case OP_TRY_MAP:
	case OP_MAP_EACH:
		return map_build(node, in);
	case OP_FILTER:
	case OP_FILTER_EACH:
	case OP_FILTER_MAP:
		return select_build(node, in);
	case OP_DECIMAL:
	case OP_LINES:
	case OP_GREP:
	case OP_UPPER:
	case OP_LOWER:
	case OP_TRIM:
	case OP_PREFIX:
	case OP_SUFFIX:
		return record_build(node, in);
	default:
		return any_build(sim, node, in);
	}
}

void
sim_build(struct sim *sim)
{
	struct weir_flow flows[PLAN_NODES][PLAN_PORTS];

	for (uint32_t i = 0; i < sim->plan->count; i++) {
		const struct node *node = &sim->plan->nodes[i];
		struct weir_flow in[PLAN_PORTS] = {{sim->graph, 0, 0}};

		for (uint32_t k = 0; k < node->inlets; k++)
			in[k] = flows[node->from[k]][node->from_outlet[k]];
		if (op_is_source(node->op))
			flows[i][0] = source_build(sim, node);
		else if (op_is_sink(node->op))
			sink_build(sim, node, in[0]);
		else if (node->op == OP_TEE)
			weir_broadcast(
				in[0], flows[i], node->outlets, &node->opts);
		else if (node->op == OP_BALANCE)
			weir_balance(
				in[0], flows[i], node->outlets, &node->opts);
		else if (node->op == OP_PARALLEL)
			flows[i = node->partner][0] =
				parallel_build(sim, node, in[0]);
		else if (node->op == OP_MERGE)
			flows[i][0] = weir_merge(in, node->inlets, &node->opts);
		else
			flows[i][0] = pipe_build(sim, node, in[0]);
	}
}

/* Drop the elements in the @n first places of what @node holds. */
static void
items_drop(const struct node *node, struct subject_state *state, size_t n)
{
	enum kind kind = node->op == OP_ARRAY ? node->out : node->in;

	if (kind == KIND_LIVE)
		live_drop(state->items, n);
}

void
sim_free_items(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->plan->count; i++) {
		struct subject_state *state = &sim->states[i];
		const struct node *node = &sim->plan->nodes[i];

		if (node->op == OP_ARRAY)
			items_drop(node, state, state->item_count);
		else if (node->op == OP_TO_COLLECT &&
			 state->collected != SIZE_MAX)
			items_drop(node, state, state->collected);
		free(state->items);
		state->items = NULL;
	}
}
