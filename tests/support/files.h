/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.h - for tests of I/O: a folder of their own, and systems to run in
 */
#ifndef WEIR_TESTS_FILES_H
#define WEIR_TESTS_FILES_H

#include "io/sim_internal.h"
#include "weir.h"

/** Make a folder and change into it; the next removes it.  As a cmocka group's
 *  setup and teardown. */
int files_setup(void **state);
int files_teardown(void **state);

/** Write a file of @length bytes. */
void file_put(const char *path, const void *data, size_t length);

/** All of a file, followed by a NUL: to be freed. */
char *file_get(const char *path, size_t *ret_length);

/** @length bytes that repeat late, with a newline now and then: to be
 *  freed. */
char *noise(size_t length);

/** Whether the balance of every stage of the last run holds. */
void assert_balanced(struct weir_graph *graph);

/** A counter of one stage, by name, in the last run. */
uint64_t tally_of(
	struct weir_graph *graph, const char *stage, enum weir_tally what);

/** An allocator that counts what is out, and fails after @left allocations. */
struct counted {
	struct weir_allocator allocator;
	long left; /* below 0: no end */
	long out, refused;
};

void counted_init(struct counted *counted, long left);

#endif /* WEIR_TESTS_FILES_H */
