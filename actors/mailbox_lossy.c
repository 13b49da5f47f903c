/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_lossy.c - a mailbox that drops its oldest message at its bound
 *
 * A kind of its own.  Senders claim positions without limit, in a ring of the
 * bound's size that the mailbox keeps from opening to closing.  A slot's mark
 * and value change together, so whoever takes a message out, consumer or
 * sender, owns its release: a sender releases the older message it finds in
 * its slot, or its own when it comes so late that a newer one is there.  A
 * consumer that was lapped skips to the oldest position that may be left.
 *
 * A sender that comes late may write long after the consumer has skipped its
 * position, so a position does not pin the ring here.  Senders count what they
 * have written; the ring goes back when that is all that was claimed.
 */
#include "mailbox_internal.h"

#include <assert.h>
#include <errno.h>

/* Of a mark here, below its position; others than weir_mailbox_put() writes,
 * so that the hot path of the consumer leaves such slots alone. */
#define HOLDS UINT64_C(2) /* a message */
#define TAKEN UINT64_C(4) /* the consumer took it */

int
weir_mailbox_lossy_open(struct weir_mailbox *mb,
	const struct weir_mailbox_limits *limits, uint64_t head, uint32_t *ret)
{
	uint32_t class = 1;
	struct weir_ring *ring;

	assert(limits->bound >= 2 && limits->bound <= WEIR_RING_CAPACITY_MAX);
	assert((limits->bound & (limits->bound - 1)) == 0);
	assert(limits->bytes_max == 0);
	while (weir_ring_capacity(class) < limits->bound)
		class ++;
	ring = weir_ring_acquire(mb->pool, class);
	if (ring == NULL)
		return -ENOMEM;
	/* Its first ticket publishes all that. */
	weir_plain_store(&ring->mask, limits->bound - 1);
	weir_plain_store(&ring->base, head);
	weir_plain_store(&ring->lossy, true);
	weir_store(&ring->written, 0, relaxed);
	weir_plain_store(&mb->ring, ring);
	*ret = ring->id;
	return 0;
}

static bool
is_newer(uint64_t mark, uint64_t position)
{
	return mark != 0 &&
	       (int64_t)((mark & WEIR_TICKET_POSITION) - position) > 0;
}

/* Put @word into the slot of @position; what comes out is dropped. */
static void
put(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits,
	struct weir_slot *slot, uint64_t position, uint64_t word)
{
	struct weir_pair old = weir_pair_guess(slot);
	const struct weir_pair new = {position | HOLDS, word};

	do {
		if (is_newer(old.first, position)) {
			weir_mailbox_drop(mb, limits, word);
			return;
		}
		/* Acquire: the message that comes out is ours.  Release: ours
		 * is written. */
	} while (!weir_pair_compare_exchange(slot, &old, new));
	if (old.first & HOLDS)
		weir_mailbox_drop(mb, limits, old.second);
}

int
weir_mailbox_lossy_post(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	const struct weir_mailbox_limits *limits;
	struct weir_ring *ring;
	uint64_t position;
	int rc;

	do {
		limits = weir_mailbox_limits_at(mb, &ticket, guard, &rc);
		if (limits == NULL)
			return rc;
		/* Orders as in weir_mailbox_post(). */
	} while (!weir_compare_exchange_weak(&mb->ticket, &ticket,
		(ticket + WEIR_TICKET_ONE) & ~WEIR_TICKET_IDLE, acq_rel,
		acquire));

	position = ticket & WEIR_TICKET_POSITION;
	ring = weir_ring_of(mb->pool, weir_ticket_ring(ticket));
	put(mb, limits,
		&ring->slots[(position >> WEIR_TICKET_SHIFT) &
			     weir_plain_load(&ring->mask)],
		position, word);
	/* Pairs with the acquire in weir_mailbox_lossy_close(). */
	weir_fetch_add(&ring->written, 1, release);
	return (int)(ticket & WEIR_TICKET_IDLE);
}

bool
weir_mailbox_next_lossy(struct weir_mailbox_cursor *cursor, uint64_t *ret_word)
{
	struct weir_mailbox *mb = cursor->lossy;

	for (;;) {
		struct weir_slot *slot = weir_mailbox_cursor_slot(cursor);
		struct weir_pair pair = weir_pair_guess(slot);
		const struct weir_pair taken = {cursor->head | TAKEN, 0};

		if (pair.first == (cursor->head | HOLDS)) {
			if (!weir_pair_compare_exchange(slot, &pair, taken))
				continue; /* a sender took it: lapped */
			*ret_word = pair.second;
			cursor->head += WEIR_TICKET_ONE;
			return true;
		}
		if (!is_newer(pair.first, cursor->head))
			return false; /* not written yet */
		/* Lapped: all but the last lap are dropped, or will be by who
		 * claimed their slots.  The acquire shows no less than the
		 * claim of the message we saw. */
		cursor->head = (weir_load(&mb->ticket, acquire) &
				       WEIR_TICKET_POSITION) -
			       ((cursor->mask + 1) << WEIR_TICKET_SHIFT);
	}
}

size_t
weir_mailbox_receive_lossy(struct weir_mailbox *mb, uint64_t *words, size_t max)
{
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(mb);
	size_t n = 0;

	while (n < max && weir_mailbox_next_lossy(&cursor, &words[n]))
		n++;
	if (n > 0)
		weir_mailbox_commit(mb, &cursor);
	return n;
}

bool
weir_mailbox_lossy_close(struct weir_mailbox *mb)
{
	struct weir_ring *ring = weir_plain_load(&mb->ring);
	uint64_t claimed;

	if (ring == NULL || !ring->lossy)
		return true;
	/* It is closed and empty: head is where the claims end. */
	claimed = (weir_load(&mb->head, relaxed) - ring->base) >>
		  WEIR_TICKET_SHIFT;
	/* Pairs with the release in weir_mailbox_lossy_post(). */
	if (weir_load(&ring->written, acquire) != claimed)
		return false;
	for (uint64_t i = 0; i <= ring->mask; i++)
		weir_store(&ring->slots[i].mark, 0, relaxed);
	weir_plain_store(
		&ring->mask, weir_ring_capacity(weir_ring_class(ring->id)) - 1);
	weir_plain_store(&ring->lossy, false);
	return true;
}
