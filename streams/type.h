/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type.h - what an element is
 *
 * Elements lie by value in one array per batch.  A type says how large one is
 * and, where it owns something, how to let go of it (drop) and how two copies
 * come to own it both (share).  Links compare types when a graph is built.
 *
 * Two slices of memory have types of their own: weir_bytes is a cut of one
 * stream of bytes, weir_record a framed unit such as a line.  Only records may
 * be joined, since joining two cuts of bytes gives nonsense.
 */
#ifndef WEIR_STREAMS_TYPE_H
#define WEIR_STREAMS_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../actors/export.h"

WEIR_BEGIN

/**
 * Two types are the same when name, size, align, drop and share are; their
 * addresses may differ between translation units.
 */
struct weir_type {
	const char *name;
	uint32_t size, align; /* of one element in a batch's array, in bytes */
	/* Let go of @n elements; NULL: plain data.  Must not fail. */
	void (*drop)(void *elements, size_t n);
	/* Called on a copy made by memcpy; NULL: memcpy is enough. */
	void (*share)(void *elements, size_t n);
};

/**
 * Define the element type of the C type @T, which must be one identifier (use
 * a typedef).  @label is its name in messages.
 */
#define WEIR_TYPE(T, label, drop, share)                                       \
	WEIR_UNUSED static const struct weir_type weir_type_##T = {            \
		label, sizeof(T), WEIR_ALIGNOF(T), drop, share}

/**
 * Define the element type of pointers @T (a typedef of a pointer type) that
 * are released one by one with @release, a function that takes one T.
 * Such a type cannot be broadcast: it has no share.
 */
#define WEIR_POINTER_TYPE(T, label, release)                                   \
	WEIR_UNUSED static void weir_drop_##T(void *elements, size_t n)        \
	{                                                                      \
		T *each = (T *)elements;                                       \
		for (size_t i = 0; i < n; i++)                                 \
			release(each[i]);                                      \
	}                                                                      \
	WEIR_TYPE(T, label, weir_drop_##T, NULL)

/** A cut of one stream of bytes.  Borrowed: valid while its batch is. */
typedef struct weir_bytes {
	const char *data;
	size_t length;
} weir_bytes;

/** A framed unit, as a line.  Borrowed: valid while its batch is.  One byte
 *  behind it can be read. */
typedef struct weir_record {
	const char *data;
	size_t length;
} weir_record;

struct weir_block;

/** Bytes that own a reference to their memory: see weir_bytes_keep(). */
typedef struct weir_kept {
	const char *data;
	size_t length;
	struct weir_block *block;
} weir_kept;

/** The drop and share of weir_kept: give back, or take, a reference for each of
 *  @n elements.  Any thread. */
WEIR_API void weir_kept_drop(void *elements, size_t n);
WEIR_API void weir_kept_share(void *elements, size_t n);

WEIR_TYPE(int64_t, "int64", NULL, NULL);
WEIR_TYPE(uint64_t, "uint64", NULL, NULL);
WEIR_TYPE(double, "double", NULL, NULL);
WEIR_TYPE(weir_bytes, "bytes", NULL, NULL);
WEIR_TYPE(weir_record, "record", NULL, NULL);
WEIR_TYPE(weir_kept, "kept", weir_kept_drop, weir_kept_share);

/** Whether @a and @b are the same type. */
WEIR_API bool weir_type_equal(
	const struct weir_type *a, const struct weir_type *b);

WEIR_END

#endif /* WEIR_STREAMS_TYPE_H */
