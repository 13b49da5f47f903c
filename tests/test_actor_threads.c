/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_actor_threads.c - actors of several workers, told by several threads
 */
#include "actors/actor_internal.h"
#include "actors/protocol.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WORKERS 3

static int
setup(void **state)
{
	struct weir_system_opts opts = {.workers = WORKERS};

	return weir_system_create(&opts, (struct weir_system **)state);
}

static int
teardown(void **state)
{
	weir_system_destroy(*state);
	return 0;
}

/* -- every message is released once -----------------------------------------
 */

/* Made, handled and released, by any thread. */
static _Atomic int64_t made, handled, released, refused;

struct parcel {
	int64_t value;
	int64_t is_alive;
	char rest[64];
};

static void
parcel_drop(struct parcel *parcel)
{
	/* Twice would be seen as one that is not alive. */
	weir_fetch_add(&released, parcel->is_alive, relaxed);
	parcel->is_alive = 1000000;
}

#define LAST INT64_C(-1) /* the value of the message to the last depot */

WEIR_PROTOCOL(depot, struct parcel);

struct depot {
	int64_t unused;
};

WEIR_ACTOR_WITH(depot, NULL, NULL, parcel_drop, self, struct depot, depot,
	struct parcel, parcel)
{
	weir_fetch_add(&handled, parcel->is_alive, relaxed);
	if (parcel->value == LAST)
		weir_system_stop(weir_self(self).system);
	/* Every 50th fails its actor. */
	return parcel->value % 50 == 49 ? -EIO : 0;
}

/* Depots that fail are replaced under the eyes of their senders, by the cell
 * they leave. */
#define DEPOTS 4
#define THREADS 3
#define EACH 3000

struct town {
	struct weir_system *system;
	pthread_mutex_t lock;
	struct depot_ref depots[DEPOTS];
};

static struct depot_ref
town_depot(struct town *town, int i)
{
	struct depot_ref ref;

	pthread_mutex_lock(&town->lock);
	ref = town->depots[i];
	pthread_mutex_unlock(&town->lock);
	return ref;
}

static void
town_renew(struct town *town, int i, struct depot_ref old)
{
	pthread_mutex_lock(&town->lock);
	if (weir_ref_is(town->depots[i].any, old.any))
		(void)depot_spawn(town->system, NULL, NULL, &town->depots[i]);
	pthread_mutex_unlock(&town->lock);
}

static void *
town_send(void *arg)
{
	struct town *town = arg;

	for (int64_t n = 0; n < EACH; n++) {
		struct parcel parcel = {.value = n, .is_alive = 1};
		int i = (int)(n % DEPOTS);
		struct depot_ref to = town_depot(town, i);
		int rc = depot_send(to, parcel);

		weir_fetch_add(&made, 1, relaxed);
		if (rc == 0)
			continue;
		weir_fetch_add(&refused, 1, relaxed);
		if (rc == -ESRCH)
			town_renew(town, i, to);
	}
	return NULL;
}

static void
each_message_is_released_once_though_actors_come_and_go(void **state)
{
	struct weir_system_opts opts = {.workers = WORKERS};
	struct town town = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct parcel parcel = {.value = LAST, .is_alive = 1};
	pthread_t threads[THREADS];
	struct depot_ref last;
	int64_t all;

	(void)state;
	assert_int_equal(weir_system_create(&opts, &town.system), 0);
	for (int i = 0; i < DEPOTS; i++)
		assert_int_equal(
			depot_spawn(town.system, NULL, NULL, &town.depots[i]),
			0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, town_send, &town), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* The others may have handled none so far; this one will. */
	assert_int_equal(depot_spawn(town.system, NULL, NULL, &last), 0);
	assert_int_equal(depot_send(last, parcel), 0);
	assert_int_equal(weir_system_run(town.system, -1), 0);
	weir_system_destroy(town.system);

	all = weir_load(&made, relaxed);
	assert_int_equal(all, THREADS * EACH);
	assert_int_equal(
		weir_load(&released, relaxed) + weir_load(&refused, relaxed),
		all + 1);
	assert_true(weir_load(&handled, relaxed) > 0);
}

/* -- order and waiting --------------------------------------------------------
 */

#define SENDERS 5
#define LOTS 40
#define LOT 30

struct letter {
	uint32_t from, number;
};

WEIR_PROTOCOL(reader, struct letter);
WEIR_PROTOCOL(writer, struct reader_ref);

struct reader {
	uint32_t next[SENDERS];
	uint32_t left;
	int *wrong; /* how many came out of turn */
};

WEIR_ACTOR(reader, self, struct reader, reader, struct letter, letter)
{
	*reader->wrong += letter->number != reader->next[letter->from]++;
	if (--reader->left == 0)
		weir_system_stop(weir_self(self).system);
	return 0;
}

struct writer {
	uint32_t index, number, lots;
};

WEIR_ACTOR(writer, self, struct writer, writer, struct reader_ref, to)
{
	for (int i = 0; i < LOT; i++) {
		struct letter letter = {writer->index, writer->number++};
		int rc = reader_send(*to, letter);

		if (rc < 0)
			return rc;
	}
	return --writer->lots > 0 ? writer_send(writer_self(self), *to) : 0;
}

static void
what_waits_for_room_on_several_workers_arrives_in_order(void **state)
{
	struct weir_spawn_opts waits = {
		.mailbox_items = 7, .overflow = WEIR_OVERFLOW_WAIT};
	int wrong = 0;
	struct reader reader = {.left = SENDERS * LOTS * LOT, .wrong = &wrong};
	struct reader_ref to;
	struct writer_ref from;

	assert_int_equal(reader_spawn(*state, &reader, &waits, &to), 0);
	for (uint32_t i = 0; i < SENDERS; i++) {
		struct writer writer = {.index = i, .lots = LOTS};

		assert_int_equal(writer_spawn(*state, &writer, NULL, &from), 0);
		assert_int_equal(writer_send(from, to), 0);
	}
	assert_int_equal(weir_system_run(*state, -1), 0);
	assert_int_equal(wrong, 0);
	assert_int_equal(weir_system_dead_letters(*state), 0);
}

/* -- a thread of its own ------------------------------------------------------
 */

WEIR_PROTOCOL(pinned, int64_t);

struct pinned {
	pthread_t *thread; /* of the first turn, and then of all */
	int *elsewhere;
};

WEIR_ACTOR(pinned, self, struct pinned, pinned, int64_t, n)
{
	if (*n == 0)
		*pinned->thread = pthread_self();
	*pinned->elsewhere += !pthread_equal(*pinned->thread, pthread_self());
	if (*n == 999)
		weir_system_stop(weir_self(self).system);
	return 0;
}

static void
a_pinned_actor_runs_on_a_thread_of_its_own(void **state)
{
	struct weir_spawn_opts opts = {.dispatcher = WEIR_DISPATCH_PINNED};
	pthread_t thread = pthread_self();
	int elsewhere = 0;
	struct pinned pinned = {&thread, &elsewhere};
	struct pinned_ref ref;

	assert_int_equal(pinned_spawn(*state, &pinned, &opts, &ref), 0);
	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(pinned_send(ref, i), 0);
	assert_int_equal(weir_system_run(*state, -1), 0);
	assert_false(pthread_equal(thread, pthread_self()));
	assert_int_equal(elsewhere, 0);
}

static void
the_thread_of_a_pinned_actor_that_stopped_is_for_the_next(void **state)
{
	struct weir_spawn_opts opts = {.dispatcher = WEIR_DISPATCH_PINNED};
	struct weir_system *system = *state;
	pthread_t thread = pthread_self();
	int elsewhere = 0;
	struct pinned pinned = {&thread, &elsewhere};
	struct pinned_ref ref;

	for (int i = 0; i < 20; i++) {
		assert_int_equal(pinned_spawn(system, &pinned, &opts, &ref), 0);
		assert_int_equal(pinned_send(ref, 0), 0);
		assert_int_equal(pinned_send(ref, 999), 0);
		assert_int_equal(weir_system_run(system, -1), 0);
		assert_int_equal(pinned_stop(ref), 0);
		while (pinned_stop(ref) == 0)
			weir_pause();
	}
	assert_int_equal(system->pinned_count, 1);
}

/* -- systems ------------------------------------------------------------------
 */

static void *
send_until_stopped(void *arg)
{
	struct pinned_ref *ref = arg;

	while (pinned_send(*ref, 1) != -ESRCH)
		weir_pause();
	return NULL;
}

static void
an_actor_that_is_told_a_lot_can_be_stopped_by_another_thread(void **state)
{
	int elsewhere = 0;
	pthread_t thread = pthread_self(), sender;
	struct pinned pinned = {&thread, &elsewhere};
	struct pinned_ref ref;
	struct weir_actor_stats stats;

	assert_int_equal(pinned_spawn(*state, &pinned, NULL, &ref), 0);
	assert_int_equal(
		pthread_create(&sender, NULL, send_until_stopped, &ref), 0);
	do
		assert_int_equal(weir_actor_stats_read(ref.any, &stats), 0);
	while (stats.received < 100);
	assert_int_equal(pinned_stop(ref), 0);
	pthread_join(sender, NULL);
	assert_int_equal(weir_actor_stats_read(ref.any, &stats), -ESRCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_message_is_released_once_though_actors_come_and_go),
		TEST(what_waits_for_room_on_several_workers_arrives_in_order),
		TEST(a_pinned_actor_runs_on_a_thread_of_its_own),
		TEST(the_thread_of_a_pinned_actor_that_stopped_is_for_the_next),
		TEST(an_actor_that_is_told_a_lot_can_be_stopped_by_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
