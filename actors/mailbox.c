/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.c - what is not hot: bounds, growth, going idle, closing
 */
#include "mailbox_internal.h"

#include <assert.h>
#include <errno.h>

#define CAPACITY_SHIFTED_MAX                                                   \
	((uint64_t)WEIR_RING_CAPACITY_MAX << WEIR_TICKET_SHIFT)

/* A stretch of positions claimed, or why none could be. */
struct claim {
	uint64_t ticket; /* its first position, its ring; the bits before it */
	int64_t n;       /* positions; negative: errno */
	const struct weir_mailbox_limits *limits; /* those it was judged by */
};

static inline uint32_t
ring_id(uint64_t ticket)
{
	return (uint32_t)((ticket & WEIR_TICKET_RING) >>
			  WEIR_TICKET_RING_SHIFT);
}

static uint64_t
capacity_of(uint32_t id)
{
	uint32_t class = weir_ring_class(id);

	return class == 0 ? WEIR_MAILBOX_INLINE : weir_ring_capacity(class);
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* -- bound and growth ------------------------------------------------------ */

static struct weir_mailbox_counters *
counters_of(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits)
{
	if (limits->counters_offset == 0)
		return NULL;
	return (void *)((char *)mb + limits->counters_offset);
}

static void
note_high(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits,
	uint64_t waiting)
{
	struct weir_mailbox_counters *counters = counters_of(mb, limits);
	uint32_t high;

	if (counters == NULL)
		return;
	high = weir_load(&counters->high, relaxed);
	while (waiting > high &&
		!weir_compare_exchange_weak(&counters->high, &high,
			(uint32_t)waiting, relaxed, relaxed))
		;
}

/* Claim @n positions from @ticket on, in the ring @id. */
static bool
claim_try(struct weir_mailbox *mb, uint64_t *ticket, uint64_t n, uint32_t id)
{
	uint64_t next = (*ticket & ~(WEIR_TICKET_RING | WEIR_TICKET_IDLE)) |
			(uint64_t)id << WEIR_TICKET_RING_SHIFT;

	/* As in weir_mailbox_post(); the release shows a new ring. */
	return weir_compare_exchange(&mb->ticket, ticket,
		next + (n << WEIR_TICKET_SHIFT), acq_rel, acquire);
}

/* Let senders go on in ring @id until @position. */
static void
limit_set(struct weir_mailbox *mb, uint64_t position, uint32_t id)
{
	/* Pairs with the acquire in the posts, and passes on the acquire of
	 * head.  An older limit that overwrites a newer one costs a look, and
	 * no more: it never allowed what is not free. */
	weir_store(&mb->limit,
		position | (uint64_t)id << WEIR_TICKET_RING_SHIFT |
			WEIR_LIMIT_BITS,
		release);
}

/* The class of a ring that is larger than ring @id, if there is one, and holds
 * @n. */
static uint32_t
class_above(uint32_t id, uint64_t n)
{
	uint32_t class = weir_ring_class(id) + 1;

	while (class < WEIR_RING_CLASSES && weir_ring_capacity(class) < n)
		class ++;
	return class < WEIR_RING_CLASSES ? class : WEIR_RING_CLASSES;
}

/* Claim @n positions in a new ring, which *@ticket names then.  1: claimed;
 * 0: *@ticket has changed; or -ENOMEM. */
static int
claim_grown(struct weir_mailbox *mb, uint64_t *ticket, uint64_t head,
	uint64_t n, uint64_t bound)
{
	uint32_t old = ring_id(*ticket);
	struct weir_ring *ring =
		weir_ring_acquire(mb->pool, class_above(old, n));
	uint64_t base = *ticket & WEIR_TICKET_POSITION;
	uint64_t end, bound_end = head + (bound << WEIR_TICKET_SHIFT);
	uint32_t id;

	if (ring == NULL)
		return -ENOMEM;
	id = ring->id;
	weir_plain_store(&ring->base, base);
	weir_plain_store(&ring->previous, old);
	if (!claim_try(mb, ticket, n, id)) {
		weir_ring_release(mb->pool, ring);
		return 0;
	}
	end = base + (capacity_of(id) << WEIR_TICKET_SHIFT);
	if ((int64_t)(bound_end - end) < 0)
		end = bound_end;
	limit_set(mb, end, id);
	/* Not exchanged, so still what it was: the ring is another now. */
	*ticket = (*ticket & ~WEIR_TICKET_RING) |
		  (uint64_t)id << WEIR_TICKET_RING_SHIFT;
	return 1;
}

/* The mailbox stood at its bound when its ticket was *@ticket.  False: the
 * ticket has changed, so look again. */
static bool
bound_met(
	struct weir_mailbox *mb, uint64_t *ticket, enum weir_overflow overflow)
{
	uint64_t seen = *ticket;

	if (overflow == WEIR_OVERFLOW_WAIT || overflow == WEIR_OVERFLOW_FAIL)
		/* Not idle, for it is not empty: nobody is to be scheduled.
		 * The bit keeps it from going idle unnoticed. */
		return weir_compare_exchange(&mb->ticket, ticket,
			seen | WEIR_TICKET_FULL, acq_rel, acquire);
	*ticket = weir_load(&mb->ticket, acquire);
	return *ticket == seen;
}

/* Claim up to @n positions, with a look at head.  What the hot path found in
 * its way, this finds out anew. */
static struct claim
claim_slow(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, uint64_t n)
{
	for (;;) {
		/* Pairs with the release in weir_mailbox_reopen(): limits of
		 * the next owner come with a ticket that is not the one we
		 * have, so nothing is decided by them. */
		const struct weir_mailbox_limits *limits =
			weir_load(&mb->limits, acquire);
		/* Pairs with the release in weir_mailbox_commit(). */
		uint64_t head = weir_load(&mb->head, acquire);
		uint64_t used = (ticket & WEIR_TICKET_POSITION) - head;
		uint32_t id = ring_id(ticket);
		uint64_t bound = limits->bound, claimed;
		int rc;

		if (weir_mailbox_guard_fails(guard))
			return (struct claim){ticket, -ESRCH, limits};
		if (ticket & WEIR_TICKET_CLOSED)
			return (struct claim){ticket, -ESHUTDOWN, limits};
		if ((int64_t)used < 0) { /* the ticket is older than head */
			ticket = weir_load(&mb->ticket, acquire);
			continue;
		}
		used >>= WEIR_TICKET_SHIFT;
		if (used >= bound) {
			if (!bound_met(mb, &ticket, limits->overflow))
				continue;
			return (struct claim){ticket, -EAGAIN, limits};
		}
		claimed = smaller(n, bound - used);
		if (used + claimed <= capacity_of(id)) {
			limit_set(mb,
				head + (smaller(capacity_of(id), bound)
					       << WEIR_TICKET_SHIFT),
				id);
			rc = claim_try(mb, &ticket, claimed, id);
		} else {
			claimed = smaller(claimed, WEIR_RING_CAPACITY_MAX);
			rc = claim_grown(mb, &ticket, head, claimed, bound);
		}
		if (rc < 0)
			return (struct claim){ticket, rc, limits};
		note_high(mb, limits, rc > 0 ? used + claimed : 0);
		if (rc > 0)
			return (struct claim){ticket, (int64_t)claimed, limits};
	}
}
static void
drop(const struct weir_mailbox_limits *limits, uint64_t word)
{
	if (limits->drop != NULL)
		limits->drop(limits->drop_ctx, word);
}

/* What a refusal leaves to do; @claim says why. */
static int
refuse(struct weir_mailbox *mb, const struct claim *claim,
	const uint64_t *words, size_t n)
{
	int rc = (int)claim->n;
	const struct weir_mailbox_limits *limits = claim->limits;
	struct weir_mailbox_counters *counters = counters_of(mb, limits);
	bool drops =
		rc == -EAGAIN && limits->overflow == WEIR_OVERFLOW_DROP_NEW;

	if (rc == -ESRCH)
		return rc;
	if (counters != NULL)
		weir_fetch_add(drops ? &counters->dropped : &counters->refused,
			n, relaxed);
	if (!drops)
		return rc;
	for (size_t i = 0; i < n; i++)
		drop(limits, words[i]);
	return 0;
}

int
weir_mailbox_post_slow(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, const uint64_t *words, size_t n,
	size_t *ret_n)
{
	struct claim claim = claim_slow(mb, ticket, guard, n);
	int rc;

	*ret_n = 0;
	if (claim.n < 0) {
		rc = refuse(mb, &claim, words, n);
		if (rc == 0)
			*ret_n = n;
		return rc;
	}
	weir_mailbox_fill(mb, claim.ticket, words, (size_t)claim.n);
	*ret_n = (size_t)claim.n;
	return (int)(claim.ticket & WEIR_TICKET_IDLE);
}

/* -- the consumer ---------------------------------------------------------- */

/* Move on to the ring after the one that was emptied, if the ticket names a
 * later one; true: moved. */
static bool
advance(struct weir_mailbox *mb, uint64_t ticket)
{
	struct weir_ring *old = weir_plain_load(&mb->ring), *ring;
	uint32_t old_id = old == NULL ? 0 : old->id;
	uint32_t id = ring_id(ticket);

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

	/* All that the consumer leaves comes before the exchange: after it
	 * another one may be the consumer. */
	if (ring != NULL) {
		weir_plain_store(&mb->ring, NULL);
		weir_mailbox_open_inline(mb, ticket & WEIR_TICKET_POSITION);
	}
	/* Release: the next consumer's acquire, in whatever takes IDLE. */
	if (!weir_compare_exchange(&mb->ticket, &ticket,
		    (ticket & ~WEIR_TICKET_RING) | bits, acq_rel, relaxed)) {
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

	return ring_id(ticket) == (ring == NULL ? 0 : ring->id) &&
	       (ticket & WEIR_TICKET_POSITION) == weir_load(&mb->head, relaxed);
}

bool
weir_mailbox_rest(struct weir_mailbox *mb)
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

void
weir_mailbox_init_at(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits, uint64_t position)
{
	uint64_t head = position << WEIR_TICKET_SHIFT;

	assert(limits->bound >= 1 && limits->bound <= WEIR_MAILBOX_BOUND_MAX);
	mb->pool = pool;
	mb->ring = NULL;
	for (size_t i = 0; i < WEIR_MAILBOX_INLINE; i++) {
		weir_store(&mb->slots[i].mark, 0, relaxed);
		mb->slots[i].value = 0;
	}
	/* Relaxed: whoever gives the mailbox to senders publishes it. */
	weir_store(&mb->limits, limits, relaxed);
	weir_store(&mb->ticket, head, relaxed);
	weir_store(&mb->head, head, relaxed);
	weir_mailbox_open_inline(mb, head);
}

void
weir_mailbox_init(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits)
{
	weir_mailbox_init_at(mb, pool, limits, 0);
}

bool
weir_mailbox_close(struct weir_mailbox *mb)
{
	return weir_mailbox_mark(mb, WEIR_TICKET_CLOSED);
}

bool
weir_mailbox_drain(struct weir_mailbox *mb)
{
	const struct weir_mailbox_limits *limits =
		weir_load(&mb->limits, relaxed);
	uint64_t ticket, word;

	assert(weir_load(&mb->ticket, relaxed) & WEIR_TICKET_CLOSED);
	do {
		while (weir_mailbox_receive(mb, &word, 1) == 1)
			drop(limits, word);
		ticket = weir_load(&mb->ticket, acquire);
	} while (advance(mb, ticket));
	return is_empty_at(mb, ticket) && shrink(mb, ticket, 0);
}

void
weir_mailbox_reopen(
	struct weir_mailbox *mb, const struct weir_mailbox_limits *limits)
{
	uint64_t head = weir_load(&mb->head, relaxed) + WEIR_TICKET_ONE;

	assert(weir_load(&mb->ticket, relaxed) & WEIR_TICKET_CLOSED);
	assert(weir_plain_load(&mb->ring) == NULL);
	/* Pairs with the acquire in claim_slow(). */
	weir_store(&mb->limits, limits, release);
	weir_store(&mb->head, head, relaxed);
	weir_mailbox_open_inline(mb, head);
	/* Pairs with the acquire in the posts: who sees this ticket sees the
	 * generation that was given out before, and its limits. */
	weir_store(&mb->ticket, head, release);
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
	uint64_t head = weir_load(&mb->head, acquire);
	uint64_t ticket = weir_load(&mb->ticket, relaxed);

	return (uint32_t)(((ticket & WEIR_TICKET_POSITION) - head) >>
			  WEIR_TICKET_SHIFT);
}
