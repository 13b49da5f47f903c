/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.c - point at the place of a problem
 *
 * The line shown is cut to a window around the place.  What would upset a
 * terminal, or is no UTF-8, is shown as '?', tabs as blanks: so it is known how
 * many columns each character takes, and the caret stands where it should.
 */
#include "problem.h"

#include <locale.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

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

/* A character as it is shown. */
struct glyph {
	size_t bytes;
	size_t columns;
	bool shows; /* as it is; else as '?' */
};

/* The character that begins the @length bytes at @text, not none. */
static struct glyph
glyph_at(const char *text, size_t length)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t bytes = mbrtowc(&wide, text, length, &state);
	int columns;

	if (bytes == 0 || bytes > length) /* also what is no character */
		return (struct glyph){1, 1, false};
	columns = wcwidth(wide);
	if (columns < 0)
		return (struct glyph){bytes, 1, false};
	return (struct glyph){bytes, (size_t)columns, true};
}

static void
print_text(const char *text, size_t length, FILE *file)
{
	for (size_t i = 0; i < length;) {
		struct glyph glyph = glyph_at(text + i, length - i);

		if (glyph.shows)
			(void)fwrite(text + i, 1, glyph.bytes, file);
		else
			fputc(text[i] == '\t' ? ' ' : '?', file);
		i += glyph.bytes;
	}
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
	print_text(input->text + shown.begin, shown.end - shown.begin, file);
	fputs(shown.end < line.end ? "...\n" : "\n", file);
}

/* How many columns the bytes from @begin to @end take. */
static size_t
columns(const struct cli_input *input, size_t begin, size_t end)
{
	size_t n = 0;

	while (begin < end) {
		struct glyph glyph = glyph_at(input->text + begin, end - begin);

		n += glyph.columns;
		begin += glyph.bytes;
	}
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

static void
print_problem(const struct cli_input *input, FILE *file)
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
	fputs("weir: ", file);
	if (input->file != NULL)
		fprintf(file, "%s:%zu: ", input->file, number);
	print_text(problem->text, strlen(problem->text), file);
	fputc('\n', file);
	print_line(input, line, shown, file);
	print_caret(input, line, shown, file);
}

/* UTF-8 is shown as such whatever the locale of the program. */
void
cli_problem_print(const struct cli_input *input, FILE *file)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = (locale_t)0;

	if (utf8 != (locale_t)0)
		before = uselocale(utf8);
	print_problem(input, file);
	if (utf8 == (locale_t)0)
		return;
	(void)uselocale(before);
	freelocale(utf8);
}
