/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.h - a resolved pipeline as a graph
 */
#ifndef WEIR_CLI_BUILDER_H
#define WEIR_CLI_BUILDER_H

#include "../streams/graph.h"
#include "catalog.h"
#include "parser.h"

/** How many stages the copies of `parallel` may make of a text. */
#define CLI_STAGES_MAX ((size_t)16384)

/** How a stage of the graph belongs to its stage of the text. */
enum cli_share {
	CLI_BEGINS,  /* first or only one of a chain; each copy has its chain */
	CLI_GOES_ON, /* takes what the one before it gives */
	CLI_DEALS,   /* lies between it and the copies it deals out to */
	CLI_RETURNS  /* takes back what others of the text gave */
};

/** What a stage of the graph is for. */
struct cli_owner {
	const struct cli_stage *stage;
	enum cli_share share;
};

/** A graph, and which stage of the text each of its stages is for: one of the
 *  text may have become several, as `count` at the end is three, and a stage
 *  within `parallel` as many as there are copies. */
struct cli_built {
	struct weir_graph *graph;
	struct cli_owner *owners; /* in the order of adding */
	size_t count, capacity;
};

/**
 * Add the stages of @pipeline to @graph, which stays the caller's, and judge
 * it.  Opens nothing.  Returns 0, or -1 with the problem noted in @input, whose
 * arena owns what *ret points to.
 */
int cli_build(struct cli_input *input, const struct cli_pipeline *pipeline,
	struct weir_graph *graph, struct cli_built *ret);

/** Note @error, which the graph found, at the place in the text it is about.
 *  Returns -1. */
int cli_built_problem(struct cli_input *input, const struct cli_built *built,
	const struct weir_error *error);

#endif /* WEIR_CLI_BUILDER_H */
