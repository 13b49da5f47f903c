/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waker_internal.h - names of things that can be woken from any thread
 *
 * A table of slots, one per waker.  A waker is the index of a slot and the
 * generation it was given out in, so one that came too late finds another
 * generation and does nothing.  Wakes from other threads go through a stack
 * that the worker empties; wakes on the worker's own thread run at once.
 */
#ifndef WEIR_ACTORS_WAKER_INTERNAL_H
#define WEIR_ACTORS_WAKER_INTERNAL_H

#include "atomic_internal.h"
#include "system.h"

#define WEIR_WAKER_FIRST 64u /* slots of chunk 0; each has twice as many */
#define WEIR_WAKER_CHUNKS 20u

/* state is generation << 1 | queued.  Who sets queued owns next until the
 * worker clears it. */
struct weir_waker_slot {
	_Atomic uint32_t state;
	uint32_t next;              /* in the stack: index + 1 */
	void (*wake)(void *target); /* worker's thread only */
	void *target;
	uint32_t next_free; /* index + 1 */
};

struct weir_wakers {
	_Atomic(struct weir_waker_slot *) chunks[WEIR_WAKER_CHUNKS];
	_Atomic uint32_t stack; /* index + 1 of the wake pushed last; 0: none */
	uint32_t used, free;    /* slots ever given out; free ones */
};

/** Give a slot to @target; worker's thread.  Returns 0 or -ENOMEM. */
int weir_waker_acquire(struct weir_system *system, void (*wake)(void *target),
	void *target, struct weir_waker *ret);

/** Take the slot back: @waker wakes nothing from now on.  Worker's thread. */
void weir_waker_release(struct weir_system *system, struct weir_waker waker);

/** Run the wakes that other threads asked for.  Worker's thread. */
void weir_wakers_drain(struct weir_system *system);

/** Free all slots. */
void weir_wakers_finish(struct weir_system *system);

#endif /* WEIR_ACTORS_WAKER_INTERNAL_H */
