/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_print.c - a plan as text
 */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const names[OP_COUNT_OF_ALL] = {
	[OP_PROBE] = "probe",
	[OP_ARRAY] = "array",
	[OP_RANGE] = "range",
	[OP_FILE] = "file",
	[OP_MAP] = "map",
	[OP_TRY_MAP] = "try_map",
	[OP_MAP_EACH] = "map_each",
	[OP_FILTER] = "filter",
	[OP_FILTER_EACH] = "filter_each",
	[OP_FILTER_MAP] = "filter_map",
	[OP_TAKE] = "take",
	[OP_SKIP] = "skip",
	[OP_TAP] = "tap",
	[OP_COUNT] = "count",
	[OP_DECIMAL] = "decimal",
	[OP_LINES] = "lines",
	[OP_GREP] = "grep",
	[OP_UPPER] = "upper",
	[OP_LOWER] = "lower",
	[OP_TRIM] = "trim",
	[OP_PREFIX] = "prefix",
	[OP_SUFFIX] = "suffix",
	[OP_WITNESS] = "witness",
	[OP_ASYNC] = "async",
	[OP_TEE] = "tee",
	[OP_BALANCE] = "balance",
	[OP_MERGE] = "merge",
	[OP_PARALLEL] = "parallel",
	[OP_JOIN] = "join",
	[OP_TO_PROBE] = "to_probe",
	[OP_TO_NULL] = "to_null",
	[OP_TO_COUNT] = "to_count",
	[OP_TO_FOLD] = "to_fold",
	[OP_TO_COLLECT] = "to_collect",
	[OP_TO_FILE] = "to_file",
};

static const char *const kinds[] = {[KIND_NONE] = "nothing",
	[KIND_LIVE] = "live",
	[KIND_INT64] = "int64",
	[KIND_UINT64] = "uint64",
	[KIND_RECORD] = "record",
	[KIND_BYTES] = "bytes"};

bool
op_is_source(enum node_op op)
{
	return op <= OP_FILE;
}

bool
op_is_sink(enum node_op op)
{
	return op >= OP_TO_PROBE;
}

const char *
op_name(enum node_op op)
{
	return names[op];
}

/* Print a parameter that is not at its default. */
static void
parameter(FILE *file, const char *name, int64_t value)
{
	if (value != 0)
		fprintf(file, " %s=%" PRId64, name, value);
}

static void
node_print(const struct node *node, FILE *file)
{
	static const char *const on_error[] = {"stop", "resume", "restart"};

	fprintf(file, "  %-16s", node->name);
	for (uint32_t i = 0; i < node->inlets; i++)
		fprintf(file, " <- %u.%u", node->from[i], node->from_outlet[i]);
	if (node->out != KIND_NONE)
		fprintf(file, " : %s", kinds[node->out]);
	parameter(file, "n", node->n);
	parameter(file, "code_at_end", node->code_at_end);
	parameter(file, "window", node->window);
	parameter(file, "window_bytes", node->window_bytes);
	parameter(file, "window_batches", node->window_batches);
	parameter(file, "no_newline", node->no_newline);
	parameter(file, "copies", node->copies);
	parameter(file, "unordered", node->unordered);
	if (node->op >= OP_FILTER && node->op <= OP_FILTER_MAP)
		fprintf(file, " modulus=%u%s", node->modulus,
			node->few ? " few" : "");
	if (node->op == OP_GREP)
		fprintf(file, " pattern='%s'%s", node->pattern,
			node->few ? " invert" : "");
	parameter(file, "fails_at", node->fails_at);
	if (node->fails_at != 0)
		fprintf(file, " on_error=%s", on_error[node->opts.on_error]);
	if (node->stop_after > 0)
		fprintf(file, " stop_after=%u", node->stop_after - 1);
	parameter(file, "capacity", node->capacity);
	parameter(file, "piece", node->piece);
	parameter(file, "limit", node->limit);
	fprintf(file, "%s\n",
		node->opts.on_failure == WEIR_FAST ? " on_failure=fast" : "");
}

void
plan_print(const struct plan *plan, FILE *file)
{
	static const char *const events[] = {
		"none", "drain", "cancel", "abort"};

	fprintf(file, "graph of seed %" PRIu64 "\n", plan->seed);
	for (uint32_t i = 0; i < plan->count; i++)
		node_print(&plan->nodes[i], file);
	fprintf(file, "  system seed %" PRIu64 ", batches of %u\n",
		plan->system_seed, plan->batch_items);
	if (plan->workers > 0)
		fprintf(file, "  %u workers\n", plan->workers);
	fprintf(file, "  faults:");
	parameter(file, "memory_bytes", plan->memory_bytes);
	parameter(file, "allocation", plan->alloc_fails);
	if (plan->alloc_and_after && plan->alloc_fails != 0)
		fprintf(file, " and all behind it");
	if (plan->io_fails != 0)
		fprintf(file, " %s %u to %u gives %d",
			plan->io_code == WEIR_IO_READ ? "read" : "write",
			plan->io_fails, plan->io_fails + plan->io_count,
			plan->io_result);
	parameter(file, "io_short", plan->io_short);
	if (plan->event != EVENT_NONE)
		fprintf(file, " %s after %u waits", events[plan->event],
			plan->event_at);
	fprintf(file, "\n");
}
