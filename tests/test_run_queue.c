/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run_queue.c - the queue of a worker, and its thieves
 */
#include "actors/run_queue_internal.h"

#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The queue looks into no cell: numbers will do. */
static struct weir_cell *
cell(uintptr_t n)
{
	return (struct weir_cell *)n;
}

static int
queue_setup(void **state)
{
	static struct weir_run_queue queue;

	memset(&queue, 0, sizeof(queue));
	*state = &queue;
	return 0;
}

static void
push_range(struct weir_run_queue *queue, uintptr_t first, uintptr_t last)
{
	for (uintptr_t n = first; n <= last; n++)
		assert_true(weir_run_queue_push(queue, cell(n)));
}

static void
first_in_is_first_out(void **state)
{
	struct weir_run_queue *queue = *state;

	assert_null(weir_run_queue_pop(queue));
	push_range(queue, 1, 3);
	assert_int_equal(weir_run_queue_count(queue), 3);
	for (uintptr_t n = 1; n <= 3; n++)
		assert_ptr_equal(weir_run_queue_pop(queue), cell(n));
	assert_null(weir_run_queue_pop(queue));
}

static void
a_full_queue_refuses_and_takes_again_after_a_pop(void **state)
{
	struct weir_run_queue *queue = *state;

	push_range(queue, 1, WEIR_RUN_QUEUE_SLOTS);
	assert_false(weir_run_queue_push(queue, cell(7)));
	assert_ptr_equal(weir_run_queue_pop(queue), cell(1));
	assert_true(weir_run_queue_push(queue, cell(7)));
	assert_int_equal(weir_run_queue_count(queue), WEIR_RUN_QUEUE_SLOTS);
}

static void
the_ends_wrap(void **state)
{
	struct weir_run_queue *queue = *state;

	weir_store(&queue->head, UINT32_MAX - 1, relaxed);
	weir_store(&queue->tail, UINT32_MAX - 1, relaxed);
	push_range(queue, 1, 5);
	assert_int_equal(weir_run_queue_count(queue), 5);
	for (uintptr_t n = 1; n <= 5; n++)
		assert_ptr_equal(weir_run_queue_pop(queue), cell(n));
	assert_null(weir_run_queue_pop(queue));
}

static void
a_thief_takes_the_older_half(void **state)
{
	struct weir_run_queue *queue = *state;
	static struct weir_run_queue mine;

	memset(&mine, 0, sizeof(mine));
	push_range(queue, 1, 5);
	assert_int_equal(weir_run_queue_steal(queue, &mine, 2), 3);
	for (uintptr_t n = 1; n <= 3; n++)
		assert_ptr_equal(weir_run_queue_pop(&mine), cell(n));
	assert_ptr_equal(weir_run_queue_pop(queue), cell(4));
	assert_ptr_equal(weir_run_queue_pop(queue), cell(5));
}

static void
a_lone_cell_is_taken_only_by_who_asks_for_it(void **state)
{
	struct weir_run_queue *queue = *state;
	static struct weir_run_queue mine;

	memset(&mine, 0, sizeof(mine));
	push_range(queue, 1, 1);
	assert_int_equal(weir_run_queue_steal(queue, &mine, 2), 0);
	assert_int_equal(weir_run_queue_steal(queue, &mine, 1), 1);
	assert_null(weir_run_queue_pop(queue));
	assert_ptr_equal(weir_run_queue_pop(&mine), cell(1));
}

static void
preferred_comes_first_and_none_is_lost(void **state)
{
	struct weir_run_queue *queue = *state;
	uintptr_t sum = 0;

	push_range(queue, 1, 4);
	weir_run_queue_prefer(queue, 2);
	assert_ptr_equal(weir_run_queue_pop(queue), cell(3));
	for (int i = 0; i < 3; i++)
		sum += (uintptr_t)weir_run_queue_pop(queue);
	assert_int_equal(sum, 1 + 2 + 4);
}

/* -- with a thief ---------------------------------------------------------- */

#define CELLS 50000u

struct stress {
	struct weir_run_queue *queue;
	_Atomic int done;
	_Atomic unsigned char seen[CELLS + 1];
};

static void
see(struct stress *stress, struct weir_cell *which)
{
	weir_fetch_add(&stress->seen[(uintptr_t)which], 1, relaxed);
}

static void *
steal_until_done(void *arg)
{
	static _Thread_local struct weir_run_queue mine;
	struct stress *stress = arg;
	struct weir_cell *which;
	int done;

	do {
		done = weir_load(&stress->done, acquire);
		weir_run_queue_steal(stress->queue, &mine, 1);
		while ((which = weir_run_queue_pop(&mine)) != NULL)
			see(stress, which);
	} while (!done);
	return NULL;
}

static void
each_is_had_by_owner_or_thief_exactly_once(void **state)
{
	static struct stress stress;
	struct weir_cell *which;
	pthread_t thieves[2];

	memset(&stress, 0, sizeof(stress));
	stress.queue = *state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thieves[i], NULL,
					 steal_until_done, &stress),
			0);
	for (uintptr_t n = 1; n <= CELLS; n++) {
		while (!weir_run_queue_push(stress.queue, cell(n)))
			if ((which = weir_run_queue_pop(stress.queue)) != NULL)
				see(&stress, which);
		if (n % 3 == 0 &&
			(which = weir_run_queue_pop(stress.queue)) != NULL)
			see(&stress, which);
	}
	while ((which = weir_run_queue_pop(stress.queue)) != NULL)
		see(&stress, which);
	weir_store(&stress.done, 1, release);
	for (int i = 0; i < 2; i++)
		pthread_join(thieves[i], NULL);
	for (uintptr_t n = 1; n <= CELLS; n++)
		assert_int_equal(weir_load(&stress.seen[n], relaxed), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_in_is_first_out, queue_setup),
		cmocka_unit_test_setup(
			a_full_queue_refuses_and_takes_again_after_a_pop,
			queue_setup),
		cmocka_unit_test_setup(the_ends_wrap, queue_setup),
		cmocka_unit_test_setup(
			a_thief_takes_the_older_half, queue_setup),
		cmocka_unit_test_setup(
			a_lone_cell_is_taken_only_by_who_asks_for_it,
			queue_setup),
		cmocka_unit_test_setup(
			preferred_comes_first_and_none_is_lost, queue_setup),
		cmocka_unit_test_setup(
			each_is_had_by_owner_or_thief_exactly_once,
			queue_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
