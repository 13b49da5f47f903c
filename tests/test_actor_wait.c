/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_actor_wait.c - senders that wait for room in another's mailbox
 */
#include "actors/actor_internal.h"
#include "actors/protocol.h"
#include "support/letters.h"
#include "support/memory.h"

#include <errno.h>
#include <pthread.h>
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

static void
run(struct fixture *f)
{
	assert_int_equal(weir_system_enter(f->system), 0);
	while (weir_worker_round(f->system->workers[0]))
		;
	weir_system_leave(f->system);
}

/* -- a receiver that keeps, and a sender of as many as it is told -----------
 */

#define KEPT_MAX 1000

struct sink {
	size_t count;
	int64_t stop_at;
	int64_t kept[KEPT_MAX];
};

WEIR_PROTOCOL(sink, int64_t);

WEIR_ACTOR(sink, self, struct sink *, sink, int64_t, value)
{
	if ((*sink)->stop_at != 0 && *value == (*sink)->stop_at)
		sink_stop(sink_self(self));
	if ((*sink)->count < KEPT_MAX)
		(*sink)->kept[(*sink)->count] = *value;
	(*sink)->count++;
	return 0;
}

struct burst {
	int64_t first, n;
};

struct source {
	struct sink_ref to;
	int *rc;       /* of the first that was refused */
	int64_t *sent; /* how many were not */
	int64_t *turns;
};

WEIR_PROTOCOL(source, struct burst);

WEIR_ACTOR(source, self, struct source, source, struct burst, burst)
{
	++*source->turns;
	for (int64_t i = 0; i < burst->n; i++) {
		int rc = sink_send(source->to, burst->first + i);

		if (rc < 0) {
			*source->rc = rc;
			break;
		}
		++*source->sent;
	}
	return 0;
}

static struct sink sink;
static int first_rc;
static int64_t sent, turns;

static struct sink_ref
sink_new(struct fixture *f, size_t items)
{
	struct weir_spawn_opts opts = {
		.mailbox_items = items, .overflow = WEIR_OVERFLOW_WAIT};
	struct sink *at = &sink;
	struct sink_ref ref;

	memset(&sink, 0, sizeof(sink));
	first_rc = 0;
	sent = turns = 0;
	assert_int_equal(sink_spawn(f->system, &at, &opts, &ref), 0);
	return ref;
}

static struct source_ref
source_new(struct fixture *f, struct sink_ref to, size_t outbox_items)
{
	struct weir_spawn_opts opts = {.outbox_items = outbox_items};
	struct source like = {to, &first_rc, &sent, &turns};
	struct source_ref ref;

	assert_int_equal(source_spawn(f->system, &like, &opts, &ref), 0);
	return ref;
}

static void
what_finds_no_room_waits_and_arrives_in_order(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 4);
	struct source_ref from = source_new(f, to, 64);

	source_send(from, (struct burst){0, 50});
	source_send(from, (struct burst){50, 50});
	run(f);
	assert_int_equal(first_rc, 0);
	assert_int_equal(sink.count, 100);
	for (int64_t i = 0; i < 100; i++)
		assert_int_equal(sink.kept[i], i);
}

/* The sink is a cell that nobody runs, so the outbox cannot be emptied. */
static void
an_actor_handles_nothing_more_until_its_outbox_is_empty(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 4);
	struct source_ref from = source_new(f, to, 64);
	struct weir_cell *cell = weir_ref_cell(to.any);

	assert_true(weir_mailbox_seize(&cell->mailbox));
	source_send(from, (struct burst){0, 10});
	source_send(from, (struct burst){10, 10});
	run(f);
	assert_int_equal(turns, 1);
	assert_int_equal(sent, 10);
	weir_cell_schedule(cell);
	run(f);
	assert_int_equal(turns, 2);
	assert_int_equal(sink.count, 20);
}

static void
a_full_outbox_refuses(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 4);
	struct source_ref from = source_new(f, to, 8);

	source_send(from, (struct burst){0, 50});
	run(f);
	assert_int_equal(first_rc, -EAGAIN);
	assert_int_equal(sent, 12);
	assert_int_equal(sink.count, 12);
}

static void
an_actor_that_waits_can_be_stopped_and_what_it_sent_arrives(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 4);
	struct source_ref from = source_new(f, to, 64);
	struct weir_cell *cell = weir_ref_cell(to.any);

	assert_true(weir_mailbox_seize(&cell->mailbox));
	source_send(from, (struct burst){0, 10});
	source_send(from, (struct burst){10, 10});
	run(f);
	source_stop(from);
	run(f);
	assert_int_equal(source_send(from, (struct burst){20, 1}), -ESRCH);
	weir_cell_schedule(cell);
	run(f);
	assert_int_equal(turns, 1);
	assert_int_equal(sink.count, 10);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_STOPPED), 1);
}

static void
what_waits_for_an_actor_that_stops_becomes_dead_letters(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 4);
	struct source_ref from = source_new(f, to, 64);

	sink.stop_at = 1;
	source_send(from, (struct burst){0, 10});
	run(f);
	assert_int_equal(sink.count, 2);
	/* Two in its mailbox, six in the outbox. */
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_STOPPED), 2);
	assert_int_equal(letters_count(&f->letters, WEIR_DEAD_GONE), 6);
	assert_int_equal(sink_send(to, 9), -ESRCH);
	source_send(from, (struct burst){0, 1});
	run(f);
	assert_int_equal(first_rc, -ESRCH);
}

static void
what_still_waits_when_a_system_ends_becomes_dead_letters(void **state)
{
	struct weir_system_opts opts = {.workers = 1};
	struct fixture f = {0};
	struct source_ref from;
	struct sink_ref to;

	(void)state;
	opts.dead_letter = letters_add;
	opts.dead_letter_ctx = &f.letters;
	assert_int_equal(weir_system_create(&opts, &f.system), 0);
	to = sink_new(&f, 4);
	from = source_new(&f, to, 64);
	assert_true(weir_mailbox_seize(&weir_ref_cell(to.any)->mailbox));
	source_send(from, (struct burst){0, 10});
	run(&f);
	weir_system_destroy(f.system);
	assert_int_equal(f.letters.count, 10);
}

/* -- to itself ---------------------------------------------------------------
 */

WEIR_PROTOCOL(loop, int64_t);

WEIR_ACTOR(loop, self, int *, rc, int64_t, n)
{
	for (int64_t i = 0; i < *n && **rc == 0; i++)
		**rc = loop_send(loop_self(self), 0);
	return 0;
}

static void
an_actor_whose_own_mailbox_is_full_would_wait_for_itself(void **state)
{
	struct fixture *f = *state;
	struct weir_spawn_opts opts = {
		.mailbox_items = 2, .overflow = WEIR_OVERFLOW_WAIT};
	struct loop_ref loop;
	int rc = 0, *at = &rc;

	assert_int_equal(loop_spawn(f->system, &at, &opts, &loop), 0);
	loop_send(loop, 3);
	run(f);
	assert_int_equal(rc, -EDEADLK);
}

/* -- threads -----------------------------------------------------------------
 */

static void
a_thread_is_refused_at_once_or_after_its_time(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 2);

	assert_int_equal(sink_send_wait(to, 1, 0), 0);
	assert_int_equal(sink_send_wait(to, 2, 0), 0);
	assert_int_equal(sink_send(to, 3), -EAGAIN);
	assert_int_equal(sink_send_wait(to, 3, 0), -ETIMEDOUT);
	run(f);
	assert_int_equal(sink.count, 2);
	assert_int_equal(sink_send_wait(to, 3, 0), 0);
}

static void *
send_many(void *arg)
{
	struct sink_ref *to = arg;

	for (int64_t i = 0; i < 500; i++)
		if (sink_send_wait(*to, i, -1) < 0)
			return arg;
	return NULL;
}

static void
a_thread_waits_until_there_is_room(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 3);
	pthread_t thread;
	void *failed;

	assert_int_equal(pthread_create(&thread, NULL, send_many, &to), 0);
	while (sink.count < 500)
		run(f);
	pthread_join(thread, &failed);
	assert_null(failed);
	for (int64_t i = 0; i < 500; i++)
		assert_int_equal(sink.kept[i], i);
}

static void *
send_until_gone(void *arg)
{
	struct sink_ref *to = arg;
	int rc = 0;

	while (rc == 0)
		rc = sink_send_wait(*to, 1, -1);
	return rc == -ESRCH ? NULL : arg;
}

static void
a_thread_that_waits_for_an_actor_that_stops_is_told(void **state)
{
	struct fixture *f = *state;
	struct sink_ref to = sink_new(f, 3);
	pthread_t thread;
	void *failed;

	assert_int_equal(
		pthread_create(&thread, NULL, send_until_gone, &to), 0);
	while (sink.count < 10)
		run(f);
	sink_stop(to);
	run(f);
	pthread_join(thread, &failed);
	assert_null(failed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_finds_no_room_waits_and_arrives_in_order),
		TEST(an_actor_handles_nothing_more_until_its_outbox_is_empty),
		TEST(a_full_outbox_refuses),
		TEST(an_actor_that_waits_can_be_stopped_and_what_it_sent_arrives),
		TEST(what_waits_for_an_actor_that_stops_becomes_dead_letters),
		TEST(what_still_waits_when_a_system_ends_becomes_dead_letters),
		TEST(an_actor_whose_own_mailbox_is_full_would_wait_for_itself),
		TEST(a_thread_is_refused_at_once_or_after_its_time),
		TEST(a_thread_waits_until_there_is_room),
		TEST(a_thread_that_waits_for_an_actor_that_stops_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
