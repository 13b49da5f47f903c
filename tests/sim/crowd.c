/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd.c - actors that send to each other at random
 *
 * Every actor draws from dice of its own, so that on threads too what it does
 * follows from what it receives.  The crowd is done when no message is left
 * anywhere: each is counted until its handler has returned.
 */
#include "crowd.h"

#include "dice.h"
#include "sim.h"

#include "actors/actor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS_MAX 12u
#define SENDS_MAX 600u /* of one member */
#define HANG_NS INT64_C(60000000000)
#define OUTSIDE MEMBERS_MAX /* who sends from no actor */

/* Counters order nothing: what they count is checked when all is over. */
#define COUNT(counter, n)                                                      \
	atomic_fetch_add_explicit(&(counter), (n), memory_order_relaxed)

struct member {
	struct crowd *crowd;
	struct weir_ref ref;
	uint32_t index;
	bool small; /* messages of eight bytes */
	struct weir_spawn_opts opts;
	struct dice dice;
	uint32_t sends_left, fails_in; /* 0: does not fail */
	/* Of messages to each member, and from each. */
	uint32_t next[MEMBERS_MAX], last[MEMBERS_MAX + 1];
	uint64_t hash; /* of what it handled, in order */
	_Atomic uint64_t sent, refused, handled, dropped, dead;
};

struct crowd {
	uint64_t seed;
	unsigned workers;
	struct memory memory;
	struct weir_system *system;
	struct member members[MEMBERS_MAX];
	uint32_t count;
	uint32_t next[MEMBERS_MAX]; /* of messages from outside */
	_Atomic uint64_t pending;   /* messages not done with */
};

static _Noreturn void
violation(const struct crowd *crowd, const char *what, uint32_t member)
{
	fprintf(stderr, "violation: crowd: member %u: %s\n", member, what);
	for (uint32_t i = 0; i < crowd->count; i++) {
		const struct member *m = &crowd->members[i];

		fprintf(stderr,
			"  member %u: policy %d, %zu messages, outbox %zu, %s; "
			"sent to it %" PRIu64 ", refused %" PRIu64
			", handled %" PRIu64 ", dropped %" PRIu64
			", dead %" PRIu64 "\n",
			i, (int)m->opts.overflow, m->opts.mailbox_items,
			m->opts.outbox_items, m->small ? "small" : "large",
			m->sent, m->refused, m->handled, m->dropped, m->dead);
	}
	fprintf(stderr,
		"replay: WEIR_SEED=%" PRIu64 " ./simulation --actors%s\n",
		crowd->seed, crowd->workers > 1 ? "-threads" : "");
	_exit(SIM_VIOLATION);
}

/* This thread is inside a send: its receiver may be found to be gone. */
static _Thread_local bool sending;

/* -- messages: from whom, to whom, which ----------------------------------- */

static int64_t
message_make(uint32_t from, uint32_t to, uint32_t nth)
{
	return (int64_t)((uint64_t)from << 48 | (uint64_t)to << 40 | nth);
}

/* @n messages are done with; the last one ends the run. */
static void
done(struct crowd *crowd, uint64_t n)
{
	/* Release what this member wrote, acquire what the others did: who
	 * waits for the run reads all of it. */
	if (atomic_fetch_sub_explicit(
		    &crowd->pending, n, memory_order_acq_rel) == n)
		weir_system_stop(crowd->system);
}

/* Send one message; what is refused is given up. */
static void
send_one(struct crowd *crowd, struct member *to, int64_t value)
{
	live element = {0, value};
	int rc;

	COUNT(crowd->pending, 1);
	COUNT(to->sent, 1);
	sending = true;
	if (to->small) {
		rc = weir_send_word(to->ref, (uint64_t)value, sizeof(value));
	} else {
		element = live_make(value);
		rc = weir_send(to->ref, &element, sizeof(element));
		if (rc < 0)
			live_drop(&element, 1);
	}
	sending = false;
	if (rc == 0)
		return;
	if (rc != -EAGAIN && rc != -ESRCH && rc != -EDEADLK)
		violation(crowd, "a send failed in an unknown way", to->index);
	COUNT(to->refused, 1);
	done(crowd, 1);
}

/* Several at once, of which some may be refused. */
static void
send_some(struct crowd *crowd, struct member *to, const int64_t *values,
	uint32_t n)
{
	int rc;

	if (!to->small) {
		for (uint32_t i = 0; i < n; i++)
			send_one(crowd, to, values[i]);
		return;
	}
	COUNT(crowd->pending, n);
	COUNT(to->sent, n);
	sending = true;
	rc = weir_send_n(to->ref, values, sizeof(values[0]), n);
	sending = false;
	if (rc < 0)
		rc = 0;
	COUNT(to->refused, n - (uint32_t)rc);
	if (n > (uint32_t)rc)
		done(crowd, n - (uint32_t)rc);
}

/* Whom @m may send to: where receivers let senders wait, nobody waits in a
 * circle. */
static struct member *
pick(struct member *m)
{
	struct crowd *crowd = m->crowd;
	struct member *to = &crowd->members[dice_below(&m->dice, crowd->count)];

	if (to->opts.overflow == WEIR_OVERFLOW_WAIT && to->index < m->index)
		return NULL;
	return to;
}

static void
send_on(struct member *m)
{
	struct member *to = pick(m);
	int64_t values[3];
	uint32_t n = dice_one_in(&m->dice, 4) ? 3 : 1;

	if (to == NULL || m->sends_left < n)
		return;
	m->sends_left -= n;
	for (uint32_t i = 0; i < n; i++)
		values[i] =
			message_make(m->index, to->index, ++m->next[to->index]);
	if (n == 1)
		send_one(m->crowd, to, values[0]);
	else
		send_some(m->crowd, to, values, n);
}

/* -- the behaviour --------------------------------------------------------- */

static int
handle(struct member *m, int64_t value)
{
	uint32_t from = (uint32_t)(value >> 48), nth = (uint32_t)value;
	int rc = 0;

	if ((uint32_t)(value >> 40 & 0xff) != m->index)
		violation(m->crowd, "got a message of another", m->index);
	if (nth <= m->last[from])
		violation(m->crowd, "a message came twice, or late", m->index);
	m->last[from] = nth;
	m->hash = m->hash * 31 + (uint64_t)value;
	COUNT(m->handled, 1);
	for (uint32_t n = dice_below(&m->dice, 4); n > 0; n--)
		send_on(m);
	if (dice_one_in(&m->dice, 200))
		(void)weir_stop(
			m->crowd->members[dice_below(&m->dice, m->crowd->count)]
				.ref);
	if (m->fails_in > 0 && --m->fails_in == 0)
		rc = -EDOM;
	done(m->crowd, 1);
	return rc;
}

static int
small_receive(struct weir_actor *self, void *state, void *message)
{
	(void)self;
	return handle(*(struct member **)state, *(const int64_t *)message);
}

static int
large_receive(struct weir_actor *self, void *state, void *message)
{
	(void)self;
	return handle(*(struct member **)state, live_value(message));
}

static void
large_drop(void *message)
{
	live_drop(message, 1);
}

static const struct weir_behaviour small_one = {
	.name = "small",
	.message_bytes = sizeof(int64_t),
	.state_bytes = sizeof(struct member *),
	.receive = small_receive,
};

static const struct weir_behaviour large_one = {
	.name = "large",
	.message_bytes = sizeof(live),
	.state_bytes = sizeof(struct member *),
	.receive = large_receive,
	.drop = large_drop,
};

/* To whom a message was sent: it says so itself. */
static struct member *
addressee(struct crowd *crowd, const struct weir_dead_letter *letter)
{
	int64_t value = letter->message_bytes == sizeof(value)
				? *(const int64_t *)letter->message
				: live_value(letter->message);
	uint32_t index = (uint32_t)(value >> 40 & 0xff);

	if (index >= crowd->count)
		violation(crowd, "a dead letter of nobody", index);
	return &crowd->members[index];
}

/* A message that nobody handled, or one whose handler failed. */
static void
letter_count(void *ctx, const struct weir_dead_letter *letter)
{
	struct crowd *crowd = ctx;

	/* One that was refused, which the sender counts. */
	if (sending && letter->reason == WEIR_DEAD_GONE)
		return;
	switch (letter->reason) {
	case WEIR_DEAD_GONE:
	case WEIR_DEAD_STOPPED:
		COUNT(addressee(crowd, letter)->dead, 1);
		break;
	case WEIR_DEAD_DROPPED:
		COUNT(addressee(crowd, letter)->dropped, 1);
		break;
	default: /* it was handled, or there is none */
		return;
	}
	done(crowd, 1);
}

/* -- one crowd ------------------------------------------------------------- */

static void
member_draw(struct crowd *crowd, struct dice *dice)
{
	struct member *m = &crowd->members[crowd->count];
	uint32_t room = dice_between(dice, 1, 12);

	*m = (struct member){.crowd = crowd, .index = crowd->count};
	m->opts.overflow = (enum weir_overflow)dice_below(dice, CROWD_POLICIES);
	if (m->opts.overflow == WEIR_OVERFLOW_DROP_OLD)
		room = 2u << dice_below(dice, 4);
	m->opts.mailbox_items = room;
	m->opts.outbox_items = dice_between(dice, 1, 8);
	m->opts.budget = dice_between(dice, 1, 8);
	m->small = dice_one_in(dice, 2);
	m->sends_left = dice_below(dice, SENDS_MAX);
	m->fails_in = dice_one_in(dice, 4) ? dice_between(dice, 1, 60) : 0;
	m->dice.random = crowd->seed * 64 + m->index;
	crowd->count++;
}

static void
crowd_open(struct crowd *crowd)
{
	struct weir_allocator allocator = memory_allocator(&crowd->memory);
	const struct weir_system_opts opts = {.allocator = &allocator,
		.workers = crowd->workers,
		.seed = crowd->workers > 1 ? 0 : crowd->seed,
		.dead_letter = letter_count,
		.dead_letter_ctx = crowd};
	struct dice dice = {.random = crowd->seed};
	uint32_t count = dice_between(&dice, 2, MEMBERS_MAX);

	while (crowd->count < count)
		member_draw(crowd, &dice);
	if (weir_system_create(&opts, &crowd->system) < 0)
		violation(crowd, "no system", 0);
	for (uint32_t i = 0; i < crowd->count; i++) {
		struct member *m = &crowd->members[i];

		/* None of them gets a message before all are there. */
		if (weir_spawn(crowd->system,
			    m->small ? &small_one : &large_one,
			    &(struct member *){m}, &m->opts, &m->ref) < 0)
			violation(crowd, "is not spawned", i);
	}
}

/* A few messages from no actor, then to the end. */
static void
crowd_run(struct crowd *crowd)
{
	struct dice dice = {.random = ~crowd->seed};
	uint32_t n = dice_between(&dice, 1, 40);
	int rc;

	/* Held until all of them are sent. */
	COUNT(crowd->pending, 1);
	while (n-- > 0) {
		struct member *to =
			&crowd->members[dice_below(&dice, crowd->count)];

		send_one(crowd, to,
			message_make(
				OUTSIDE, to->index, ++crowd->next[to->index]));
	}
	done(crowd, 1);
	rc = weir_system_run(crowd->system, HANG_NS);
	if (rc != 0)
		violation(crowd, "stands still, and messages are left", 0);
	if (atomic_load_explicit(&crowd->pending, memory_order_acquire) != 0)
		violation(crowd, "messages are counted wrong", 0);
}

static void
member_check(const struct crowd *crowd, const struct member *m)
{
	struct weir_actor_stats stats;

	if (m->sent != m->refused + m->handled + m->dropped + m->dead)
		violation(crowd, "is out of balance", m->index);
	if (m->dropped > 0 && m->opts.overflow != WEIR_OVERFLOW_DROP_NEW &&
		m->opts.overflow != WEIR_OVERFLOW_DROP_OLD)
		violation(crowd, "its policy drops nothing", m->index);
	if (weir_actor_stats_read(m->ref, &stats) < 0)
		return;
	if (stats.depth != 0)
		violation(crowd, "has messages left", m->index);
	/* What was taken in a turn, and what came meanwhile. */
	if (stats.depth_max > m->opts.mailbox_items + m->opts.budget)
		violation(crowd, "held more than its bound", m->index);
	if (stats.received != m->handled || stats.dropped != m->dropped)
		violation(crowd, "has counted wrong", m->index);
}

/* Returns a hash of what all members handled. */
static uint64_t
crowd_once(uint64_t seed, unsigned workers, struct crowd_counts *counts)
{
	static struct crowd crowd;
	uint64_t hash = 0;

	memset(&crowd, 0, sizeof(crowd));
	crowd.seed = seed;
	crowd.workers = workers;
	live_reset();
	crowd_open(&crowd);
	crowd_run(&crowd);
	if (workers == 1)
		for (uint32_t i = 0; i < crowd.count; i++)
			member_check(&crowd, &crowd.members[i]);
	weir_system_destroy(crowd.system);
	if (live_count() != 0)
		violation(&crowd, "messages were not released", 0);
	if (crowd.memory.pieces != 0)
		violation(&crowd, "allocations were not given back", 0);
	for (uint32_t i = 0; i < crowd.count; i++) {
		struct member *m = &crowd.members[i];
		int policy = (int)m->opts.overflow;

		/* On threads statistics may be behind before. */
		if (m->sent != m->refused + m->handled + m->dropped + m->dead)
			violation(&crowd, "is out of balance", i);
		hash = hash * 31 + m->hash;
		counts->sent[policy] += m->sent;
		counts->refused[policy] += m->refused;
		counts->handled[policy] += m->handled;
		counts->dropped[policy] += m->dropped;
		counts->dead[policy] += m->dead;
	}
	return hash;
}

void
crowd_try(uint64_t seed, unsigned workers, struct crowd_counts *counts)
{
	struct crowd_counts again = {{0}, {0}, {0}, {0}, {0}};
	uint64_t hash = crowd_once(seed, workers, counts);

	if (workers == 1 && crowd_once(seed, workers, &again) != hash) {
		const struct crowd crowd = {.seed = seed, .workers = 1};

		violation(&crowd, "the same seed does something else", 0);
	}
}

int
crowd_print(const struct crowd_counts *counts, FILE *file)
{
	static const char *const names[CROWD_POLICIES] = {
		"reject", "wait", "drop_new", "drop_old", "fail"};
	int full = 1;

	fprintf(file, "%-10s %12s %12s %12s %12s %12s\n", "policy", "sent",
		"refused", "handled", "dropped", "dead");
	for (int i = 0; i < CROWD_POLICIES; i++) {
		bool drops = i == WEIR_OVERFLOW_DROP_NEW ||
			     i == WEIR_OVERFLOW_DROP_OLD;

		fprintf(file,
			"%-10s %12" PRIu64 " %12" PRIu64 " %12" PRIu64
			" %12" PRIu64 " %12" PRIu64 "\n",
			names[i], counts->sent[i], counts->refused[i],
			counts->handled[i], counts->dropped[i],
			counts->dead[i]);
		full &= counts->handled[i] > 0 && counts->dead[i] > 0 &&
			counts->refused[i] > 0 &&
			(!drops || counts->dropped[i] > 0);
	}
	return full;
}
