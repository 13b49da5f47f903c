/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters.h - a hook that keeps the dead letters it is told
 */
#ifndef WEIR_TESTS_SUPPORT_LETTERS_H
#define WEIR_TESTS_SUPPORT_LETTERS_H

#include "actors/actor.h"

#define LETTERS_MAX 64

/* What was said of each, in order; one thread. */
struct letters {
	size_t count;
	struct weir_dead_letter all[LETTERS_MAX];
	int64_t values[LETTERS_MAX]; /* the first 8 bytes of each message */
};

/** A weir_dead_letter_fn; @ctx is a struct letters. */
void letters_add(void *ctx, const struct weir_dead_letter *letter);

/** How many are there for @reason. */
size_t letters_count(
	const struct letters *letters, enum weir_dead_reason reason);

#endif /* WEIR_TESTS_SUPPORT_LETTERS_H */
