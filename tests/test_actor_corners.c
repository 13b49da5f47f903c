/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_actor_corners.c - actors that begin, end and are refused at odd moments
 */
#include "actors/actor_internal.h"
#include "actors/protocol.h"
#include "support/memory.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct memory memory;
	struct weir_allocator allocator, counting;
	struct weir_system *system;
	void (*meanwhile)(struct fixture *); /* within the next allocation */
};

static void *
allocate(void *ctx, size_t bytes, size_t align)
{
	struct fixture *f = ctx;
	void (*meanwhile)(struct fixture *) = f->meanwhile;

	f->meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile(f);
	return f->counting.allocate(f->counting.ctx, bytes, align);
}

static void
release(void *ctx, void *memory, size_t bytes)
{
	struct fixture *f = ctx;

	f->counting.release(f->counting.ctx, memory, bytes);
}

static int
setup(void **state)
{
	static struct fixture f;
	struct weir_system_opts opts = {
		.allocator = &f.allocator, .workers = 1};

	memset(&f, 0, sizeof(f));
	f.counting = memory_allocator(&f.memory);
	f.allocator = (struct weir_allocator){allocate, release, &f};
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

static void
run(struct fixture *f)
{
	assert_int_equal(weir_system_enter(f->system), 0);
	while (weir_worker_round(f->system->workers[0]))
		;
	weir_system_leave(f->system);
}

/* -- a receiver that counts, with a state of its own memory ---------------- */

struct sink {
	int64_t *sum;
	int64_t other[3];
};

WEIR_PROTOCOL(sink, int64_t);

WEIR_ACTOR(sink, self, struct sink, sink, int64_t, value)
{
	*sink->sum += *value;
	return 0;
}

static int64_t sum;

static struct sink_ref
sink_new(struct fixture *f, const struct weir_spawn_opts *opts)
{
	struct sink like = {.sum = &sum};
	struct sink_ref ref;

	sum = 0;
	assert_int_equal(sink_spawn(f->system, &like, opts, &ref), 0);
	return ref;
}

/* -- one that sends before its first message ------------------------------- */

struct early {
	struct sink_ref to;
};

static int
early_begin(struct weir_actor *self, struct early *early)
{
	(void)self;
	return sink_send(early->to, 10);
}

WEIR_PROTOCOL(early, int64_t);

WEIR_ACTOR_WITH(early, early_begin, NULL, NULL, self, struct early, early,
	int64_t, value)
{
	return sink_send(early->to, *value);
}

static void
what_init_sends_into_a_full_mailbox_arrives(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 1, .overflow = WEIR_OVERFLOW_WAIT};
	struct early like = {sink_new(f, &opts)};
	struct early_ref early;

	/* It runs first, while the sink's mailbox is full. */
	assert_int_equal(early_spawn(f->system, &like, NULL, &early), 0);
	assert_int_equal(sink_send(like.to, 1), 0);
	run(f);
	assert_int_equal(sum, 11);
	assert_int_equal(early_send(early, 100), 0);
	run(f);
	assert_int_equal(sum, 111);
}

/* -- spawns that fail ------------------------------------------------------ */

static void
a_spawn_without_memory_for_a_ring_leaves_nothing_to_release(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 64, .overflow = WEIR_OVERFLOW_DROP_OLD};
	struct sink like = {.sum = &sum};
	struct sink_ref second;

	(void)sink_new(f, NULL);
	/* The kind of it is the first piece that is asked for. */
	f->memory.fail_at = f->memory.allocations + 2;
	assert_int_equal(sink_spawn(f->system, &like, &opts, &second), -ENOMEM);
	assert_true(f->memory.failed);
}

static void
more_workers_than_there_may_be_are_refused(void **state)
{
	struct weir_system_opts opts = {.workers = WEIR_WORKERS_MAX + 1};
	struct weir_system *system = NULL;

	(void)state;
	assert_int_equal(weir_system_create(&opts, &system), -EINVAL);
	assert_null(system);
}

/* -- one that spawns as it stops ------------------------------------------- */

struct last {
	struct weir_system *system;
	enum weir_dispatcher dispatcher;
};

static int spawned;

static void
last_words(struct weir_actor *self, struct last *last)
{
	struct weir_spawn_opts opts = {.dispatcher = last->dispatcher};
	struct sink like = {.sum = &sum};
	struct sink_ref ref;

	(void)self;
	spawned = sink_spawn(last->system, &like, &opts, &ref);
}

WEIR_PROTOCOL(last, int64_t);

WEIR_ACTOR_WITH(
	last, NULL, last_words, NULL, self, struct last, last, int64_t, value)
{
	return 0;
}

static void
a_spawn_while_its_system_is_destroyed_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct weir_system_opts opts = {.workers = 2};
		struct weir_spawn_opts pinned = {
			.dispatcher = WEIR_DISPATCH_PINNED};
		struct last like = {
			.dispatcher = i == 0 ? WEIR_DISPATCH_PINNED
					     : WEIR_DISPATCH_DEFAULT};
		struct weir_actor_stats stats = {0};
		struct last_ref last;

		spawned = 1;
		assert_int_equal(weir_system_create(&opts, &like.system), 0);
		assert_int_equal(
			last_spawn(like.system, &like, &pinned, &last), 0);
		/* It is told, so that it began. */
		assert_int_equal(last_send(last, 1), 0);
		while (stats.received == 0) {
			sched_yield();
			(void)weir_actor_stats_read(last.any, &stats);
		}
		weir_system_destroy(like.system);
		assert_int_equal(spawned, -ESHUTDOWN);
	}
}

/* -- sends that fail ------------------------------------------------------- */

struct large {
	int64_t parts[2];
};

WEIR_PROTOCOL(large, struct large);

WEIR_ACTOR(large, self, int64_t, count, struct large, large)
{
	++*count;
	return 0;
}

static void
a_word_is_no_message_of_more_than_its_bytes(void **state)
{
	struct fixture *f = *state;
	struct large_ref ref;

	assert_int_equal(large_spawn(f->system, NULL, NULL, &ref), 0);
	assert_int_equal(weir_send_word(ref.any, 1, 16), -EMSGSIZE);
	run(f);
}

static const struct weir_spawn_opts of_bytes = {
	.mailbox_items = 64, .mailbox_bytes = 40};
static struct sink_ref early_life, late_life;

/* The actor that is being sent to is replaced by another one in its cell. */
static void
replace(struct fixture *f)
{
	sink_stop(early_life);
	run(f);
	late_life = sink_new(f, &of_bytes);
	assert_int_equal((uint32_t)late_life.any.id & 0xffff,
		(uint32_t)early_life.any.id & 0xffff);
}

static void
bytes_claimed_in_an_earlier_life_are_not_given_back_to_a_later_one(void **state)
{
	struct fixture *f = *state;

	early_life = sink_new(f, &of_bytes);
	assert_int_equal(sink_send(early_life, 1), 0);
	assert_int_equal(sink_send(early_life, 2), 0);
	/* The third one needs a ring. */
	f->meanwhile = replace;
	assert_int_equal(sink_send(early_life, 3), -ESRCH);
	for (int64_t i = 1; i <= 5; i++)
		assert_int_equal(sink_send(late_life, i), 0);
	assert_int_equal(sink_send(late_life, 6), -EAGAIN);
	run(f);
	assert_int_equal(sum, 15);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_init_sends_into_a_full_mailbox_arrives),
		TEST(a_spawn_without_memory_for_a_ring_leaves_nothing_to_release),
		TEST(more_workers_than_there_may_be_are_refused),
		TEST(a_spawn_while_its_system_is_destroyed_is_refused),
		TEST(a_word_is_no_message_of_more_than_its_bytes),
		TEST(bytes_claimed_in_an_earlier_life_are_not_given_back_to_a_later_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
