/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.c - which operators came to which end in simulated runs
 */
#include "coverage.h"

#include "operators/operators.h"
#include "streams/run_internal.h"

#include <inttypes.h>
#include <stdio.h>

static enum ending
ending_of(const struct weir_stage *stage, bool cut_short)
{
	if (stage->failure.code != 0)
		return ENDS_FAILED;
	for (uint32_t i = 0; i < stage->inlet_count; i++)
		if (stage->inlets[i]->failure != NULL)
			return ENDS_FAILED;
	/* Or all that it feeds was cancelled. */
	if (cut_short || (stage->outlet_count > 0 && stage->open_outlets == 0))
		return ENDS_CANCELLED;
	return ENDS_COMPLETE;
}

/* Whether one of the edges of @node is a boundary. */
static bool
is_cut(const struct plan *plan, const struct node *node)
{
	if (node->op == OP_ASYNC || node->op == OP_PARALLEL ||
		node->op == OP_JOIN)
		return true;
	for (uint32_t i = 0; i < node->outlets; i++)
		if (plan->nodes[node->to[i]].op == OP_ASYNC)
			return true;
	for (uint32_t i = 0; i < node->inlets; i++)
		if (plan->nodes[node->from[i]].op == OP_ASYNC)
			return true;
	return false;
}

static void
operator_add(struct coverage *coverage, const struct weir_operator *op)
{
	for (uint32_t i = 0; i < COVERAGE_OPERATORS; i++) {
		if (coverage->operators[i] == op)
			return;
		if (coverage->operators[i] != NULL)
			continue;
		coverage->operators[i] = op;
		return;
	}
}

/* Which node a stage belongs to: what a parallel adds, to a join. */
static const struct node *
node_of(const struct plan *plan, const char *name)
{
	const struct node *node = sim_node_of(plan, name);

	for (uint32_t i = 0; node == NULL && i < plan->count; i++)
		if (plan->nodes[i].op == OP_JOIN)
			node = &plan->nodes[i];
	return node;
}

void
coverage_add(struct coverage *coverage, const struct sim *sim)
{
	const struct plan *plan = sim->plan;
	const struct weir_operator *op;

	coverage->runs++;
	coverage->cuts += sim->run->boundary_count;
	coverage->faults += sim->happened.loose;
	for (uint32_t i = 0; i < sim->run->stage_count; i++) {
		const struct weir_stage *stage = &sim->run->stages[i];
		const struct node *node = node_of(plan, stage->name);

		coverage->seen[node->op][ending_of(stage, sim->cut_short[i])]++;
		if (is_cut(plan, node))
			coverage->seen[node->op][ENDS_CUT]++;
		if (op_is_source(node->op) && node->out != KIND_BYTES)
			coverage->elements +=
				sim->happened.created[node->index];
		if (weir_graph_stage(sim->graph, i, &op, NULL, NULL, 0) >= 0)
			operator_add(coverage, op);
	}
}

static bool
is_covered(const struct coverage *coverage, const struct weir_operator *op)
{
	for (uint32_t i = 0; i < COVERAGE_OPERATORS; i++)
		if (coverage->operators[i] == op)
			return true;
	return false;
}

static bool
all_covered(const struct coverage *coverage,
	const struct weir_operator *const *operators, FILE *file)
{
	bool all = true;

	for (; *operators != NULL; operators++)
		if (!is_covered(coverage, *operators)) {
			fprintf(file, "operator '%s' was in no graph\n",
				(*operators)->name);
			all = false;
		}
	return all;
}

bool
coverage_print(const struct coverage *coverage, FILE *file)
{
	bool full = true;

	fprintf(file, "%-12s %10s %10s %10s %10s\n", "operator", "completes",
		"fails", "cancels", "cut");
	for (int op = 0; op < OP_COUNT_OF_ALL; op++) {
		fprintf(file, "%-12s", op_name((enum node_op)op));
		for (int i = 0; i < ENDINGS; i++) {
			fprintf(file, " %10" PRIu64, coverage->seen[op][i]);
			full &= coverage->seen[op][i] != 0;
		}
		fprintf(file, "\n");
	}
	full &= all_covered(coverage, weir_operators, file);
	fprintf(file,
		"%" PRIu64 " runs, %" PRIu64 " boundaries, %" PRIu64
		" elements, %" PRIu64 " runs with a fault at a moment drawn; "
		"the table is %s\n",
		coverage->runs, coverage->cuts, coverage->elements,
		coverage->faults, full ? "full" : "NOT full");
	return full;
}
