/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - text that grows, and elements of each kind as text
 */
#include "text.h"

#include "live.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_add(struct text *text, const char *data, size_t length)
{
	if (text->length + length + 1 > text->capacity) {
		text->capacity = 2 * (text->length + length + 1);
		text->data = realloc(text->data, text->capacity);
		if (text->data == NULL)
			abort();
	}
	if (length > 0)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void
text_print(struct text *text, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		abort();
	text_add(text, line, (size_t)n);
}

void
text_clear(struct text *text)
{
	text->length = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

void
text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

bool
text_equal(const struct text *a, const struct text *b)
{
	return a->length == b->length &&
	       (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
text_sort(struct text *text)
{
	struct text sorted = {0};
	char **lines = calloc(text->length + 1, sizeof(*lines)), *rest;
	size_t n = 0;

	if (lines == NULL)
		abort();
	for (char *line = text->length == 0 ? NULL
					    : strtok_r(text->data, "\n", &rest);
		line != NULL; line = strtok_r(NULL, "\n", &rest))
		lines[n++] = line;
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n; i++) {
		text_add(&sorted, lines[i], strlen(lines[i]));
		text_add(&sorted, "\n", 1);
	}
	free(lines);
	text_free(text);
	*text = sorted;
}

const struct weir_type *
kind_type(enum kind kind)
{
	static const struct weir_type *const types[] = {
		[KIND_LIVE] = &weir_type_live,
		[KIND_INT64] = &weir_type_int64_t,
		[KIND_UINT64] = &weir_type_uint64_t,
		[KIND_RECORD] = &weir_type_weir_record,
		[KIND_BYTES] = &weir_type_weir_bytes,
	};

	return types[kind];
}

enum kind
kind_of(const struct weir_type *type)
{
	for (enum kind kind = KIND_LIVE; kind <= KIND_BYTES; kind++)
		if (weir_type_equal(type, kind_type(kind)))
			return kind;
	return KIND_NONE;
}

size_t
line_of(int64_t value, char line[LINE_MAX_BYTES])
{
	static const char *const before[] = {"Pear ", "  fig ", "APPLE ", ""};
	static const char *const behind[] = {"", "", " \t", " pears"};
	uint64_t form = (uint64_t)value % 5;

	if (form == 4)
		return 0;
	return (size_t)snprintf(line, LINE_MAX_BYTES, "%s%" PRId64 "%s",
		before[form], value, behind[form]);
}

void
text_add_element(struct text *text, enum kind kind, const void *at)
{
	const weir_record *record = at;

	switch (kind) {
	case KIND_LIVE:
		text_print(text, "%" PRId64 "\n", live_value(at));
		break;
	case KIND_INT64:
		text_print(text, "%" PRId64 "\n", *(const int64_t *)at);
		break;
	case KIND_UINT64:
		text_print(text, "%" PRIu64 "\n", *(const uint64_t *)at);
		break;
	default:
		text_add(text, record->data, record->length);
		if (kind == KIND_RECORD)
			text_add(text, "\n", 1);
	}
}
