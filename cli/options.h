/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - what the command line asks for
 */
#ifndef WEIR_CLI_OPTIONS_H
#define WEIR_CLI_OPTIONS_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

enum cli_verb {
	CLI_VERB_RUN,
	CLI_VERB_CHECK,
	CLI_VERB_GRAPH,
	CLI_VERB_LIST,
	CLI_VERB_VERSION,
	CLI_VERB_HELP
};

enum cli_drawing { CLI_DOT, CLI_MERMAID, CLI_ASCII };

/** Strings are of the arguments of main(). */
struct cli_options {
	enum cli_verb verb;
	const char *pipeline; /* the text itself; NULL: of file */
	const char *file;
	const char *stage;   /* of list; NULL: all */
	uint64_t window;     /* elements; 0: the default */
	uint64_t workers;    /* 0: the default */
	size_t memory_bytes; /* 0: the default */
	int64_t for_ns;      /* 0: to the end */
	bool quiet, json;
	int drawing; /* enum cli_drawing */
};

/** Read the arguments of main().  Returns CLI_DONE, or CLI_BAD having said
 *  what is wrong. */
int cli_options_read(int argc, char **argv, struct cli_options *ret);

/** The usage, as -h prints it. */
const char *cli_options_usage(void);

#endif /* WEIR_CLI_OPTIONS_H */
