/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer.c - the words of the pipeline language
 *
 * A scanner undoes quotes and escapes one byte at a time.  The lexer runs it
 * once over a word to keep what it means, and cli_token_place() runs it again
 * to find where one byte of that came from.
 */
#include "lexer.h"

#include <string.h>

/* Inside a word: at is the next byte to read, quote is the quote that is open,
 * begun at quote_at, or 0. */
struct scanner {
	const char *text;
	size_t at, end;
	char quote;
	size_t quote_at;
	bool commas;    /* separate */
	bool quoted;    /* a quote was seen */
	size_t byte_at; /* where the last byte read was written */
};

enum scanned { SCANNED_BYTE, SCANNED_END };

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
separates(const struct scanner *s, char c)
{
	return is_blank(c) || c == '|' || c == '(' || c == ')' ||
	       (c == ',' && s->commas);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* What the backslash at s->at stands for; it stays one where no escape is
 * known. */
static char
scan_escape(struct scanner *s)
{
	const char *c = s->text + s->at;
	size_t left = s->end - s->at;
	int high, low;

	s->at++;
	if (left < 2)
		return '\\';
	s->at++;
	if (c[1] == '"' || c[1] == '\\')
		return c[1];
	if (c[1] == 'n')
		return '\n';
	if (c[1] == 't')
		return '\t';
	high = left >= 4 && c[1] == 'x' ? hex_digit(c[2]) : -1;
	low = high >= 0 ? hex_digit(c[3]) : -1;
	if (low >= 0) {
		s->at += 2;
		return (char)(high * 16 + low);
	}
	s->at--;
	return '\\';
}

/* The next byte of the word, or its end: a separator, or the end of the text,
 * where s->quote tells whether a quote is still open. */
static enum scanned
scan(struct scanner *s, char *ret)
{
	while (s->at < s->end) {
		char c = s->text[s->at];

		if (s->quote == 0 && separates(s, c))
			return SCANNED_END;
		if (s->quote == 0 && (c == '\'' || c == '"')) {
			s->quote = c;
			s->quote_at = s->at++;
			s->quoted = true;
		} else if (s->quote != 0 && c == s->quote) {
			s->quote = 0;
			s->at++;
		} else {
			s->byte_at = s->at;
			if (s->quote == '"' && c == '\\') {
				*ret = scan_escape(s);
			} else {
				*ret = c;
				s->at++;
			}
			return SCANNED_BYTE;
		}
	}
	return SCANNED_END;
}

static void
skip_blanks(struct cli_lexer *lexer)
{
	const struct cli_input *input = lexer->input;

	while (lexer->at < input->length) {
		char c = input->text[lexer->at];

		if (c == '#' && input->file != NULL) {
			while (lexer->at < input->length &&
				input->text[lexer->at] != '\n')
				lexer->at++;
		} else if (!is_blank(c)) {
			return;
		} else {
			lexer->at++;
		}
	}
}

static int
read_word(struct cli_lexer *lexer, struct cli_token *ret)
{
	struct cli_input *input = lexer->input;
	struct scanner s = {.text = input->text,
		.at = lexer->at,
		.end = input->length,
		.commas = lexer->depth > 0};
	char *text = NULL, byte;
	size_t capacity = 0, length = 0, plain = 0;

	while (scan(&s, &byte) == SCANNED_BYTE) {
		if (byte == '\0')
			return cli_problem_at(input,
				(struct cli_place){s.byte_at, s.at}, NULL,
				"a word cannot hold a NUL byte");
		text = cli_arena_extend(
			&input->arena, text, length, &capacity, 1);
		text[length++] = byte;
		if (!s.quoted)
			plain = length;
	}
	if (s.quote != 0)
		return cli_problem_at(input,
			(struct cli_place){s.quote_at, s.quote_at + 1},
			s.quote == '"' ? "add the closing '\"'"
				       : "add the closing \"'\"",
			"the quote opened here is never closed");
	*ret = (struct cli_token){.kind = CLI_WORD,
		.place = {lexer->at, s.at},
		.text = cli_arena_copy(&input->arena, text, length),
		.length = length,
		.plain = plain,
		.quoted = s.quoted};
	lexer->at = s.at;
	return 0;
}

int
cli_lexer_next(struct cli_lexer *lexer, struct cli_token *ret)
{
	const struct cli_input *input = lexer->input;
	enum cli_token_kind kind = CLI_END;

	skip_blanks(lexer);
	if (lexer->at < input->length) {
		switch (input->text[lexer->at]) {
		case '|':
			kind = CLI_PIPE;
			break;
		case '(':
			kind = CLI_OPEN;
			lexer->depth++;
			break;
		case ')':
			kind = CLI_CLOSE;
			lexer->depth -= lexer->depth > 0;
			break;
		case ',':
			kind = lexer->depth > 0 ? CLI_COMMA : CLI_WORD;
			break;
		default:
			kind = CLI_WORD;
		}
	}
	if (kind == CLI_WORD)
		return read_word(lexer, ret);
	*ret = (struct cli_token){
		.kind = kind, .place = {lexer->at, lexer->at}};
	if (kind != CLI_END)
		ret->place.end = ++lexer->at;
	return 0;
}

struct cli_place
cli_token_place(
	const struct cli_input *input, const struct cli_token *token, size_t at)
{
	/* Within its own bounds a token holds no separator outside quotes. */
	struct scanner s = {.text = input->text,
		.at = token->place.begin,
		.end = token->place.end};
	char byte;

	while (scan(&s, &byte) == SCANNED_BYTE)
		if (at-- == 0)
			return (struct cli_place){s.byte_at, s.at};
	return (struct cli_place){token->place.end, token->place.end};
}
