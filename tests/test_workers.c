/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_workers.c - several workers: start and stop, stealing, homes, sleep
 */
#include "actors/worker_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/memory.h"

static struct weir_system *
system_of(unsigned workers)
{
	struct weir_system *system;

	assert_int_equal(weir_system_create(
				 &(struct weir_system_opts){.workers = workers},
				 &system),
		0);
	assert_int_equal(weir_workers_start(system), 0);
	return system;
}

/* -- cells that count ------------------------------------------------------ */

/* Takes words and adds them up; may pass each on, less one. */
struct adder {
	struct weir_cell *cell;
	struct adder *next;
	_Atomic uint64_t sum, words, turns;
	_Atomic uint64_t workers; /* a bit for each that ran it */
	_Atomic pthread_t thread; /* of the last turn */
	_Atomic int running;
};

static bool
adder_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct adder *adder = cell->owner;
	uint64_t words[16];
	size_t n;

	/* Never on two workers at once. */
	if (weir_fetch_add(&adder->running, 1, acq_rel) != 0)
		abort();
	weir_cell_attend(cell);
	weir_count_add(&adder->turns, 1);
	weir_store(&adder->thread, pthread_self(), relaxed);
	weir_store(&adder->workers,
		weir_load(&adder->workers, relaxed) | (uint64_t)1
							      << worker->index,
		relaxed);
	n = weir_mailbox_receive(&cell->mailbox, words, 16);
	for (size_t i = 0; i < n; i++) {
		weir_count_add(&adder->sum, words[i]);
		if (adder->next != NULL && words[i] > 0 &&
			weir_cell_post(adder->next->cell, words[i] - 1) < 0)
			abort();
	}
	weir_store(
		&adder->words, weir_load(&adder->words, relaxed) + n, release);
	weir_fetch_sub(&adder->running, 1, acq_rel);
	/* Worker 0 may wait for it. */
	weir_system_interrupt(cell->system);
	return n == 16 || !weir_mailbox_rest(&cell->mailbox);
}

static void
adder_open(struct weir_system *system, struct adder *adder)
{
	static const struct weir_cell_ops ops = {adder_turn};
	static const struct weir_mailbox_limits limits = {.bound = 100000};

	memset(adder, 0, sizeof(*adder));
	assert_int_equal(
		weir_cell_acquire(system, &ops, adder, &limits, &adder->cell),
		0);
}

/* Whoever waits for a number of words. */
struct goal {
	struct adder *adder;
	uint64_t words;
};

static bool
is_reached(void *ctx)
{
	struct goal *goal = ctx;

	return weir_load(&goal->adder->words, acquire) >= goal->words;
}

static void
spin_until(struct adder *adder, uint64_t words)
{
	struct goal goal = {adder, words};

	while (!is_reached(&goal))
		sched_yield();
}

static void
run_until(struct weir_system *system, struct adder *adder, uint64_t words)
{
	struct goal goal = {adder, words};
	struct weir_worker_wait wait = {
		.done = is_reached, .ctx = &goal, .deadline_ns = INT64_MAX};

	assert_int_equal(weir_system_enter(system), 0);
	assert_int_equal(weir_worker_run(system->workers[0], &wait), 0);
	weir_system_leave(system);
}

static void
wait_until_asleep(struct weir_system *system, uint64_t sleepers)
{
	while (weir_load(&system->idle.word, seq_cst) != sleepers)
		sched_yield();
}

/* -- start and stop -------------------------------------------------------- */

static void
systems_start_and_stop_a_thousand_times(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct weir_system *system = system_of(3);
		struct adder adder;

		adder_open(system, &adder);
		weir_cell_schedule(adder.cell);
		if (i % 2 == 0) {
			assert_int_equal(weir_cell_post(adder.cell, 7), 0);
			spin_until(&adder, 1);
			assert_int_equal(weir_load(&adder.sum, relaxed), 7);
		}
		weir_system_destroy(system);
	}
}

static void
no_thread_starts_before_there_is_work_for_several(void **state)
{
	struct weir_system *system;

	(void)state;
	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.workers = 3}, &system),
		0);
	assert_int_equal(weir_load(&system->worker_count, relaxed), 1);
	assert_int_equal(weir_workers_start(system), 0);
	assert_int_equal(weir_load(&system->worker_count, relaxed), 3);
	assert_int_equal(weir_workers_start(system), 0);
	assert_int_equal(weir_load(&system->worker_count, relaxed), 3);
	weir_system_destroy(system);
}

static void
nothing_runs_after_destroy(void **state)
{
	struct adder *adders = calloc(8, sizeof(*adders));
	uint64_t turns = 0, later = 0;

	(void)state;
	assert_non_null(adders);
	for (int round = 0; round < 20; round++) {
		struct weir_system *system = system_of(3);

		/* A ring that never comes to rest. */
		for (int i = 0; i < 8; i++)
			adder_open(system, &adders[i]);
		for (int i = 0; i < 8; i++) {
			adders[i].next = &adders[(i + 1) % 8];
			weir_cell_schedule(adders[i].cell);
			assert_int_equal(
				weir_cell_post(adders[i].cell, UINT64_MAX), 0);
		}
		spin_until(&adders[0], 100);
		weir_system_destroy(system);
		for (int i = 0; i < 8; i++)
			turns += weir_load(&adders[i].turns, relaxed);
		sched_yield();
		for (int i = 0; i < 8; i++)
			later += weir_load(&adders[i].turns, relaxed);
		assert_int_equal(turns, later);
	}
	free(adders);
}

static void
two_systems_live_side_by_side(void **state)
{
	struct weir_system *one = system_of(2), *two = system_of(2);
	struct adder first, second;

	(void)state;
	adder_open(one, &first);
	adder_open(two, &second);
	weir_cell_schedule(first.cell);
	weir_cell_schedule(second.cell);
	for (uint64_t n = 1; n <= 1000; n++) {
		assert_int_equal(weir_cell_post(first.cell, n), 0);
		assert_int_equal(weir_cell_post(second.cell, 2 * n), 0);
	}
	spin_until(&first, 1000);
	spin_until(&second, 1000);
	weir_system_destroy(one);
	assert_int_equal(weir_load(&first.sum, relaxed), 500500);
	assert_int_equal(weir_load(&second.sum, relaxed), 1001000);
	weir_system_destroy(two);
}

/* -- one system within another --------------------------------------------- */

struct nest {
	struct weir_system *outer;
	struct adder outside; /* of the outer system */
	_Atomic int ok;
};

static bool
nest_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct nest *nest = cell->owner;
	struct weir_system *inner;
	struct adder adder;

	weir_cell_attend(cell);
	assert_int_equal(weir_system_enter(nest->outer), -EBUSY);
	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.workers = 1}, &inner),
		0);
	adder_open(inner, &adder);
	adder.next = &nest->outside;
	weir_cell_schedule(adder.cell);
	assert_int_equal(weir_cell_post(adder.cell, 5), 0);
	run_until(inner, &adder, 1);
	weir_system_destroy(inner);
	assert_ptr_equal(weir_worker_self(nest->outer), worker);
	weir_store(&nest->ok, weir_load(&adder.sum, relaxed) == 5, release);
	return !weir_mailbox_rest(&cell->mailbox);
}

static void
a_system_runs_inside_a_turn_of_another_and_posts_out_of_it(void **state)
{
	static const struct weir_cell_ops ops = {nest_turn};
	static const struct weir_mailbox_limits limits = {.bound = 10};
	static struct nest nest;
	struct weir_cell *cell;

	(void)state;
	nest.outer = system_of(2);
	adder_open(nest.outer, &nest.outside);
	weir_cell_schedule(nest.outside.cell);
	assert_int_equal(
		weir_cell_acquire(nest.outer, &ops, &nest, &limits, &cell), 0);
	weir_cell_schedule(cell);
	spin_until(&nest.outside, 1);
	assert_int_equal(weir_load(&nest.outside.sum, relaxed), 4);
	while (weir_load(&nest.ok, acquire) == 0)
		sched_yield();
	weir_system_destroy(nest.outer);
}

static void
a_child_may_destroy_its_parents_system(void **state)
{
	struct weir_system *system = system_of(3);
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		weir_system_destroy(system);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	weir_system_destroy(system);
}

static void
only_one_thread_is_worker_0(void **state)
{
	struct weir_system *system = system_of(1);

	(void)state;
	assert_false(weir_system_on_worker(system));
	assert_int_equal(weir_system_enter(system), 0);
	assert_true(weir_system_on_worker(system));
	assert_int_equal(weir_system_enter(system), -EBUSY);
	weir_system_leave(system);
	assert_false(weir_system_on_worker(system));
	weir_system_destroy(system);
}

/* -- who runs what --------------------------------------------------------- */

static void
cells_left_by_worker_0_run_on_the_others(void **state)
{
	struct weir_system *system = system_of(2);
	struct adder adder;

	(void)state;
	adder_open(system, &adder);
	assert_int_equal(weir_system_enter(system), 0);
	weir_cell_schedule(adder.cell);
	assert_int_equal(weir_cell_post(adder.cell, 3), 0);
	weir_system_leave(system);
	spin_until(&adder, 1);
	assert_int_equal(weir_load(&adder.workers, relaxed), 2);
	weir_system_destroy(system);
}

static void
a_home_cell_runs_at_home_only(void **state)
{
	struct weir_system *system = system_of(3);
	struct adder home, others[6];

	(void)state;
	adder_open(system, &home);
	home.cell->home = system->workers[0];
	weir_cell_schedule(home.cell);
	for (int i = 0; i < 6; i++) {
		adder_open(system, &others[i]);
		others[i].next = &home;
		weir_cell_schedule(others[i].cell);
		for (int n = 0; n < 50; n++)
			assert_int_equal(weir_cell_post(others[i].cell, 2), 0);
	}
	run_until(system, &home, 300);
	assert_int_equal(weir_load(&home.sum, relaxed), 300);
	assert_int_equal(weir_load(&home.workers, relaxed), 1);
	weir_system_destroy(system);
}

static void
a_pinned_cell_stays_on_its_thread_and_runs_alone_there(void **state)
{
	struct weir_system *system = system_of(2);
	struct weir_worker *pinned;
	struct adder own, other;
	pthread_t thread;

	(void)state;
	adder_open(system, &own);
	adder_open(system, &other);
	assert_int_equal(weir_worker_pin(system, &pinned), 0);
	own.cell->home = pinned;
	own.next = &other;
	weir_cell_schedule(own.cell);
	weir_cell_schedule(other.cell);
	assert_int_equal(weir_cell_post(own.cell, 1), 0);
	spin_until(&own, 1);
	thread = weir_load(&own.thread, relaxed);
	for (uint64_t n = 2; n <= 100; n++) {
		assert_int_equal(weir_cell_post(own.cell, 1), 0);
		spin_until(&own, n);
		assert_true(
			pthread_equal(weir_load(&own.thread, relaxed), thread));
	}
	spin_until(&other, 100);
	assert_int_equal(weir_load(&other.workers, relaxed) &
				 (uint64_t)1 << pinned->index,
		0);
	weir_worker_unpin(pinned);
	weir_system_destroy(system);
}

/* Words that only the other cell's turn answers: one is ready at a time, which
 * the sleeper is not to be woken for, nor take. */
static void
a_lone_cell_stays_where_it_was_woken(void **state)
{
	struct weir_system *system = system_of(2);
	struct adder ping, pong;
	uint64_t wakes;

	(void)state;
	adder_open(system, &ping);
	adder_open(system, &pong);
	ping.next = &pong;
	pong.next = &ping;
	assert_int_equal(weir_system_enter(system), 0);
	wait_until_asleep(system, 2);
	wakes = weir_system_wakes(system);
	weir_cell_schedule(ping.cell);
	assert_true(weir_worker_round(system->workers[0]));
	weir_cell_schedule(pong.cell);
	assert_true(weir_worker_round(system->workers[0]));
	assert_int_equal(weir_cell_post(ping.cell, 10000), 0);
	for (int i = 0; i <= 10000; i++)
		assert_true(weir_worker_round(system->workers[0]));
	weir_system_leave(system);
	assert_int_equal(weir_load(&ping.words, relaxed), 5001);
	assert_int_equal(weir_load(&pong.words, relaxed), 5000);
	assert_int_equal(weir_load(&ping.workers, relaxed), 1);
	assert_int_equal(weir_load(&pong.workers, relaxed), 1);
	assert_int_equal(weir_system_wakes(system), wakes);
	weir_system_destroy(system);
}

/* The turn ends only when the other cell has had its own, so somebody must take
 * that out of the queue behind the turn. */
struct blocker {
	struct adder *stuck;
	uint32_t worker; /* whose turn it was */
};

static bool
blocker_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct blocker *blocker = cell->owner;

	blocker->worker = worker->index;
	weir_cell_attend(cell);
	assert_int_equal(weir_cell_post(blocker->stuck->cell, 1), 0);
	spin_until(blocker->stuck, 1);
	return !weir_mailbox_rest(&cell->mailbox);
}

static bool
has_a_sum(void *ctx)
{
	struct adder *adder = ctx;

	return weir_load(&adder->sum, relaxed) > 0;
}

/* The sleeper is woken before the long turn, since more than that was ready.
 * It may be the one that gets the long turn. */
static void
a_worker_with_many_cells_shares_them(void **state)
{
	static const struct weir_cell_ops ops = {blocker_turn};
	static const struct weir_mailbox_limits limits = {.bound = 1};
	struct weir_system *system = system_of(2);
	struct adder adders[9];
	struct blocker blocker = {.stuck = &adders[0]};
	struct weir_cell *cell;

	(void)state;
	assert_int_equal(
		weir_cell_acquire(system, &ops, &blocker, &limits, &cell), 0);
	assert_int_equal(weir_system_enter(system), 0);
	wait_until_asleep(system, 2);
	weir_cell_schedule(cell);
	for (int i = 0; i < 9; i++) {
		adder_open(system, &adders[i]);
		weir_cell_schedule(adders[i].cell);
	}
	assert_int_equal(weir_worker_run(system->workers[0],
				 &(struct weir_worker_wait){.done = has_a_sum,
					 .ctx = &adders[0],
					 .deadline_ns = INT64_MAX}),
		0);
	assert_int_equal(weir_load(&adders[0].sum, relaxed), 1);
	assert_int_equal(weir_load(&adders[0].workers, relaxed),
		blocker.worker == 0 ? 2 : 1);
	assert_true(weir_load(&system->workers[1]->stolen, relaxed) > 0);
	weir_system_leave(system);
	weir_system_destroy(system);
}

static void
a_lone_cell_stuck_behind_a_long_turn_is_taken(void **state)
{
	static const struct weir_cell_ops ops = {blocker_turn};
	static const struct weir_mailbox_limits limits = {.bound = 1};
	struct weir_system *system;
	struct adder stuck;
	struct blocker blocker = {.stuck = &stuck};
	struct weir_cell *cell;

	(void)state;
	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.workers = 2}, &system),
		0);
	/* The other worker looks for work all the time. */
	system->spin_ns = INT64_MAX / 4;
	assert_int_equal(weir_workers_start(system), 0);
	adder_open(system, &stuck);
	weir_cell_schedule(stuck.cell);
	assert_int_equal(
		weir_cell_acquire(system, &ops, &blocker, &limits, &cell), 0);
	assert_int_equal(weir_system_enter(system), 0);
	weir_cell_schedule(cell);
	assert_true(weir_worker_round(system->workers[0]));
	weir_system_leave(system);
	assert_int_equal(weir_load(&stuck.sum, relaxed), 1);
	assert_int_equal(weir_load(&stuck.workers, relaxed) & 1, 0);
	weir_system_destroy(system);
}

/* -- everything at once ---------------------------------------------------- */

struct crowd {
	struct adder adders[40];
	uint64_t random, goal;
};

static bool
all_words_are_taken(void *ctx)
{
	struct crowd *crowd = ctx;
	uint64_t words = 0;

	for (int i = 0; i < 40; i++)
		words += weir_load(&crowd->adders[i].words, acquire);
	return words >= crowd->goal;
}

static uint64_t
draw(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* Words hop from cell to cell, each time one less, until they are 0: so many
 * words each posted by what it was. */
static void
words_that_hop_at_random_are_all_taken_once(void **state)
{
	enum { WORDS = 3000, HOPS = 30 };
	static struct crowd crowd;
	uint64_t expected = 0, sum = 0, words = 0;
	const char *seed = getenv("WEIR_SEED");
	struct weir_worker_wait wait = {.done = all_words_are_taken,
		.ctx = &crowd,
		.deadline_ns = INT64_MAX};
	struct weir_system *system = system_of(3);

	(void)state;
	crowd.random = seed != NULL ? strtoull(seed, NULL, 0) | 1
				    : (uint64_t)getpid() * 2654435761u | 1;
	print_message("WEIR_SEED=%llu\n", (unsigned long long)crowd.random);
	for (int i = 0; i < 40; i++)
		adder_open(system, &crowd.adders[i]);
	for (int i = 0; i < 40; i++) {
		crowd.adders[i].next = &crowd.adders[draw(&crowd.random) % 40];
		if (i % 10 == 9)
			crowd.adders[i].cell->home = system->workers[0];
		weir_cell_schedule(crowd.adders[i].cell);
	}
	for (int n = 0; n < WORDS; n++) {
		uint64_t word = draw(&crowd.random) % HOPS;

		expected += word * (word + 1) / 2;
		crowd.goal += word + 1;
		assert_int_equal(
			weir_cell_post(
				crowd.adders[draw(&crowd.random) % 40].cell,
				word),
			0);
	}
	assert_int_equal(weir_system_enter(system), 0);
	assert_int_equal(weir_worker_run(system->workers[0], &wait), 0);
	weir_system_leave(system);
	for (int i = 0; i < 40; i++)
		words += weir_load(&crowd.adders[i].words, relaxed);
	for (int i = 0; i < 40; i++)
		sum += weir_load(&crowd.adders[i].sum, relaxed);
	assert_int_equal(words, crowd.goal);
	assert_int_equal(sum, expected);
	weir_system_destroy(system);
}

/* -- sleep ----------------------------------------------------------------- */

static void
one_worker_is_woken_for_one_post(void **state)
{
	struct weir_system *system = system_of(3);
	struct adder adder;

	(void)state;
	adder_open(system, &adder);
	weir_cell_schedule(adder.cell);
	for (uint64_t n = 1; n <= 50; n++) {
		uint64_t wakes;

		wait_until_asleep(system, 6);
		wakes = weir_system_wakes(system);
		assert_int_equal(weir_cell_post(adder.cell, 1), 0);
		spin_until(&adder, n);
		wait_until_asleep(system, 6);
		assert_int_equal(weir_system_wakes(system), wakes + 1);
	}
	weir_system_destroy(system);
}

static _Atomic int rung;

static void
ring(struct weir_alarm *alarm)
{
	(void)alarm;
	weir_fetch_add(&rung, 1, release);
}

static void
an_alarm_set_by_another_thread_rings_while_all_sleep(void **state)
{
	struct weir_system *system = system_of(3);
	struct weir_alarm alarm;
	struct adder adder;

	(void)state;
	adder_open(system, &adder);
	weir_cell_schedule(adder.cell);
	weir_alarm_init(&alarm, adder.cell, ring);
	for (int i = 1; i <= 20; i++) {
		wait_until_asleep(system, 6);
		weir_alarm_set(
			&alarm, (int64_t)weir_system_now_ns(system) + 1000000);
		while (weir_load(&rung, acquire) < i)
			sched_yield();
	}
	weir_system_destroy(system);
}

/* -- out of memory --------------------------------------------------------- */

static void
out_of_memory_there_are_fewer_workers_or_an_error(void **state)
{
	uint32_t workers = 0;

	(void)state;
	for (size_t at = 1; workers < 3; at++) {
		struct memory memory = {.fail_at = at, .and_after = true};
		struct weir_allocator allocator = memory_allocator(&memory);
		struct weir_system *system;
		int rc = weir_system_create(
			&(struct weir_system_opts){
				.allocator = &allocator, .workers = 3},
			&system);

		assert_true(at < 100);
		if (rc == 0) {
			rc = weir_workers_start(system);
			workers = weir_load(&system->worker_count, relaxed);
			assert_true(rc == 0 ? workers > 1 : workers == 1);
			weir_system_destroy(system);
		}
		assert_true(rc == 0 || rc == -ENOMEM);
		assert_int_equal(memory.pieces, 0);
	}
}

/* Stacks larger than the address space: no thread can have one. */
static void
stack_bytes_set(size_t bytes)
{
	pthread_attr_t attr;

	assert_int_equal(pthread_getattr_default_np(&attr), 0);
	assert_int_equal(pthread_attr_setstacksize(&attr, bytes), 0);
	assert_int_equal(pthread_setattr_default_np(&attr), 0);
	pthread_attr_destroy(&attr);
}

static size_t
stack_bytes(void)
{
	pthread_attr_t attr;
	size_t bytes;

	assert_int_equal(pthread_getattr_default_np(&attr), 0);
	assert_int_equal(pthread_attr_getstacksize(&attr, &bytes), 0);
	pthread_attr_destroy(&attr);
	return bytes;
}

static void
where_no_thread_can_start_worker_0_runs_all(void **state)
{
	size_t before = stack_bytes();
	struct weir_worker *pinned;
	struct weir_system *system;
	struct adder adder;

	(void)state;
	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.workers = 3}, &system),
		0);
	stack_bytes_set((size_t)1 << 47);
	assert_int_equal(weir_workers_start(system), -EAGAIN);
	assert_int_equal(weir_worker_pin(system, &pinned), -EAGAIN);
	stack_bytes_set(before);
	assert_int_equal(weir_load(&system->worker_count, relaxed), 1);

	adder_open(system, &adder);
	weir_cell_schedule(adder.cell);
	assert_int_equal(weir_cell_post(adder.cell, 7), 0);
	run_until(system, &adder, 1);
	assert_int_equal(weir_load(&adder.sum, relaxed), 7);
	/* Later there may be room. */
	assert_int_equal(weir_workers_start(system), 0);
	assert_int_equal(weir_load(&system->worker_count, relaxed), 3);
	weir_system_destroy(system);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systems_start_and_stop_a_thousand_times),
		cmocka_unit_test(
			no_thread_starts_before_there_is_work_for_several),
		cmocka_unit_test(nothing_runs_after_destroy),
		cmocka_unit_test(two_systems_live_side_by_side),
		cmocka_unit_test(
			a_system_runs_inside_a_turn_of_another_and_posts_out_of_it),
		cmocka_unit_test(a_child_may_destroy_its_parents_system),
		cmocka_unit_test(only_one_thread_is_worker_0),
		cmocka_unit_test(cells_left_by_worker_0_run_on_the_others),
		cmocka_unit_test(a_home_cell_runs_at_home_only),
		cmocka_unit_test(
			a_pinned_cell_stays_on_its_thread_and_runs_alone_there),
		cmocka_unit_test(a_worker_with_many_cells_shares_them),
		cmocka_unit_test(a_lone_cell_stays_where_it_was_woken),
		cmocka_unit_test(a_lone_cell_stuck_behind_a_long_turn_is_taken),
		cmocka_unit_test(words_that_hop_at_random_are_all_taken_once),
		cmocka_unit_test(one_worker_is_woken_for_one_post),
		cmocka_unit_test(
			an_alarm_set_by_another_thread_rings_while_all_sleep),
		cmocka_unit_test(
			out_of_memory_there_are_fewer_workers_or_an_error),
		cmocka_unit_test(where_no_thread_can_start_worker_0_runs_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
