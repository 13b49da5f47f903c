/* SPDX-License-Identifier: Apache-2.0 */
/*
 * injection.c - cells made ready by threads that are no workers
 */
#include "injection_internal.h"

#include "cell_internal.h"

void
weir_injection_push(struct weir_injection *injection, struct weir_cell *cell)
{
	struct weir_cell *head = weir_load(&injection->pushed, relaxed);

	/* Sequentially consistent: who pushed looks for sleepers next.  Also
	 * the release of the cell; pairs with the exchange in take. */
	do
		weir_plain_store(&cell->next, head);
	while (!weir_compare_exchange(
		&injection->pushed, &head, cell, seq_cst, relaxed));
}

/* All that was pushed, the oldest first. */
static struct weir_cell *
pushed_turn_round(struct weir_injection *injection)
{
	/* Pairs with the push: each cell and its next are written. */
	struct weir_cell *cell =
		weir_exchange(&injection->pushed, NULL, acq_rel);
	struct weir_cell *first = NULL;

	while (cell != NULL) {
		struct weir_cell *next = weir_plain_load(&cell->next);

		weir_plain_store(&cell->next, first);
		first = cell;
		cell = next;
	}
	return first;
}

struct weir_cell *
weir_injection_take(struct weir_injection *injection, size_t most)
{
	struct weir_cell *first, *last;
	int nobody = 0;

	/* Pairs with the release below: the list is as the last one left it. */
	if (!weir_compare_exchange(
		    &injection->taking, &nobody, 1, acquire, relaxed))
		return NULL;
	first = weir_load(&injection->ordered, relaxed);
	if (first == NULL)
		first = pushed_turn_round(injection);
	if (first != NULL) {
		struct weir_cell *rest;

		last = first;
		while (--most > 0 && weir_plain_load(&last->next) != NULL)
			last = weir_plain_load(&last->next);
		rest = weir_plain_load(&last->next);
		weir_plain_store(&last->next, NULL);
		weir_store(&injection->ordered, rest, seq_cst);
	}
	weir_store(&injection->taking, 0, release);
	return first;
}
