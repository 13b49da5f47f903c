/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waker.c - the table of wakers; a wake is a signal
 */
#include "waker_internal.h"

#include "system_internal.h"

/* state is generation << 1 | QUEUED.  Who sets QUEUED owns the signal until it
 * runs; a slot released meanwhile goes back to the table only then. */
#define QUEUED 1u
#define ONE_GENERATION 2u

struct slot {
	struct weir_signal signal;
	_Atomic uint32_t state;
	_Atomic uint32_t next_free; /* of the table */
	uint32_t index;
	/* Written before the waker is given out; wake is NULL once it was
	 * released. */
	struct weir_cell *cell;
	void (*wake)(void *target);
	void *target;
};

void
weir_wakers_init(struct weir_system *system)
{
	weir_table_init(&system->wakers, system, sizeof(struct slot),
		offsetof(struct slot, next_free));
}

void
weir_wakers_finish(struct weir_system *system)
{
	weir_table_finish(&system->wakers);
}

/* From here on the signal may be sent again.  Pairs with the exchange in wake:
 * what was written before it is seen. */
static void
slot_unqueue(struct slot *slot)
{
	weir_fetch_and(&slot->state, ~QUEUED, acq_rel);
}

/* In a turn of the cell. */
static void
slot_run(struct weir_signal *signal, struct weir_cell *cell)
{
	struct slot *slot = (struct slot *)(void *)signal;

	slot_unqueue(slot);
	if (slot->wake != NULL)
		slot->wake(slot->target);
	else
		weir_table_give(&cell->system->wakers, slot->index);
}

int
weir_waker_acquire(struct weir_system *system, struct weir_cell *cell,
	void (*wake)(void *target), void *target, struct weir_waker *ret)
{
	struct slot *slot;
	uint32_t index;
	int rc = weir_table_take(&system->wakers, &index);

	if (rc < 0)
		return rc;
	slot = weir_table_at(&system->wakers, index);
	slot->signal.run = slot_run;
	slot->index = index;
	slot->cell = cell;
	slot->wake = wake;
	slot->target = target;
	ret->index = index;
	/* The generation was moved on when the slot was released. */
	ret->generation = weir_load(&slot->state, relaxed) / ONE_GENERATION;
	return 0;
}

void
weir_waker_release(struct weir_system *system, struct weir_waker waker)
{
	struct slot *slot = weir_table_at(&system->wakers, waker.index);

	slot->wake = NULL;
	/* Who comes from here on finds another generation.  A wake under way
	 * stays in the lane, and the slot waits for it. */
	if ((weir_fetch_add(&slot->state, ONE_GENERATION, acq_rel) & QUEUED) ==
		0)
		weir_table_give(&system->wakers, waker.index);
}

void
weir_wake(struct weir_system *system, struct weir_waker waker)
{
	struct slot *slot = weir_table_at(&system->wakers, waker.index);
	uint32_t state;

	if (slot == NULL)
		return;
	state = weir_load(&slot->state, relaxed);
	/* Acquire and release: what the waking thread wrote is seen by the turn
	 * that follows, also when the wake was queued before. */
	do {
		if (state / ONE_GENERATION !=
			(waker.generation & UINT32_MAX / ONE_GENERATION))
			return;
	} while (!weir_compare_exchange(
		&slot->state, &state, state | QUEUED, acq_rel, relaxed));
	if ((state & QUEUED) != 0 ||
		weir_cell_signal(slot->cell, &slot->signal))
		return;
	/* The cell is gone, and so was the waker before it. */
	slot_unqueue(slot);
	weir_table_give(&system->wakers, waker.index);
}
