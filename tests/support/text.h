/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - what tests put in and compare: text that grows, and element number
 * N of each kind
 */
#ifndef WEIR_TESTS_SUPPORT_TEXT_H
#define WEIR_TESTS_SUPPORT_TEXT_H

#include "streams/type.h"

struct text {
	char *data; /* ends with a NUL; NULL: empty */
	size_t length, capacity;
};

void text_add(struct text *text, const char *data, size_t length);
void text_print(struct text *text, const char *format, ...) WEIR_PRINTF(2, 3);
void text_clear(struct text *text);
void text_free(struct text *text);
bool text_equal(const struct text *a, const struct text *b);

/** Bring the lines of @text into order, for where order is not defined. */
void text_sort(struct text *text);

/** What elements tests are about. */
enum kind {
	KIND_NONE,
	KIND_LIVE,
	KIND_INT64,
	KIND_UINT64,
	KIND_RECORD,
	KIND_BYTES
};

const struct weir_type *kind_type(enum kind kind);
enum kind kind_of(const struct weir_type *type);

#define LINE_MAX_BYTES 64u

/** The line that stands for number @value: words in upper and lower case,
 *  blanks around, sometimes empty, never with a newline.  Returns its
 *  length. */
size_t line_of(int64_t value, char line[LINE_MAX_BYTES]);

/** Append element @at of kind @kind to @text as a line. */
void text_add_element(struct text *text, enum kind kind, const void *at);

#endif /* WEIR_TESTS_SUPPORT_TEXT_H */
