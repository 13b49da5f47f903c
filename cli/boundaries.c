/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boundaries.c - where a pipeline is cut over workers, and what waited there
 */
#include "boundaries.h"

struct collector {
	struct cli_arena *arena;
	const struct cli_built *built;
	struct cli_boundaries found;
	size_t capacity;
};

/* The row of boundaries between @from and @to, a new one if there is none. */
static struct cli_boundary *
row_between(struct collector *c, const struct cli_stage *from,
	const struct cli_stage *to)
{
	struct cli_boundaries *found = &c->found;

	for (size_t i = found->count; i-- > 0;)
		if (found->rows[i].from == from && found->rows[i].to == to)
			return &found->rows[i];
	found->rows = cli_arena_extend(c->arena, found->rows, found->count,
		&c->capacity, sizeof(*found->rows));
	found->rows[found->count] =
		(struct cli_boundary){.from = from, .to = to};
	return &found->rows[found->count++];
}

/* The stage of the text that a boundary from @from to @to leads to: what lies
 * between a `parallel` and its copies is for their first stage. */
static const struct cli_stage *
leads_to(const struct cli_stage *from, const struct cli_owner *to)
{
	if (from == to->stage && to->share == CLI_DEALS)
		return &to->stage->group->parts[0].stages[0];
	return to->stage;
}

static void
add(struct collector *c, uint32_t from, uint32_t to,
	const struct weir_edge_stats *edge)
{
	const struct cli_owner *owners = c->built->owners;
	struct cli_boundary *row;

	if (!edge->is_boundary)
		return;
	row = row_between(c, owners[from].stage,
		leads_to(owners[from].stage, &owners[to]));
	row->copies++;
	row->window = edge->capacity;
	if (edge->waiting_max > row->waiting_max)
		row->waiting_max = edge->waiting_max;
	row->waits_for_input += edge->waits_for_input;
	row->waits_for_room += edge->waits_for_room;
}

struct cli_boundaries
cli_boundaries_make(struct cli_arena *arena, const struct cli_built *built,
	const struct weir_run *run)
{
	struct collector c = {.arena = arena, .built = built};
	struct weir_edge_stats edge;
	uint32_t e = 0;

	/* Edges are numbered by the stage they lead to, then by its inlet. */
	for (uint32_t s = 0; run != NULL && s < built->count; s++) {
		int n = weir_graph_stage(built->graph, s, NULL, NULL, NULL, 0);
		uint32_t *from;

		if (n <= 0)
			continue;
		from = cli_arena_get(arena, (size_t)n * sizeof(*from));
		(void)weir_graph_stage(
			built->graph, s, NULL, NULL, from, (size_t)n);
		for (int i = 0; i < n; i++)
			if (weir_run_edge_stats(run, e++, &edge) == 0)
				add(&c, from[i], s, &edge);
	}
	return c.found;
}
