/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_block.c - blocks, their pool, and the accountant of a run
 */
#include "streams/batch_internal.h"
#include "support/plain_cell.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LIMIT ((size_t)1 << 20)

struct world {
	struct weir_system *system;
	struct weir_account *account;
	struct weir_cell *cell;
	struct weir_waker waker;
	int woken;
};

static void
memory_came_back(void *target)
{
	struct world *world = target;

	world->woken++;
}

static int
world_setup(void **state)
{
	static struct world world;

	memset(&world, 0, sizeof(world));
	if (weir_system_create(NULL, &world.system) < 0 ||
		weir_system_enter(world.system) < 0 ||
		weir_account_create(world.system, 2, 1, LIMIT, &world.account) <
			0 ||
		(world.cell = plain_cell(world.system)) == NULL ||
		weir_waker_acquire(world.system, world.cell, memory_came_back,
			&world, &world.waker) < 0)
		return -1;
	world.account->waiters[0].waker = world.waker;
	*state = &world;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *world = *state;

	weir_waker_release(world->system, world->waker);
	weir_cell_abandon(world->cell);
	weir_account_release(world->account);
	weir_system_leave(world->system);
	weir_system_destroy(world->system);
	return 0;
}

static size_t
used(struct world *world)
{
	return weir_load(&world->account->used, relaxed);
}

static void
a_block_has_headroom_in_front_and_readable_bytes_behind(void **state)
{
	struct world *world = *state;
	struct weir_block *block;
	char *data;

	assert_int_equal(weir_block_get(world->account, 0, 5000, &block), 0);
	assert_true(weir_block_capacity(block) >= 5000);
	data = weir_block_data(block);
	memset(data - weir_block_headroom(block), 'x',
		weir_block_headroom(block) + weir_block_capacity(block));
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(data[weir_block_capacity(block) + i], 0);
	weir_block_release(block);
}

static void
memory_is_counted_until_the_last_reference_is_gone(void **state)
{
	struct world *world = *state;
	struct weir_block *block;

	assert_int_equal(weir_block_get(world->account, 1, 4096, &block), 0);
	assert_true(used(world) >= 4096);
	assert_int_equal(weir_load(&world->account->holders[1].held, relaxed),
		used(world));
	weir_block_retain(block);
	weir_block_release(block);
	assert_true(used(world) >= 4096);
	weir_block_release(block);
	assert_int_equal(used(world), 0);
	assert_int_equal(
		weir_load(&world->account->holders[1].held, relaxed), 0);
}

static void
a_released_block_is_used_again(void **state)
{
	struct world *world = *state;
	struct weir_block *first, *second;

	weir_block_get(world->account, 0, 4096, &first);
	weir_block_release(first);
	weir_block_get(world->account, 0, 4096, &second);
	assert_ptr_equal(first, second);
	weir_block_release(second);
}

static void
a_used_up_run_waits_and_is_woken_when_memory_came_back(void **state)
{
	struct world *world = *state;
	struct weir_block *blocks[4], *more;

	for (int i = 0; i < 3; i++)
		assert_int_equal(weir_block_get(world->account, 0, LIMIT / 4,
					 &blocks[i]),
			0);
	assert_int_equal(
		weir_block_get(world->account, 0, LIMIT / 4, &more), -EAGAIN);
	assert_int_equal(world->woken, 0);
	weir_block_release(blocks[0]);
	plain_cells_run(world->system);
	assert_int_equal(world->woken, 1);
	assert_int_equal(
		weir_block_get(world->account, 0, LIMIT / 4, &more), 0);
	weir_block_release(more);
	weir_block_release(blocks[1]);
	weir_block_release(blocks[2]);
}

static void
what_exceeds_the_limit_is_refused_for_good(void **state)
{
	struct world *world = *state;
	struct weir_block *block;

	assert_int_equal(
		weir_block_get(world->account, 0, LIMIT, &block), -ENOBUFS);
	assert_int_equal(
		weir_block_get(world->account, 0, SIZE_MAX, &block), -ENOBUFS);
	assert_int_equal(used(world), 0);
}

static void *
release_it(void *block)
{
	weir_block_release(block);
	return NULL;
}

static void
another_thread_may_release_and_the_pool_gets_it_back(void **state)
{
	struct world *world = *state;
	struct weir_block *block, *again;
	pthread_t thread;

	weir_block_get(world->account, 0, 4096, &block);
	assert_int_equal(pthread_create(&thread, NULL, release_it, block), 0);
	pthread_join(thread, NULL);
	assert_int_equal(used(world), 0);
	weir_block_get(world->account, 0, 4096, &again);
	assert_ptr_equal(again, block);
	weir_block_release(again);
}

static void
count_release(void *ctx)
{
	++*(int *)ctx;
}

static void
foreign_memory_is_released_once_and_not_counted(void **state)
{
	struct world *world = *state;
	struct weir_block *block;
	int released = 0;

	assert_int_equal(weir_block_wrap(world->system, "text", 4,
				 count_release, &released, &block),
		0);
	assert_int_equal(used(world), 0);
	assert_int_equal(weir_block_headroom(block), 0);
	weir_block_retain(block);
	weir_block_release(block);
	assert_int_equal(released, 0);
	weir_block_release(block);
	assert_int_equal(released, 1);
}

static void
a_batch_holds_each_of_its_blocks_once_however_many(void **state)
{
	enum { BLOCKS = 20 };
	struct world *world = *state;
	struct weir_batch *batch =
		weir_batch_acquire(world->system, &weir_type_weir_record, 256);
	struct weir_block *blocks[BLOCKS];

	for (int i = 0; i < BLOCKS; i++) {
		weir_block_get(world->account, 0, 4096, &blocks[i]);
		for (int k = 0; k < 2; k++)
			assert_int_equal(weir_batch_attach(world->system, batch,
						 blocks[i]),
				0);
		weir_block_release(blocks[i]);
	}
	assert_int_equal(batch->block_count, BLOCKS);
	for (int i = 0; i < BLOCKS; i++)
		assert_ptr_equal(weir_batch_block(batch,
					 weir_block_data(blocks[i]) + 100),
			blocks[i]);
	weir_batch_release(world->system, batch);
	assert_int_equal(used(world), 0);
}

int
main(void)
{
#define IN_A_WORLD(test)                                                       \
	cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(
			a_block_has_headroom_in_front_and_readable_bytes_behind),
		IN_A_WORLD(memory_is_counted_until_the_last_reference_is_gone),
		IN_A_WORLD(a_released_block_is_used_again),
		IN_A_WORLD(
			a_used_up_run_waits_and_is_woken_when_memory_came_back),
		IN_A_WORLD(what_exceeds_the_limit_is_refused_for_good),
		IN_A_WORLD(
			another_thread_may_release_and_the_pool_gets_it_back),
		IN_A_WORLD(foreign_memory_is_released_once_and_not_counted),
		IN_A_WORLD(a_batch_holds_each_of_its_blocks_once_however_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
