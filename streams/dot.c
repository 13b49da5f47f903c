/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dot.c - a graph in Graphviz's language
 */
#include "run_internal.h"

#include <errno.h>
#include <inttypes.h>

/* A name between quotes. */
static void
put_quoted(const char *name, FILE *file)
{
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			fputc('\\', file);
		fputc(*name, file);
	}
}

static void
put_stage(const struct weir_graph *graph, uint32_t index, FILE *file)
{
	const struct weir_stage_def *def = &graph->stages[index];
	struct weir_stage_stats stats;

	fprintf(file, "\ts%u [label=\"", index);
	put_quoted(def->name, file);
	if (graph->run != NULL &&
		weir_run_stage_stats(graph->run, index, &stats) == 0)
		fprintf(file, "\\nin %" PRIu64 " out %" PRIu64,
			stats.tally[WEIR_IN], stats.tally[WEIR_OUT]);
	fprintf(file, "\"%s];\n",
		def->inlet_count == 0    ? ", shape=cds"
		: def->outlet_count == 0 ? ", shape=note"
					 : "");
}

/* A boundary is dashed, and says how many elements it may hold. */
static void
put_edges(const struct weir_graph *graph, uint32_t index, FILE *file)
{
	const struct weir_stage_def *def = &graph->stages[index];
	const struct weir_window *window = weir_stage_window(def);

	for (uint32_t i = 0; i < def->inlet_count; i++) {
		const struct weir_stage_def *from =
			&graph->stages[def->inlets[i].stage];

		/* In a graph with an error the last stage may lack some. */
		if (def->inlets[i].graph != graph)
			continue;
		fprintf(file, "\ts%u -> s%u [label=\"", def->inlets[i].stage,
			index);
		put_quoted(
			from->outlets[def->inlets[i].outlet].type->name, file);
		if (window != NULL)
			fprintf(file, "\\n%" PRIu64 "\", style=dashed];\n",
				window->elements > 0 ? window->elements
						     : graph->window);
		else
			fputs("\"];\n", file);
	}
}

/* The stages of each island lie in a box, where there are several. */
static void
put_islands(const struct weir_graph *graph, FILE *file)
{
	size_t bytes = graph->stage_count * sizeof(uint32_t);
	uint32_t *colours = weir_allocate(graph->system, bytes);
	uint32_t islands =
		colours == NULL ? 0 : weir_islands_colour(graph, colours);

	for (uint32_t i = 0; islands > 1 && i < islands; i++) {
		fprintf(file, "\tsubgraph cluster_%u {", i);
		for (uint32_t s = 0; s < graph->stage_count; s++)
			if (colours[s] == i)
				fprintf(file, " s%u;", s);
		fputs(" }\n", file);
	}
	weir_release(graph->system, colours, bytes);
}

int
weir_graph_write_dot(struct weir_graph *graph, FILE *file)
{
	fputs("digraph weir {\n\trankdir=LR;\n\tnode [shape=box];\n", file);
	for (uint32_t i = 0; graph != NULL && i < graph->stage_count; i++) {
		put_stage(graph, i, file);
		put_edges(graph, i, file);
	}
	if (graph != NULL && graph->stage_count > 0)
		put_islands(graph, file);
	fputs("}\n", file);
	return ferror(file) ? -EIO : 0;
}
