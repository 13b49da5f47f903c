/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_send.c - what a send does that finds no room at hand
 *
 * Bounds, growth, refusal.  Whatever is decided here by a ticket is decided
 * again from the start when the ticket has changed.
 */
#include "mailbox_internal.h"

#include <errno.h>

/* A stretch of positions claimed, or why none could be. */
struct claim {
	uint64_t ticket; /* its first position, its ring; the bits before it */
	int64_t n;       /* positions; negative: errno */
	const struct weir_mailbox_limits *limits; /* those it was judged by */
};

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
limit_set(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits,
	uint64_t position, uint32_t id)
{
	if (limits->bytes_max != 0)
		return; /* every send looks at the bytes */
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
	uint64_t n, const struct weir_mailbox_limits *limits)
{
	uint32_t old = weir_ticket_ring(*ticket);
	struct weir_ring *ring =
		weir_ring_acquire(mb->pool, class_above(old, n));
	uint64_t base = *ticket & WEIR_TICKET_POSITION;
	uint64_t end;
	uint64_t bound_end =
		head + ((uint64_t)limits->bound << WEIR_TICKET_SHIFT);
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
	limit_set(mb, limits, end, id);
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
		uint32_t id = weir_ticket_ring(ticket);
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
			limit_set(mb, limits,
				head + (smaller(capacity_of(id), bound)
					       << WEIR_TICKET_SHIFT),
				id);
			rc = claim_try(mb, &ticket, claimed, id);
		} else {
			claimed = smaller(claimed, WEIR_RING_CAPACITY_MAX);
			rc = claim_grown(mb, &ticket, head, claimed, limits);
		}
		if (rc < 0)
			return (struct claim){ticket, rc, limits};
		note_high(mb, limits, rc > 0 ? used + claimed : 0);
		if (rc > 0)
			return (struct claim){ticket, (int64_t)claimed, limits};
	}
}

void
weir_mailbox_drop(struct weir_mailbox *mb,
	const struct weir_mailbox_limits *limits, uint64_t word)
{
	struct weir_mailbox_counters *counters = counters_of(mb, limits);

	if (counters != NULL)
		weir_fetch_add(&counters->dropped, 1, relaxed);
	if (limits->drop != NULL)
		limits->drop(limits->ctx, word);
}

/* What a refusal leaves to do; @rc is the reason.  0: all were dropped. */
static int
refuse(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits,
	int rc, const uint64_t *words, size_t n)
{
	struct weir_mailbox_counters *counters = counters_of(mb, limits);

	if (rc == -EAGAIN && limits->overflow == WEIR_OVERFLOW_DROP_NEW) {
		for (size_t i = 0; i < n; i++)
			weir_mailbox_drop(mb, limits, words[i]);
		return 0;
	}
	if (counters != NULL && rc != -ESRCH)
		weir_fetch_add(&counters->refused, n, relaxed);
	return rc;
}

const struct weir_mailbox_limits *
weir_mailbox_limits_at(struct weir_mailbox *mb, uint64_t *ticket,
	const struct weir_mailbox_guard *guard, int *ret_rc)
{
	for (;;) {
		/* Both acquires pair with weir_mailbox_reopen(): with limits
		 * of the next owner comes a later ticket. */
		const struct weir_mailbox_limits *limits =
			weir_load(&mb->limits, acquire);
		uint64_t seen = *ticket;

		*ret_rc = -ESRCH;
		if (weir_mailbox_guard_fails(guard))
			return NULL;
		*ret_rc = -ESHUTDOWN;
		if (seen & WEIR_TICKET_CLOSED)
			return NULL;
		*ticket = weir_load(&mb->ticket, acquire);
		if (*ticket == seen)
			return limits;
	}
}

/* -- a bound in bytes ------------------------------------------------------ */

static _Atomic uint64_t *
bytes_word(struct weir_mailbox *mb, const struct weir_mailbox_limits *limits)
{
	return (void *)((char *)mb + limits->bytes_offset);
}

/* Claim @bytes, before the position that goes with them. */
static bool
bytes_claim(_Atomic uint64_t *word, uint64_t bytes, uint64_t max)
{
	/* The acquire pairs with the release of who gave bytes back: a
	 * consumer that did is not seen to be idle already. */
	uint64_t held = weir_load(word, acquire);

	do {
		if (held > 0 && (bytes > max || held > max - bytes))
			return false;
	} while (!weir_compare_exchange_weak(
		word, &held, held + bytes, acq_rel, acquire));
	return true;
}

/* Send one word of a mailbox that is bounded in bytes. */
static int
post_sized(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	const struct weir_mailbox_limits *limits;
	_Atomic uint64_t *held;
	struct claim claim;
	uint64_t bytes;
	int rc;

	for (;;) {
		limits = weir_mailbox_limits_at(mb, &ticket, guard, &rc);
		if (limits == NULL)
			return rc;
		held = bytes_word(mb, limits);
		bytes = limits->bytes_of(limits->ctx, word);
		if (bytes_claim(held, bytes, limits->bytes_max))
			break;
		if (bound_met(mb, &ticket, limits->overflow))
			return refuse(mb, limits, -EAGAIN, &word, 1);
	}
	claim = claim_slow(mb, ticket, guard, 1);
	if (claim.n < 0) {
		weir_fetch_sub(held, bytes, release);
		return refuse(mb, claim.limits, (int)claim.n, &word, 1);
	}
	weir_mailbox_put(
		weir_mailbox_place(mb, claim.ticket), claim.ticket, word);
	return (int)(claim.ticket & WEIR_TICKET_IDLE);
}

void
weir_mailbox_bytes_taken(struct weir_mailbox *mb, uint64_t bytes)
{
	/* Relaxed: only the consumer writes limits.  Release: pairs with
	 * bytes_claim(). */
	weir_fetch_sub(bytes_word(mb, weir_load(&mb->limits, relaxed)), bytes,
		release);
}

/* -- what the hot path cannot do ------------------------------------------- */

static int
post_plain(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, const uint64_t *words, size_t n,
	size_t *ret_n)
{
	struct claim claim = claim_slow(mb, ticket, guard, n);
	int rc;

	if (claim.n < 0) {
		rc = refuse(mb, claim.limits, (int)claim.n, words, n);
		*ret_n = rc == 0 ? n : 0;
		return rc;
	}
	weir_mailbox_fill(weir_mailbox_place(mb, claim.ticket), claim.ticket,
		words, (size_t)claim.n);
	*ret_n = (size_t)claim.n;
	return (int)(claim.ticket & WEIR_TICKET_IDLE);
}

int
weir_mailbox_post_slow(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, const uint64_t *words, size_t n,
	size_t *ret_n)
{
	/* Should they be the next owner's, what is chosen by them finds out. */
	const struct weir_mailbox_limits *limits =
		weir_load(&mb->limits, acquire);
	bool lossy = limits->overflow == WEIR_OVERFLOW_DROP_OLD;
	int idle = 0;

	if (!lossy && limits->bytes_max == 0)
		return post_plain(mb, ticket, guard, words, n, ret_n);
	for (size_t i = 0; i < n; i++) {
		int rc = lossy ? weir_mailbox_lossy_post(
					 mb, ticket, guard, words[i])
			       : post_sized(mb, ticket, guard, words[i]);

		*ret_n = i;
		if (rc < 0)
			return i == 0 ? rc : idle;
		idle |= rc;
	}
	*ret_n = n;
	return idle;
}

int
weir_mailbox_burst_slow(struct weir_mailbox_burst *burst,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	struct weir_mailbox *mb = burst->mailbox;
	int rc = weir_mailbox_post_if(mb, guard, word);

	/* Acquire, as in the posts; limit too: it is used later. */
	burst->ticket = weir_load(&mb->ticket, acquire);
	burst->limit = weir_load(&mb->limit, acquire);
	if (weir_mailbox_guard_fails(guard))
		burst->ticket = WEIR_TICKET_CLOSED; /* not ours to predict */
	return rc;
}
