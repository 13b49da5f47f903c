/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.c - point at the place of a problem
 *
 * The line shown is cut to a window around the place.  Bytes that would upset
 * a terminal are shown as '?', tabs as blanks: every character shown takes one
 * column, so that the caret stands where it should.
 */
#include "problem.h"

#include <stdarg.h>
#include <string.h>

#define WINDOW_COLUMNS ((size_t)100)

void
cli_input_init(struct cli_input *input, const char *file, const char *text,
	size_t length)
{
	memset(input, 0, sizeof(*input));
	input->file = file;
	input->text = text;
	input->length = length;
}

void
cli_input_finish(struct cli_input *input)
{
	cli_arena_finish(&input->arena);
}

int
cli_problem_at(struct cli_input *input, struct cli_place place,
	const char *hint, const char *format, ...)
{
	va_list list;

	if (input->problem.text != NULL)
		return -1;
	va_start(list, format);
	input->problem.text =
		cli_arena_format_list(&input->arena, format, list);
	va_end(list);
	input->problem.hint = hint;
	input->problem.place = place;
	return -1;
}

/* Whether @c continues a UTF-8 character begun before it. */
static bool
continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static bool
shows(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c != 0x7F;
}

/* The line of @input's text around byte @at. */
static struct cli_place
line_around(const struct cli_input *input, size_t at)
{
	struct cli_place line = {at, at};

	while (line.begin > 0 && input->text[line.begin - 1] != '\n')
		line.begin--;
	while (line.end < input->length && input->text[line.end] != '\n')
		line.end++;
	return line;
}

/* The part of @line to be shown, with @at well inside it. */
static struct cli_place
window(const struct cli_input *input, struct cli_place line, size_t at)
{
	const char *text = input->text;
	struct cli_place shown = line;

	if (line.end - line.begin <= WINDOW_COLUMNS)
		return shown;
	if (at - line.begin > WINDOW_COLUMNS / 2)
		shown.begin = at - WINDOW_COLUMNS / 2;
	if (line.end - shown.begin > WINDOW_COLUMNS)
		shown.end = shown.begin + WINDOW_COLUMNS;
	while (shown.begin < at && continues(text[shown.begin]))
		shown.begin++;
	while (shown.end < line.end && continues(text[shown.end]))
		shown.end++;
	return shown;
}

static void
print_line(const struct cli_input *input, struct cli_place line,
	struct cli_place shown, FILE *file)
{
	fputs(shown.begin > line.begin ? "  ..." : "  ", file);
	for (size_t i = shown.begin; i < shown.end; i++) {
		char c = input->text[i];

		if (c == '\t')
			c = ' ';
		fputc(shows(c) ? c : '?', file);
	}
	fputs(shown.end < line.end ? "...\n" : "\n", file);
}

/* How many columns the bytes from @begin to @end take. */
static size_t
columns(const struct cli_input *input, size_t begin, size_t end)
{
	size_t n = 0;

	for (size_t i = begin; i < end; i++)
		n += !continues(input->text[i]);
	return n;
}

static void
print_caret(const struct cli_input *input, struct cli_place line,
	struct cli_place shown, FILE *file)
{
	const struct cli_problem *problem = &input->problem;
	size_t begin = problem->place.begin, end = problem->place.end;
	size_t before, under;

	if (end > shown.end)
		end = shown.end;
	before = columns(input, shown.begin, begin) +
		 (shown.begin > line.begin ? 5 : 2);
	under = begin < end ? columns(input, begin, end) : 0;
	for (size_t i = 0; i < before; i++)
		fputc(' ', file);
	for (size_t i = 0; i < (under > 0 ? under : 1); i++)
		fputc('^', file);
	if (problem->hint != NULL)
		fprintf(file, "  %s", problem->hint);
	fputc('\n', file);
}

void
cli_problem_print(const struct cli_input *input, FILE *file)
{
	const struct cli_problem *problem = &input->problem;
	size_t at = problem->place.begin;
	struct cli_place line, shown;
	size_t number = 1;

	if (at > input->length)
		at = input->length;
	line = line_around(input, at);
	shown = window(input, line, at);
	for (size_t i = 0; i < line.begin; i++)
		number += input->text[i] == '\n';
	if (input->file != NULL)
		fprintf(file, "weir: %s:%zu: %s\n", input->file, number,
			problem->text);
	else
		fprintf(file, "weir: %s\n", problem->text);
	print_line(input, line, shown, file);
	print_caret(input, line, shown, file);
}
