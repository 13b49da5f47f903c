/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needle_internal.h - find a plain string in memory
 */
#ifndef WEIR_OPERATORS_NEEDLE_INTERNAL_H
#define WEIR_OPERATORS_NEEDLE_INTERNAL_H

#include <stddef.h>

/* What is sought, and the two of its bytes that are looked for first. */
struct weir_needle {
	const char *bytes;    /* borrowed */
	size_t length;        /* above 0 */
	size_t first, second; /* their places; equal when there is one */
};

/** Prepare to look for @length bytes, above 0, at @bytes (borrowed). */
struct weir_needle weir_needle_make(const char *bytes, size_t length);

/** The first place of @needle that lies between @at and @end as a whole; NULL:
 *  none.  Reads nothing beyond. */
const char *weir_needle_find(
	const struct weir_needle *needle, const char *at, const char *end);

#endif /* WEIR_OPERATORS_NEEDLE_INTERNAL_H */
