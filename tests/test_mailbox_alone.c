/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mailbox_alone.c - mailboxes without actors: policies, bytes, sleep
 */
#include <weir/weir.h>

#include "support/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BOUND 4u

/* What the hooks of a mailbox were called for. */
struct hooks {
	atomic_int woken;
	int dropped;
	uint64_t last_dropped;
};

static void
count_wake(void *ctx)
{
	((struct hooks *)ctx)->woken++;
}

static void
count_drop(void *ctx, uint64_t word)
{
	struct hooks *hooks = ctx;

	hooks->dropped++;
	hooks->last_dropped = word;
}

static size_t
word_is_its_bytes(void *ctx, uint64_t word)
{
	(void)ctx;
	return word;
}

struct fixture {
	struct weir_system *system;
	struct weir_mailbox *mb;
	struct hooks hooks;
};

static struct weir_mailbox_opts
opts_of(struct fixture *f, enum weir_overflow overflow)
{
	return (struct weir_mailbox_opts){
		.bound = BOUND,
		.overflow = overflow,
		.drop = count_drop,
		.wake = count_wake,
		.ctx = &f->hooks,
	};
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || weir_system_create(NULL, &f->system) < 0)
		return -1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	weir_mailbox_destroy(f->mb);
	weir_system_destroy(f->system);
	free(f);
	return 0;
}

static void
create(struct fixture *f, enum weir_overflow overflow)
{
	struct weir_mailbox_opts opts = opts_of(f, overflow);

	assert_int_equal(weir_mailbox_create(f->system, &opts, &f->mb), 0);
}

static void
create_sized(struct fixture *f, enum weir_overflow overflow, uint64_t bytes_max)
{
	struct weir_mailbox_opts opts = opts_of(f, overflow);

	opts.bytes_max = bytes_max;
	opts.bytes_of = word_is_its_bytes;
	assert_int_equal(weir_mailbox_create(f->system, &opts, &f->mb), 0);
}

static void
fill(struct fixture *f)
{
	for (uint64_t i = 0; i < BOUND; i++)
		assert_int_equal(weir_mailbox_send(f->mb, i), 0);
}

static void
expect(struct fixture *f, const uint64_t *words, size_t n)
{
	uint64_t word;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(weir_mailbox_recv(f->mb, &word, 1), 1);
		assert_int_equal(word, words[i]);
	}
	assert_int_equal(weir_mailbox_recv(f->mb, &word, 1), 0);
}

static void
reject_leaves_the_message_with_its_sender(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox_stats stats;

	create(f, WEIR_OVERFLOW_REJECT);
	fill(f);
	assert_int_equal(weir_mailbox_send(f->mb, 4), -EAGAIN);
	weir_mailbox_statistics(f->mb, &stats);
	assert_int_equal(stats.sent, BOUND);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(stats.waiting, BOUND);
	assert_int_equal(f->hooks.dropped, 0);
	expect(f, (uint64_t[]){0, 1, 2, 3}, BOUND);
}

static void
drop_new_releases_the_message_that_was_sent(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox_stats stats;

	create(f, WEIR_OVERFLOW_DROP_NEW);
	fill(f);
	assert_int_equal(weir_mailbox_send(f->mb, 4), 0);
	assert_int_equal(f->hooks.dropped, 1);
	assert_int_equal(f->hooks.last_dropped, 4);
	weir_mailbox_statistics(f->mb, &stats);
	assert_int_equal(stats.dropped, 1);
	assert_int_equal(stats.refused, 0);
	expect(f, (uint64_t[]){0, 1, 2, 3}, BOUND);
}

static void
drop_old_releases_the_oldest_message(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox_stats stats;

	create(f, WEIR_OVERFLOW_DROP_OLD);
	fill(f);
	assert_int_equal(weir_mailbox_send(f->mb, 4), 0);
	assert_int_equal(f->hooks.dropped, 1);
	assert_int_equal(f->hooks.last_dropped, 0);
	assert_int_equal(weir_mailbox_send(f->mb, 5), 0);
	weir_mailbox_statistics(f->mb, &stats);
	assert_int_equal(stats.sent, 6);
	assert_int_equal(stats.dropped, 2);
	assert_int_equal(stats.waiting, BOUND);
	expect(f, (uint64_t[]){2, 3, 4, 5}, BOUND);
}

static void
drop_old_goes_on_after_many_laps(void **state)
{
	struct fixture *f = *state;
	uint64_t word;

	create(f, WEIR_OVERFLOW_DROP_OLD);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(weir_mailbox_send(f->mb, i), 0);
	expect(f, (uint64_t[]){996, 997, 998, 999}, BOUND);
	assert_true(weir_mailbox_sleep(f->mb));
	assert_int_equal(weir_mailbox_send(f->mb, 7), 0);
	assert_int_equal(f->hooks.woken, 1);
	assert_int_equal(weir_mailbox_recv(f->mb, &word, 1), 1);
	assert_int_equal(word, 7);
	assert_int_equal(f->hooks.dropped, 996);
}

static void
drop_old_counts_and_releases_what_is_left_at_the_end(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_DROP_OLD);
	fill(f);
	weir_mailbox_destroy(f->mb);
	f->mb = NULL;
	assert_int_equal(f->hooks.dropped, BOUND);
}

static void
fail_tells_the_receiver_once(void **state)
{
	struct fixture *f = *state;
	uint64_t words[BOUND];

	create(f, WEIR_OVERFLOW_FAIL);
	fill(f);
	assert_false(weir_mailbox_overflowed(f->mb));
	assert_int_equal(weir_mailbox_send(f->mb, 4), -EAGAIN);
	assert_int_equal(weir_mailbox_recv(f->mb, words, BOUND - 2), BOUND - 2);
	assert_int_equal(weir_mailbox_recv(f->mb, words, BOUND), 2);
	assert_false(weir_mailbox_sleep(f->mb));
	assert_true(weir_mailbox_overflowed(f->mb));
	assert_false(weir_mailbox_overflowed(f->mb));
	assert_true(weir_mailbox_sleep(f->mb));
}

static void
waiting_gives_up_when_its_time_is_over(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_WAIT);
	fill(f);
	assert_int_equal(weir_mailbox_send(f->mb, 4), -EAGAIN);
	assert_int_equal(weir_mailbox_send_wait(f->mb, 4, 0), -ETIMEDOUT);
	assert_int_equal(weir_mailbox_send_wait(f->mb, 4, 1000), -ETIMEDOUT);
}

static void
only_a_mailbox_of_that_policy_lets_senders_wait(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_REJECT);
	assert_int_equal(weir_mailbox_send_wait(f->mb, 4, 0), -EINVAL);
}

static void *
send_hundred_waiting(void *ctx)
{
	struct fixture *f = ctx;

	for (uint64_t i = 0; i < 100; i++)
		if (weir_mailbox_send_wait(f->mb, i, -1) < 0)
			return f;
	return NULL;
}

static void
who_waits_goes_on_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	pthread_t sender;
	void *failed;

	create(f, WEIR_OVERFLOW_WAIT);
	pthread_create(&sender, NULL, send_hundred_waiting, f);
	for (uint64_t next = 0, word; next < 100;)
		if (weir_mailbox_recv(f->mb, &word, 1) == 1)
			assert_int_equal(word, next++);
	pthread_join(sender, &failed);
	assert_null(failed);
}

static void *
send_until_shut_down(void *ctx)
{
	struct fixture *f = ctx;
	int rc;

	do
		rc = weir_mailbox_send_wait(f->mb, 0, -1);
	while (rc == 0);
	return rc == -ESHUTDOWN ? NULL : f;
}

static void
who_waits_is_woken_by_a_shutdown(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox_stats stats;
	pthread_t sender;
	void *failed;

	create(f, WEIR_OVERFLOW_WAIT);
	pthread_create(&sender, NULL, send_until_shut_down, f);
	do
		weir_mailbox_statistics(f->mb, &stats);
	while (stats.refused == 0);
	weir_mailbox_shutdown(f->mb);
	pthread_join(sender, &failed);
	assert_null(failed);
}

static void
bytes_bound_what_is_sent(void **state)
{
	struct fixture *f = *state;

	create_sized(f, WEIR_OVERFLOW_REJECT, 100);
	assert_int_equal(weir_mailbox_send(f->mb, 60), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 41), -EAGAIN);
	assert_int_equal(weir_mailbox_send(f->mb, 40), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 1), -EAGAIN);
	expect(f, (uint64_t[]){60, 40}, 2);
	assert_int_equal(weir_mailbox_send(f->mb, 100), 0);
}

static void
a_message_above_the_bytes_is_taken_when_there_is_no_other(void **state)
{
	struct fixture *f = *state;

	create_sized(f, WEIR_OVERFLOW_REJECT, 100);
	assert_int_equal(weir_mailbox_send(f->mb, 500), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 1), -EAGAIN);
	expect(f, (uint64_t[]){500}, 1);
	assert_int_equal(weir_mailbox_send(f->mb, 1), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 500), -EAGAIN);
}

static void
a_refusal_by_the_messages_gives_its_bytes_back(void **state)
{
	struct fixture *f = *state;

	create_sized(f, WEIR_OVERFLOW_DROP_NEW, 100);
	for (uint64_t i = 0; i < BOUND; i++)
		assert_int_equal(weir_mailbox_send(f->mb, 10), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 50), 0);
	assert_int_equal(f->hooks.dropped, 1);
	expect(f, (uint64_t[]){10, 10, 10, 10}, BOUND);
	assert_int_equal(weir_mailbox_send(f->mb, 100), 0);
	expect(f, (uint64_t[]){100}, 1);
}

static void
many_sent_at_once_meet_the_bytes_too(void **state)
{
	struct fixture *f = *state;
	size_t n;

	create_sized(f, WEIR_OVERFLOW_REJECT, 100);
	assert_int_equal(
		weir_mailbox_send_n(f->mb, (uint64_t[]){40, 40, 40}, 3, &n), 0);
	assert_int_equal(n, 2);
	expect(f, (uint64_t[]){40, 40}, 2);
}

static void
a_sleeping_consumer_is_woken_once(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_REJECT);
	assert_int_equal(weir_mailbox_send(f->mb, 0), 0);
	assert_int_equal(f->hooks.woken, 0);
	assert_false(weir_mailbox_sleep(f->mb));
	expect(f, (uint64_t[]){0}, 1);
	assert_true(weir_mailbox_sleep(f->mb));
	fill(f);
	assert_int_equal(f->hooks.woken, 1);
	expect(f, (uint64_t[]){0, 1, 2, 3}, BOUND);
}

static void
a_sleeping_consumer_is_woken_by_a_shutdown(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_REJECT);
	assert_true(weir_mailbox_sleep(f->mb));
	weir_mailbox_shutdown(f->mb);
	assert_int_equal(f->hooks.woken, 1);
	assert_true(weir_mailbox_is_shut_down(f->mb));
	assert_int_equal(weir_mailbox_send(f->mb, 0), -ESHUTDOWN);
}

static void
what_is_left_is_dropped_once_when_it_is_destroyed(void **state)
{
	struct fixture *f = *state;

	create(f, WEIR_OVERFLOW_REJECT);
	fill(f);
	weir_mailbox_destroy(f->mb);
	f->mb = NULL;
	assert_int_equal(f->hooks.dropped, BOUND);
}

static void
a_burst_sends_what_single_sends_would(void **state)
{
	struct fixture *f = *state;
	struct weir_mailbox_burst burst;

	create(f, WEIR_OVERFLOW_REJECT);
	weir_mailbox_burst_start(&burst, f->mb);
	assert_true(weir_mailbox_sleep(f->mb));
	assert_int_equal(weir_mailbox_burst_send(&burst, 0), 0);
	assert_int_equal(f->hooks.woken, 1);
	assert_int_equal(weir_mailbox_burst_send(&burst, 1), 0);
	assert_int_equal(weir_mailbox_send(f->mb, 2), 0);
	assert_int_equal(weir_mailbox_burst_send(&burst, 3), 0);
	assert_int_equal(weir_mailbox_burst_send(&burst, 4), -EAGAIN);
	expect(f, (uint64_t[]){0, 1, 2, 3}, BOUND);
	assert_int_equal(weir_mailbox_burst_send(&burst, 5), 0);
	assert_int_equal(weir_mailbox_burst_send(&burst, 6), 0);
	expect(f, (uint64_t[]){5, 6}, 2);
	weir_mailbox_shutdown(f->mb);
	assert_int_equal(weir_mailbox_burst_send(&burst, 7), -ESHUTDOWN);
}

static void
bounds_that_cannot_be_are_refused(void **state)
{
	struct fixture *f = *state;
	const struct weir_mailbox_opts wrong[] = {
		{.bound = (1u << 30) + 1},
		{.bound = 3, .overflow = WEIR_OVERFLOW_DROP_OLD},
		{.bound = 1, .overflow = WEIR_OVERFLOW_DROP_OLD},
		{.bound = 32768, .overflow = WEIR_OVERFLOW_DROP_OLD},
		{.bytes_max = 1},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			weir_mailbox_create(f->system, &wrong[i], &f->mb),
			-EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		TEST(reject_leaves_the_message_with_its_sender),
		TEST(drop_new_releases_the_message_that_was_sent),
		TEST(drop_old_releases_the_oldest_message),
		TEST(drop_old_goes_on_after_many_laps),
		TEST(drop_old_counts_and_releases_what_is_left_at_the_end),
		TEST(fail_tells_the_receiver_once),
		TEST(waiting_gives_up_when_its_time_is_over),
		TEST(only_a_mailbox_of_that_policy_lets_senders_wait),
		TEST(who_waits_goes_on_when_there_is_room),
		TEST(who_waits_is_woken_by_a_shutdown),
		TEST(bytes_bound_what_is_sent),
		TEST(a_message_above_the_bytes_is_taken_when_there_is_no_other),
		TEST(a_refusal_by_the_messages_gives_its_bytes_back),
		TEST(many_sent_at_once_meet_the_bytes_too),
		TEST(a_sleeping_consumer_is_woken_once),
		TEST(a_sleeping_consumer_is_woken_by_a_shutdown),
		TEST(what_is_left_is_dropped_once_when_it_is_destroyed),
		TEST(a_burst_sends_what_single_sends_would),
		TEST(bounds_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
