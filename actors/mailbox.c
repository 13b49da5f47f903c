/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.c - a mailbox's life, and what its consumer does seldom
 */
#include "mailbox_internal.h"

#include <assert.h>

/* -- the consumer ---------------------------------------------------------- */

/* Move on to the ring after the one that was emptied, if the ticket names a
 * later one; true: moved. */
static bool
advance(struct weir_mailbox *mb, uint64_t ticket)
{
	struct weir_ring *old = weir_plain_load(&mb->ring), *ring;
	uint32_t old_id = old == NULL ? 0 : old->id;
	uint32_t id = weir_ticket_ring(ticket);

	if (id == old_id)
		return false;
	for (;;) { /* none of the chain is given back but by us */
		ring = weir_ring_of(mb->pool, id);
		id = weir_plain_load(&ring->previous);
		if (id == old_id)
			break;
	}
	/* Relaxed: only the consumer writes it. */
	if (weir_plain_load(&ring->base) != weir_load(&mb->head, relaxed))
		return false; /* a sender is about to write into the old one */
	weir_plain_store(&mb->ring, ring);
	if (old != NULL)
		weir_ring_release(mb->pool, old);
	return true;
}

/* From @ticket with nothing left in the mailbox to the inline slots, with
 * @bits set; the ring goes back.  False: the ticket has changed. */
static bool
shrink(struct weir_mailbox *mb, uint64_t ticket, uint64_t bits)
{
	struct weir_ring_pool *pool = mb->pool;
	struct weir_ring *ring = weir_plain_load(&mb->ring);
	uint64_t next = ticket & ~WEIR_TICKET_RING;

	if (ring != NULL && ring->lossy) {
		ring = NULL; /* it stays */
		next = ticket;
	}
	/* All that the consumer leaves comes before the exchange: after it
	 * another one may be the consumer. */
	if (ring != NULL) {
		weir_plain_store(&mb->ring, NULL);
		weir_mailbox_open_inline(mb, ticket & WEIR_TICKET_POSITION);
	}
	/* Release: the next consumer's acquire, in whatever takes IDLE. */
	if (!weir_compare_exchange(
		    &mb->ticket, &ticket, next | bits, acq_rel, relaxed)) {
		if (ring != NULL)
			weir_plain_store(&mb->ring, ring);
		return false;
	}
	if (ring != NULL)
		weir_ring_release(pool, ring);
	return true;
}

static bool
is_empty_at(const struct weir_mailbox *mb, uint64_t ticket)
{
	const struct weir_ring *ring = weir_plain_load(&mb->ring);

	return weir_ticket_ring(ticket) == (ring == NULL ? 0 : ring->id) &&
	       (ticket & WEIR_TICKET_POSITION) == weir_load(&mb->head, relaxed);
}

bool
weir_mailbox_advance(struct weir_mailbox *mb)
{
	return advance(mb, weir_load(&mb->ticket, acquire));
}

bool
weir_mailbox_rest_slow(struct weir_mailbox *mb)
{
	/* The acquire shows the rings that it names. */
	uint64_t ticket = weir_load(&mb->ticket, acquire);

	if (ticket & (WEIR_TICKET_SYS | WEIR_TICKET_FULL))
		return false;
	if (advance(mb, ticket) || !is_empty_at(mb, ticket))
		return false;
	return shrink(mb, ticket, WEIR_TICKET_IDLE);
}

size_t
weir_mailbox_peek(struct weir_mailbox *mb, uint64_t *words, size_t max)
{
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(mb);
	size_t n = 0;

	while (n < max && weir_mailbox_look(&cursor, &words[n])) {
		cursor.head += WEIR_TICKET_ONE;
		n++;
	}
	return n;
}

void
weir_mailbox_take(struct weir_mailbox *mb, size_t n)
{
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(mb);

	for (; n > 0; n--)
		weir_mailbox_clear(&cursor);
	weir_mailbox_commit(mb, &cursor);
}

/* -- its life -------------------------------------------------------------- */

/* What a send sees last: the bits below the position of its first ticket. */
static int
open_at(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits,
	uint64_t head)
{
	uint32_t id = 0;
	int rc;

	assert(limits->bound >= 1 && limits->bound <= WEIR_MAILBOX_BOUND_MAX);
	if (limits->overflow == WEIR_OVERFLOW_DROP_OLD) {
		rc = weir_mailbox_lossy_open(mb, limits, head, &id);
		if (rc < 0)
			return rc;
	}
	/* Pairs with the acquire in weir_mailbox_post_slow(). */
	weir_store(&mb->limits, limits, release);
	weir_store(&mb->limit, WEIR_LIMIT_NEVER, relaxed);
	weir_store(&mb->head, head, relaxed);
	if (id == 0)
		weir_mailbox_open_inline(mb, head);
	/* Pairs with the acquire in the posts: who sees this ticket sees its
	 * limits, and the generation that was given out before. */
	weir_store(&mb->ticket, head | (uint64_t)id << WEIR_TICKET_RING_SHIFT,
		release);
	return 0;
}

int
weir_mailbox_init_at(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits, uint64_t position)
{
	mb->pool = pool;
	mb->ring = NULL;
	for (size_t i = 0; i < WEIR_MAILBOX_INLINE; i++) {
		/* Relaxed: open_at() publishes them. */
		weir_store(&mb->slots[i].mark, 0, relaxed);
		mb->slots[i].value = 0;
	}
	return open_at(mb, limits, position << WEIR_TICKET_SHIFT);
}

int
weir_mailbox_init(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits)
{
	return weir_mailbox_init_at(mb, pool, limits, 0);
}

bool
weir_mailbox_close(struct weir_mailbox *mb)
{
	return weir_mailbox_mark(mb, WEIR_TICKET_CLOSED);
}

static uint64_t
bytes_of(const struct weir_mailbox_limits *limits, uint64_t word)
{
	return limits->bytes_max == 0 ? 0 : limits->bytes_of(limits->ctx, word);
}

bool
weir_mailbox_drain(struct weir_mailbox *mb)
{
	/* Relaxed: only the consumer writes it. */
	const struct weir_mailbox_limits *limits =
		weir_load(&mb->limits, relaxed);
	uint64_t ticket, word;

	assert(weir_load(&mb->ticket, relaxed) & WEIR_TICKET_CLOSED);
	do {
		while (weir_mailbox_receive(mb, &word, 1) == 1) {
			uint64_t bytes = bytes_of(limits, word);

			if (bytes > 0)
				weir_mailbox_bytes_taken(mb, bytes);
			weir_mailbox_drop(mb, limits, word);
		}
		ticket = weir_load(&mb->ticket, acquire);
	} while (advance(mb, ticket));
	return is_empty_at(mb, ticket) && weir_mailbox_lossy_close(mb) &&
	       shrink(mb, ticket, 0);
}

int
weir_mailbox_reopen(
	struct weir_mailbox *mb, const struct weir_mailbox_limits *limits)
{
	assert(weir_load(&mb->ticket, relaxed) & WEIR_TICKET_CLOSED);
	assert(weir_plain_load(&mb->ring) == NULL);
	return open_at(
		mb, limits, weir_load(&mb->head, relaxed) + WEIR_TICKET_ONE);
}

void
weir_mailbox_finish(struct weir_mailbox *mb)
{
	bool drained;

	weir_mailbox_close(mb);
	drained = weir_mailbox_drain(mb);
	assert(drained);
	(void)drained;
}

uint32_t
weir_mailbox_waiting(const struct weir_mailbox *mb)
{
	uint32_t bound = weir_load(&mb->limits, acquire)->bound;
	/* Acquire, so that the ticket is not older than head. */
	uint64_t head = weir_load(&mb->head, acquire);
	uint64_t ticket = weir_load(&mb->ticket, relaxed);
	uint64_t waiting =
		((ticket & WEIR_TICKET_POSITION) - head) >> WEIR_TICKET_SHIFT;

	/* More were claimed where the oldest are dropped, and some sends are
	 * newer than head. */
	return waiting < bound ? (uint32_t)waiting : bound;
}
