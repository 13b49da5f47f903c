/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box.h - a mailbox with its pool, and what is known of its messages
 *
 * In a header, and compiled into each program, so that a mutant of the
 * mailbox's own header is in it too.
 */
#ifndef WEIR_TESTS_EXPLORE_BOX_H
#define WEIR_TESTS_EXPLORE_BOX_H

#include "explore.h"

#include <errno.h>

#include "actors/mailbox_internal.h"

#define SENDERS 3u

/* A message is sender << 8 | number, numbers from 1. */
static struct box {
	_Alignas(64) struct weir_mailbox mailbox;
	struct weir_mailbox_limits limits;
	struct weir_ring_pool pool;
	_Atomic int scheduled, done;
	_Atomic int room; /* of senders that wait for it */
	/* The consumer's, handed on by IDLE and scheduled. */
	unsigned taken, noticed;
	unsigned last[SENDERS + 1]; /* number of each sender's latest */
	unsigned expected, notices; /* when these are reached it is done */
	unsigned receive_max;
	/* Whose it is, of which generation; words of the one before. */
	_Atomic uint64_t state;
	_Atomic int reopened;
	_Atomic unsigned accepted, dropped, dropped_word;
	/* What notifiers leave before they notify. */
	_Atomic int lane;
	unsigned lane_data[SENDERS + 1];
} * box;

static inline void
box_create(uint32_t bound, enum weir_overflow overflow)
{
	struct weir_allocator allocator = explore_allocator();

	box = explore_allocate(sizeof(*box));
	box->limits.bound = bound;
	box->limits.overflow = overflow;
	box->receive_max = 4;
	weir_ring_pool_init(&box->pool, &allocator);
	weir_mailbox_init(&box->mailbox, &box->pool, &box->limits);
}

static inline void
box_idle(uint32_t bound, unsigned expected)
{
	box_create(bound, WEIR_OVERFLOW_REJECT);
	box->expected = expected;
	explore_assert(weir_mailbox_rest(&box->mailbox));
}

static inline void
box_check(void)
{
	explore_assert(box->taken == box->expected);
	explore_assert(box->noticed == box->notices);
	explore_assert(weir_mailbox_waiting(&box->mailbox) == 0);
	weir_mailbox_finish(&box->mailbox);
	explore_assert(weir_ring_pool_borrowed(&box->pool) == 0);
	weir_ring_pool_finish(&box->pool);
	explore_free(box);
}

static inline void
schedule(void)
{
	/* Only who took the IDLE bit comes here. */
	explore_assert(weir_exchange(&box->scheduled, 1, acq_rel) == 0);
}

static inline uint64_t
word_of(unsigned number)
{
	return (uint64_t)explore_self() << 8 | number;
}

#endif /* WEIR_TESTS_EXPLORE_BOX_H */
