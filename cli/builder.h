/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.h - a resolved pipeline as a graph
 */
#ifndef WEIR_CLI_BUILDER_H
#define WEIR_CLI_BUILDER_H

#include "../streams/graph.h"
#include "catalog.h"
#include "parser.h"

/** A graph, and which stage of the text each of its stages is for: one of the
 *  text may have become several, as `count` at the end is three. */
struct cli_built {
	struct weir_graph *graph;
	const struct cli_stage **owners; /* in the order of adding */
	size_t count, capacity;
};

/**
 * Add the stages of @pipeline to @graph, which stays the caller's, and judge
 * it.  @window: elements per async boundary where the text says nothing, as
 * it is written (NULL: the operator's default).  Opens nothing.  Returns 0, or
 * -1 with the problem noted in @input, whose arena owns what *ret points to.
 */
int cli_build(struct cli_input *input, const struct cli_pipeline *pipeline,
	const char *window, struct weir_graph *graph, struct cli_built *ret);

/** Note @error, which the graph found, at the place in the text it is about.
 *  Returns -1. */
int cli_built_problem(struct cli_input *input, const struct cli_built *built,
	const struct weir_error *error);

#endif /* WEIR_CLI_BUILDER_H */
