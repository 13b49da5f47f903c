/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.h - what the names and words of a pipeline mean
 *
 * Finds each stage in the catalogue by name and place, and turns its words
 * into the arguments its options describe.  Opens nothing.
 */
#ifndef WEIR_CLI_RESOLVER_H
#define WEIR_CLI_RESOLVER_H

#include "catalog.h"
#include "parser.h"

/** Fill in entry, args and given of every stage of @pipeline, a whole one from
 *  source to sink.  Returns 0, or -1 with the problem noted in @input. */
int cli_resolve(struct cli_input *input, const struct cli_catalog *catalog,
	struct cli_pipeline *pipeline);

/** As cli_resolve() for the words of one stage, whose entry is known. */
int cli_resolve_words(struct cli_input *input, struct cli_stage *stage);

#endif /* WEIR_CLI_RESOLVER_H */
