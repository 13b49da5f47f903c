/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames.h - the floor under boundaries: arrays handed over by a bare ring
 *
 * What a boundary cannot do without: one thread fills an array and passes its
 * pointer through a ring of one producer and one consumer, each of which keeps
 * a copy of the other's index; both spin.  No end, no failure, no demand but
 * the number of frames there are, nobody ever sleeps.
 */
#ifndef WEIR_BENCH_SUPPORT_FRAMES_H
#define WEIR_BENCH_SUPPORT_FRAMES_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_ITEMS 256
#define FRAME_SLOTS 64 /* of a ring */

struct frame {
	alignas(64) size_t n;
	_Atomic int holders;
	int64_t sum; /* where it goes back with an answer */
	alignas(64) int64_t items[FRAME_ITEMS];
};

/* Each side has its own line: its index, and what it last saw of the other. */
struct frame_ring {
	alignas(128) _Atomic size_t tail;
	size_t head_seen;
	alignas(128) _Atomic size_t head;
	size_t tail_seen;
	alignas(128) struct frame *slots[FRAME_SLOTS];
};

static inline void
frame_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

/* Whether the producer has no slot. */
static inline bool
frame_ring_full(struct frame_ring *ring)
{
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail - ring->head_seen < FRAME_SLOTS)
		return false;
	/* Pairs with the release in frame_ring_pop(): the slot was read. */
	ring->head_seen =
		atomic_load_explicit(&ring->head, memory_order_acquire);
	return tail - ring->head_seen == FRAME_SLOTS;
}

/* Whether the consumer has nothing to take. */
static inline bool
frame_ring_empty(struct frame_ring *ring)
{
	size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	if (head != ring->tail_seen)
		return false;
	/* Pairs with the release in frame_ring_push(): the slot is written. */
	ring->tail_seen =
		atomic_load_explicit(&ring->tail, memory_order_acquire);
	return head == ring->tail_seen;
}

static inline void
frame_ring_push(struct frame_ring *ring, struct frame *frame)
{
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	while (frame_ring_full(ring))
		frame_pause();
	ring->slots[tail % FRAME_SLOTS] = frame;
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

static inline struct frame *
frame_ring_pop(struct frame_ring *ring)
{
	size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct frame *frame;

	while (frame_ring_empty(ring))
		frame_pause();
	frame = ring->slots[head % FRAME_SLOTS];
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
	return frame;
}

#endif /* WEIR_BENCH_SUPPORT_FRAMES_H */
