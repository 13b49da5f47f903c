/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expect.h - what operators make of elements 1, 2, ... as text
 */
#ifndef WEIR_TESTS_SUPPORT_EXPECT_H
#define WEIR_TESTS_SUPPORT_EXPECT_H

#include "world.h"

#define EXPECT_TAKEN 20
#define EXPECT_SKIPPED 4
#define EXPECT_ADDED "+-" /* in front, or behind */

/** The numbers; three times them; the even ones. */
void expect_same(const struct input *input, struct text *text);
void expect_triple(const struct input *input, struct text *text);
void expect_even(const struct input *input, struct text *text);
void expect_even_triple(const struct input *input, struct text *text);

/** The first EXPECT_TAKEN, or all but the first EXPECT_SKIPPED. */
void expect_taken(const struct input *input, struct text *text);
void expect_not_skipped(const struct input *input, struct text *text);

/** One number for all of them. */
void expect_sum(const struct input *input, struct text *text);
void expect_count(const struct input *input, struct text *text);
void expect_nothing(const struct input *input, struct text *text);

/** Lines (see line_of()), as they are or changed. */
void expect_as_it_is(const struct input *input, struct text *text);
void expect_as_capitals(const struct input *input, struct text *text);
void expect_as_small(const struct input *input, struct text *text);
void expect_as_trimmed(const struct input *input, struct text *text);
void expect_as_prefixed(const struct input *input, struct text *text);
void expect_as_suffixed(const struct input *input, struct text *text);

/** The lines with "pear" in them, and those without. */
void expect_pears(const struct input *input, struct text *text);
void expect_others(const struct input *input, struct text *text);

#endif /* WEIR_TESTS_SUPPORT_EXPECT_H */
