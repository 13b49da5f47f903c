/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h - an allocator that counts, and fails when it is told to
 */
#ifndef WEIR_TESTS_SUPPORT_MEMORY_H
#define WEIR_TESTS_SUPPORT_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "actors/seams.h"

struct memory {
	_Atomic size_t allocations; /* asked for so far */
	size_t fail_at;             /* this one fails, from 1; 0: none */
	bool and_after;             /* all that follow fail too */
	_Atomic bool failed;        /* one was refused */
	_Atomic size_t pieces;      /* not given back yet */
	_Atomic size_t bytes;       /* in them */
};

/** An allocator that counts in @memory. */
struct weir_allocator memory_allocator(struct memory *memory);

#endif /* WEIR_TESTS_SUPPORT_MEMORY_H */
