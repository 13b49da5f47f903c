/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_actor.c - what an actor does with its messages, and what becomes of them
 */
#include "actors/actor_internal.h"
#include "actors/protocol.h"
#include "support/letters.h"
#include "support/memory.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct memory memory;
	struct weir_allocator allocator;
	struct letters letters;
	struct weir_system *system;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct weir_system_opts opts = {
		.allocator = &f.allocator,
		.workers = 1,
		.dead_letter = letters_add,
		.dead_letter_ctx = &f.letters,
	};

	memset(&f, 0, sizeof(f));
	f.allocator = memory_allocator(&f.memory);
	*state = &f;
	return weir_system_create(&opts, &f.system);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	weir_system_destroy(f->system);
	return f->memory.pieces == 0 ? 0 : -1;
}

/* Let all actors that are ready have their turns. */
static void
run(struct fixture *f)
{
	assert_int_equal(weir_system_enter(f->system), 0);
	while (weir_worker_round(f->system->workers[0]))
		;
	weir_system_leave(f->system);
}

/* -- one that keeps what it got -------------------------------------------- */

#define KEEP_MAX 4096

struct keeper {
	size_t count;
	int64_t fail_at; /* the value that fails it; 0: none */
	int64_t stop_at; /* the value at which it stops itself */
	int64_t *values; /* of the test */
};

WEIR_PROTOCOL(keeper, int64_t);

WEIR_ACTOR(keeper, self, struct keeper, keeper, int64_t, value)
{
	if (*value != 0 && *value == keeper->fail_at)
		return -EINVAL;
	if (*value != 0 && *value == keeper->stop_at)
		keeper_stop(keeper_self(self));
	if (keeper->values != NULL && keeper->count < KEEP_MAX)
		keeper->values[keeper->count] = *value;
	keeper->count++;
	return 0;
}

static int64_t kept[KEEP_MAX];

static struct keeper_ref
keeper_new(struct fixture *f, const struct keeper *like,
	const struct weir_spawn_opts *opts)
{
	struct keeper keeper = like != NULL ? *like : (struct keeper){0};
	struct keeper_ref ref;

	memset(kept, 0, sizeof(kept));
	keeper.values = kept;
	assert_int_equal(keeper_spawn(f->system, &keeper, opts, &ref), 0);
	return ref;
}

static void
messages_are_handled_in_the_order_they_were_sent(void **state)
{
	struct fixture *f = *state;
	struct keeper_ref keeper = keeper_new(f, NULL, NULL);

	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(keeper_send(keeper, i), 0);
	run(f);
	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(kept[i], i);
}

static void
many_messages_are_sent_at_once_as_far_as_there_is_room(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.mailbox_items = 100};
	struct keeper_ref keeper = keeper_new(f, NULL, &opts);
	int64_t values[150];

	for (int64_t i = 0; i < 150; i++)
		values[i] = i;
	assert_int_equal(keeper_send_n(keeper, values, 150), 100);
	assert_int_equal(keeper_send_n(keeper, values, 150), -EAGAIN);
	run(f);
	assert_int_equal(keeper_send_n(keeper, values + 100, 50), 50);
	run(f);
	for (int64_t i = 0; i < 150; i++)
		assert_int_equal(kept[i], i);
	assert_int_equal(kept[150], 0);
}

static void
a_burst_is_as_many_sends_also_where_others_send_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.mailbox_items = 200};
	struct keeper_ref keeper = keeper_new(f, NULL, &opts);
	struct keeper_burst burst = keeper_burst_begin(keeper);

	for (int64_t i = 0; i < 200; i++)
		assert_int_equal(i % 7 == 6 ? keeper_send(keeper, i)
					    : keeper_burst_send(&burst, i),
			0);
	assert_int_equal(keeper_burst_send(&burst, 200), -EAGAIN);
	run(f);
	for (int64_t i = 0; i < 200; i++)
		assert_int_equal(kept[i], i);
	assert_int_equal(keeper_burst_send(&burst, 5), 0);
	keeper_stop(keeper);
	run(f);
	keeper = keeper_new(f, NULL, NULL);
	assert_int_equal(keeper_burst_send(&burst, 6), -ESRCH);
	run(f);
	assert_int_equal(kept[0], 0);
}

static void
a_full_mailbox_refuses_until_there_is_room_again(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.mailbox_items = 3};
	struct keeper_ref keeper = keeper_new(f, NULL, &opts);

	for (int64_t i = 1; i <= 3; i++)
		assert_int_equal(keeper_send(keeper, i), 0);
	assert_int_equal(keeper_send(keeper, 4), -EAGAIN);
	assert_int_equal(weir_system_dead_letters(f->system), 0);
	run(f);
	assert_int_equal(keeper_send(keeper, 4), 0);
	run(f);
	assert_int_equal(kept[3], 4);
}

static void
a_mailbox_bounded_in_bytes_refuses_by_them(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.mailbox_bytes = 25};
	struct keeper_ref keeper = keeper_new(f, NULL, &opts);

	for (int lap = 0; lap < 3; lap++) {
		for (int64_t i = 1; i <= 3; i++)
			assert_int_equal(keeper_send(keeper, i), 0);
		assert_int_equal(keeper_send(keeper, 4), -EAGAIN);
		run(f);
	}
	assert_int_equal(kept[8], 3);
	assert_int_equal(kept[9], 0);
}

static void
a_message_of_another_size_is_refused(void **state)
{
	struct fixture *f = *state;
	struct keeper_ref keeper = keeper_new(f, NULL, NULL);
	char bytes[100] = {0};

	assert_int_equal(weir_send(keeper.any, bytes, 100), -EMSGSIZE);
	assert_int_equal(weir_send(keeper.any, bytes, 4), -EMSGSIZE);
	assert_int_equal(weir_send_word(keeper.any, 0, 7), -EMSGSIZE);
	assert_int_equal(weir_send_n(keeper.any, bytes, 4, 3), -EMSGSIZE);
	assert_int_equal(weir_send(keeper.any, bytes, 8), 0);
	run(f);
	assert_int_equal(weir_system_dead_letters(f->system), 0);
}

static void
a_behaviour_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;
	struct weir_behaviour behaviour = keeper_behaviour;
	struct weir_spawn_opts opts = {.mailbox_items = (size_t)1 << 40};
	struct weir_ref ref = {NULL, 7};

	assert_int_equal(
		weir_spawn(f->system, &behaviour, NULL, &opts, &ref), -EINVAL);
	behaviour.message_bytes = WEIR_MESSAGE_MAX + 1;
	assert_int_equal(
		weir_spawn(f->system, &behaviour, NULL, NULL, &ref), -EINVAL);
	behaviour.message_bytes = 0;
	assert_int_equal(
		weir_spawn(f->system, &behaviour, NULL, NULL, &ref), -EINVAL);
	assert_int_equal(ref.id, 7);
}

/* -- names ----------------------------------------------------------------- */

static void
a_message_to_an_actor_that_is_gone_is_told_and_reaches_no_other(void **state)
{
	struct fixture *f = *state;
	struct keeper_ref first = keeper_new(f, NULL, NULL), second;

	assert_int_equal(keeper_stop(first), 0);
	run(f);
	second = keeper_new(f, NULL, NULL);
	/* It has the place of the first. */
	assert_ptr_equal(weir_ref_cell(first.any), weir_ref_cell(second.any));
	assert_int_equal(keeper_send(first, 5), -ESRCH);
	assert_int_equal(weir_send_n(first.any, kept, 8, 2), -ESRCH);
	assert_int_equal(keeper_stop(first), -ESRCH);
	run(f);
	assert_int_equal(kept[0], 0);
	assert_int_equal(f->letters.count, 2);
	assert_int_equal(f->letters.all[0].reason, WEIR_DEAD_GONE);
	assert_true(weir_ref_is(f->letters.all[0].to, first.any));
	assert_int_equal(f->letters.values[0], 5);
	assert_int_equal(keeper_send(second, 6), 0);
	run(f);
	assert_int_equal(kept[0], 6);
}

static void
nobody_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct weir_ref nobody = {NULL, 0}, none = {f->system, UINT64_MAX};
	struct weir_actor_stats stats;

	assert_int_equal(weir_send_word(nobody, 1, 8), -ESRCH);
	assert_int_equal(weir_send(none, kept, 8), -ESRCH);
	assert_int_equal(weir_stop(nobody), -ESRCH);
	assert_int_equal(weir_actor_stats_read(none, &stats), -ESRCH);
	assert_int_equal(f->letters.count, 1);
}

static void
a_cell_that_is_no_actor_has_no_name(void **state)
{
	static const struct weir_mailbox_limits limits = {.bound = 4};
	static const struct weir_cell_ops ops = {NULL};
	struct fixture *f = *state;
	struct weir_actor_stats stats;
	struct weir_cell *cell;
	struct weir_ref ref;

	assert_int_equal(
		weir_cell_acquire(f->system, &ops, NULL, &limits, &cell), 0);
	ref = weir_cell_ref(cell);
	assert_int_equal(weir_send(ref, kept, 8), -ESRCH);
	assert_int_equal(weir_stop(ref), -ESRCH);
	assert_int_equal(weir_actor_stats_read(ref, &stats), -ESRCH);
	weir_cell_release(cell);
}

struct asker {
	struct weir_ref self, as_keeper, as_asker;
};

WEIR_PROTOCOL(asker, struct asker *);

WEIR_ACTOR(asker, self, int, unused, struct asker *, asker)
{
	(*asker)->self = weir_self(self);
	(*asker)->as_keeper = keeper_self(self).any;
	(*asker)->as_asker = asker_self(self).any;
	return 0;
}

static void
an_actor_knows_its_name_but_not_as_another_kind(void **state)
{
	struct fixture *f = *state;
	struct weir_ref nobody = {NULL, 0};
	struct asker_ref ref;
	struct asker asker;

	assert_int_equal(asker_spawn(f->system, NULL, NULL, &ref), 0);
	assert_int_equal(asker_send(ref, &asker), 0);
	run(f);
	assert_true(weir_ref_is(asker.self, ref.any));
	assert_true(weir_ref_is(asker.as_asker, ref.any));
	assert_true(weir_ref_is(asker.as_keeper, nobody));
}

/* -- messages that hold something ------------------------------------------ */

/* Counts what lives, by the messages that hold it. */
static int held;
static int begun, ended;

struct parcel {
	int64_t value;
	int *holds; /* NULL: taken out */
	char rest[84];
};

static void
parcel_drop(struct parcel *parcel)
{
	if (parcel->holds == NULL)
		return;
	--*parcel->holds;
	parcel->holds = NULL;
}

struct depot {
	int64_t sum;
	int64_t fail_at;
	int64_t *sum_at_end;
	struct parcel last; /* its parcel is taken out of the message */
};

static int
depot_begin(struct weir_actor *self, struct depot *depot)
{
	(void)self;
	begun++;
	return depot->fail_at < 0 ? (int)depot->fail_at : 0;
}

static void
depot_end_of(struct weir_actor *self, struct depot *depot)
{
	(void)self;
	ended++;
	if (depot->sum_at_end != NULL)
		*depot->sum_at_end = depot->sum;
	parcel_drop(&depot->last);
}

WEIR_PROTOCOL(depot, struct parcel);

WEIR_ACTOR_WITH(depot, depot_begin, depot_end_of, parcel_drop, self,
	struct depot, depot, struct parcel, parcel)
{
	depot->sum += parcel->value;
	if (parcel->value == depot->fail_at)
		return -EIO;
	if (parcel->value == 100) { /* keep it */
		parcel_drop(&depot->last);
		depot->last = *parcel;
		parcel->holds = NULL;
	}
	return 0;
}

static struct parcel
parcel_of(int64_t value)
{
	struct parcel parcel = {.value = value, .holds = &held};

	held++;
	memset(parcel.rest, (int)value, sizeof(parcel.rest));
	return parcel;
}

static int64_t sum_at_end;

static struct depot_ref
depot_new(
	struct fixture *f, int64_t fail_at, const struct weir_spawn_opts *opts)
{
	struct depot like = {.fail_at = fail_at, .sum_at_end = &sum_at_end};
	struct depot_ref ref;

	held = begun = ended = 0;
	sum_at_end = -1;
	assert_int_equal(depot_spawn(f->system, &like, opts, &ref), 0);
	return ref;
}

/* No message block is in anybody's hands. */
static void
assert_all_blocks_are_back(struct fixture *f)
{
	struct weir_message_pool *own = &f->system->workers[0]->messages;
	struct weir_message_pool *shared = &f->system->messages.pool;

	assert_int_equal(weir_load(&own->got, relaxed) +
				 weir_load(&shared->got, relaxed),
		weir_load(&own->put, relaxed) +
			weir_load(&own->put_elsewhere, relaxed) +
			weir_load(&shared->put, relaxed) +
			weir_load(&shared->put_elsewhere, relaxed));
}

static void
what_a_message_holds_is_dropped_after_it_was_handled(void **state)
{
	struct fixture *f = *state;
	struct depot_ref depot = depot_new(f, 0, NULL);

	for (int64_t i = 1; i <= 50; i++)
		assert_int_equal(depot_send(depot, parcel_of(i)), 0);
	assert_int_equal(held, 50);
	run(f);
	assert_int_equal(held, 0);
	depot_stop(depot);
	run(f);
	assert_int_equal(sum_at_end, 50 * 51 / 2);
	assert_all_blocks_are_back(f);
}

static void
what_a_handler_takes_out_of_a_message_stays_alive(void **state)
{
	struct fixture *f = *state;
	struct depot_ref depot = depot_new(f, 0, NULL);

	assert_int_equal(depot_send(depot, parcel_of(100)), 0);
	run(f);
	assert_int_equal(held, 1);
	depot_stop(depot);
	run(f);
	assert_int_equal(held, 0);
}

static void
init_runs_before_the_first_message_and_stop_once_after_the_last(void **state)
{
	struct fixture *f = *state;
	struct depot_ref depot = depot_new(f, 0, NULL);

	assert_int_equal(depot_send(depot, parcel_of(3)), 0);
	assert_int_equal(begun, 0);
	run(f);
	assert_int_equal(begun, 1);
	assert_int_equal(ended, 0);
	assert_int_equal(depot_stop(depot), 0);
	assert_int_equal(depot_stop(depot), 0);
	run(f);
	assert_int_equal(ended, 1);
	assert_int_equal(sum_at_end, 3);
	assert_int_equal(depot_stop(depot), -ESRCH);
}

static void
an_init_that_fails_stops_the_actor_before_it_begins(void **state)
{
	struct fixture *f = *state;
	struct depot_ref depot = depot_new(f, -EACCES, NULL);

	assert_int_equal(depot_send(depot, parcel_of(3)), 0);
	run(f);
	assert_int_equal(begun, 1);
	assert_int_equal(ended, 0);
	assert_int_equal(held, 0);
	assert_int_equal(f->letters.count, 2);
	assert_int_equal(f->letters.all[0].reason, WEIR_DEAD_ACTOR);
	assert_int_equal(f->letters.all[0].code, -EACCES);
	assert_int_equal(f->letters.all[1].reason, WEIR_DEAD_STOPPED);
	assert_true(weir_ref_is(f->letters.all[1].to, depot.any));
}

static void
a_handler_that_fails_stops_its_actor_and_the_rest_are_dead_letters(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.name = "north"};
	struct depot_ref depot = depot_new(f, 3, &opts);

	for (int64_t i = 1; i <= 5; i++)
		assert_int_equal(depot_send(depot, parcel_of(i)), 0);
	run(f);
	assert_int_equal(ended, 1);
	assert_int_equal(sum_at_end, 1 + 2 + 3);
	assert_int_equal(held, 0);
	assert_int_equal(f->letters.count, 3);
	assert_int_equal(f->letters.all[0].reason, WEIR_DEAD_FAILED);
	assert_int_equal(f->letters.all[0].code, -EIO);
	assert_int_equal(f->letters.values[0], 3);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_STOPPED), 2);
	assert_int_equal(depot_send(depot, parcel_of(6)), -ESRCH);
	assert_int_equal(held, 1); /* it stayed ours */
	assert_all_blocks_are_back(f);
}

static void
an_actor_that_stops_itself_handles_nothing_more(void **state)
{
	struct fixture *f = *state;
	struct keeper like = {.stop_at = 2};
	struct keeper_ref keeper = keeper_new(f, &like, NULL);

	for (int64_t i = 1; i <= 4; i++)
		assert_int_equal(keeper_send(keeper, i), 0);
	run(f);
	assert_int_equal(kept[1], 2);
	assert_int_equal(kept[2], 0);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_STOPPED), 2);
}

static void
a_message_to_a_full_mailbox_that_drops_new_ones_is_released_once(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 4, .overflow = WEIR_OVERFLOW_DROP_NEW};
	struct depot_ref depot = depot_new(f, 0, &opts);
	struct weir_actor_stats stats;

	for (int64_t i = 1; i <= 10; i++)
		assert_int_equal(depot_send(depot, parcel_of(i)), 0);
	assert_int_equal(held, 4);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_DROPPED), 6);
	assert_true(weir_ref_is(f->letters.all[0].to, depot.any));
	assert_int_equal(f->letters.values[0], 5);
	assert_int_equal(weir_actor_stats_read(depot.any, &stats), 0);
	assert_int_equal(stats.dropped, 6);
	run(f);
	depot_stop(depot);
	run(f);
	assert_int_equal(sum_at_end, 1 + 2 + 3 + 4);
	assert_int_equal(held, 0);
	assert_all_blocks_are_back(f);
}

static void
a_full_mailbox_that_drops_old_ones_keeps_the_newest(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 4, .overflow = WEIR_OVERFLOW_DROP_OLD};
	struct depot_ref depot = depot_new(f, 0, &opts);
	struct weir_actor_stats stats;

	run(f);
	for (int64_t i = 1; i <= 10; i++)
		assert_int_equal(depot_send(depot, parcel_of(i)), 0);
	assert_int_equal(held, 4);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_DROPPED), 6);
	assert_int_equal(f->letters.values[0], 1);
	assert_int_equal(weir_actor_stats_read(depot.any, &stats), 0);
	assert_int_equal(stats.dropped, 6);
	assert_int_equal(stats.depth, 4);
	run(f);
	assert_int_equal(weir_actor_stats_read(depot.any, &stats), 0);
	assert_int_equal(stats.dropped, 6);
	assert_int_equal(stats.received, 4);
	depot_stop(depot);
	run(f);
	assert_int_equal(sum_at_end, 7 + 8 + 9 + 10);
	assert_int_equal(held, 0);
	assert_all_blocks_are_back(f);
}

static void
a_mailbox_that_must_not_overflow_fails_its_actor(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 2, .overflow = WEIR_OVERFLOW_FAIL};
	struct depot_ref depot = depot_new(f, 0, &opts);

	assert_int_equal(depot_send(depot, parcel_of(1)), 0);
	assert_int_equal(depot_send(depot, parcel_of(2)), 0);
	assert_int_equal(depot_send(depot, parcel_of(3)), -EAGAIN);
	held--; /* ours */
	run(f);
	assert_int_equal(ended, 1);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_ACTOR), 1);
	assert_int_equal(depot_send(depot, parcel_of(4)), -ESRCH);
	held--;
	assert_int_equal(held, 0);
}

static void
statistics_tell_depth_turns_and_messages(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {.budget = 10};
	struct keeper_ref keeper = keeper_new(f, NULL, &opts);
	struct weir_actor_stats stats;

	for (int64_t i = 0; i < 25; i++)
		assert_int_equal(keeper_send(keeper, i), 0);
	assert_int_equal(weir_actor_stats_read(keeper.any, &stats), 0);
	assert_int_equal(stats.depth, 25);
	assert_int_equal(stats.received, 0);
	run(f);
	assert_int_equal(weir_actor_stats_read(keeper.any, &stats), 0);
	assert_int_equal(stats.depth, 0);
	assert_int_equal(stats.depth_max, 25);
	assert_int_equal(stats.received, 25);
	assert_in_range(stats.turns, 3, 5);
}

/* -- the end of a system ----------------------------------------------------
 */

static void
a_system_destroyed_with_live_actors_stops_each_and_releases_all(void **state)
{
	struct weir_system_opts opts = {.workers = 1};
	struct fixture f = {0};
	struct depot_ref depot;

	(void)state;
	f.allocator = memory_allocator(&f.memory);
	opts.allocator = &f.allocator;
	opts.dead_letter = letters_add;
	opts.dead_letter_ctx = &f.letters;
	assert_int_equal(weir_system_create(&opts, &f.system), 0);
	depot = depot_new(&f, 0, NULL);
	assert_int_equal(depot_send(depot, parcel_of(100)), 0);
	run(&f);
	for (int64_t i = 1; i <= 5; i++)
		assert_int_equal(depot_send(depot, parcel_of(i)), 0);
	weir_system_destroy(f.system);
	assert_int_equal(ended, 1);
	assert_int_equal(held, 0);
	assert_int_equal(letters_count(&f.letters, WEIR_DEAD_STOPPED), 5);
	assert_int_equal(f.memory.pieces, 0);
}

static void
an_actor_that_never_began_is_not_stopped(void **state)
{
	struct weir_system *system;
	struct depot like = {0};
	struct depot_ref depot;

	(void)state;
	held = begun = ended = 0;
	assert_int_equal(weir_system_create(NULL, &system), 0);
	assert_int_equal(depot_spawn(system, &like, NULL, &depot), 0);
	weir_system_destroy(system);
	assert_int_equal(ended, begun);
}

/* Spawn, send and handle with the n-th allocation failing, for each n. */
static void
memory_that_runs_out_is_said_and_nothing_leaks(void **state)
{
	(void)state;
	for (size_t n = 1; n < 30; n++) {
		struct fixture f = {0};
		struct weir_system_opts opts = {
			.allocator = &f.allocator, .workers = 1};
		struct weir_spawn_opts named = {.name = "x"};
		struct depot like = {0};
		struct depot_ref depot;
		int rc = 0;

		held = 0;
		f.memory.fail_at = n;
		f.allocator = memory_allocator(&f.memory);
		if (weir_system_create(&opts, &f.system) < 0)
			continue;
		if (depot_spawn(f.system, &like, &named, &depot) == 0) {
			for (int64_t i = 1; i < 80 && rc == 0; i++)
				rc = depot_send(depot, parcel_of(i));
			if (rc < 0)
				held--;
			assert_true(rc == 0 || rc == -ENOMEM);
			run(&f);
		}
		weir_system_destroy(f.system);
		assert_int_equal(f.memory.pieces, 0);
		assert_int_equal(held, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_handled_in_the_order_they_were_sent),
		TEST(many_messages_are_sent_at_once_as_far_as_there_is_room),
		TEST(a_burst_is_as_many_sends_also_where_others_send_meanwhile),
		TEST(a_full_mailbox_refuses_until_there_is_room_again),
		TEST(a_mailbox_bounded_in_bytes_refuses_by_them),
		TEST(a_message_of_another_size_is_refused),
		TEST(a_behaviour_that_cannot_be_is_refused),
		TEST(a_message_to_an_actor_that_is_gone_is_told_and_reaches_no_other),
		TEST(nobody_is_not_there),
		TEST(a_cell_that_is_no_actor_has_no_name),
		TEST(an_actor_knows_its_name_but_not_as_another_kind),
		TEST(what_a_message_holds_is_dropped_after_it_was_handled),
		TEST(what_a_handler_takes_out_of_a_message_stays_alive),
		TEST(init_runs_before_the_first_message_and_stop_once_after_the_last),
		TEST(an_init_that_fails_stops_the_actor_before_it_begins),
		TEST(a_handler_that_fails_stops_its_actor_and_the_rest_are_dead_letters),
		TEST(an_actor_that_stops_itself_handles_nothing_more),
		TEST(a_message_to_a_full_mailbox_that_drops_new_ones_is_released_once),
		TEST(a_full_mailbox_that_drops_old_ones_keeps_the_newest),
		TEST(a_mailbox_that_must_not_overflow_fails_its_actor),
		TEST(statistics_tell_depth_turns_and_messages),
		TEST(a_system_destroyed_with_live_actors_stops_each_and_releases_all),
		TEST(an_actor_that_never_began_is_not_stopped),
		TEST(memory_that_runs_out_is_said_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
