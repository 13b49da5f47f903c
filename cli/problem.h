/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.h - a pipeline's text, and the first thing wrong with it
 *
 *	weir: no stage called 'gerp'
 *	  file a.log | lines | gerp ERROR | file out
 *	                       ^^^^  did you mean 'grep'?
 *
 * Whatever reads the text (lexer, parser, resolver, builder) stops at the
 * first problem, notes it here with its place, and returns -1.
 */
#ifndef WEIR_CLI_PROBLEM_H
#define WEIR_CLI_PROBLEM_H

#include <stdbool.h>
#include <stdio.h>

#include "arena.h"

/** What the command returns to its caller. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,       /* a stage failed */
	CLI_BAD = 2,          /* a bad pipeline or option */
	CLI_UNOPENED = 3,     /* a source or sink could not be opened */
	CLI_INTERRUPTED = 130 /* by a signal, and drained */
};

/** A place in a text: the bytes from begin up to end. */
struct cli_place {
	size_t begin, end;
};

struct cli_problem {
	const char *text; /* a sentence; NULL: there is no problem */
	const char *hint; /* what to do about it; NULL: nothing to say */
	struct cli_place place;
};

/** One pipeline's text, what was made of it, and what is wrong with it. */
struct cli_input {
	struct cli_arena arena;
	struct cli_problem problem;
	const char *file; /* where the text is from; NULL: the command line */
	const char *text; /* the caller's, kept until finish */
	size_t length;
};

/** Begin with @length bytes of @text, of file @file (NULL: none). */
void cli_input_init(
	struct cli_input *, const char *file, const char *text, size_t length);

/** Free what was made of the text. */
void cli_input_finish(struct cli_input *);

/** Note a problem at @place, unless there is one already.  @hint (NULL
 *  allowed) is kept, not copied.  Always returns -1. */
int cli_problem_at(struct cli_input *, struct cli_place place, const char *hint,
	const char *format, ...) WEIR_PRINTF(4, 5);

/** Print the problem: the sentence, the line it is in, a caret and a hint. */
void cli_problem_print(const struct cli_input *, FILE *);

#endif /* WEIR_CLI_PROBLEM_H */
