/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queues.h - bounded queues of words to compare with: plain, and with a lock
 *
 * The plain ring is D. Vyukov's "Bounded MPMC queue" (1024cores.net) with a
 * single consumer: as little as a ring of slots with their own sequence numbers
 * can do.  It never grows, nobody goes idle, nobody is scheduled.
 */
#ifndef WEIR_BENCH_SUPPORT_QUEUES_H
#define WEIR_BENCH_SUPPORT_QUEUES_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_SLOTS 1024 /* a power of two */

/* -- a Vyukov ring --------------------------------------------------------- */

/* Free for the sender of position p when seq is p; p's word is in it when seq
 * is p + 1. */
struct vyukov_slot {
	_Atomic uint64_t seq;
	uint64_t word;
};

struct vyukov {
	alignas(128) _Atomic uint64_t tail;
	alignas(128) uint64_t head;
	alignas(128) struct vyukov_slot slots[QUEUE_SLOTS];
};

static inline void
vyukov_init(struct vyukov *queue)
{
	atomic_store_explicit(&queue->tail, 0, memory_order_relaxed);
	queue->head = 0;
	for (uint64_t i = 0; i < QUEUE_SLOTS; i++)
		atomic_store_explicit(
			&queue->slots[i].seq, i, memory_order_relaxed);
}

static inline bool
vyukov_send(struct vyukov *queue, uint64_t word)
{
	uint64_t at = atomic_load_explicit(&queue->tail, memory_order_relaxed);

	for (;;) {
		struct vyukov_slot *slot = &queue->slots[at % QUEUE_SLOTS];
		/* Pairs with the release in vyukov_receive(). */
		uint64_t seq =
			atomic_load_explicit(&slot->seq, memory_order_acquire);

		if (seq != at) {
			if ((int64_t)(seq - at) < 0)
				return false;
			at = atomic_load_explicit(
				&queue->tail, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak_explicit(&queue->tail,
				   &at, at + 1, memory_order_relaxed,
				   memory_order_relaxed)) {
			slot->word = word;
			atomic_store_explicit(
				&slot->seq, at + 1, memory_order_release);
			return true;
		}
	}
}

static inline bool
vyukov_receive(struct vyukov *queue, uint64_t *ret)
{
	struct vyukov_slot *slot = &queue->slots[queue->head % QUEUE_SLOTS];

	/* Pairs with the release in vyukov_send(). */
	if (atomic_load_explicit(&slot->seq, memory_order_acquire) !=
		queue->head + 1)
		return false;
	*ret = slot->word;
	atomic_store_explicit(
		&slot->seq, queue->head + QUEUE_SLOTS, memory_order_release);
	queue->head++;
	return true;
}

/* -- a ring under a mutex -------------------------------------------------- */

struct locked {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t head, tail;
	uint64_t words[QUEUE_SLOTS];
};

static inline void
locked_init(struct locked *queue)
{
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_cond_init(&queue->changed, NULL);
	queue->head = queue->tail = 0;
}

/* Blocks while it is full. */
static inline bool
locked_send(struct locked *queue, uint64_t word)
{
	pthread_mutex_lock(&queue->mutex);
	while (queue->tail - queue->head == QUEUE_SLOTS)
		pthread_cond_wait(&queue->changed, &queue->mutex);
	queue->words[queue->tail++ % QUEUE_SLOTS] = word;
	/* Signalled only at the edges, where somebody can be waiting. */
	if (queue->tail - queue->head == 1)
		pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
	return true;
}

/* Blocks while it is empty. */
static inline bool
locked_receive(struct locked *queue, uint64_t *ret)
{
	pthread_mutex_lock(&queue->mutex);
	while (queue->tail == queue->head)
		pthread_cond_wait(&queue->changed, &queue->mutex);
	*ret = queue->words[queue->head++ % QUEUE_SLOTS];
	if (queue->tail - queue->head == QUEUE_SLOTS - 1)
		pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
	return true;
}

#endif /* WEIR_BENCH_SUPPORT_QUEUES_H */
