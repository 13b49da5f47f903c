/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_waker.c - wakers, and the sleep they end
 */
#include "support/plain_cell.h"

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

/* A system that this thread is the worker of, and a cell on it. */
struct world {
	struct weir_system *system;
	struct weir_cell *cell;
};

static int
world_setup(void **state)
{
	static struct world world;

	if (weir_system_create(NULL, &world.system) < 0 ||
		weir_system_enter(world.system) < 0 ||
		(world.cell = plain_cell(world.system)) == NULL)
		return -1;
	*state = &world;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *world = *state;

	weir_cell_abandon(world->cell);
	weir_system_leave(world->system);
	weir_system_destroy(world->system);
	return 0;
}

static struct weir_waker
waker_of(struct world *world, int *woken)
{
	struct weir_waker waker;

	assert_int_equal(weir_waker_acquire(world->system, world->cell,
				 count_wake, woken, &waker),
		0);
	return waker;
}

static void
a_wake_runs_in_a_turn_of_its_cell(void **state)
{
	struct world *world = *state;
	int woken = 0;
	struct weir_waker waker = waker_of(world, &woken);

	weir_wake(world->system, waker);
	assert_int_equal(woken, 0);
	plain_cells_run(world->system);
	assert_int_equal(woken, 1);
	weir_waker_release(world->system, waker);
}

static void
wakes_are_merged_until_the_turn(void **state)
{
	struct world *world = *state;
	int woken = 0;
	struct weir_waker waker = waker_of(world, &woken);

	for (int i = 0; i < 3; i++)
		weir_wake(world->system, waker);
	plain_cells_run(world->system);
	assert_int_equal(woken, 1);
	plain_cells_run(world->system);
	assert_int_equal(woken, 1);
	weir_wake(world->system, waker);
	plain_cells_run(world->system);
	assert_int_equal(woken, 2);
	weir_waker_release(world->system, waker);
}

static void
a_late_wake_does_nothing_to_the_next_owner(void **state)
{
	struct world *world = *state;
	int first = 0, second = 0;
	struct weir_waker old = waker_of(world, &first), new;

	weir_waker_release(world->system, old);
	new = waker_of(world, &second);
	assert_int_equal(old.index, new.index);

	weir_wake(world->system, old);
	plain_cells_run(world->system);
	assert_int_equal(first + second, 0);

	weir_wake(world->system, new);
	plain_cells_run(world->system);
	assert_int_equal(second, 1);
	weir_waker_release(world->system, new);
}

/* The slot waits in the lane of signals: whoever had it next would get its
 * wake, or be in two lanes. */
static void
a_waker_released_while_its_wake_is_under_way_is_not_given_out(void **state)
{
	struct world *world = *state;
	int first = 0, second = 0, third = 0;
	struct weir_waker old = waker_of(world, &first), new, again;

	weir_wake(world->system, old);
	weir_waker_release(world->system, old);
	new = waker_of(world, &second);
	assert_int_not_equal(old.index, new.index);

	plain_cells_run(world->system);
	assert_int_equal(first + second, 0);
	again = waker_of(world, &third);
	assert_int_equal(old.index, again.index);
	weir_waker_release(world->system, new);
	weir_waker_release(world->system, again);
}

static void
a_waker_of_no_slot_is_ignored(void **state)
{
	struct world *world = *state;

	weir_wake(world->system, (struct weir_waker){UINT32_MAX, UINT32_MAX});
	weir_wake(world->system, (struct weir_waker){77, 0});
	plain_cells_run(world->system);
}

static void
slots_grow_and_keep_their_names(void **state)
{
	enum { MANY = 1000 };
	struct world *world = *state;
	static struct weir_waker wakers[MANY];
	static int woken[MANY];

	for (int i = 0; i < MANY; i++) {
		woken[i] = 0;
		wakers[i] = waker_of(world, &woken[i]);
	}
	for (int i = 0; i < MANY; i += 3)
		weir_wake(world->system, wakers[i]);
	plain_cells_run(world->system);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(woken[i], i % 3 == 0);
		weir_waker_release(world->system, wakers[i]);
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
	struct world *world = *state;
	int woken = 0;
	struct sleeper sleeper = {world->system, waker_of(world, &woken)};
	pthread_t thread;

	for (int i = 1; i <= 200; i++) {
		assert_int_equal(
			pthread_create(&thread, NULL, wake_it, &sleeper), 0);
		while (woken < i)
			weir_system_park(sleeper.system, -1);
		pthread_join(thread, NULL);
	}
	weir_waker_release(sleeper.system, sleeper.waker);
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
	struct world *world = *state;
	_Atomic int *interrupted = &world->system->workers[0]->interrupted;
	pthread_t thread;

	for (int i = 0; i < 200; i++) {
		weir_store(interrupted, 0, seq_cst);
		assert_int_equal(pthread_create(&thread, NULL, interrupt_it,
					 world->system),
			0);
		while (weir_load(interrupted, seq_cst) == 0)
			weir_system_park(world->system, -1);
		pthread_join(thread, NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_wake_runs_in_a_turn_of_its_cell, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(wakes_are_merged_until_the_turn,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_late_wake_does_nothing_to_the_next_owner, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(
			a_waker_released_while_its_wake_is_under_way_is_not_given_out,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_waker_of_no_slot_is_ignored,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(slots_grow_and_keep_their_names,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_wake_from_another_thread_ends_a_sleep_without_limit,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			an_interrupt_ends_a_sleep_without_limit, world_setup,
			world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
