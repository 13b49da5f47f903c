/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.h - a pipeline's text as stages, words and groups
 *
 *	pipeline := source { "|" operator } "|" sink
 *	stage    := NAME { WORD | KEY=VALUE | FLAG | group }
 *	group    := "(" part { "," part } ")"
 *
 * The parser knows the grammar and no stage: what a word means, and whether a
 * stage may stand where it does, is the resolver's to say.
 */
#ifndef WEIR_CLI_PARSER_H
#define WEIR_CLI_PARSER_H

#include "lexer.h"

/** How deep groups may lie in each other. */
#define CLI_DEPTH_MAX 16

struct cli_entry; /* catalog.h */
struct cli_group;

/** Where the value of an option was written. */
struct cli_given {
	const struct cli_token *token; /* NULL: it was not */
	size_t skip;                   /* bytes of the word before the value */
};

struct cli_stage {
	struct cli_token name;
	struct cli_token *words; /* the name not among them */
	size_t words_count;
	struct cli_group *group; /* NULL: none */
	struct cli_place place;  /* from the name to the last word or group */

	/* The resolver's. */
	const struct cli_entry *entry;
	void *args;              /* as the entry's options say */
	struct cli_given *given; /* for each of the entry's options */
};

/** Stages from left to right; at least one. */
struct cli_pipeline {
	struct cli_stage *stages;
	size_t count;
	struct cli_place place;
};

struct cli_group {
	struct cli_pipeline *parts; /* at least one */
	size_t count;
	struct cli_place place; /* with its parentheses */
};

/** Parse the text of @input, whose arena owns the result.  Returns 0, or -1
 *  with the problem noted in @input. */
int cli_parse(struct cli_input *input, struct cli_pipeline *ret);

#endif /* WEIR_CLI_PARSER_H */
