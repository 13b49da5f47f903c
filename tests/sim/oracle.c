/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.c - what must come out of a plan
 */
#include "oracle_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 << 20)

/* All that one answer consists of. */
static char arena[ARENA_BYTES];
static size_t arena_used;

void *
oracle_get(size_t bytes)
{
	void *at = &arena[arena_used];

	arena_used += (bytes + 15) / 16 * 16;
	if (arena_used > ARENA_BYTES)
		abort();
	return at;
}

bool
flow_is_exact(const struct flow *flow)
{
	return !flow->partial && !flow->skips && !flow->wild && !flow->holes;
}

bool
flow_has_code(const struct flow *flow, int errno_code)
{
	return (flow->codes >> (errno_code % 64) & 1) != 0;
}

void
folded_add(struct folded *folded, int64_t value)
{
	folded->count++;
	folded->sum += (uint64_t)value;
	folded->chain = folded->chain * 31 + (uint64_t)value;
}

/* Whether it is known which element is the n-th. */
static bool
is_aligned(const struct flow *flow)
{
	return flow->count <= 1 && !flow->skips && !flow->wild &&
	       !flow->holes && !flow->unordered;
}

void
flow_fails(struct flow *flow, enum maybe failed, int errno_code)
{
	if (failed > flow->failed)
		flow->failed = failed;
	flow->codes |= UINT64_C(1) << (errno_code % 64);
}

static void
total_forget(struct flow *flow)
{
	flow->total_known = false;
}

void
flow_total(struct flow *flow)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < flow->count; i++)
		total += flow->strands[i].count;
	if (!flow->wild && (total < flow->total_max || flow_is_exact(flow)))
		flow->total_max = total;
	flow->total_known = flow_is_exact(flow);
}

/* -- items ----------------------------------------------------------------- */

static void
item_print(struct item *item)
{
	char text[24];

	item->length =
		(uint32_t)snprintf(text, sizeof(text), "%" PRId64, item->value);
	item->text = memcpy(oracle_get(item->length), text, item->length);
}

/* A copy of @flow whose items may be changed. */
static struct flow
flow_copy(const struct flow *flow)
{
	struct flow copy = *flow;

	copy.strands = oracle_get(flow->count * sizeof(*copy.strands));
	for (uint32_t i = 0; i < flow->count; i++) {
		const struct strand *from = &flow->strands[i];
		struct strand *to = &copy.strands[i];
		size_t bytes = from->count * sizeof(*to->items);

		to->items = oracle_get(bytes);
		to->count = from->count;
		if (bytes > 0)
			memcpy(to->items, from->items, bytes);
	}
	return copy;
}

/* Leave out the items of which @keeps says no. */
static void
flow_filter(struct flow *flow, const struct node *node,
	bool (*keeps)(const struct node *, const struct item *))
{
	for (uint32_t i = 0; i < flow->count; i++) {
		struct strand *strand = &flow->strands[i];
		uint32_t kept = 0;

		for (uint32_t k = 0; k < strand->count; k++)
			if (keeps(node, &strand->items[k]))
				strand->items[kept++] = strand->items[k];
		strand->count = kept;
	}
	flow_total(flow);
}

/* -- sources --------------------------------------------------------------- */

static void
source_bytes(const struct node *node, struct flow *flow, size_t most)
{
	size_t length = 0;
	char *bytes = oracle_get(node->n * (LINE_MAX_BYTES + 1));

	for (uint32_t i = 1; i <= node->n; i++) {
		length += value_line(
			value_base(node->source) + i, bytes + length);
		if (i < node->n || !node->no_newline)
			bytes[length++] = '\n';
	}
	flow->bytes = bytes;
	flow->length = length < most ? length : most;
}

static void
source_items(const struct node *node, struct flow *flow, uint64_t most)
{
	struct strand *strand = oracle_get(sizeof(*strand));
	char line[LINE_MAX_BYTES];

	strand->count = node->n < most ? node->n : (uint32_t)most;
	strand->items = oracle_get(strand->count * sizeof(*strand->items));
	for (uint32_t i = 0; i < strand->count; i++) {
		struct item *item = &strand->items[i];

		item->value = value_base(node->source) + i + 1;
		if (node->out != KIND_RECORD) {
			item_print(item);
			continue;
		}
		item->length = (uint32_t)value_line(item->value, line);
		item->text =
			memcpy(oracle_get(item->length), line, item->length);
	}
	flow->strands = strand;
	flow->count = 1;
	flow->total_max = strand->count;
	flow_total(flow);
}

static struct flow
source_ask(const struct node *node, const struct happened *happened)
{
	uint64_t most =
		happened->drained ? happened->created[node->index] : UINT64_MAX;
	struct flow flow = {.partial = false};

	if (node->out == KIND_BYTES) {
		source_bytes(node, &flow, most);
		flow.total_max = UINT64_MAX;
	} else {
		source_items(node, &flow, most);
	}
	if (node->code_at_end != 0)
		flow_fails(&flow, happened->drained ? MAYBE : YES,
			(int)node->code_at_end);
	return flow;
}

/* -- functions ------------------------------------------------------------- */

static bool
is_not_refused(const struct node *node, const struct item *item)
{
	return !node_refuses(node, item->value);
}

/* Cut the strand with the element that is refused in front of it. */
static void
cut_refused(const struct node *node, struct flow *flow)
{
	bool known = flow_is_exact(flow);
	bool sure = !flow->skips && !flow->holes && !flow->unordered;

	for (uint32_t i = 0; i < flow->count; i++) {
		struct strand *strand = &flow->strands[i];

		for (uint32_t k = 0; k < strand->count; k++) {
			if (!node_refuses(node, strand->items[k].value))
				continue;
			/* Else it may be missing, or come later. */
			if (sure)
				strand->count = k;
			flow->partial |= flow->count > 1 || !sure;
			if (known)
				flow->codes = 0;
			flow_fails(flow, known ? YES : MAYBE, EDOM);
		}
	}
	/* More than one may have been cut. */
	flow_total(flow);
}

static void
refuse(const struct node *node, struct flow *flow)
{
	if (node->fails_at == 0)
		return;
	if (node->opts.on_error == WEIR_STOP)
		cut_refused(node, flow);
	else
		flow_filter(flow, node, is_not_refused);
}

static void
map_apply(const struct node *node, struct flow *flow)
{
	refuse(node, flow);
	for (uint32_t i = 0; node->out != KIND_RECORD && i < flow->count; i++)
		for (uint32_t k = 0; k < flow->strands[i].count; k++) {
			struct item *item = &flow->strands[i].items[k];

			item->value = value_stamp(item->value, node->index);
			item_print(item);
		}
}

static bool
is_kept(const struct node *node, const struct item *item)
{
	return node_keeps(node, item->value);
}

/* -- counting -------------------------------------------------------------- */

static void
take_apply(struct flow *flow, uint64_t n)
{
	bool exact = flow_is_exact(flow);

	if (is_aligned(flow) && flow->count == 1 && flow->strands[0].count > n)
		flow->strands[0].count = (uint32_t)n;
	else if (!is_aligned(flow) && flow->total_max > n)
		flow->partial = true;
	if (flow->failed != NO) {
		if (exact && flow->total_max >= n && n > 0)
			flow->failed = NO;
		else if (!exact || n == 0)
			flow->failed = MAYBE;
	}
	if (flow->total_max >= n)
		flow->total_max = n;
}

static void
skip_apply(struct flow *flow, uint64_t n)
{
	if (is_aligned(flow)) {
		for (uint32_t i = 0; i < flow->count; i++) {
			struct strand *strand = &flow->strands[i];
			uint32_t gone =
				strand->count < n ? strand->count : (uint32_t)n;

			strand->items += gone;
			strand->count -= gone;
		}
	} else if (n > 0) {
		flow->skips = true;
		flow->partial |= flow->unordered;
	}
	flow->total_max -= flow->total_max < n ? flow->total_max : n;
}

static void
count_apply(struct flow *flow)
{
	struct strand *strand = oracle_get(sizeof(*strand));
	struct flow counted = {.failed = flow->failed, .codes = flow->codes};

	counted.strands = strand;
	*strand = (struct strand){oracle_get(sizeof(struct item)), 0};
	counted.total_max = 1;
	if (flow->failed == YES) {
		/* The failure passes it by. */
	} else if (flow->total_known && flow->failed == NO) {
		strand->items[0].value = (int64_t)flow->total_max;
		item_print(&strand->items[0]);
		strand->count = 1;
	} else {
		counted.wild = true;
		counted.partial = flow->failed != NO;
	}
	counted.count = 1;
	flow_total(&counted);
	*flow = counted;
}

/* -- nodes ----------------------------------------------------------------- */

static void
merge_in(struct flow *flow, const struct flow *other)
{
	struct strand *all =
		oracle_get((flow->count + other->count) * sizeof(*all));

	if (flow->count > 0)
		memcpy(all, flow->strands, flow->count * sizeof(*all));
	if (other->count > 0)
		memcpy(all + flow->count, other->strands,
			other->count * sizeof(*all));
	flow->strands = all;
	flow->count += other->count;
	flow->total_max += other->total_max;
	flow->total_known &= other->total_known;
	flow->partial |= other->partial;
	flow->skips |= other->skips;
	flow->wild |= other->wild;
	flow->holes |= other->holes;
	flow->unordered |= other->unordered;
	flow->codes |= other->codes;
	if (other->failed > flow->failed)
		flow->failed = other->failed;
	/* Then the others end there too. */
	if (flow->failed != NO) {
		flow->partial = true;
		total_forget(flow);
	}
}

static void
sink_apply(const struct node *node, struct flow *flow)
{
	bool exact = flow_is_exact(flow);

	if (node->op == OP_TO_FOLD && node->opts.on_error == WEIR_STOP)
		refuse(node, flow);
	if (node->op == OP_TO_PROBE && node->stop_after > 0) {
		/* How the bytes are cut is not known. */
		if (node->in == KIND_BYTES)
			flow->partial = true;
		take_apply(flow, node->stop_after - 1);
	}
	if (node->op == OP_TO_COLLECT && node->capacity != 0 &&
		flow->total_max > node->capacity)
		flow_fails(flow, exact ? YES : MAYBE, ENOBUFS);
	if (node->op == OP_TO_FILE && node->limit != 0) {
		flow_fails(flow, MAYBE, ENOSPC);
		flow->partial = true;
		total_forget(flow);
	}
}

/* Let the order be lost, and with it which are those that are missing. */
static void
flow_mix(struct flow *flow)
{
	flow->unordered = true;
	flow->partial |= flow->skips;
}

/* What a balance dealt out has come together: all of it, in any order. */
static struct flow
undo_balance(const struct flow *dealt)
{
	struct flow flow = flow_copy(dealt);

	flow_mix(&flow);
	if (flow.failed != NO) {
		flow.partial = true;
		total_forget(&flow);
	}
	return flow;
}

static void
node_apply(const struct node *node, struct flow *flow)
{
	switch (node->op) {
	case OP_MAP:
	case OP_TRY_MAP:
	case OP_MAP_EACH:
		map_apply(node, flow);
		break;
	case OP_FILTER_MAP:
		refuse(node, flow);
		flow_filter(flow, node, is_kept);
		break;
	case OP_FILTER:
	case OP_FILTER_EACH:
		flow_filter(flow, node, is_kept);
		break;
	case OP_TAKE:
		take_apply(flow, node->n);
		break;
	case OP_SKIP:
		skip_apply(flow, node->n);
		break;
	case OP_COUNT:
		count_apply(flow);
		break;
	case OP_LINES:
		flow_lines(node, flow);
		break;
	case OP_GREP:
		flow_grep(node, flow);
		break;
	case OP_UPPER:
	case OP_LOWER:
	case OP_TRIM:
	case OP_PREFIX:
	case OP_SUFFIX:
		flow_text(node, flow);
		break;
	case OP_BALANCE:
		flow->holes |= node->outlets > 1;
		if (flow->holes) {
			flow->partial = true;
			total_forget(flow);
		}
		break;
	case OP_PARALLEL:
	case OP_JOIN:
		if (node->unordered && node->copies > 1)
			flow_mix(flow);
		if (flow->unordered && flow->failed != NO) {
			flow->partial = true;
			total_forget(flow);
		}
		break;
	default:
		if (op_is_sink(node->op))
			sink_apply(node, flow);
	}
}

/* Anything may have ended it at any time. */
static void
loosen(struct flow *flow)
{
	flow->partial = true;
	flow->failed = MAYBE;
	total_forget(flow);
}

void
oracle_ask(const struct plan *plan, const struct happened *happened,
	struct flow *flows)
{
	static struct flow dealt[PLAN_NODES]; /* by a balance */

	arena_used = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct node *node = &plan->nodes[i];
		struct flow flow;

		if (op_is_source(node->op)) {
			flows[i] = source_ask(node, happened);
			if (happened->loose)
				loosen(&flows[i]);
			continue;
		}
		if (node->op == OP_MERGE && node->partner != 0) {
			flow = undo_balance(&dealt[node->partner - 1]);
			if (happened->loose)
				loosen(&flow);
			flows[i] = flow;
			continue;
		}
		flow = flow_copy(&flows[node->from[0]]);
		for (uint32_t k = 1; k < node->inlets; k++)
			merge_in(&flow, &flows[node->from[k]]);
		/* A failure drops what it finds on its way. */
		if (node->opts.on_failure == WEIR_FAST && flow.failed != NO) {
			flow.partial = true;
			total_forget(&flow);
		}
		if (node->op == OP_BALANCE)
			dealt[i] = flow;
		node_apply(node, &flow);
		if (happened->loose)
			loosen(&flow);
		flows[i] = flow;
	}
}
