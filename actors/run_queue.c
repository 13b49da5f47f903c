/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_queue.c - what a thief does to another worker's queue
 */
#include "run_queue_internal.h"

uint32_t
weir_run_queue_steal(
	struct weir_run_queue *from, struct weir_run_queue *to, uint32_t least)
{
	/* Acquire: the tail is not older than the head. */
	uint32_t head = weir_load(&from->head, acquire);
	/* Pairs with the release in push: slots and cells are written. */
	uint32_t count = weir_load(&from->tail, acquire) - head;
	uint32_t tail = weir_load(&to->tail, relaxed);
	uint32_t half = count - count / 2;

	/* More than all slots: the head is long past, try another time. */
	if (count < least || count == 0 || count > WEIR_RUN_QUEUE_SLOTS)
		return 0;
	for (uint32_t i = 0; i < half; i++)
		weir_store(&to->slots[(tail + i) % WEIR_RUN_QUEUE_SLOTS],
			weir_load(
				&from->slots[(head + i) % WEIR_RUN_QUEUE_SLOTS],
				relaxed),
			relaxed);
	/* What was read counts only if nobody has moved the head since.
	 * Release: it was read before push may reuse the slots. */
	if (!weir_compare_exchange(
		    &from->head, &head, head + half, acq_rel, relaxed))
		return 0;
	/* Pairs with the acquire of the next thief. */
	weir_store(&to->tail, tail + half, release);
	return half;
}

void
weir_run_queue_prefer(struct weir_run_queue *queue, uint32_t index)
{
	uint32_t head = weir_load(&queue->head, relaxed);
	_Atomic(struct weir_cell *) *first =
		&queue->slots[head % WEIR_RUN_QUEUE_SLOTS];
	_Atomic(struct weir_cell *) *other =
		&queue->slots[(head + index) % WEIR_RUN_QUEUE_SLOTS];
	struct weir_cell *cell = weir_load(first, relaxed);

	weir_store(first, weir_load(other, relaxed), relaxed);
	weir_store(other, cell, relaxed);
}
