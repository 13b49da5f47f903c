/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_alone.c - mailbox.h: a mailbox without an actor
 *
 * The struct of mailbox_internal.h with what a cell would give it: limits,
 * counters, somebody to wake.  Senders that wait sleep on a word that the
 * consumer changes whenever it has seen the FULL bit and made room.
 */
#include "futex_internal.h"
#include "mailbox_internal.h"
#include "system_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define BOUND_DEFAULT 1024u

/* A sender reads @round, finds the mailbox full (its FULL bit is set then),
 * counts itself, and sleeps unless @round has changed.  The consumer clears
 * FULL, changes @round, and wakes if there is anybody.  Counting and changing
 * are sequentially consistent: one of the two sees the other. */
struct alone {
	struct weir_mailbox mailbox;
	struct weir_system *system;
	void (*wake)(void *ctx);
	struct weir_mailbox_limits limits;
	_Atomic uint64_t held; /* bytes */
	struct weir_mailbox_counters counters;
	alignas(64) _Atomic uint32_t round;
	_Atomic uint32_t sleepers;
};

static struct alone *
alone_of(const struct weir_mailbox *mb)
{
	return (struct alone *)((char *)mb - offsetof(struct alone, mailbox));
}

static void
wake(struct alone *alone)
{
	if (alone->wake != NULL)
		alone->wake(alone->limits.ctx);
}

/* -- its life -------------------------------------------------------------- */

static bool
are_valid(const struct weir_mailbox_limits *limits)
{
	uint32_t bound = limits->bound;

	if (limits->bytes_max != 0 && limits->bytes_of == NULL)
		return false;
	if (limits->overflow != WEIR_OVERFLOW_DROP_OLD)
		return bound <= WEIR_MAILBOX_BOUND_MAX &&
		       (unsigned)limits->overflow <= WEIR_OVERFLOW_FAIL;
	return bound >= 2 && bound <= WEIR_RING_CAPACITY_MAX &&
	       (bound & (bound - 1)) == 0 && limits->bytes_max == 0;
}

int
weir_mailbox_create(struct weir_system *system,
	const struct weir_mailbox_opts *opts, struct weir_mailbox **ret)
{
	static const struct weir_mailbox_opts none = {0};
	struct weir_mailbox_limits limits;
	struct alone *alone;
	int rc;

	if (opts == NULL)
		opts = &none;
	limits = (struct weir_mailbox_limits){
		.bound = opts->bound != 0 ? opts->bound : BOUND_DEFAULT,
		.overflow = opts->overflow,
		.bytes_max = opts->bytes_max,
		.bytes_of = opts->bytes_of,
		.drop = opts->drop,
		.ctx = opts->ctx,
		.counters_offset = offsetof(struct alone, counters),
		.bytes_offset = offsetof(struct alone, held),
	};
	if (!are_valid(&limits))
		return -EINVAL;
	alone = weir_allocate(system, sizeof(*alone));
	if (alone == NULL)
		return -ENOMEM;
	memset(alone, 0, sizeof(*alone));
	alone->system = system;
	alone->wake = opts->wake;
	alone->limits = limits;
	rc = weir_mailbox_init(&alone->mailbox, &system->rings, &alone->limits);
	if (rc < 0) {
		weir_release(system, alone, sizeof(*alone));
		return rc;
	}
	*ret = &alone->mailbox;
	return 0;
}

void
weir_mailbox_destroy(struct weir_mailbox *mb)
{
	struct alone *alone;

	if (mb == NULL)
		return;
	alone = alone_of(mb);
	weir_mailbox_finish(mb);
	weir_release(alone->system, alone, sizeof(*alone));
}

/* -- senders --------------------------------------------------------------- */

/* What a post returned, as senders get it; wakes the consumer. */
static int
sent(struct weir_mailbox *mb, int rc)
{
	if (rc <= 0)
		return rc;
	wake(alone_of(mb));
	return 0;
}

int
weir_mailbox_send(struct weir_mailbox *mb, uint64_t word)
{
	return sent(mb, weir_mailbox_post(mb, word));
}

int
weir_mailbox_send_n(
	struct weir_mailbox *mb, const uint64_t *words, size_t n, size_t *ret_n)
{
	size_t posted;
	int rc;

	if (n > WEIR_RING_CAPACITY_MAX)
		n = WEIR_RING_CAPACITY_MAX;
	rc = weir_mailbox_post_n(mb, words, n, &posted);
	if (rc >= 0)
		*ret_n = posted;
	return sent(mb, rc);
}

void
weir_mailbox_burst_start(
	struct weir_mailbox_burst *burst, struct weir_mailbox *mb)
{
	*burst = weir_mailbox_burst_begin(mb);
}

int
weir_mailbox_burst_send(struct weir_mailbox_burst *burst, uint64_t word)
{
	return sent(
		burst->mailbox, weir_mailbox_burst_post_if(burst, NULL, word));
}

static void
wait_for_round(struct alone *alone, uint32_t seen, int64_t timeout_ns)
{
	weir_fetch_add(&alone->sleepers, 1, seq_cst);
	weir_futex_wait(&alone->round, seen, timeout_ns);
	/* Relaxed: one too many costs a system call. */
	weir_fetch_sub(&alone->sleepers, 1, relaxed);
}

int
weir_mailbox_send_wait(
	struct weir_mailbox *mb, uint64_t word, int64_t timeout_ns)
{
	struct alone *alone = alone_of(mb);
	uint64_t start_ns = weir_system_now_ns(alone->system);
	int64_t left_ns = timeout_ns;

	if (alone->limits.overflow != WEIR_OVERFLOW_WAIT)
		return -EINVAL;
	for (;;) {
		/* The acquire keeps it before the look at the bound. */
		uint32_t seen = weir_load(&alone->round, acquire);
		int rc = weir_mailbox_send(mb, word);

		if (rc != -EAGAIN)
			return rc;
		if (timeout_ns >= 0) {
			left_ns = timeout_ns -
				  (int64_t)(weir_system_now_ns(alone->system) -
					    start_ns);
			if (left_ns <= 0)
				return -ETIMEDOUT;
		}
		wait_for_round(alone, seen, left_ns);
	}
}

/* -- the consumer ---------------------------------------------------------- */

/* There is room: who waits for it shall try again. */
static void
room_open(struct alone *alone)
{
	weir_fetch_add(&alone->round, 1, seq_cst);
	if (weir_load(&alone->sleepers, seq_cst) > 0)
		weir_futex_wake(&alone->round);
}

/* The same if somebody met the bound, once half of it is free, or nothing is
 * left; so that senders are not woken for each message, nor by a look at the
 * ticket for each.  @before and @after are what head was. */
static void
room_look(struct alone *alone, uint64_t before, uint64_t after)
{
	uint64_t half = ((uint64_t)alone->limits.bound / 2 + 1)
			<< WEIR_TICKET_SHIFT;

	if (alone->limits.overflow == WEIR_OVERFLOW_WAIT &&
		(before == after || before / half != after / half) &&
		weir_mailbox_take_full(&alone->mailbox))
		room_open(alone);
}

static void
bytes_taken(struct alone *alone, const uint64_t *words, size_t n)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += alone->limits.bytes_of(alone->limits.ctx, words[i]);
	weir_mailbox_bytes_taken(&alone->mailbox, bytes);
}

size_t
weir_mailbox_recv(struct weir_mailbox *mb, uint64_t *words, size_t max)
{
	struct alone *alone = alone_of(mb);
	/* Relaxed: only the consumer writes it. */
	uint64_t head = weir_load(&mb->head, relaxed);
	size_t n;

	do
		n = weir_mailbox_receive(mb, words, max);
	while (n == 0 && max > 0 && weir_mailbox_advance(mb));
	if (n > 0 && alone->limits.bytes_max != 0)
		bytes_taken(alone, words, n);
	room_look(alone, head, weir_load(&mb->head, relaxed));
	return n;
}

bool
weir_mailbox_sleep(struct weir_mailbox *mb)
{
	return weir_mailbox_rest(mb);
}

bool
weir_mailbox_overflowed(struct weir_mailbox *mb)
{
	return alone_of(mb)->limits.overflow == WEIR_OVERFLOW_FAIL &&
	       weir_mailbox_take_full(mb);
}

/* -- anybody --------------------------------------------------------------- */

void
weir_mailbox_shutdown(struct weir_mailbox *mb)
{
	struct alone *alone = alone_of(mb);
	bool was_asleep = weir_mailbox_close(mb);

	if (alone->limits.overflow == WEIR_OVERFLOW_WAIT)
		room_open(alone);
	if (was_asleep)
		wake(alone);
}

bool
weir_mailbox_is_shut_down(const struct weir_mailbox *mb)
{
	return (weir_load(&mb->ticket, acquire) & WEIR_TICKET_CLOSED) != 0;
}

void
weir_mailbox_statistics(
	const struct weir_mailbox *mb, struct weir_mailbox_stats *ret)
{
	struct weir_mailbox_counters *counters = &alone_of(mb)->counters;

	ret->sent = weir_load(&mb->ticket, relaxed) >> WEIR_TICKET_SHIFT;
	ret->refused = weir_load(&counters->refused, relaxed);
	ret->dropped = weir_load(&counters->dropped, relaxed);
	ret->waiting = weir_mailbox_waiting(mb);
	ret->high = weir_load(&counters->high, relaxed);
}
