/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dice.c - where the choices of a simulation come from
 */
#include "dice.h"

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
static uint64_t
draw(struct dice *dice)
{
	uint64_t z = dice->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t
read_byte(struct dice *dice)
{
	return dice->at < dice->length ? dice->bytes[dice->at++] : 0;
}

uint32_t
dice_below(struct dice *dice, uint32_t n)
{
	uint32_t value;

	if (dice->bytes == NULL)
		return (uint32_t)(draw(dice) % n);
	value = read_byte(dice);
	if (n > 256)
		value = value << 8 | read_byte(dice);
	return value % n;
}

bool
dice_one_in(struct dice *dice, uint32_t n)
{
	/* The first choice is the one without a fault. */
	return dice_below(dice, n) == n - 1;
}

uint32_t
dice_between(struct dice *dice, uint32_t low, uint32_t high)
{
	return low + dice_below(dice, high - low + 1);
}
