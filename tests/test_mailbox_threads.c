/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mailbox_threads.c - several senders against one consumer, seeded
 *
 * What each sender sends is drawn from a seed, printed when a test fails (and
 * taken from WEIR_SEED); how threads meet is up to the machine.
 */
#include "actors/mailbox_internal.h"
#include "actors/system_internal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SENDERS 3u
#define EACH 20000u
#define LOT 8u

struct world {
	alignas(64) struct weir_mailbox mailbox;
	struct weir_mailbox_limits limits;
	struct weir_mailbox_counters counters;
	struct weir_system *system;
	_Atomic unsigned scheduled; /* IDLE was taken: the consumer shall run */
	_Atomic unsigned done;      /* senders that are through */
	uint64_t seed;
	uint64_t last[SENDERS]; /* number received last, from each */
	uint64_t received;
	_Atomic uint64_t dropped;
};

struct sender {
	struct world *world;
	uint64_t index, random;
};

static uint64_t
word_of(uint64_t sender, uint64_t number)
{
	return sender << 32 | number;
}

static uint64_t
draw(struct sender *sender)
{
	/* xorshift64, G. Marsaglia */
	sender->random ^= sender->random << 13;
	sender->random ^= sender->random >> 7;
	sender->random ^= sender->random << 17;
	return sender->random;
}

static void
count_drop(void *ctx, uint64_t word)
{
	struct world *world = ctx;

	(void)word;
	weir_fetch_add(&world->dropped, 1, relaxed);
}

static struct world *
world_new(uint32_t bound, enum weir_overflow overflow)
{
	const char *seed = getenv("WEIR_SEED");
	struct world *world = aligned_alloc(64, sizeof(*world));

	memset(world, 0, sizeof(*world));
	world->seed = seed != NULL ? strtoull(seed, NULL, 0)
				   : (uint64_t)time(NULL) | 1;
	world->limits = (struct weir_mailbox_limits){
		.bound = bound,
		.overflow = overflow,
		.drop = count_drop,
		.ctx = world,
		.counters_offset = offsetof(struct world, counters),
	};
	assert_int_equal(weir_system_create(NULL, &world->system), 0);
	assert_int_equal(weir_mailbox_init(&world->mailbox,
				 &world->system->rings, &world->limits),
		0);
	weir_store(&world->scheduled, 1, relaxed);
	return world;
}

static void
world_free(struct world *world)
{
	weir_mailbox_finish(&world->mailbox);
	assert_int_equal(weir_ring_pool_borrowed(&world->system->rings), 0);
	weir_system_destroy(world->system);
	free(world);
}

/* Whoever gets 1 from a post makes the consumer run, and nobody else does. */
static void
schedule_if(struct world *world, int rc)
{
	if (rc == 1)
		weir_store(&world->scheduled, 1, release);
	if (rc < 0)
		sched_yield();
}

/* Send messages from @number on, in one of the ways there are; how many. */
static size_t
send_some(struct sender *sender, struct weir_mailbox_burst *burst,
	uint64_t number)
{
	struct world *world = sender->world;
	uint64_t words[LOT], n = 1 + draw(sender) % LOT;
	size_t sent = 1;
	int rc;

	if (n > EACH - number)
		n = EACH - number;
	for (uint64_t i = 0; i < n; i++)
		words[i] = word_of(sender->index, number + 1 + i);
	switch (draw(sender) % 3) {
	case 0:
		rc = weir_mailbox_post(&world->mailbox, words[0]);
		break;
	case 1:
		rc = weir_mailbox_burst_post_if(burst, NULL, words[0]);
		break;
	default:
		rc = weir_mailbox_post_n(&world->mailbox, words, n, &sent);
	}
	schedule_if(world, rc);
	return rc < 0 ? 0 : sent;
}

static void *
send_each(void *ctx)
{
	struct sender *sender = ctx;
	struct weir_mailbox_burst burst =
		weir_mailbox_burst_begin(&sender->world->mailbox);

	for (uint64_t number = 0; number < EACH;)
		number += send_some(sender, &burst, number);
	weir_fetch_add(&sender->world->done, 1, release);
	return NULL;
}

/* Check one message; false: it came out of order. */
static bool
check(struct world *world, uint64_t word, bool may_skip)
{
	uint64_t *last = &world->last[word >> 32];
	uint64_t number = word & UINT32_MAX;
	bool right = may_skip ? number > *last : number == *last + 1;

	*last = number;
	world->received++;
	return right;
}

/* One turn of the consumer, after which it is idle or to be run again. */
static bool
turn(struct world *world, bool may_skip)
{
	uint64_t words[LOT];
	bool right = true;
	size_t n = weir_mailbox_receive(&world->mailbox, words, LOT);

	for (size_t i = 0; i < n; i++)
		right &= check(world, words[i], may_skip);
	if (n > 0)
		return right;
	/* Before it rests: afterwards the flag is the senders'. */
	weir_store(&world->scheduled, 0, relaxed);
	if (!weir_mailbox_rest(&world->mailbox))
		weir_store(&world->scheduled, 1, relaxed);
	return right;
}

static bool
is_over(struct world *world)
{
	return weir_load(&world->done, acquire) == SENDERS &&
	       weir_load(&world->scheduled, acquire) == 0;
}

static bool
run(struct world *world, bool may_skip)
{
	struct sender senders[SENDERS];
	pthread_t threads[SENDERS];
	bool right = true;

	for (uint64_t i = 0; i < SENDERS; i++) {
		senders[i] =
			(struct sender){world, i, world->seed * (i + 1) + i};
		pthread_create(&threads[i], NULL, send_each, &senders[i]);
	}
	while (!is_over(world))
		if (weir_load(&world->scheduled, acquire) != 0)
			right &= turn(world, may_skip);
		else
			sched_yield();
	for (uint64_t i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	if (!right)
		print_message(
			"WEIR_SEED=%llu\n", (unsigned long long)world->seed);
	return right;
}

static void
every_message_arrives_once_and_in_its_senders_order(uint32_t bound)
{
	struct world *world = world_new(bound, WEIR_OVERFLOW_REJECT);

	assert_true(run(world, false));
	assert_int_equal(world->received, SENDERS * EACH);
	world_free(world);
}

static void
nothing_is_lost_in_inline_slots(void **state)
{
	(void)state;
	every_message_arrives_once_and_in_its_senders_order(2);
}

static void
nothing_is_lost_in_a_ring(void **state)
{
	(void)state;
	every_message_arrives_once_and_in_its_senders_order(50);
}

static void
nothing_is_lost_over_growing_rings(void **state)
{
	(void)state;
	every_message_arrives_once_and_in_its_senders_order(5000);
}

static void
nothing_is_lost_with_a_bound_of_one(void **state)
{
	(void)state;
	every_message_arrives_once_and_in_its_senders_order(1);
}

static void
what_drop_old_does_not_deliver_it_releases(void **state)
{
	struct world *world = world_new(8, WEIR_OVERFLOW_DROP_OLD);

	(void)state;
	assert_true(run(world, true));
	assert_int_equal(world->received + weir_load(&world->dropped, relaxed),
		SENDERS * EACH);
	assert_int_equal(weir_load(&world->counters.dropped, relaxed),
		weir_load(&world->dropped, relaxed));
	world_free(world);
}

static void
what_drop_new_does_not_deliver_it_releases(void **state)
{
	struct world *world = world_new(8, WEIR_OVERFLOW_DROP_NEW);

	(void)state;
	assert_true(run(world, true));
	assert_int_equal(world->received + weir_load(&world->dropped, relaxed),
		SENDERS * EACH);
	world_free(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_in_inline_slots),
		cmocka_unit_test(nothing_is_lost_in_a_ring),
		cmocka_unit_test(nothing_is_lost_over_growing_rings),
		cmocka_unit_test(nothing_is_lost_with_a_bound_of_one),
		cmocka_unit_test(what_drop_old_does_not_deliver_it_releases),
		cmocka_unit_test(what_drop_new_does_not_deliver_it_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
