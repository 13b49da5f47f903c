/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_islands.c - islands on one worker and on several
 */
#include "io/file.h"
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/live.h"
#include "support/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

WEIR_FOLD(add, int64_t, x, int64_t, sum)
{
	return sum + x;
}

static struct weir_graph *
graph_on(unsigned workers)
{
	struct weir_graph *graph = weir_graph_create(
		&(struct weir_graph_opts){.workers = workers});

	assert_non_null(graph);
	return graph;
}

static struct weir_edge_stats
edge_of(struct weir_graph *graph, uint32_t index)
{
	struct weir_edge_stats edge;

	assert_int_equal(
		weir_run_edge_stats(weir_graph_last_run(graph), index, &edge),
		0);
	return edge;
}

static uint32_t
workers_of(struct weir_graph *graph)
{
	struct weir_totals totals;

	weir_run_totals(weir_graph_last_run(graph), &totals);
	return totals.workers;
}

/* -- where they run -------------------------------------------------------- */

static void
a_single_island_starts_no_thread(void **state)
{
	struct weir_graph *graph = graph_on(4);
	int64_t sum = 0;

	(void)state;
	add(weir_from_range(graph, 1, 100000, NULL), &sum, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(workers_of(graph), 1);
	weir_graph_destroy(graph);
}

static void
several_islands_have_as_many_workers_as_the_graph_says(void **state)
{
	struct weir_graph *graph = graph_on(3);
	int64_t sum = 0;

	(void)state;
	add(weir_async(weir_from_range(graph, 1, 100000, NULL), NULL), &sum,
		NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(sum, INT64_C(5000050000));
	assert_int_equal(workers_of(graph), 3);
	weir_graph_destroy(graph);
}

struct seen {
	pthread_t thread;
	bool elsewhere;
};

static void
see(void *ctx, const void *element)
{
	struct seen *seen = ctx;

	(void)element;
	seen->elsewhere |= !pthread_equal(seen->thread, pthread_self());
}

static void
an_island_that_does_io_stays_on_the_thread_that_opened_it(void **state)
{
	struct weir_graph *graph = graph_on(4);
	struct seen seen = {.thread = pthread_self()};
	uint64_t count = 0;
	int fds[2];
	struct weir_flow f;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(write(fds[1], "a line\n", 7), 7);
	close(fds[1]);
	f = weir_lines(weir_from_fd(graph, fds[0], NULL), NULL);
	f = weir_tap(f, see, &seen, NULL);
	weir_to_count(weir_async(f, &(struct weir_async_opts){.window = 3}),
		&count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(count, 2000);
	assert_false(seen.elsewhere);
	weir_graph_destroy(graph);
	close(fds[0]);
}

/* -- the boundary ---------------------------------------------------------- */

static void
an_edge_shows_whether_it_is_a_boundary(void **state)
{
	struct weir_graph *graph = graph_on(1);
	const struct weir_async_opts opts = {
		.window = 20, .window_bytes = 1000, .window_batches = 5};
	struct weir_totals totals;

	(void)state;
	weir_to_null(
		weir_async(weir_from_range(graph, 1, 9, NULL), &opts), NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_true(edge_of(graph, 0).is_boundary);
	assert_int_equal(edge_of(graph, 0).capacity, 20);
	assert_int_equal(edge_of(graph, 0).capacity_bytes, 1000);
	assert_int_equal(edge_of(graph, 0).capacity_batches, 5);
	assert_int_equal(edge_of(graph, 0).island_from, 0);
	assert_int_equal(edge_of(graph, 0).island_to, 1);
	assert_false(edge_of(graph, 1).is_boundary);
	weir_run_totals(weir_graph_last_run(graph), &totals);
	assert_int_equal(totals.islands, 2);
	weir_graph_destroy(graph);
}

static void
what_crosses_at_once_is_within_the_window_in_bytes(void **state)
{
	static const char text[1000];
	weir_record records[300];
	struct weir_graph *graph = graph_on(1);
	const struct weir_async_opts opts = {.window_bytes = 100};
	uint64_t count = 0;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		records[i] = (weir_record){text, i % 40};
	weir_to_count(weir_async(weir_from_array(graph, &weir_type_weir_record,
					 records, 300, NULL),
			      &opts),
		&count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(count, 300);
	assert_in_range(edge_of(graph, 0).bytes_crossing_max, 60, 100);
	weir_graph_destroy(graph);
}

static void
an_element_larger_than_the_window_crosses_alone(void **state)
{
	static const char text[1000];
	weir_record records[9];
	struct weir_graph *graph = graph_on(1);
	const struct weir_async_opts opts = {.window_bytes = 10};
	uint64_t count = 0;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		records[i] = (weir_record){text, i % 2 == 0 ? 1000 : 1};
	weir_to_count(weir_async(weir_from_array(graph, &weir_type_weir_record,
					 records, 9, NULL),
			      &opts),
		&count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(count, 9);
	assert_int_equal(edge_of(graph, 0).bytes_crossing_max, 1000);
	weir_graph_destroy(graph);
}

/* Emits one element, and then waits for something that does not come. */
static int
one_step(struct weir_stage *stage, void *state)
{
	bool *done = state;
	struct weir_span room = weir_outlet_room(stage, 0);

	if (*done)
		return WEIR_EVENT;
	if (room.count == 0)
		return WEIR_ROOM;
	(void)weir_stage_waker(stage);
	*(int64_t *)room.items = 1;
	weir_outlet_put(stage, 0, 1);
	*done = true;
	return WEIR_EVENT;
}

static const struct weir_port no_ports[] = {{NULL, NULL, 0}};
static const struct weir_port int_ports[] = {
	{"numbers", &weir_type_int64_t, 0}, {NULL, NULL, 0}};
static const struct weir_operator op_one = {
	.name = "one",
	.summary = "emits one element",
	.inlets = no_ports,
	.outlets = int_ports,
	.args_bytes = sizeof(struct weir_stage_opts),
	.state_bytes = sizeof(bool),
	.step = one_step,
};

static void
a_small_batch_is_not_held_back(void **state)
{
	struct weir_graph *graph = graph_on(1);
	uint64_t count = 0;
	struct weir_run *run;

	(void)state;
	weir_to_count(weir_async(weir_source_add(graph, &op_one, NULL), NULL),
		&count, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(weir_run_wait(run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(edge_of(graph, 1).taken, 1);
	weir_graph_destroy(graph);
}

static size_t
allocations_for(int64_t n)
{
	struct memory memory = {.fail_at = 0};
	struct weir_allocator allocator = memory_allocator(&memory);
	const struct weir_system_opts opts = {
		.allocator = &allocator, .workers = 1};
	struct weir_graph_opts graph_opts = {.system = NULL};
	struct weir_graph *graph;
	int64_t sum = 0;

	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	add(weir_async(weir_from_range(graph, 1, n, NULL), NULL), &sum, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
	assert_int_equal(memory.pieces, 0);
	return memory.allocations;
}

static void
no_element_that_crosses_is_an_allocation(void **state)
{
	(void)state;
	assert_int_equal(allocations_for(100000), allocations_for(1000000));
}

static void
a_boundary_around_a_way_without_one_is_one_all_the_same(void **state)
{
	struct weir_graph *graph = graph_on(2);
	struct weir_flow flows[2];
	uint64_t count = 0;

	(void)state;
	weir_broadcast(weir_from_range(graph, 1, 10000, NULL), flows, 2, NULL);
	flows[0] = weir_async(flows[0], NULL);
	weir_to_count(weir_merge(flows, 2, NULL), &count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(count, 20000);
	weir_graph_destroy(graph);
}

/* -- the end, from elsewhere ----------------------------------------------- */

struct aborting {
	struct weir_run *run;
};

static void
abort_at_5000(void *ctx, const void *element)
{
	static const struct weir_error cause = {
		.code = -EOWNERDEAD, .stage = "test", .text = "enough"};
	struct aborting *aborting = ctx;

	if (*(const int64_t *)element == 5000)
		weir_run_abort(aborting->run, &cause);
}

static void
a_function_on_any_worker_may_abort_the_run(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct weir_graph *graph = graph_on(workers);
		struct aborting aborting = {.run = NULL};
		struct weir_error error;
		struct weir_flow f;

		f = weir_from_range(graph, 1, INT64_MAX, NULL);
		f = weir_tap(
			weir_async(f, NULL), abort_at_5000, &aborting, NULL);
		weir_to_null(weir_async(f, NULL), NULL);
		assert_int_equal(
			weir_graph_start(graph, &aborting.run, NULL), 0);
		assert_int_equal(
			weir_run_wait(aborting.run, -1, &error), -EOWNERDEAD);
		assert_string_equal(error.text, "enough");
		weir_graph_destroy(graph);
	}
}

static void
a_run_whose_islands_run_elsewhere_may_be_destroyed_at_any_time(void **state)
{
	(void)state;
	for (int turns = 0; turns < 40; turns++) {
		struct weir_graph *graph = graph_on(3);
		struct weir_flow flows[2];
		struct weir_run *run;
		static live items[500];

		live_reset();
		for (size_t i = 0; i < 500; i++)
			items[i] = live_make((int64_t)i);
		weir_broadcast(weir_from_array(graph, &weir_type_live, items,
				       500, NULL),
			flows, 2, NULL);
		weir_to_null(weir_async(flows[0], NULL), NULL);
		weir_to_null(weir_async(flows[1],
				     &(struct weir_async_opts){.window = 3}),
			NULL);
		assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
		for (int i = 0; i < turns % 8; i++)
			(void)weir_run_wait(run, 0, NULL);
		weir_graph_destroy(graph);
		live_drop(items, 500);
		assert_int_equal(live_count(), 0);
	}
}

static void
a_drain_reaches_islands_on_other_workers(void **state)
{
	struct weir_graph *graph = graph_on(3);
	int64_t sum = 0;
	struct weir_run *run;
	uint64_t n;

	(void)state;
	add(weir_async(weir_async(weir_from_range(graph, 1, INT64_MAX, NULL),
			       NULL),
		    NULL),
		&sum, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	while (edge_of(graph, 2).taken < 10000)
		assert_int_equal(weir_run_wait(run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(weir_run_drain(run, -1), 0);
	n = edge_of(graph, 0).sent;
	assert_int_equal(edge_of(graph, 2).taken, n);
	assert_int_equal(sum, (int64_t)(n * (n + 1) / 2));
	weir_graph_destroy(graph);
}

static void
counts_may_be_read_while_islands_run(void **state)
{
	struct weir_graph *graph = graph_on(3);
	uint64_t before = 0, count = 0;
	struct weir_run *run;
	char *text = NULL;
	size_t length;
	FILE *file;

	(void)state;
	weir_to_count(
		weir_async(weir_from_range(graph, 1, INT64_MAX, NULL), NULL),
		&count, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	while (before < 100000) {
		struct weir_edge_stats edge = edge_of(graph, 0);

		assert_true(edge.taken >= before);
		assert_true(edge.taken <= edge.sent);
		assert_true(edge.sent <= edge.granted);
		before = edge.taken;
		assert_int_equal(weir_run_wait(run, 0, NULL), -ETIMEDOUT);
	}
	file = open_memstream(&text, &length);
	assert_non_null(file);
	weir_run_dump(run, file);
	assert_int_equal(weir_graph_write_dot(graph, file), 0);
	fclose(file);
	assert_non_null(strstr(text, "islands 0 -> 1"));
	free(text);
	weir_graph_destroy(graph);
}

/* -- standing still -------------------------------------------------------- */

static int
stuck_step(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	return WEIR_EVENT;
}

static const struct weir_operator op_stuck = {
	.name = "stuck",
	.summary = "takes nothing",
	.inlets = int_ports,
	.outlets = no_ports,
	.args_bytes = sizeof(struct weir_stage_opts),
	.step = stuck_step,
};

static void
a_run_that_stands_still_across_islands_is_told_so(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct weir_graph *graph = graph_on(workers);
		struct weir_flow f = weir_from_range(graph, 1, 100000, NULL);
		struct weir_error error;

		f = weir_async(weir_async(f, NULL), NULL);
		weir_operator_add(&op_stuck, &f, 1, NULL);
		assert_int_equal(weir_graph_run(graph, &error), -EDEADLK);
		assert_string_equal(error.stage, "stuck");
		weir_graph_destroy(graph);
	}
}

static void
two_graphs_of_one_system_run_one_after_the_other(void **state)
{
	struct weir_graph_opts opts = {.system = NULL};

	(void)state;
	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.workers = 3}, &opts.system),
		0);
	for (int i = 0; i < 50; i++) {
		struct weir_graph *graph = weir_graph_create(&opts);
		int64_t sum = 0;

		add(weir_async(weir_from_range(graph, 1, 3000, NULL), NULL),
			&sum, NULL);
		assert_int_equal(weir_graph_run(graph, NULL), 0);
		assert_int_equal(sum, 4501500);
		weir_graph_destroy(graph);
	}
	weir_system_destroy(opts.system);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_island_starts_no_thread),
		cmocka_unit_test(
			several_islands_have_as_many_workers_as_the_graph_says),
		cmocka_unit_test(
			an_island_that_does_io_stays_on_the_thread_that_opened_it),
		cmocka_unit_test(an_edge_shows_whether_it_is_a_boundary),
		cmocka_unit_test(
			what_crosses_at_once_is_within_the_window_in_bytes),
		cmocka_unit_test(
			an_element_larger_than_the_window_crosses_alone),
		cmocka_unit_test(a_small_batch_is_not_held_back),
		cmocka_unit_test(no_element_that_crosses_is_an_allocation),
		cmocka_unit_test(
			a_boundary_around_a_way_without_one_is_one_all_the_same),
		cmocka_unit_test(a_function_on_any_worker_may_abort_the_run),
		cmocka_unit_test(
			a_run_whose_islands_run_elsewhere_may_be_destroyed_at_any_time),
		cmocka_unit_test(a_drain_reaches_islands_on_other_workers),
		cmocka_unit_test(counts_may_be_read_while_islands_run),
		cmocka_unit_test(
			a_run_that_stands_still_across_islands_is_told_so),
		cmocka_unit_test(
			two_graphs_of_one_system_run_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
