/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer.h - the words of the pipeline language
 *
 * Words as in a shell: blanks separate (a new line is a blank), '...' is
 * literal, "..." knows \" \\ \n \t \xHH and keeps any other backslash, outside
 * quotes a backslash is ordinary; quoted and bare text may join in one word.
 * Unquoted | ( ) always separate, a comma only inside parentheses, and # begins
 * a comment only in a file and only at the start of a word.
 */
#ifndef WEIR_CLI_LEXER_H
#define WEIR_CLI_LEXER_H

#include "problem.h"

enum cli_token_kind {
	CLI_WORD,
	CLI_PIPE,
	CLI_OPEN,
	CLI_CLOSE,
	CLI_COMMA,
	CLI_END
};

/** A token; a word holds no NUL byte, and one stands behind it. */
struct cli_token {
	enum cli_token_kind kind;
	struct cli_place place;
	const char *text; /* of a word, quotes and escapes undone */
	size_t length;
	size_t plain; /* how many of its first bytes came before any quote */
	bool quoted;  /* some of it, even if that was empty */
};

struct cli_lexer {
	struct cli_input *input;
	size_t at, depth; /* of parentheses */
};

/** Read the next token, CLI_END at the end of the text and ever after.
 *  Returns 0, or -1 with the problem noted in the input. */
int cli_lexer_next(struct cli_lexer *, struct cli_token *ret);

/** Where byte @at of the word @token is in the text: the characters it was
 *  written with.  Behind its last byte: the end of the token. */
struct cli_place cli_token_place(
	const struct cli_input *, const struct cli_token *token, size_t at);

#endif /* WEIR_CLI_LEXER_H */
