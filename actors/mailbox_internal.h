/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_internal.h - the mailbox that cells embed: struct and hot paths
 *
 * Bounded, many senders, one consumer, FIFO per sender.  A message is a word of
 * 64 bits.  One compare-exchange of the ticket word is the whole send: it
 * claims a position, names the ring the position lives in and takes the IDLE
 * bit.  Then the sender writes the value and the mark of its slot; the consumer
 * looks at the next slot only.
 *
 *	ticket = [ position : 36 | ring id : 24 | CLOSED | FULL | SYS | IDLE ]
 *	limit  = [ position : 36 | ring id : 24 |      0 |    1 |   1 |    1 ]
 *
 * A claimed position pins its ring: it was installed by a claim at or before
 * that position, and the consumer gives it back only behind all of them.  So
 * there are no epochs, no hazard pointers and no lock for growth.  Positions
 * are kept where they stand in the word, so they wrap at 2^36 by themselves.
 * A ticket word comes back only after 2^36 messages: a sender must not be
 * stopped between its load and its exchange for that long (at 3 ns a message,
 * more than three minutes in which every other sender sends).
 *
 * Not lock-free for the consumer: a sender stopped between its claim and its
 * mark hides the messages behind it.  Nobody waits in a loop for it:
 * weir_mailbox_rest() says no, and the owner looks again later.
 *
 * Algorithm: after D. Vyukov, "Bounded MPMC queue" (1024cores.net), with one
 * consumer and the ring's name and the idle bit in the position's word.
 */
#ifndef WEIR_ACTORS_MAILBOX_INTERNAL_H
#define WEIR_ACTORS_MAILBOX_INTERNAL_H

#include "mailbox.h"
#include "mailbox_ring_internal.h"

#include <errno.h>
#include <stdbool.h>

#define WEIR_MAILBOX_INLINE 2u

#define WEIR_TICKET_IDLE UINT64_C(1)
#define WEIR_TICKET_SYS UINT64_C(2) /* something is in the system lane */
#define WEIR_TICKET_FULL                                                       \
	UINT64_C(4) /* a sender met the bound, and it matters */
#define WEIR_TICKET_CLOSED UINT64_C(8)
#define WEIR_TICKET_RING_SHIFT 4u
#define WEIR_TICKET_RING (UINT64_C(0xffffff) << WEIR_TICKET_RING_SHIFT)
#define WEIR_TICKET_SHIFT 28u
#define WEIR_TICKET_ONE (UINT64_C(1) << WEIR_TICKET_SHIFT)
#define WEIR_TICKET_POSITION (~(WEIR_TICKET_ONE - 1))

/* The bits in which a limit that holds for a ticket does not differ from it;
 * those of the limit below them are 1, so that the difference has no carry. */
#define WEIR_LIMIT_SAME (WEIR_TICKET_RING | WEIR_TICKET_CLOSED)
#define WEIR_LIMIT_BITS (WEIR_TICKET_IDLE | WEIR_TICKET_SYS | WEIR_TICKET_FULL)

/* A limit that no ticket fits, so that every send takes the slow path. */
#define WEIR_LIMIT_NEVER (WEIR_TICKET_RING | WEIR_LIMIT_BITS)

#define WEIR_MAILBOX_BOUND_MAX (UINT32_C(1) << 30)

/** Kept by the slow paths, any thread. */
struct weir_mailbox_counters {
	_Atomic uint64_t refused; /* sends that met the bound or no memory */
	_Atomic uint64_t dropped; /* messages released by the policy */
	_Atomic uint32_t high;    /* most waiting that a slow path saw */
};

/** What mailboxes of one kind share; lives as long as they do. */
struct weir_mailbox_limits {
	/* Messages, from 1 to WEIR_MAILBOX_BOUND_MAX; where the oldest are
	 * dropped, a power of two from 2 to WEIR_RING_CAPACITY_MAX. */
	uint32_t bound;
	enum weir_overflow overflow;
	/* Bytes of all messages together, as bytes_of() says; 0: no such bound.
	 * A larger message is taken when the mailbox holds none.  Not where
	 * the oldest are dropped. */
	uint64_t bytes_max;
	size_t (*bytes_of)(void *ctx, uint64_t word);
	/* Releases a dropped message; NULL: there is nothing to release. */
	void (*drop)(void *ctx, uint64_t word);
	void *ctx; /* of both */
	/* From the mailbox, in bytes, to its struct weir_mailbox_counters (0:
	 * it has none), and to the _Atomic uint64_t that says how many bytes
	 * are claimed (0: no bound in bytes), which is 0 at the start. */
	ptrdiff_t counters_offset, bytes_offset;
};

/* The first 64 bytes are the senders', the rest is the consumer's; the owner
 * aligns the whole to 64. */
struct weir_mailbox {
	_Atomic uint64_t ticket;
	/* How far senders may claim without a look at head, in which ring. */
	_Atomic uint64_t limit;
	struct weir_ring_pool *pool;
	_Atomic(const struct weir_mailbox_limits *) limits;
	struct weir_slot slots[WEIR_MAILBOX_INLINE];

	_Atomic uint64_t head;  /* position of the next message to take */
	struct weir_ring *ring; /* where it lives; NULL: inline.  Consumer's */
};

/* Whose mailbox it is now: a sender with an old name must not reach the next
 * owner.  Checked between each load of the ticket and its exchange. */
struct weir_mailbox_guard {
	const _Atomic uint64_t *state; /* generation << 32 | anything */
	uint32_t generation;
};

/**
 * Make @mb an empty mailbox that its caller owns as the consumer: it is not
 * idle.  @pool and @limits are borrowed until it is finished.  Returns 0, or
 * -ENOMEM, where the oldest are dropped: then its ring is borrowed at once.
 */
int weir_mailbox_init(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits);

/** The same, at @position of 36 bits; for tests near the wrap. */
int weir_mailbox_init_at(struct weir_mailbox *mb, struct weir_ring_pool *pool,
	const struct weir_mailbox_limits *limits, uint64_t position);

/**
 * Open a closed and drained mailbox again, for another owner, who is its
 * consumer; senders may still come with old names, see weir_mailbox_guard.
 * Its ticket is one that it never had.  Returns as weir_mailbox_init(); on
 * failure it stays closed.
 */
int weir_mailbox_reopen(
	struct weir_mailbox *mb, const struct weir_mailbox_limits *limits);

/**
 * Release every message that is left in a closed mailbox, and its ring.  False:
 * a sender is still about to write; call again later.  Consumer.
 */
bool weir_mailbox_drain(struct weir_mailbox *mb);

/** Drain @mb, which nobody else uses any more. */
void weir_mailbox_finish(struct weir_mailbox *mb);

/** Later sends get -ESHUTDOWN, and no claim is on its way.  True: it took the
 *  IDLE bit, so the caller owns the consumer's side.  Any thread. */
bool weir_mailbox_close(struct weir_mailbox *mb);

/** What posts do that the hot path cannot; @ticket was loaded by an acquire. */
int weir_mailbox_post_slow(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, const uint64_t *words, size_t n,
	size_t *ret_n);

/** Release @word, dropped by the policy of @limits, and count it. */
void weir_mailbox_drop(struct weir_mailbox *mb,
	const struct weir_mailbox_limits *limits, uint64_t word);

/* A mailbox that drops its oldest, see mailbox_lossy.c: it has one ring from
 * opening to closing.  Open it at position @head, to name its ring in *@ret;
 * send, as weir_mailbox_post_slow(); give the ring back, unless a sender is
 * still about to write (false). */
int weir_mailbox_lossy_open(struct weir_mailbox *mb,
	const struct weir_mailbox_limits *limits, uint64_t head, uint32_t *ret);
int weir_mailbox_lossy_post(struct weir_mailbox *mb, uint64_t ticket,
	const struct weir_mailbox_guard *guard, uint64_t word);
bool weir_mailbox_lossy_close(struct weir_mailbox *mb);

/** Messages claimed and not yet taken, as of some moment.  Any thread. */
uint32_t weir_mailbox_waiting(const struct weir_mailbox *mb);

/* -- senders --------------------------------------------------------------- */

static inline bool
weir_mailbox_guard_fails(const struct weir_mailbox_guard *guard)
{
	/* Pairs with the release of who gave the generation out: a ticket of
	 * the next owner, loaded by an acquire, shows the next generation. */
	return guard != NULL &&
	       weir_load(guard->state, acquire) >> 32 != guard->generation;
}

/**
 * The limits that hold for *@ticket, loaded by an acquire, which moves on to a
 * later one where they have changed.  NULL: *@ret_rc is -ESRCH or -ESHUTDOWN.
 */
const struct weir_mailbox_limits *weir_mailbox_limits_at(
	struct weir_mailbox *mb, uint64_t *ticket,
	const struct weir_mailbox_guard *guard, int *ret_rc);

/* Whether @n positions from @ticket may be claimed by what @limit says. */
static inline bool
weir_mailbox_fits(uint64_t limit, uint64_t ticket, uint64_t n)
{
	uint64_t room = limit - ticket;

	return (room & WEIR_LIMIT_SAME) == 0 &&
	       (int64_t)room >= (int64_t)(n << WEIR_TICKET_SHIFT);
}

/* The id of the ring that @ticket names. */
static inline uint32_t
weir_ticket_ring(uint64_t ticket)
{
	return (uint32_t)((ticket & WEIR_TICKET_RING) >>
			  WEIR_TICKET_RING_SHIFT);
}

/* Where the positions of a ticket live. */
struct weir_mailbox_place {
	struct weir_slot *slots;
	uint64_t mask;
};

/* Before the claim, so that its exchange does not delay the address: whatever
 * ring the ticket names is still mapped, and of that size. */
static inline struct weir_mailbox_place
weir_mailbox_place(struct weir_mailbox *mb, uint64_t ticket)
{
	uint32_t id = weir_ticket_ring(ticket);

	if (id == 0)
		return (struct weir_mailbox_place){
			mb->slots, WEIR_MAILBOX_INLINE - 1};
	return (struct weir_mailbox_place){weir_ring_of(mb->pool, id)->slots,
		weir_ring_capacity(weir_ring_class(id)) - 1};
}

/* Fill the slot of the position claimed at @ticket. */
static inline void
weir_mailbox_put(
	struct weir_mailbox_place place, uint64_t ticket, uint64_t word)
{
	struct weir_slot *slot =
		&place.slots[(ticket >> WEIR_TICKET_SHIFT) & place.mask];

	weir_plain_store(&slot->value, word);
	/* Pairs with the acquire in weir_mailbox_look(). */
	weir_store(&slot->mark, (ticket & WEIR_TICKET_POSITION) | 1, release);
}

/* Fill the slots of @n positions claimed from @ticket on, in one ring. */
static inline void
weir_mailbox_fill(struct weir_mailbox_place place, uint64_t ticket,
	const uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++, ticket += WEIR_TICKET_ONE)
		weir_mailbox_put(place, ticket, words[i]);
}

/**
 * Append @words, at least 1 and at most 16384; *@ret_n is how many were taken,
 * in front.  Any thread; never blocks.  Returns 0; 1 when the caller took the
 * IDLE bit, and must schedule the owner; -EAGAIN (at its bound), -ESHUTDOWN
 * (closed), -ENOMEM (no ring, below its bound), -ESRCH (@guard, unless NULL,
 * says that the owner is another one): nothing was taken.
 */
static inline int
weir_mailbox_post_n_if(struct weir_mailbox *mb,
	const struct weir_mailbox_guard *guard, const uint64_t *words, size_t n,
	size_t *ret_n)
{
	/* The acquire pairs with weir_mailbox_reopen(), and shows the ring. */
	uint64_t ticket = weir_load(&mb->ticket, acquire);

	for (;;) {
		/* Pairs with the releases of limit: what it allows to write
		 * was read. */
		uint64_t limit = weir_load(&mb->limit, acquire);
		struct weir_mailbox_place place;
		uint64_t found = ticket;

		if (!weir_mailbox_fits(limit, ticket, n) ||
			weir_mailbox_guard_fails(guard))
			return weir_mailbox_post_slow(
				mb, ticket, guard, words, n, ret_n);
		place = weir_mailbox_place(mb, ticket);
		/* Acquire: what the consumer left when it went idle.  Release:
		 * the next claim's acquire must still see the ring.  @found
		 * is apart, for what the exchange finds comes late. */
		if (weir_compare_exchange_weak(&mb->ticket, &found,
			    (ticket + (n << WEIR_TICKET_SHIFT)) &
				    ~WEIR_TICKET_IDLE,
			    acq_rel, acquire)) {
			weir_mailbox_fill(place, ticket, words, n);
			*ret_n = n;
			return (int)(ticket & WEIR_TICKET_IDLE);
		}
		ticket = found;
	}
}

/** As weir_mailbox_post_n_if(), for one word. */
static inline int
weir_mailbox_post_if(struct weir_mailbox *mb,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	uint64_t ticket = weir_load(&mb->ticket, acquire);

	for (;;) {
		uint64_t limit = weir_load(&mb->limit, acquire);
		struct weir_mailbox_place place;
		uint64_t found = ticket;

		if (!weir_mailbox_fits(limit, ticket, 1) ||
			weir_mailbox_guard_fails(guard)) {
			uint64_t words[1] = {word};
			size_t n;

			return weir_mailbox_post_slow(
				mb, ticket, guard, words, 1, &n);
		}
		place = weir_mailbox_place(mb, ticket);
		if (weir_compare_exchange_weak(&mb->ticket, &found,
			    (ticket + WEIR_TICKET_ONE) & ~WEIR_TICKET_IDLE,
			    acq_rel, acquire)) {
			weir_mailbox_put(place, ticket, word);
			return (int)(ticket & WEIR_TICKET_IDLE);
		}
		ticket = found;
	}
}

/**
 * As weir_mailbox_post_if(), if that goes at the first attempt; -EINTR: it does
 * not, and nothing was done.  Calls nothing, so its caller may be as short.
 */
static inline int
weir_mailbox_try(struct weir_mailbox *mb,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	/* Orders as in weir_mailbox_post_n_if(). */
	uint64_t ticket = weir_load(&mb->ticket, acquire), found = ticket;
	uint64_t limit = weir_load(&mb->limit, acquire);
	struct weir_mailbox_place place;

	if (!weir_mailbox_fits(limit, ticket, 1) ||
		weir_mailbox_guard_fails(guard))
		return -EINTR;
	place = weir_mailbox_place(mb, ticket);
	if (!weir_compare_exchange_weak(&mb->ticket, &found,
		    (ticket + WEIR_TICKET_ONE) & ~WEIR_TICKET_IDLE, acq_rel,
		    relaxed))
		return -EINTR;
	weir_mailbox_put(place, ticket, word);
	return (int)(ticket & WEIR_TICKET_IDLE);
}

static inline int
weir_mailbox_post(struct weir_mailbox *mb, uint64_t word)
{
	return weir_mailbox_post_if(mb, NULL, word);
}

static inline int
weir_mailbox_post_n(
	struct weir_mailbox *mb, const uint64_t *words, size_t n, size_t *ret_n)
{
	return weir_mailbox_post_n_if(mb, NULL, words, n, ret_n);
}

/* -- bursts ---------------------------------------------------------------- */

/** Begin a burst of sends to @mb; the first one finds out where it stands. */
static inline struct weir_mailbox_burst
weir_mailbox_burst_begin(struct weir_mailbox *mb)
{
	return (struct weir_mailbox_burst){mb, WEIR_TICKET_CLOSED, 0};
}

/* Send the way that always goes, and see where the mailbox stands then. */
int weir_mailbox_burst_slow(struct weir_mailbox_burst *burst,
	const struct weir_mailbox_guard *guard, uint64_t word);

/**
 * As weir_mailbox_post_if(), by one thread that sends several: the ticket is
 * predicted from its own last send, and not loaded.  The prediction needs no
 * look at @guard: a ticket word that is still there, or rather has not come
 * again, is of the same owner.
 */
static inline int
weir_mailbox_burst_post_if(struct weir_mailbox_burst *burst,
	const struct weir_mailbox_guard *guard, uint64_t word)
{
	struct weir_mailbox *mb = burst->mailbox;
	uint64_t ticket = burst->ticket, found = ticket, next;
	struct weir_mailbox_place place;

	/* A limit that was once loaded by an acquire holds for good. */
	if (!weir_mailbox_fits(burst->limit, ticket, 1))
		return weir_mailbox_burst_slow(burst, guard, word);
	next = (ticket + WEIR_TICKET_ONE) & ~WEIR_TICKET_IDLE;
	place = weir_mailbox_place(mb, ticket);
	/* Orders as in weir_mailbox_post_n_if(). */
	if (!weir_compare_exchange(&mb->ticket, &found, next, acq_rel, relaxed))
		return weir_mailbox_burst_slow(burst, guard, word);
	burst->ticket = next;
	weir_mailbox_put(place, ticket, word);
	return (int)(ticket & WEIR_TICKET_IDLE);
}

/* -- notices --------------------------------------------------------------- */

/* Change bits of the ticket; true: it took the IDLE bit.  Release: what the
 * consumer shall find behind a bit it sees; acquire: what it left. */
static inline bool
weir_mailbox_mark(struct weir_mailbox *mb, uint64_t bits)
{
	uint64_t ticket = weir_load(&mb->ticket, relaxed);

	/* An exchange even where the bits are set already: the consumer that
	 * clears them must have seen what was done before. */
	while (!weir_compare_exchange_weak(&mb->ticket, &ticket,
		(ticket | bits) & ~WEIR_TICKET_IDLE, acq_rel, relaxed))
		;
	return (ticket & WEIR_TICKET_IDLE) != 0;
}

/** Tell the consumer that something is in its system lane.  True: the caller
 *  took the IDLE bit, and must schedule the owner.  Any thread. */
static inline bool
weir_mailbox_notify(struct weir_mailbox *mb)
{
	return weir_mailbox_mark(mb, WEIR_TICKET_SYS);
}

/** Become the consumer of an idle mailbox, sending nothing.  False: it was not
 *  idle.  Any thread; whoever gets true goes idle again or schedules it. */
static inline bool
weir_mailbox_seize(struct weir_mailbox *mb)
{
	uint64_t ticket = weir_load(&mb->ticket, relaxed);

	while (ticket & WEIR_TICKET_IDLE)
		/* The acquire pairs with the release in weir_mailbox_rest(). */
		if (weir_compare_exchange_weak(&mb->ticket, &ticket,
			    ticket & ~WEIR_TICKET_IDLE, acq_rel, relaxed))
			return true;
	return false;
}

/* -- the consumer ---------------------------------------------------------- */

/**
 * Messages being taken, one at a time.  What was handed out is the caller's;
 * weir_mailbox_commit() gives the room back.  Whoever leaves a handler by a
 * jump commits afterwards: the cursor stands behind the message in hand.
 */
struct weir_mailbox_cursor {
	struct weir_slot *slots;
	uint64_t mask, head;
	struct weir_mailbox *lossy; /* the one that drops its oldest, or NULL */
};

static inline struct weir_mailbox_cursor
weir_mailbox_begin(struct weir_mailbox *mb)
{
	struct weir_ring *ring = weir_plain_load(&mb->ring);
	/* Relaxed: only the consumer writes it. */
	uint64_t head = weir_load(&mb->head, relaxed);

	if (ring == NULL)
		return (struct weir_mailbox_cursor){
			mb->slots, WEIR_MAILBOX_INLINE - 1, head, NULL};
	return (struct weir_mailbox_cursor){
		ring->slots, ring->mask, head, ring->lossy ? mb : NULL};
}

static inline struct weir_slot *
weir_mailbox_cursor_slot(const struct weir_mailbox_cursor *cursor)
{
	return &cursor->slots[(cursor->head >> WEIR_TICKET_SHIFT) &
			      cursor->mask];
}

/** Look at the next message; false: there is none, or it is still being
 *  written, or weir_mailbox_rest() must move on to another ring. */
static inline bool
weir_mailbox_look(const struct weir_mailbox_cursor *cursor, uint64_t *ret_word)
{
	struct weir_slot *slot = weir_mailbox_cursor_slot(cursor);

	/* Pairs with the release in weir_mailbox_put(). */
	if (weir_load(&slot->mark, acquire) != (cursor->head | 1))
		return false;
	*ret_word = weir_plain_load(&slot->value);
	return true;
}

/* The message at the cursor was read: its slot is empty. */
static inline void
weir_mailbox_clear(struct weir_mailbox_cursor *cursor)
{
	/* Relaxed: the release of head orders it before its next use. */
	weir_store(&weir_mailbox_cursor_slot(cursor)->mark, 0, relaxed);
	cursor->head += WEIR_TICKET_ONE;
}

/** weir_mailbox_next() of a mailbox that drops its oldest. */
bool weir_mailbox_next_lossy(
	struct weir_mailbox_cursor *cursor, uint64_t *ret_word);

/** Take the next message; false as in weir_mailbox_look(). */
static inline bool
weir_mailbox_next(struct weir_mailbox_cursor *cursor, uint64_t *ret_word)
{
	struct weir_mailbox_cursor copy;
	bool taken;

	if (weir_mailbox_look(cursor, ret_word)) {
		weir_mailbox_clear(cursor);
		return true;
	}
	if (cursor->lossy == NULL)
		return false;
	/* A copy, so that the cursor itself may stay in registers. */
	copy = *cursor;
	taken = weir_mailbox_next_lossy(&copy, ret_word);
	*cursor = copy;
	return taken;
}

/* Let senders claim inline slots behind @head.  The consumer holds their line
 * anyway, so senders to inline slots need not look at head, on another. */
static inline void
weir_mailbox_open_inline(struct weir_mailbox *mb, uint64_t head)
{
	/* Relaxed: only the consumer writes it. */
	const struct weir_mailbox_limits *limits =
		weir_load(&mb->limits, relaxed);
	uint64_t n = limits->bound;

	if (limits->bytes_max != 0)
		return; /* every send looks at the bytes */
	if (n > WEIR_MAILBOX_INLINE)
		n = WEIR_MAILBOX_INLINE;
	/* Pairs with the acquire in the posts: what was there was read. */
	weir_store(&mb->limit,
		(head + (n << WEIR_TICKET_SHIFT)) | WEIR_LIMIT_BITS, release);
}

/** Let senders have the room of what was taken by @cursor. */
static inline void
weir_mailbox_commit(
	struct weir_mailbox *mb, const struct weir_mailbox_cursor *cursor)
{
	/* Pairs with the acquire in weir_mailbox_post_slow(): all was read. */
	weir_store(&mb->head, cursor->head, release);
	if (weir_plain_load(&mb->ring) == NULL)
		weir_mailbox_open_inline(mb, cursor->head);
}

size_t weir_mailbox_receive_lossy(
	struct weir_mailbox *mb, uint64_t *words, size_t max);

/** Take up to @max messages; returns how many.  Consumer. */
static inline size_t
weir_mailbox_receive(struct weir_mailbox *mb, uint64_t *words, size_t max)
{
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(mb);
	size_t n = 0;

	/* Apart, so that the cursor stays in registers. */
	if (cursor.lossy != NULL)
		return weir_mailbox_receive_lossy(mb, words, max);
	for (; n < max && weir_mailbox_look(&cursor, &words[n]); n++)
		weir_mailbox_clear(&cursor);
	if (n > 0)
		weir_mailbox_commit(mb, &cursor);
	return n;
}

/** Messages of @bytes were taken from a mailbox that is bounded in bytes; after
 *  the commit.  Consumer. */
void weir_mailbox_bytes_taken(struct weir_mailbox *mb, uint64_t bytes);

/** Look at up to @max messages without taking them; returns how many.  They
 *  stay the mailbox's until weir_mailbox_take().  Not where the oldest are
 *  dropped: they could be gone by then.  Consumer. */
size_t weir_mailbox_peek(struct weir_mailbox *mb, uint64_t *words, size_t max);

/** Take the first @n of the messages looked at.  Consumer. */
void weir_mailbox_take(struct weir_mailbox *mb, size_t n);

/** The bits SYS, FULL and CLOSED as they are set; a bit may be late, but
 *  weir_mailbox_rest() fails until it was seen.  Consumer. */
static inline uint64_t
weir_mailbox_notices(const struct weir_mailbox *mb)
{
	return weir_load(&mb->ticket, relaxed) &
	       (WEIR_TICKET_SYS | WEIR_TICKET_FULL | WEIR_TICKET_CLOSED);
}

/** Clear the notice of the system lane; true: there was one, so take what is in
 *  the lane.  Consumer. */
static inline bool
weir_mailbox_take_notice(struct weir_mailbox *mb)
{
	if ((weir_load(&mb->ticket, relaxed) & WEIR_TICKET_SYS) == 0)
		return false;
	/* The acquire pairs with the release in weir_mailbox_notify(): what is
	 * put into the lane later sets the bit again. */
	weir_fetch_and(&mb->ticket, ~WEIR_TICKET_SYS, acq_rel);
	return true;
}

/** The same for FULL: a sender met the bound of a mailbox that lets senders
 *  wait, or fails.  Consumer. */
static inline bool
weir_mailbox_take_full(struct weir_mailbox *mb)
{
	if ((weir_load(&mb->ticket, relaxed) & WEIR_TICKET_FULL) == 0)
		return false;
	weir_fetch_and(&mb->ticket, ~WEIR_TICKET_FULL, acq_rel);
	return true;
}

/** Move on to the ring that messages are in after the one that was emptied;
 *  false: there is none.  weir_mailbox_rest() does it too.  Consumer. */
bool weir_mailbox_advance(struct weir_mailbox *mb);

/** weir_mailbox_rest() where it has a ring, or a notice, or messages. */
bool weir_mailbox_rest_slow(struct weir_mailbox *mb);

/**
 * Go idle.  True: it is idle, and who takes the IDLE bit may run it elsewhere
 * already: touch nothing of it any more.  False: take a notice, take messages,
 * or, where there are none, look again later: a sender is about to write.
 * Consumer.
 */
static inline bool
weir_mailbox_rest(struct weir_mailbox *mb)
{
	/* Relaxed: only the consumer writes it. */
	uint64_t head = weir_load(&mb->head, relaxed);

	/* All was taken, it lives in its inline slots, and no bit is set. */
	if (weir_load(&mb->ticket, relaxed) != head ||
		weir_plain_load(&mb->ring) != NULL)
		return weir_mailbox_rest_slow(mb);
	/* Release: the next consumer's acquire, in whatever takes IDLE. */
	return weir_compare_exchange(
		&mb->ticket, &head, head | WEIR_TICKET_IDLE, acq_rel, relaxed);
}

/**
 * Go idle though messages may be left, which the owner does not want now: the
 * next one, or a notice, schedules it.  True and false as in
 * weir_mailbox_rest(); false: there is a notice.  Consumer.
 */
static inline bool
weir_mailbox_pause(struct weir_mailbox *mb)
{
	uint64_t ticket = weir_load(&mb->ticket, relaxed);

	while ((ticket & WEIR_TICKET_SYS) == 0)
		/* As in weir_mailbox_rest(). */
		if (weir_compare_exchange_weak(&mb->ticket, &ticket,
			    ticket | WEIR_TICKET_IDLE, acq_rel, relaxed))
			return true;
	return false;
}

#endif /* WEIR_ACTORS_MAILBOX_INTERNAL_H */
