/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dice.h - where the choices of a simulation come from
 *
 * From a seed, or from the bytes of a fuzzer's input, which then is a program:
 * once it is used up each choice is the first.
 */
#ifndef WEIR_TESTS_SIM_DICE_H
#define WEIR_TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t random;
	const uint8_t *bytes; /* NULL: from the seed */
	size_t length, at;
};

/** A number from 0 to @n - 1. */
uint32_t dice_below(struct dice *dice, uint32_t n);

/** True once in @n times. */
bool dice_one_in(struct dice *dice, uint32_t n);

/** A number from @low to @high. */
uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high);

#endif /* WEIR_TESTS_SIM_DICE_H */
