/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waker_internal.h - names of things that can be woken from any thread
 *
 * A table of slots, one per waker.  A waker is the index of a slot and the
 * generation it was given out in, so one that came too late finds another
 * generation and does nothing.  A wake is a signal to the cell that the target
 * belongs to, and runs in a turn of it.
 */
#ifndef WEIR_ACTORS_WAKER_INTERNAL_H
#define WEIR_ACTORS_WAKER_INTERNAL_H

#include "cell_internal.h"
#include "system.h"

/**
 * Give a slot to @target, which @wake(@target) wakes in turns of @cell.
 * Returns 0 or -ENOMEM.  Any thread.
 */
int weir_waker_acquire(struct weir_system *system, struct weir_cell *cell,
	void (*wake)(void *target), void *target, struct weir_waker *ret);

/** Take the slot back: @waker wakes nothing from now on.  By who has the
 *  consumer side of its cell. */
void weir_waker_release(struct weir_system *system, struct weir_waker waker);

void weir_wakers_init(struct weir_system *system);
void weir_wakers_finish(struct weir_system *system);

#endif /* WEIR_ACTORS_WAKER_INTERNAL_H */
