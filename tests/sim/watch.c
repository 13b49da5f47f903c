/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.c - what always holds: demand, capacities, balances, memory
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SINK_BYTES 16384u /* elements that a sink asks for at once */
#define LINES_AHEAD 2u    /* chunks that lines asks for */
#define CHUNK_BYTES_MAX 4096u
#define RECORD_BYTES_MAX 200u

/* -- capacities ------------------------------------------------------------ */

/* What ends a flow asks for at once. */
static uint64_t
sink_window(const struct plan *plan, enum kind kind)
{
	uint64_t items = SINK_BYTES / kind_type(kind)->size;

	if (kind == KIND_RECORD || kind == KIND_BYTES ||
		items < plan->batch_items)
		return plan->batch_items;
	return items;
}

/* How many elements @node lets be on their way in each of its inlets. */
static uint64_t
inlet_capacity(const struct plan *plan, const struct node *node, uint64_t room)
{
	uint64_t batch = plan->batch_items;

	switch (node->op) {
	case OP_TO_PROBE:
		return node->window == 0 ? batch : node->window;
	case OP_TO_NULL:
	case OP_TO_COUNT:
	case OP_TO_FOLD:
	case OP_TO_COLLECT:
	case OP_TO_FILE:
	case OP_COUNT:
		return sink_window(plan, node->in);
	case OP_ASYNC:
	case OP_JOIN:
		return node->window;
	case OP_PARALLEL:
		return (uint64_t)node->copies * node->window;
	case OP_BALANCE:
		return room * node->outlets;
	case OP_LINES:
		return LINES_AHEAD;
	case OP_FILTER:
	case OP_FILTER_EACH:
	case OP_FILTER_MAP:
	case OP_SKIP:
	case OP_GREP:
		return room > batch ? room : batch;
	case OP_TAKE:
		return room < node->n ? room : node->n;
	default:
		return room;
	}
}

void
sim_capacities(struct sim *sim)
{
	const struct plan *plan = sim->plan;

	for (uint32_t i = plan->count; i-- > 0;) {
		const struct node *node = &plan->nodes[i];
		uint64_t most = 0;

		for (uint32_t k = 0; k < node->outlets; k++) {
			const struct node *to = &plan->nodes[node->to[k]];
			uint64_t capacity = inlet_capacity(
				plan, to, sim->capacity[node->to[k]]);

			if (capacity > most)
				most = capacity;
		}
		sim->capacity[i] = most;
	}
}

const struct node *
sim_node_of(const struct plan *plan, const char *name)
{
	/* Names of nodes begin with their number. */
	if (name[0] < '0' || name[0] > '9')
		return NULL;
	return &plan->nodes[strtoul(name, NULL, 10)];
}

/* Of one edge. */
static uint64_t
edge_capacity(const struct sim *sim, const struct weir_edge_stats *edge)
{
	const struct node *to = sim_node_of(sim->plan, edge->to);

	if (to == NULL)
		return edge->capacity;
	return inlet_capacity(sim->plan, to, sim->capacity[to->index]);
}

/* -- at all times ---------------------------------------------------------- */

/* An element that is larger than the window in bytes crosses alone. */
static void
bytes_watch(const struct sim *sim, const struct weir_edge_stats *edge)
{
	uint64_t largest = weir_type_equal(edge->type, &weir_type_weir_bytes)
				   ? CHUNK_BYTES_MAX
				   : RECORD_BYTES_MAX;

	if (edge->is_boundary &&
		edge->bytes_crossing_max > edge->capacity_bytes &&
		edge->bytes_crossing_max > largest)
		sim_violation(sim,
			"%s -> %s: %" PRIu64 " bytes crossed at once, of "
			"%" PRIu64,
			edge->from, edge->to, edge->bytes_crossing_max,
			edge->capacity_bytes);
}

static void
edge_watch(const struct sim *sim, const struct weir_edge_stats *edge)
{
	uint64_t capacity = edge_capacity(sim, edge);

	if (edge->taken > edge->sent || edge->sent > edge->granted)
		sim_violation(sim,
			"%s -> %s carries more than was asked for: taken "
			"%" PRIu64 ", sent %" PRIu64 ", granted %" PRIu64,
			edge->from, edge->to, edge->taken, edge->sent,
			edge->granted);
	if (edge->granted - edge->taken > capacity ||
		edge->waiting_max > capacity)
		sim_violation(sim,
			"%s -> %s may carry %" PRIu64 " and was granted "
			"%" PRIu64 " beyond what was taken, and carried "
			"%" PRIu64,
			edge->from, edge->to, capacity,
			edge->granted - edge->taken, edge->waiting_max);
	bytes_watch(sim, edge);
}

void
sim_watch(void *ctx)
{
	const struct sim *sim = ctx;
	const struct weir_run *run = weir_graph_last_run(sim->graph);
	struct weir_edge_stats edge;
	struct weir_totals totals;

	/* Being opened; or others write what is read here, which then shows
	 * it as it never was. */
	if (run == NULL || (sim->plan->workers > 0 && !sim->ended))
		return;
	for (uint32_t i = 0; weir_run_edge_stats(run, i, &edge) == 0; i++)
		edge_watch(sim, &edge);
	weir_run_totals(run, &totals);
	if (totals.memory_used > totals.memory_limit ||
		totals.memory_max > totals.memory_limit)
		sim_violation(sim, "%zu of %zu bytes of memory are used",
			totals.memory_max, totals.memory_limit);
}

/* -- at the end ------------------------------------------------------------ */

static void
stage_watch_end(const struct sim *sim, const struct weir_stage_stats *stats)
{
	const uint64_t *tally = stats->tally;
	uint64_t out = 0;

	if (!stats->ended)
		sim_violation(sim, "%s did not end", stats->name);
	for (int k = WEIR_OUT; k < WEIR_TALLY_COUNT; k++)
		out += tally[k];
	if (tally[WEIR_IN] + tally[WEIR_CREATED] != out)
		sim_violation(sim,
			"%s is out of balance: %" PRIu64 " in, %" PRIu64
			" accounted for",
			stats->name, tally[WEIR_IN] + tally[WEIR_CREATED], out);
}

/* What one node made of the probes in it. */
static void
probes_watch_end(const struct sim *sim, const struct node *node)
{
	const struct subject_state *state = &sim->states[node->index];

	if (node->op == OP_PROBE && state->source.closed != 1)
		sim_violation(sim, "%s was closed %d times", node->name,
			state->source.closed);
	if (node->op == OP_WITNESS && !state->closed)
		sim_violation(sim, "%s was not closed", node->name);
	if (node->op != OP_TO_PROBE)
		return;
	if (state->sink.closed != 1 || state->sink.finished > 1)
		sim_violation(sim, "%s was closed %d times, finished %d times",
			node->name, state->sink.closed, state->sink.finished);
	if (state->sink.overrun != 0)
		sim_violation(sim, "%s got more than it asked for", node->name);
	/* What is on the heap is overwritten when it is released. */
	if (state->sink.out.length > 0 &&
		memchr(state->sink.out.data, '?', state->sink.out.length) !=
			NULL)
		sim_violation(
			sim, "%s: a slice outlived its bytes", node->name);
}

void
sim_watch_end(const struct sim *sim)
{
	struct weir_stage_stats stage;
	struct weir_edge_stats edge;

	for (uint32_t i = 0; weir_run_stage_stats(sim->run, i, &stage) == 0;
		i++)
		stage_watch_end(sim, &stage);
	for (uint32_t i = 0; weir_run_edge_stats(sim->run, i, &edge) == 0; i++)
		if (edge.waiting != 0)
			sim_violation(sim, "%s -> %s still holds elements",
				edge.from, edge.to);
	for (uint32_t i = 0; i < sim->plan->count; i++)
		probes_watch_end(sim, &sim->plan->nodes[i]);
}
