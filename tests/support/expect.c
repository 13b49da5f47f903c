/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expect.c - what operators make of elements 1, 2, ...
 */
#include "expect.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Element @i, or the next one if it is the one to leave out. */
static int64_t
or_next(const struct input *input, int64_t i)
{
	return i == input->skip ? i + 1 : i;
}

/* The number @value of each element i for which @when holds. */
#define EXPECT(name, when, value)                                              \
	void name(const struct input *input, struct text *text)                \
	{                                                                      \
		int64_t i = or_next(input, input->first);                      \
                                                                               \
		for (; i <= input->last; i = or_next(input, i + 1))            \
			if (when)                                              \
				text_print(text, "%" PRId64 "\n", value);      \
	}

EXPECT(expect_same, true, i)
EXPECT(expect_triple, true, 3 * i)
EXPECT(expect_even, i % 2 == 0, i)
EXPECT(expect_even_triple, i % 2 == 0, 3 * i)
EXPECT(expect_taken, i <= EXPECT_TAKEN, i)
EXPECT(expect_not_skipped, i > EXPECT_SKIPPED, i)

void
expect_sum(const struct input *input, struct text *text)
{
	int64_t i = or_next(input, input->first), sum = 0;

	for (; i <= input->last; i = or_next(input, i + 1))
		sum += i;
	text_print(text, "%" PRId64 "\n", sum);
}

void
expect_count(const struct input *input, struct text *text)
{
	int64_t i = or_next(input, input->first), count = 0;

	for (; i <= input->last; i = or_next(input, i + 1))
		count++;
	text_print(text, "%" PRId64 "\n", count);
}

void
expect_nothing(const struct input *input, struct text *text)
{
	(void)input;
	(void)text;
}

/* Each line, changed by @change to its new length. */
static void
expect_lines(const struct input *input, struct text *text,
	size_t (*change)(char *line, size_t length))
{
	int64_t i = or_next(input, input->first);

	for (; i <= input->last; i = or_next(input, i + 1)) {
		char line[LINE_MAX_BYTES];
		size_t length = line_of(i, line);

		text_add(text, line, change(line, length));
		text_add(text, "\n", 1);
	}
}

static size_t
as_it_is(char *line, size_t length)
{
	(void)line;
	return length;
}

static size_t
as_capitals(char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		line[i] = (char)toupper((unsigned char)line[i]);
	return length;
}

static size_t
as_small(char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		line[i] = (char)tolower((unsigned char)line[i]);
	return length;
}

static size_t
as_trimmed(char *line, size_t length)
{
	size_t blanks = 0;

	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	while (blanks < length && isspace((unsigned char)line[blanks]))
		blanks++;
	memmove(line, line + blanks, length - blanks);
	return length - blanks;
}

static size_t
as_prefixed(char *line, size_t length)
{
	memmove(line + strlen(EXPECT_ADDED), line, length);
	memcpy(line, EXPECT_ADDED, strlen(EXPECT_ADDED));
	return length + strlen(EXPECT_ADDED);
}

static size_t
as_suffixed(char *line, size_t length)
{
	memcpy(line + length, EXPECT_ADDED, strlen(EXPECT_ADDED));
	return length + strlen(EXPECT_ADDED);
}

#define EXPECT_LINES(change)                                                   \
	void expect_##change(const struct input *input, struct text *text)     \
	{                                                                      \
		expect_lines(input, text, change);                             \
	}

EXPECT_LINES(as_it_is)
EXPECT_LINES(as_capitals)
EXPECT_LINES(as_small)
EXPECT_LINES(as_trimmed)
EXPECT_LINES(as_prefixed)
EXPECT_LINES(as_suffixed)

static void
expect_grepped(const struct input *input, struct text *text, bool matching)
{
	int64_t i = or_next(input, input->first);

	for (; i <= input->last; i = or_next(input, i + 1)) {
		char line[LINE_MAX_BYTES];
		size_t length = line_of(i, line);

		if ((memmem(line, length, "pear", 4) != NULL) != matching)
			continue;
		text_add(text, line, length);
		text_add(text, "\n", 1);
	}
}

void
expect_pears(const struct input *input, struct text *text)
{
	expect_grepped(input, text, true);
}

void
expect_others(const struct input *input, struct text *text)
{
	expect_grepped(input, text, false);
}
