/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mailbox.c - one mailbox, step by step, on one thread
 */
#include "actors/mailbox_internal.h"
#include "actors/system_internal.h"

#include "support/memory.h"

#include <errno.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 40000u

static const struct weir_mailbox_limits few = {.bound = 5};
static const struct weir_mailbox_limits many = {.bound = MANY};

struct fixture {
	struct weir_system *system;
	struct weir_mailbox mb;
};

static int
with_limits(void **state, const struct weir_mailbox_limits *limits)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (weir_system_create(NULL, &f->system) < 0)
		return -1;
	weir_mailbox_init(&f->mb, &f->system->rings, limits);
	*state = f;
	return 0;
}

static int
setup_few(void **state)
{
	return with_limits(state, &few);
}

static int
setup_many(void **state)
{
	return with_limits(state, &many);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	uint32_t borrowed;

	weir_mailbox_finish(&f->mb);
	borrowed = weir_ring_pool_borrowed(&f->system->rings);
	weir_system_destroy(f->system);
	free(f);
	return borrowed == 0 ? 0 : -1;
}

static void
post_all(struct weir_mailbox *mb, uint64_t from, uint64_t n)
{
	for (uint64_t i = from; i < from + n; i++)
		assert_int_equal(weir_mailbox_post(mb, i), 0);
}

/* Take @n messages that count from @from, over as many rings as there are. */
static void
take_all(struct weir_mailbox *mb, uint64_t from, uint64_t n)
{
	uint64_t word, end = from + n;

	while (from < end)
		if (weir_mailbox_receive(mb, &word, 1) == 1)
			assert_int_equal(word, from++);
		else
			assert_false(weir_mailbox_rest(mb));
	assert_int_equal(weir_mailbox_receive(mb, &word, 1), 0);
}

static void
messages_come_in_the_order_they_were_sent(void **state)
{
	struct fixture *f = *state;

	post_all(&f->mb, 0, 5);
	take_all(&f->mb, 0, 5);
}

static void
it_refuses_at_its_bound_and_not_before(void **state)
{
	struct fixture *f = *state;
	uint64_t word;

	post_all(&f->mb, 0, 5);
	assert_int_equal(weir_mailbox_post(&f->mb, 9), -EAGAIN);
	assert_int_equal(weir_mailbox_receive(&f->mb, &word, 1), 0 + 1);
	post_all(&f->mb, 5, 1);
	assert_int_equal(weir_mailbox_post(&f->mb, 9), -EAGAIN);
	take_all(&f->mb, 1, 5);
}

static void
it_grows_through_every_ring_to_its_bound(void **state)
{
	struct fixture *f = *state;

	post_all(&f->mb, 0, MANY);
	assert_int_equal(weir_mailbox_post(&f->mb, 0), -EAGAIN);
	assert_int_equal(weir_mailbox_waiting(&f->mb), MANY);
	take_all(&f->mb, 0, MANY);
}

static void
going_idle_gives_the_ring_back(void **state)
{
	struct fixture *f = *state;

	post_all(&f->mb, 0, 50);
	assert_int_equal(weir_ring_pool_borrowed(&f->system->rings), 1);
	take_all(&f->mb, 0, 50);
	assert_true(weir_mailbox_rest(&f->mb));
	assert_int_equal(weir_ring_pool_borrowed(&f->system->rings), 0);
}

static void
only_the_first_sender_after_idle_is_told_to_schedule(void **state)
{
	struct fixture *f = *state;

	assert_true(weir_mailbox_rest(&f->mb));
	assert_int_equal(weir_mailbox_post(&f->mb, 0), 1);
	assert_int_equal(weir_mailbox_post(&f->mb, 1), 0);
	assert_false(weir_mailbox_rest(&f->mb));
	take_all(&f->mb, 0, 2);
	assert_true(weir_mailbox_rest(&f->mb));
	assert_int_equal(weir_mailbox_post(&f->mb, 0), 1);
}

static void
a_ring_is_used_lap_after_lap(void **state)
{
	struct fixture *f = *state;
	uint64_t next = 0;

	post_all(&f->mb, 0, 40);
	for (uint64_t i = 40; i < 1000; i++) {
		uint64_t word;

		post_all(&f->mb, i, 1);
		while (weir_mailbox_receive(&f->mb, &word, 1) == 0)
			assert_false(weir_mailbox_rest(&f->mb));
		assert_int_equal(word, next++);
	}
	assert_int_equal(weir_ring_pool_borrowed(&f->system->rings), 1);
	take_all(&f->mb, next, 40);
}

static void
posting_many_takes_what_fits_in_front(void **state)
{
	struct fixture *f = *state;
	uint64_t words[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	size_t n = 0;

	assert_int_equal(weir_mailbox_post_n(&f->mb, words, 8, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(weir_mailbox_post_n(&f->mb, words, 8, &n), -EAGAIN);
	assert_int_equal(n, 0);
	take_all(&f->mb, 0, 5);
}

static void
messages_looked_at_stay_until_they_are_taken(void **state)
{
	struct fixture *f = *state;
	uint64_t words[2];

	post_all(&f->mb, 0, 2);
	assert_int_equal(weir_mailbox_peek(&f->mb, words, 2), 2);
	assert_int_equal(words[1], 1);
	weir_mailbox_take(&f->mb, 1);
	take_all(&f->mb, 1, 1);
}

static void
a_notice_keeps_it_from_going_idle(void **state)
{
	struct fixture *f = *state;

	assert_false(weir_mailbox_take_notice(&f->mb));
	assert_false(weir_mailbox_notify(&f->mb));
	assert_false(weir_mailbox_rest(&f->mb));
	assert_true(weir_mailbox_take_notice(&f->mb));
	assert_true(weir_mailbox_rest(&f->mb));
	assert_true(weir_mailbox_notify(&f->mb));
	assert_false(weir_mailbox_notify(&f->mb));
}

static void
who_seizes_an_idle_mailbox_is_its_consumer(void **state)
{
	struct fixture *f = *state;

	assert_false(weir_mailbox_seize(&f->mb));
	assert_true(weir_mailbox_rest(&f->mb));
	assert_true(weir_mailbox_seize(&f->mb));
	assert_false(weir_mailbox_seize(&f->mb));
	post_all(&f->mb, 0, 1);
	take_all(&f->mb, 0, 1);
}

static void
a_closed_mailbox_refuses_and_keeps_what_it_has(void **state)
{
	struct fixture *f = *state;

	post_all(&f->mb, 0, 1);
	assert_false(weir_mailbox_close(&f->mb));
	assert_int_equal(weir_mailbox_post(&f->mb, 9), -ESHUTDOWN);
	take_all(&f->mb, 0, 1);
}

static void
closing_an_idle_mailbox_makes_its_caller_the_consumer(void **state)
{
	struct fixture *f = *state;

	assert_true(weir_mailbox_rest(&f->mb));
	assert_true(weir_mailbox_close(&f->mb));
	assert_false(weir_mailbox_close(&f->mb));
}

static void
an_old_name_does_not_reach_the_next_owner(void **state)
{
	struct fixture *f = *state;
	_Atomic uint64_t generation = (uint64_t)7 << 32 | 1;
	struct weir_mailbox_guard old = {&generation, 7};
	struct weir_mailbox_guard new = {&generation, 8};

	assert_int_equal(weir_mailbox_post_if(&f->mb, &old, 0), 0);
	weir_mailbox_close(&f->mb);
	assert_true(weir_mailbox_drain(&f->mb));
	weir_store(&generation, (uint64_t)8 << 32, release);
	weir_mailbox_reopen(&f->mb, &few);
	assert_int_equal(weir_mailbox_post_if(&f->mb, &old, 1), -ESRCH);
	assert_int_equal(weir_mailbox_post_if(&f->mb, &new, 2), 0);
	take_all(&f->mb, 2, 1);
}

static void
reopening_gives_a_ticket_that_never_was(void **state)
{
	struct fixture *f = *state;
	uint64_t before = weir_load(&f->mb.ticket, relaxed);

	weir_mailbox_close(&f->mb);
	assert_true(weir_mailbox_drain(&f->mb));
	weir_mailbox_reopen(&f->mb, &few);
	assert_int_not_equal(weir_load(&f->mb.ticket, relaxed), before);
}

static void
positions_wrap(void **state)
{
	struct fixture *f = *state;

	weir_mailbox_finish(&f->mb);
	weir_mailbox_init_at(
		&f->mb, &f->system->rings, &many, (UINT64_C(1) << 36) - 70);
	for (uint64_t i = 0; i < 200; i += 50) {
		post_all(&f->mb, i, 50);
		take_all(&f->mb, i, 50);
		if (i == 100)
			assert_true(weir_mailbox_rest(&f->mb));
		if (i == 100)
			assert_true(weir_mailbox_seize(&f->mb));
	}
}

static void
the_bound_holds_across_the_wrap(void **state)
{
	struct fixture *f = *state;

	weir_mailbox_finish(&f->mb);
	weir_mailbox_init_at(
		&f->mb, &f->system->rings, &few, (UINT64_C(1) << 36) - 3);
	post_all(&f->mb, 0, 5);
	assert_int_equal(weir_mailbox_post(&f->mb, 9), -EAGAIN);
	take_all(&f->mb, 0, 5);
}

static void
without_memory_it_refuses_below_its_bound(void **state)
{
	struct memory memory = {0};
	struct weir_allocator allocator = memory_allocator(&memory);
	struct weir_ring_pool pool;
	struct weir_mailbox mb;

	(void)state;
	weir_ring_pool_init(&pool, &allocator);
	assert_int_equal(weir_mailbox_init(&mb, &pool, &few), 0);
	post_all(&mb, 0, 2);
	for (memory.fail_at = 1; memory.fail_at < 3; memory.fail_at++) {
		memory.allocations = 0;
		assert_int_equal(weir_mailbox_post(&mb, 2), -ENOMEM);
	}
	memory.fail_at = 0;
	post_all(&mb, 2, 3);
	take_all(&mb, 0, 5);
	weir_mailbox_finish(&mb);
	weir_ring_pool_finish(&pool);
	assert_int_equal(memory.pieces, 0);
}

static void
without_memory_drop_old_does_not_open(void **state)
{
	const struct weir_mailbox_limits lossy = {
		.bound = 4, .overflow = WEIR_OVERFLOW_DROP_OLD};
	struct memory memory = {.fail_at = 1};
	struct weir_allocator allocator = memory_allocator(&memory);
	struct weir_ring_pool pool;
	struct weir_mailbox mb;

	(void)state;
	weir_ring_pool_init(&pool, &allocator);
	assert_int_equal(weir_mailbox_init(&mb, &pool, &lossy), -ENOMEM);
	weir_ring_pool_finish(&pool);
}

static void
a_ring_serves_one_mailbox_after_another(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox other;

	assert_int_equal(
		weir_mailbox_init(&other, &f->system->rings, &many), 0);
	for (int i = 0; i < 3; i++) {
		post_all(&f->mb, 0, 60);
		take_all(&f->mb, 0, 60);
		assert_true(weir_mailbox_rest(&f->mb));
		assert_true(weir_mailbox_seize(&f->mb));
		post_all(&other, 0, 40);
		take_all(&other, 0, 40);
		assert_true(weir_mailbox_rest(&other));
		assert_true(weir_mailbox_seize(&other));
	}
	weir_mailbox_finish(&other);
	assert_int_equal(weir_load(&f->system->rings.used, relaxed), 1);
}

static void
a_burst_of_a_former_owner_reaches_nobody(void **state)
{
	struct fixture *f = *state;
	_Atomic uint64_t generation = (uint64_t)7 << 32;
	struct weir_mailbox_guard old = {&generation, 7};
	struct weir_mailbox_burst burst = weir_mailbox_burst_begin(&f->mb);

	assert_int_equal(weir_mailbox_burst_post_if(&burst, &old, 0), 0);
	assert_int_equal(weir_mailbox_burst_post_if(&burst, &old, 1), 0);
	weir_mailbox_close(&f->mb);
	assert_true(weir_mailbox_drain(&f->mb));
	weir_store(&generation, (uint64_t)8 << 32, release);
	assert_int_equal(weir_mailbox_reopen(&f->mb, &few), 0);
	assert_int_equal(weir_mailbox_burst_post_if(&burst, &old, 2), -ESRCH);
	assert_int_equal(weir_mailbox_burst_post_if(&burst, &old, 3), -ESRCH);
	take_all(&f->mb, 0, 0);
}

static void
its_counters_know_refusals_and_the_high_mark(void **state)
{
	struct {
		struct weir_mailbox mb;
		struct weir_mailbox_counters counters;
	} counted = {0};
	const struct weir_mailbox_limits limits = {.bound = 5,
		.counters_offset =
			(char *)&counted.counters - (char *)&counted.mb};
	struct fixture *f = *state;

	assert_int_equal(
		weir_mailbox_init(&counted.mb, &f->system->rings, &limits), 0);
	post_all(&counted.mb, 0, 5);
	assert_int_equal(weir_mailbox_post(&counted.mb, 5), -EAGAIN);
	assert_int_equal(weir_load(&counted.counters.refused, relaxed), 1);
	assert_in_range(weir_load(&counted.counters.high, relaxed), 3, 5);
	take_all(&counted.mb, 0, 5);
	weir_mailbox_finish(&counted.mb);
	assert_int_equal(weir_load(&counted.counters.dropped, relaxed), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define FEW(test) cmocka_unit_test_setup_teardown(test, setup_few, teardown)
#define WIDE(test) cmocka_unit_test_setup_teardown(test, setup_many, teardown)
		FEW(messages_come_in_the_order_they_were_sent),
		FEW(it_refuses_at_its_bound_and_not_before),
		WIDE(it_grows_through_every_ring_to_its_bound),
		WIDE(going_idle_gives_the_ring_back),
		FEW(only_the_first_sender_after_idle_is_told_to_schedule),
		WIDE(a_ring_is_used_lap_after_lap),
		FEW(posting_many_takes_what_fits_in_front),
		FEW(messages_looked_at_stay_until_they_are_taken),
		FEW(a_notice_keeps_it_from_going_idle),
		FEW(who_seizes_an_idle_mailbox_is_its_consumer),
		FEW(a_closed_mailbox_refuses_and_keeps_what_it_has),
		FEW(closing_an_idle_mailbox_makes_its_caller_the_consumer),
		FEW(an_old_name_does_not_reach_the_next_owner),
		FEW(reopening_gives_a_ticket_that_never_was),
		WIDE(positions_wrap),
		FEW(the_bound_holds_across_the_wrap),
		cmocka_unit_test(without_memory_it_refuses_below_its_bound),
		cmocka_unit_test(without_memory_drop_old_does_not_open),
		WIDE(a_ring_serves_one_mailbox_after_another),
		FEW(a_burst_of_a_former_owner_reaches_nobody),
		FEW(its_counters_know_refusals_and_the_high_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
