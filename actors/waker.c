/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waker.c - the table of wakers and the stack of wakes
 *
 * The stack is R. K. Treiber's (IBM RJ 5118, 1986), emptied as a whole by one
 * consumer, so nodes are never popped singly and cannot be mistaken for a
 * reused one.  A slot is in it at most once: its queued bit says so.
 */
#include "waker_internal.h"

#include "system_internal.h"

#include <errno.h>
#include <string.h>

#define QUEUED 1u
/* Chunk k has 64 << k slots, and 64 * (2^k - 1) come before it. */
static uint32_t
chunk_of(uint32_t index)
{
	return 31u - (uint32_t)__builtin_clz(index / WEIR_WAKER_FIRST + 1);
}

static uint32_t
chunk_start(uint32_t chunk)
{
	return WEIR_WAKER_FIRST * ((1u << chunk) - 1);
}

static size_t
chunk_bytes(uint32_t chunk)
{
	return ((size_t)WEIR_WAKER_FIRST << chunk) *
	       sizeof(struct weir_waker_slot);
}

static struct weir_waker_slot *
slot_at(struct weir_system *system, uint32_t index)
{
	uint32_t k = chunk_of(index);
	struct weir_waker_slot *chunk;

	if (k >= WEIR_WAKER_CHUNKS)
		return NULL;
	/* Pairs with the release in slot_new: the slots are written. */
	chunk = weir_load(&system->wakers.chunks[k], acquire);
	return chunk == NULL ? NULL : &chunk[index - chunk_start(k)];
}

/* A slot never used before, its chunk made if need be. */
static int
slot_new(struct weir_system *system, uint32_t *ret)
{
	struct weir_wakers *wakers = &system->wakers;
	uint32_t index = wakers->used, k = chunk_of(index);
	struct weir_waker_slot *chunk;

	if (k == WEIR_WAKER_CHUNKS)
		return -ENOMEM;
	if (index == chunk_start(k)) {
		chunk = weir_allocate(system, chunk_bytes(k));
		if (chunk == NULL)
			return -ENOMEM;
		memset(chunk, 0, chunk_bytes(k));
		weir_store(&wakers->chunks[k], chunk, release);
	}
	wakers->used++;
	*ret = index;
	return 0;
}

int
weir_waker_acquire(struct weir_system *system, void (*wake)(void *target),
	void *target, struct weir_waker *ret)
{
	struct weir_wakers *wakers = &system->wakers;
	struct weir_waker_slot *slot;
	uint32_t index;
	int rc;

	if (wakers->free != 0) {
		index = wakers->free - 1;
		wakers->free = slot_at(system, index)->next_free;
	} else if ((rc = slot_new(system, &index)) < 0) {
		return rc;
	}
	slot = slot_at(system, index);
	slot->wake = wake;
	slot->target = target;
	ret->index = index;
	/* The generation was moved on when the slot was released. */
	ret->generation = weir_load(&slot->state, relaxed) >> 1;
	return 0;
}

void
weir_waker_release(struct weir_system *system, struct weir_waker waker)
{
	struct weir_waker_slot *slot = slot_at(system, waker.index);

	slot->wake = NULL;
	slot->target = NULL;
	/* Adding leaves the queued bit as it is: a wake under way stays in the
	 * stack, and reaches whoever has the slot by then, to no harm. */
	weir_fetch_add(&slot->state, 2u, acq_rel);
	slot->next_free = system->wakers.free;
	system->wakers.free = waker.index + 1;
}

static void
slot_push(struct weir_system *system, struct weir_waker_slot *slot,
	uint32_t index)
{
	uint32_t head = weir_load(&system->wakers.stack, relaxed);

	do
		slot->next = head;
	while (!weir_compare_exchange(
		&system->wakers.stack, &head, index + 1, seq_cst, relaxed));
}

void
weir_wake(struct weir_system *system, struct weir_waker waker)
{
	struct weir_waker_slot *slot = slot_at(system, waker.index);
	uint32_t state;

	if (slot == NULL)
		return;
	state = weir_load(&slot->state, relaxed);
	if (weir_system_on_worker(system)) {
		if (state >> 1 == waker.generation && slot->wake != NULL)
			slot->wake(slot->target);
		return;
	}
	/* Acquire and release: what the waking thread wrote is seen by the
	 * step that follows, also when the wake was queued before. */
	do {
		if (state >> 1 != (waker.generation & UINT32_MAX >> 1))
			return;
	} while (!weir_compare_exchange(
		&slot->state, &state, state | QUEUED, acq_rel, relaxed));
	if ((state & QUEUED) == 0) {
		slot_push(system, slot, waker.index);
		weir_system_notify(system);
	}
}

void
weir_wakers_drain(struct weir_system *system)
{
	uint32_t next;

	if (weir_load(&system->wakers.stack, relaxed) == 0)
		return;
	/* Pairs with the push: next of every slot in it is written. */
	next = weir_exchange(&system->wakers.stack, 0, acq_rel);
	while (next != 0) {
		struct weir_waker_slot *slot = slot_at(system, next - 1);

		next = slot->next;
		/* From here on the slot may be pushed again.  Pairs with the
		 * exchange in wake: the step sees what was written before. */
		weir_fetch_and(&slot->state, ~QUEUED, acq_rel);
		if (slot->wake != NULL)
			slot->wake(slot->target);
	}
}

void
weir_wakers_finish(struct weir_system *system)
{
	for (uint32_t i = 0; i < WEIR_WAKER_CHUNKS; i++) {
		struct weir_waker_slot *chunk =
			weir_load(&system->wakers.chunks[i], relaxed);

		if (chunk == NULL)
			return;
		weir_release(system, chunk, chunk_bytes(i));
	}
}
