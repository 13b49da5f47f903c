/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - from the command line to a graph that could run
 */
#ifndef WEIR_CLI_PROGRAM_H
#define WEIR_CLI_PROGRAM_H

#include "builder.h"
#include "options.h"

/** A pipeline's text and all that was made of it. */
struct cli_program {
	char *text; /* read from a file; NULL: the command line's own */
	struct cli_input input;
	struct cli_catalog catalog;
	struct cli_pipeline pipeline;
	struct weir_system *system; /* NULL: the graph's private one */
	struct weir_graph *graph;
	struct cli_built built;
};

/**
 * Read, parse, resolve and build what @options name; opens no source or sink.
 * @seed: of a deterministic system on real time and real I/O; 0: none.
 * Returns CLI_DONE, or what to exit with, having said what is wrong; *ret is
 * to be finished in any case.
 */
int cli_program_make(const struct cli_options *options, uint64_t seed,
	struct cli_program *ret);

void cli_program_finish(struct cli_program *program);

#endif /* WEIR_CLI_PROGRAM_H */
