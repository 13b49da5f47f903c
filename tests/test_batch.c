/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_batch.c - batches and the blocks their slices point into
 */
#include "streams/batch_internal.h"

#include "operators/operators.h"
#include "streams/graph.h"

#include "support/files.h"
#include "support/memory.h"
#include "support/probe.h"
#include "support/settle.h"

#include <errno.h>
#include <pthread.h>

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int
system_setup(void **state)
{
	struct weir_system *system;

	if (weir_system_create(NULL, &system) < 0 ||
		weir_system_enter(system) < 0)
		return -1;
	*state = system;
	return 0;
}

static int
system_teardown(void **state)
{
	weir_system_leave(*state);
	weir_system_destroy(*state);
	return 0;
}

static void
a_batch_holds_elements_of_any_size(void **state)
{
	for (uint32_t size = 1; size <= 4096; size *= 4)
		for (uint32_t n = 1; n <= 4096; n *= 8) {
			struct weir_type type = {"any", size, 1, NULL, NULL};
			struct weir_batch *batch =
				weir_batch_acquire(*state, &type, n);

			assert_non_null(batch);
			assert_int_equal(
				(uintptr_t)batch->items % WEIR_BATCH_ALIGN, 0);
			memset(batch->items, 1, (size_t)size * n);
			weir_batch_release(*state, batch);
		}
}

static void
a_batch_given_back_is_used_again_as_new(void **state)
{
	struct weir_batch *first =
		weir_batch_acquire(*state, &weir_type_weir_record, 256);
	uint64_t serial = first->serial;
	struct weir_batch *second;

	first->flags = WEIR_BATCH_SHARED;
	first->origin = 3;
	weir_batch_release(*state, first);
	second = weir_batch_acquire(*state, &weir_type_weir_record, 256);
	assert_ptr_equal(first, second);
	assert_int_equal(second->flags, 0);
	assert_int_equal(second->origin, 0);
	assert_true(second->serial != serial);
	weir_batch_release(*state, second);
}

static void
of_two_blocks_that_touch_the_one_a_slice_begins_in_is_found(void **state)
{
	static const char text[] = "leftright";
	struct weir_batch *batch =
		weir_batch_acquire(*state, &weir_type_weir_record, 4);
	struct weir_block *left, *right;

	assert_int_equal(
		weir_block_wrap(*state, text, 4, NULL, NULL, &left), 0);
	assert_int_equal(
		weir_block_wrap(*state, text + 4, 5, NULL, NULL, &right), 0);
	assert_int_equal(weir_batch_attach(*state, batch, left), 0);
	assert_ptr_equal(weir_batch_block(batch, text + 4), left);
	assert_int_equal(weir_batch_attach(*state, batch, right), 0);
	assert_ptr_equal(weir_batch_block(batch, text + 3), left);
	assert_ptr_equal(weir_batch_block(batch, text + 4), right);
	assert_ptr_equal(weir_batch_block(batch, text + 9), right);
	assert_null(weir_batch_block(batch, text + 10));
	weir_block_release(left);
	weir_block_release(right);
	weir_batch_release(*state, batch);
}

static void
what_is_inherited_are_blocks_and_the_shared_mark(void **state)
{
	struct weir_batch *from =
		weir_batch_acquire(*state, &weir_type_weir_record, 4);
	struct weir_batch *to =
		weir_batch_acquire(*state, &weir_type_weir_record, 4);
	struct weir_block *block;

	assert_int_equal(
		weir_block_wrap(*state, "x", 1, NULL, NULL, &block), 0);
	assert_int_equal(weir_batch_attach(*state, from, block), 0);
	weir_block_release(block);
	from->flags = WEIR_BATCH_SHARED;
	assert_int_equal(weir_batch_inherit(*state, to, from), 0);
	weir_batch_release(*state, from);
	assert_ptr_equal(weir_batch_block(to, weir_block_data(block)), block);
	assert_int_equal(to->flags, WEIR_BATCH_SHARED);
	weir_batch_release(*state, to);
}

/* A batch with a reference to each of @n blocks, given back again. */
static void
batch_with_blocks(struct weir_system *system, unsigned n)
{
	struct weir_batch *batch =
		weir_batch_acquire(system, &weir_type_weir_record, 256);

	assert_non_null(batch);
	for (unsigned i = 0; i < n; i++) {
		struct weir_block *block;

		assert_int_equal(
			weir_block_wrap(system, "x", 1, NULL, NULL, &block), 0);
		assert_int_equal(weir_batch_attach(system, batch, block), 0);
		assert_int_equal(batch->block_count, i + 1);
		weir_block_release(block);
	}
	weir_batch_release(system, batch);
}

static void
a_list_of_blocks_grows_once_for_all_who_use_the_batch(void **state)
{
	struct weir_system *system;
	struct counted counted;

	(void)state;
	counted_init(&counted, -1);
	assert_int_equal(weir_system_create(
				 &(struct weir_system_opts){
					 .allocator = &counted.allocator},
				 &system),
		0);
	assert_int_equal(weir_system_enter(system), 0);
	batch_with_blocks(system, 60);
	counted.left = 60; /* for the blocks alone */
	batch_with_blocks(system, 60);
	assert_int_equal(counted.refused, 0);
	weir_system_leave(system);
	weir_system_destroy(system);
	assert_int_equal(counted.out, 0);
}

/* -- between threads ------------------------------------------------------- */

struct given {
	struct weir_system *system;
	struct weir_batch *batch;
};

static void *
release_it(void *arg)
{
	struct given *given = arg;

	weir_batch_release(given->system, given->batch);
	return NULL;
}

/* However many go that way, the memory is that of one. */
static void
a_batch_released_by_another_thread_comes_home(void **state)
{
	struct memory memory = {0};
	struct weir_allocator allocator = memory_allocator(&memory);
	struct given given;
	pthread_t thread;
	size_t before = 0;

	(void)state;
	assert_int_equal(weir_system_create(
				 &(struct weir_system_opts){
					 .allocator = &allocator, .workers = 1},
				 &given.system),
		0);
	assert_int_equal(weir_system_enter(given.system), 0);
	for (int i = 0; i < 100; i++) {
		given.batch = weir_batch_acquire(
			given.system, &weir_type_int64_t, 256);
		assert_non_null(given.batch);
		assert_int_equal(
			pthread_create(&thread, NULL, release_it, &given), 0);
		pthread_join(thread, NULL);
		if (i == 0)
			before = memory.allocations;
	}
	assert_int_equal(memory.allocations, before);
	weir_system_leave(given.system);
	weir_system_destroy(given.system);
	assert_int_equal(memory.pieces, 0);
}

/* -- two batches of one inlet in one of the outlet ------------------------- */

static char *
heap_copy(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	return copy;
}

static void
heap_free(void *ctx)
{
	char *text = ctx;

	memset(text, '?', strlen(text));
	free(text);
}

/* A block of its own for @text, held by the outlet. */
static struct weir_block *
word_attach(struct weir_stage *stage, const char *text)
{
	char *copy = heap_copy(text);
	struct weir_block *block;

	assert_int_equal(weir_block_foreign(stage, copy, strlen(copy),
				 heap_free, copy, &block),
		0);
	weir_outlet_attach(stage, 0, block);
	weir_block_release(block);
	return block;
}

/* Emits four records a batch: the first batch in three blocks, the second in
 * two, so that number of the batch and number of its blocks add up to the
 * same. */
static int
two_batches_step(struct weir_stage *stage, void *state)
{
	unsigned *batch = state;
	unsigned blocks = *batch == 0 ? 3 : 2;
	struct weir_span room = weir_outlet_room(stage, 0);
	struct weir_block *block = NULL;

	if (room.count < 4)
		return WEIR_ROOM;
	for (unsigned i = 0; i < 4; i++) {
		if (i < blocks)
			block = word_attach(
				stage, *batch == 0 ? "first" : "second");
		((weir_record *)room.items)[i] = (weir_record){
			weir_block_data(block), weir_block_capacity(block)};
	}
	weir_outlet_put(stage, 0, 4);
	/* A step each: what is attached in one goes to its batch alone. */
	return ++*batch < 2 ? WEIR_AGAIN : WEIR_DONE;
}

static const struct weir_operator op_two_batches = {
	.name = "two_batches",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"records", &weir_type_weir_record, 0},
			{NULL, NULL, 0}},
	.state_bytes = sizeof(unsigned),
	.step = two_batches_step,
};

static int
pick_open(struct weir_stage *stage, void *state, const void *args)
{
	(void)state;
	(void)args;
	weir_inlet_request(stage, 0, 8);
	return 0;
}

/* Passes the last of each four. */
static int
pick_step(struct weir_stage *stage, void *state)
{
	struct weir_span in, room;

	(void)state;
	while ((in = weir_inlet_peek(stage, 0)).count == 4 &&
		(room = weir_outlet_room(stage, 0)).count > 0) {
		((weir_record *)room.items)[0] =
			((const weir_record *)in.items)[3];
		weir_outlet_put(stage, 0, 1);
		weir_inlet_take(stage, 0, 4);
	}
	return weir_stage_wait(stage);
}

static const struct weir_port record_port[] = {
	{"records", &weir_type_weir_record, 0}, {NULL, NULL, 0}};

static const struct weir_operator op_pick = {
	.name = "pick",
	.inlets = record_port,
	.outlets = record_port,
	.demand = WEIR_DEMAND_OWN,
	.open = pick_open,
	.step = pick_step,
};

static void
blocks_of_two_batches_are_held_by_the_one_they_go_to(void **state)
{
	const struct weir_graph_opts opts = {.batch_items = 4};
	struct weir_graph *graph = weir_graph_create(&opts);
	struct probe_sink sink = {0};
	struct weir_run *run;
	struct weir_flow f = weir_source_add(graph, &op_two_batches, NULL);

	(void)state;
	probe_to(weir_operator_add(&op_pick, &f, 1, NULL), &sink, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	/* Both batches wait when the first element is wanted. */
	assert_int_equal(run_settle(run, NULL), -ETIMEDOUT);
	probe_request(&sink, 8);
	assert_int_equal(run_settle(run, NULL), 0);
	assert_string_equal(sink.out.data, "first\nsecond\n");
	weir_graph_destroy(graph);
	probe_sink_free(&sink);
}

int
main(void)
{
#define IN_A_SYSTEM(test)                                                      \
	cmocka_unit_test_setup_teardown(test, system_setup, system_teardown)
	const struct CMUnitTest tests[] = {
		IN_A_SYSTEM(a_batch_holds_elements_of_any_size),
		IN_A_SYSTEM(a_batch_given_back_is_used_again_as_new),
		IN_A_SYSTEM(
			of_two_blocks_that_touch_the_one_a_slice_begins_in_is_found),
		IN_A_SYSTEM(what_is_inherited_are_blocks_and_the_shared_mark),
		cmocka_unit_test(a_batch_released_by_another_thread_comes_home),
		cmocka_unit_test(
			a_list_of_blocks_grows_once_for_all_who_use_the_batch),
		cmocka_unit_test(
			blocks_of_two_batches_are_held_by_the_one_they_go_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
