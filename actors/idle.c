/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idle.c - who sleeps, who looks for work
 */
#include "idle_internal.h"

bool
weir_idle_look(struct weir_idle *idle)
{
	uint64_t word = weir_load(&idle->word, relaxed);

	do {
		if (word >= WEIR_IDLE_LOOKER)
			return false;
	} while (!weir_compare_exchange(
		&idle->word, &word, word + WEIR_IDLE_LOOKER, seq_cst, relaxed));
	return true;
}

void
weir_idle_found(struct weir_idle *idle)
{
	/* Pairs with the load in choose: who saw us look woke nobody, so we
	 * look at what it published after this. */
	weir_fetch_sub(&idle->word, WEIR_IDLE_LOOKER, seq_cst);
}

void
weir_idle_announce(struct weir_idle *idle, uint32_t bit, bool looked)
{
	uint64_t change = (uint64_t)1 << bit;

	if (looked)
		change -= WEIR_IDLE_LOOKER;
	/* Pairs with the loads in choose and claim. */
	weir_fetch_add(&idle->word, change, seq_cst);
}

bool
weir_idle_awake(struct weir_idle *idle, uint32_t bit)
{
	uint64_t mine = (uint64_t)1 << bit;

	return (weir_fetch_and(&idle->word, ~mine, seq_cst) & mine) == 0;
}

int
weir_idle_choose(struct weir_idle *idle)
{
	/* Pairs with announce: the work was published before. */
	uint64_t word = weir_load(&idle->word, seq_cst), lowest;

	do {
		if (word == 0 || word >= WEIR_IDLE_LOOKER)
			return -1;
		lowest = word & -word;
	} while (!weir_compare_exchange(&idle->word, &word,
		word - lowest + WEIR_IDLE_LOOKER, seq_cst, seq_cst));
	return __builtin_ctzll(lowest);
}

bool
weir_idle_claim(struct weir_idle *idle, uint32_t bit)
{
	uint64_t mine = (uint64_t)1 << bit;
	/* Pairs with announce: the work was published before. */
	uint64_t word = weir_load(&idle->word, seq_cst);

	do {
		if ((word & mine) == 0)
			return false;
	} while (!weir_compare_exchange(&idle->word, &word,
		word - mine + WEIR_IDLE_LOOKER, seq_cst, seq_cst));
	return true;
}
