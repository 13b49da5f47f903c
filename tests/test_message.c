/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message.c - blocks for messages, and their way home
 */
#include "actors/message_internal.h"
#include "support/memory.h"

#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define POOLS 2

/* Two workers' pools and the one for other threads. */
struct fixture {
	struct memory memory;
	struct weir_allocator allocator;
	struct weir_system *system;
	struct weir_message_pool pools[POOLS];
	struct weir_message_shared shared;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct weir_system_opts opts = {.allocator = &f.allocator};

	memset(&f, 0, sizeof(f));
	f.allocator = memory_allocator(&f.memory);
	if (weir_system_create(&opts, &f.system) < 0)
		return -1;
	for (int i = 0; i < POOLS; i++)
		weir_message_pool_init(&f.pools[i], f.system);
	*state = &f;
	weir_message_shared_init(&f.shared, f.system);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < POOLS; i++)
		weir_message_pool_flush(&f->pools[i]);
	for (int i = 0; i < POOLS; i++)
		weir_message_pool_finish(&f->pools[i]);
	weir_message_shared_finish(&f->shared);
	weir_system_destroy(f->system);
	return f->memory.pieces == 0 ? 0 : -1;
}

static void
a_block_of_every_size_is_whole_and_aligned(void **state)
{
	struct fixture *f = *state;
	static unsigned char *blocks[WEIR_MESSAGE_BYTES_MAX + 1];

	for (size_t n = 1; n <= WEIR_MESSAGE_BYTES_MAX; n++) {
		blocks[n] = weir_message_get(&f->pools[0], n);
		assert_non_null(blocks[n]);
		assert_int_equal((uintptr_t)blocks[n] % WEIR_MESSAGE_ALIGN, 0);
		memset(blocks[n], (int)n & 0xff, n);
	}
	for (size_t n = 1; n <= WEIR_MESSAGE_BYTES_MAX; n++) {
		for (size_t i = 0; i < n; i++)
			assert_int_equal(blocks[n][i], n & 0xff);
		weir_message_put(&f->pools[0], blocks[n]);
	}
}

static void
a_block_given_back_is_the_next_of_its_size(void **state)
{
	struct fixture *f = *state;
	struct weir_message_pool *pool = &f->pools[0];
	void *small = weir_message_get(pool, 40);
	void *large = weir_message_get(pool, 400);

	weir_message_put(pool, small);
	weir_message_put(pool, large);
	assert_ptr_equal(weir_message_get(pool, 48), small);
	assert_ptr_equal(weir_message_get(pool, 370), large);
	weir_message_put(pool, small);
	weir_message_put(pool, large);
}

/* Sends a lot from one worker to another, which gives each back. */
static void
blocks_that_go_one_way_all_come_home(void **state)
{
	struct fixture *f = *state;
	struct weir_message_pool *from = &f->pools[0], *to = &f->pools[1];
	size_t pieces, allocations;

	for (int i = 0; i < 1000; i++)
		weir_message_put(to, weir_message_get(from, 100));
	pieces = f->memory.pieces;
	allocations = f->memory.allocations;
	for (int i = 0; i < 100000; i++)
		weir_message_put(to, weir_message_get(from, 100));
	assert_int_equal(f->memory.pieces, pieces);
	assert_int_equal(f->memory.allocations, allocations);
	assert_null(to->slabs);
}

static void
a_chain_is_sent_home_when_it_is_long_or_another_is_begun(void **state)
{
	struct fixture *f = *state;
	struct weir_message_pool *from = &f->pools[0], *to = &f->pools[1];
	void *blocks[WEIR_MESSAGE_CHAIN], *other;

	for (unsigned i = 0; i < WEIR_MESSAGE_CHAIN; i++)
		blocks[i] = weir_message_get(from, 8);
	for (unsigned i = 0; i + 1 < WEIR_MESSAGE_CHAIN; i++)
		weir_message_put(to, blocks[i]);
	assert_null(weir_load(&from->returned, relaxed));
	assert_int_equal(to->away_count, WEIR_MESSAGE_CHAIN - 1);
	weir_message_put(to, blocks[WEIR_MESSAGE_CHAIN - 1]);
	assert_non_null(weir_load(&from->returned, relaxed));
	assert_int_equal(to->away_count, 0);

	other = weir_message_shared_get(&f->shared, 8);
	weir_message_put(to, weir_message_get(from, 8));
	weir_message_put(to, other);
	assert_ptr_equal(to->away, &f->shared.pool);
	assert_int_equal(to->away_count, 1);
}

static void
a_thread_without_a_pool_gives_back_at_once(void **state)
{
	struct fixture *f = *state;
	void *block = weir_message_get(&f->pools[0], 60);

	weir_message_put(NULL, block);
	assert_int_equal(weir_load(&f->pools[0].put_elsewhere, relaxed), 1);
	assert_ptr_equal(weir_message_get(&f->pools[0], 60), block);
	weir_message_put(&f->pools[0], block);
}

static void
every_block_handed_out_is_counted_until_it_is_back(void **state)
{
	struct fixture *f = *state;
	void *blocks[100];
	uint64_t got, put;

	for (int i = 0; i < 100; i++)
		blocks[i] = weir_message_get(&f->pools[0], 24);
	for (int i = 0; i < 60; i++)
		weir_message_put(&f->pools[1], blocks[i]);
	for (int i = 60; i < 100; i++)
		weir_message_put(NULL, blocks[i]);
	got = weir_load(&f->pools[0].got, relaxed);
	put = weir_load(&f->pools[1].put, relaxed) +
	      weir_load(&f->pools[0].put_elsewhere, relaxed);
	assert_int_equal(got, 100);
	assert_int_equal(put, 100);
}

static void
memory_that_runs_out_is_said_and_nothing_is_lost(void **state)
{
	struct fixture *f = *state;
	void *block;

	f->memory.fail_at = f->memory.allocations + 1;
	assert_null(weir_message_get(&f->pools[0], 30));
	assert_null(f->pools[0].slabs);
	block = weir_message_get(&f->pools[0], 30);
	assert_non_null(block);
	weir_message_put(&f->pools[0], block);
}

enum { ROUNDS = 20000, FLIGHT = 64 };

/* Blocks in flight between two threads, by slots that each empties. */
struct flight {
	struct weir_message_pool *sender, *receiver;
	_Atomic(uint64_t *) slots[FLIGHT];
};

static void *
receive_all(void *arg)
{
	struct flight *flight = arg;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t *block;

		/* Pairs with the release of the sender: *block is written. */
		do
			block = weir_exchange(
				&flight->slots[i % FLIGHT], NULL, acquire);
		while (block == NULL);
		if (*block != i)
			return block;
		weir_message_put(flight->receiver, block);
	}
	weir_message_pool_flush(flight->receiver);
	return NULL;
}

static void
blocks_in_flight_are_of_one_side_only(void **state)
{
	static struct flight flight;
	struct fixture *f = *state;
	size_t pieces = f->memory.pieces;
	pthread_t thread;
	void *wrong;

	memset(&flight, 0, sizeof(flight));
	flight.sender = &f->pools[0];
	flight.receiver = &f->pools[1];
	assert_int_equal(
		pthread_create(&thread, NULL, receive_all, &flight), 0);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		uint64_t *block = weir_message_get(flight.sender, 200);

		*block = i;
		while (weir_load(&flight.slots[i % FLIGHT], relaxed) != NULL)
			weir_pause();
		weir_store(&flight.slots[i % FLIGHT], block, release);
	}
	pthread_join(thread, &wrong);
	assert_null(wrong);
	/* In flight, one in each hand, and a chain that is not yet home: not
	 * more than one slab of blocks was ever needed. */
	assert_int_equal(f->memory.pieces, pieces + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_block_of_every_size_is_whole_and_aligned, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_block_given_back_is_the_next_of_its_size, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			blocks_that_go_one_way_all_come_home, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_chain_is_sent_home_when_it_is_long_or_another_is_begun,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_thread_without_a_pool_gives_back_at_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			every_block_handed_out_is_counted_until_it_is_back,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			memory_that_runs_out_is_said_and_nothing_is_lost, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			blocks_in_flight_are_of_one_side_only, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
