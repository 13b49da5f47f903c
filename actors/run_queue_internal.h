/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_queue_internal.h - the cells that wait for their turn on one worker
 *
 * A ring of 256 with one owner, who pushes at its tail and pops at its head;
 * other workers take half of it from the head.  First in, first out.
 *
 * Algorithm: the local run queue of the Go scheduler (D. Vyukov, "Scalable Go
 * scheduler design doc", 2012; runtime/proc.go, runqput and runqgrab).
 */
#ifndef WEIR_ACTORS_RUN_QUEUE_INTERNAL_H
#define WEIR_ACTORS_RUN_QUEUE_INTERNAL_H

#include "atomic_internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A power of two; the explorer makes it smaller. */
#ifndef WEIR_RUN_QUEUE_SLOTS
#define WEIR_RUN_QUEUE_SLOTS 256u
#endif

struct weir_cell;

/* Both ends only grow, and wrap.  slots[head] ... slots[tail - 1] wait; a slot
 * is written again only once head has gone past it, so whoever read it before
 * moving head by compare-exchange has read the right one. */
struct weir_run_queue {
	_Alignas(64) _Atomic uint32_t head; /* owner and thieves */
	_Alignas(64) _Atomic uint32_t tail; /* owner */
	_Atomic(struct weir_cell *) slots[WEIR_RUN_QUEUE_SLOTS];
};

/** How many wait.  Exact for the owner but for what is being stolen; for
 *  others a guess. */
static inline uint32_t
weir_run_queue_count(const struct weir_run_queue *queue)
{
	uint32_t head = weir_load(&queue->head, relaxed);
	uint32_t count = weir_load(&queue->tail, relaxed) - head;

	/* Between the two loads both may have moved on. */
	return count > WEIR_RUN_QUEUE_SLOTS ? 0 : count;
}

/** Append @cell; false when full.  Owner. */
static inline bool
weir_run_queue_push(struct weir_run_queue *queue, struct weir_cell *cell)
{
	uint32_t tail = weir_load(&queue->tail, relaxed);

	/* Pairs with the release in pop and steal: the slot was read. */
	if (tail - weir_load(&queue->head, acquire) == WEIR_RUN_QUEUE_SLOTS)
		return false;
	weir_store(&queue->slots[tail % WEIR_RUN_QUEUE_SLOTS], cell, relaxed);
	/* Pairs with the acquire in steal: slot and cell are written. */
	weir_store(&queue->tail, tail + 1, release);
	return true;
}

/** Take the oldest; NULL when empty.  Owner. */
static inline struct weir_cell *
weir_run_queue_pop(struct weir_run_queue *queue)
{
	uint32_t head = weir_load(&queue->head, relaxed);
	struct weir_cell *cell;

	do {
		if (head == weir_load(&queue->tail, relaxed))
			return NULL;
		cell = weir_load(
			&queue->slots[head % WEIR_RUN_QUEUE_SLOTS], relaxed);
		/* Release: the slot was read before push may reuse it. */
	} while (!weir_compare_exchange(
		&queue->head, &head, head + 1, acq_rel, relaxed));
	return cell;
}

/** As weir_run_queue_pop(), where nobody ever steals. */
static inline struct weir_cell *
weir_run_queue_pop_alone(struct weir_run_queue *queue)
{
	uint32_t head = weir_load(&queue->head, relaxed);

	if (head == weir_load(&queue->tail, relaxed))
		return NULL;
	weir_store(&queue->head, head + 1, relaxed);
	return weir_load(&queue->slots[head % WEIR_RUN_QUEUE_SLOTS], relaxed);
}

/**
 * Move half of @from, rounded up, to @to, which is empty and belongs to the
 * caller.  Less than @least waiting: nothing.  Returns how many were moved: 0
 * also if the owner or another thief was in the way.
 */
uint32_t weir_run_queue_steal(
	struct weir_run_queue *from, struct weir_run_queue *to, uint32_t least);

/** Let the cell @index behind the oldest change places with it.  Owner, while
 *  nobody steals. */
void weir_run_queue_prefer(struct weir_run_queue *queue, uint32_t index);

#endif /* WEIR_ACTORS_RUN_QUEUE_INTERNAL_H */
