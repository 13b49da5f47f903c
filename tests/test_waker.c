/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_waker.c - wakers, and the sleep they end
 */
#include "actors/system_internal.h"

#include <errno.h>
#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
count_wake(void *target)
{
	++*(int *)target;
}

static int
system_setup(void **state)
{
	struct weir_system *system;

	if (weir_system_create(NULL, &system) < 0)
		return -1;
	*state = system;
	return 0;
}

static int
system_teardown(void **state)
{
	weir_system_destroy(*state);
	return 0;
}

static void
a_wake_on_the_worker_runs_at_once(void **state)
{
	struct weir_system *system = *state;
	struct weir_waker waker;
	int woken = 0;

	assert_int_equal(weir_system_enter(system), 0);
	assert_int_equal(
		weir_waker_acquire(system, count_wake, &woken, &waker), 0);
	weir_wake(system, waker);
	weir_wake(system, waker);
	assert_int_equal(woken, 2);
	weir_waker_release(system, waker);
	weir_system_leave(system);
}

static void
a_late_wake_does_nothing_to_the_next_owner(void **state)
{
	struct weir_system *system = *state;
	struct weir_waker old, new;
	int first = 0, second = 0;

	weir_waker_acquire(system, count_wake, &first, &old);
	weir_waker_release(system, old);
	weir_waker_acquire(system, count_wake, &second, &new);
	assert_int_equal(old.index, new.index);

	weir_wake(system, old); /* no worker: as from another thread */
	weir_wakers_drain(system);
	assert_int_equal(first + second, 0);

	weir_wake(system, new);
	weir_wakers_drain(system);
	assert_int_equal(second, 1);
	weir_waker_release(system, new);
}

static void
wakes_from_elsewhere_are_merged_until_drained(void **state)
{
	struct weir_system *system = *state;
	struct weir_waker waker;
	int woken = 0;

	weir_waker_acquire(system, count_wake, &woken, &waker);
	for (int i = 0; i < 3; i++)
		weir_wake(system, waker);
	assert_int_equal(woken, 0);
	weir_wakers_drain(system);
	assert_int_equal(woken, 1);
	weir_wakers_drain(system);
	assert_int_equal(woken, 1);
	weir_waker_release(system, waker);
}

static void
a_waker_of_no_slot_is_ignored(void **state)
{
	weir_wake(*state, (struct weir_waker){UINT32_MAX, UINT32_MAX});
	weir_wake(*state, (struct weir_waker){77, 0});
}

static void
slots_grow_and_keep_their_names(void **state)
{
	enum { MANY = 1000 };
	struct weir_system *system = *state;
	static struct weir_waker wakers[MANY];
	static int woken[MANY];

	for (int i = 0; i < MANY; i++) {
		woken[i] = 0;
		assert_int_equal(weir_waker_acquire(system, count_wake,
					 &woken[i], &wakers[i]),
			0);
	}
	for (int i = 0; i < MANY; i += 3)
		weir_wake(system, wakers[i]);
	weir_wakers_drain(system);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(woken[i], i % 3 == 0);
		weir_waker_release(system, wakers[i]);
	}
}

struct sleeper {
	struct weir_system *system;
	struct weir_waker waker;
};

static void *
wake_it(void *arg)
{
	struct sleeper *sleeper = arg;

	weir_wake(sleeper->system, sleeper->waker);
	return NULL;
}

/* However the thread's wake falls, before the sleep, within it or at its very
 * start: the sleep ends, which without limit it would not otherwise. */
static void
a_wake_from_another_thread_ends_a_sleep_without_limit(void **state)
{
	struct sleeper sleeper = {.system = *state};
	pthread_t thread;
	int woken = 0;

	assert_int_equal(weir_system_enter(sleeper.system), 0);
	weir_waker_acquire(sleeper.system, count_wake, &woken, &sleeper.waker);
	for (int i = 1; i <= 200; i++) {
		assert_int_equal(
			pthread_create(&thread, NULL, wake_it, &sleeper), 0);
		while (woken < i)
			weir_system_park(sleeper.system, -1);
		pthread_join(thread, NULL);
	}
	weir_waker_release(sleeper.system, sleeper.waker);
	weir_system_leave(sleeper.system);
}

static void *
interrupt_it(void *arg)
{
	weir_system_interrupt(arg);
	return NULL;
}

static void
an_interrupt_ends_a_sleep_without_limit(void **state)
{
	struct weir_system *system = *state;
	pthread_t thread;

	assert_int_equal(weir_system_enter(system), 0);
	for (int i = 0; i < 200; i++) {
		weir_store(&system->interrupted, 0, seq_cst);
		assert_int_equal(
			pthread_create(&thread, NULL, interrupt_it, system), 0);
		while (weir_load(&system->interrupted, seq_cst) == 0)
			weir_system_park(system, -1);
		pthread_join(thread, NULL);
	}
	weir_system_leave(system);
}

static void
only_one_thread_is_the_worker(void **state)
{
	struct weir_system *system = *state;

	assert_false(weir_system_on_worker(system));
	assert_int_equal(weir_system_enter(system), 0);
	assert_true(weir_system_on_worker(system));
	assert_int_equal(weir_system_enter(system), -EBUSY);
	weir_system_leave(system);
	assert_false(weir_system_on_worker(system));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_wake_on_the_worker_runs_at_once, system_setup,
			system_teardown),
		cmocka_unit_test_setup_teardown(
			a_late_wake_does_nothing_to_the_next_owner,
			system_setup, system_teardown),
		cmocka_unit_test_setup_teardown(
			wakes_from_elsewhere_are_merged_until_drained,
			system_setup, system_teardown),
		cmocka_unit_test_setup_teardown(a_waker_of_no_slot_is_ignored,
			system_setup, system_teardown),
		cmocka_unit_test_setup_teardown(slots_grow_and_keep_their_names,
			system_setup, system_teardown),
		cmocka_unit_test_setup_teardown(
			a_wake_from_another_thread_ends_a_sleep_without_limit,
			system_setup, system_teardown),
		cmocka_unit_test_setup_teardown(
			an_interrupt_ends_a_sleep_without_limit, system_setup,
			system_teardown),
		cmocka_unit_test_setup_teardown(only_one_thread_is_the_worker,
			system_setup, system_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
