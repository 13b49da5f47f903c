/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parallel.c - copies of stages side by side, and the order they keep
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOST 6000u

struct world {
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_error error;
	int64_t items[MOST];
	size_t count;
};

static struct world world;

static void
open_world(uint64_t seed, size_t batch_items)
{
	const struct weir_system_opts opts = {.seed = seed};
	struct weir_graph_opts graph = {.batch_items = batch_items};

	memset(&world, 0, sizeof(world));
	assert_int_equal(weir_system_create(&opts, &world.system), 0);
	graph.system = world.system;
	world.graph = weir_graph_create(&graph);
	assert_non_null(world.graph);
}

static void
close_world(void)
{
	weir_graph_destroy(world.graph);
	weir_system_destroy(world.system);
}

static int
run(struct weir_flow f)
{
	weir_to_collect(f, world.items, MOST, &world.count, NULL);
	return weir_graph_run(world.graph, &world.error);
}

WEIR_MAP(negate, int64_t, x, int64_t)
{
	return -x;
}

WEIR_FILTER(is_odd, int64_t, x)
{
	return x % 2 != 0;
}

static struct weir_flow
as_it_is(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return in;
}

static struct weir_flow
negate_odd(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return negate(is_odd(in, NULL), NULL);
}

static void
assert_negated_odd(int64_t n)
{
	assert_int_equal(world.count, (size_t)(n + 1) / 2);
	for (size_t i = 0; i < world.count; i++)
		assert_int_equal(world.items[i], -(int64_t)(2 * i + 1));
}

static void
what_copies_emit_comes_out_in_order(void **state)
{
	(void)state;
	for (size_t copies = 1; copies <= 5; copies++)
		for (size_t batch = 1; batch <= 256; batch *= 16) {
			open_world(0, batch);
			assert_int_equal(
				run(weir_parallel(weir_from_range(world.graph,
							  1, 5000, NULL),
					copies, negate_odd, NULL, NULL)),
				0);
			assert_negated_odd(5000);
			close_world();
		}
}

static void
the_order_holds_with_any_seed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		const struct weir_parallel_opts opts = {.window = seed % 7 + 1};

		open_world(seed, 4);
		assert_int_equal(run(weir_parallel(weir_from_range(world.graph,
							   1, 150, NULL),
					 3, negate_odd, NULL, &opts)),
			0);
		assert_negated_odd(150);
		close_world();
	}
}

static void
unordered_loses_and_repeats_nothing(void **state)
{
	static const struct weir_parallel_opts opts = {.unordered = true};
	bool seen[MOST] = {false};

	(void)state;
	open_world(0, 0);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 5000, NULL),
			3, as_it_is, NULL, &opts)),
		0);
	assert_int_equal(world.count, 5000);
	for (size_t i = 0; i < world.count; i++) {
		assert_false(seen[world.items[i]]);
		seen[world.items[i]] = true;
	}
	close_world();
}

static struct weir_flow
first_three(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return weir_take(in, 3, NULL);
}

static void
a_stage_of_a_copy_sees_its_share_alone(void **state)
{
	static const int64_t expected[] = {1, 2, 3, 5, 6, 7};

	(void)state;
	open_world(0, 4);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 1000, NULL),
			2, first_three, NULL, NULL)),
		0);
	assert_int_equal(world.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(world.items[i], expected[i]);
	close_world();
}

static struct weir_flow
count_them(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return weir_count(in, NULL);
}

static void
what_copies_emit_at_the_end_comes_in_the_order_of_copies(void **state)
{
	(void)state;
	open_world(0, 4);
	/* 4 + 4 + 2 elements, to three copies in turn. */
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 10, NULL), 3,
			count_them, NULL, NULL)),
		0);
	assert_int_equal(world.count, 3);
	assert_int_equal(world.items[0], 4);
	assert_int_equal(world.items[1], 4);
	assert_int_equal(world.items[2], 2);
	close_world();
}

static int
fail_at_100(void *ctx, const void *in, void *out)
{
	int64_t x = *(const int64_t *)in;

	(void)ctx;
	*(int64_t *)out = x;
	return x == 100 ? -EBADMSG : 0;
}

static struct weir_flow
fails(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return weir_map(in, &weir_type_int64_t, fail_at_100, NULL, NULL);
}

static int64_t seen_last;

static void
see(void *ctx, const void *element)
{
	(void)ctx;
	seen_last = *(const int64_t *)element;
}

static void
a_failure_in_order_comes_behind_all_before_it(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct weir_flow f;

		open_world(seed, 8);
		seen_last = 0;
		f = weir_parallel(weir_from_range(world.graph, 1, 500, NULL), 3,
			fails, NULL, NULL);
		assert_int_equal(run(weir_tap(f, see, NULL, NULL)), -EBADMSG);
		assert_string_equal(world.error.stage, "map");
		assert_int_equal(seen_last, 99);
		close_world();
	}
}

static void
a_failed_copy_ends_an_endless_stream(void **state)
{
	static const struct weir_parallel_opts opts = {.unordered = true};

	(void)state;
	open_world(0, 8);
	weir_to_null(
		weir_parallel(weir_from_range(world.graph, 1, INT64_MAX, NULL),
			3, fails, NULL, &opts),
		NULL);
	assert_int_equal(weir_graph_run(world.graph, &world.error), -EBADMSG);
	assert_string_equal(world.error.stage, "map");
	close_world();
}

/* -- building -------------------------------------------------------------- */

static struct weir_flow
cut(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return weir_async(in, NULL);
}

static void
a_cut_copy_cannot_keep_the_order(void **state)
{
	static const struct weir_parallel_opts unordered = {.unordered = true};

	(void)state;
	open_world(0, 0);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 9, NULL), 2,
			cut, NULL, NULL)),
		-EINVAL);
	assert_string_equal(world.error.stage, "join");
	assert_non_null(strstr(world.error.text, "make it unordered"));
	close_world();
	open_world(0, 0);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 9, NULL), 2,
			cut, NULL, &unordered)),
		0);
	assert_int_equal(world.count, 9);
	close_world();
}

static void
no_copies_and_no_function_are_refused(void **state)
{
	(void)state;
	open_world(0, 0);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 9, NULL), 0,
			as_it_is, NULL, NULL)),
		-EINVAL);
	assert_string_equal(world.error.text,
		"would make 0 copies: 1 to 1024 are possible");
	close_world();
	open_world(0, 0);
	assert_int_equal(
		run(weir_parallel(weir_from_range(world.graph, 1, 9, NULL), 2,
			NULL, NULL, NULL)),
		-EINVAL);
	assert_string_equal(world.error.text, "is given no function: NULL");
	close_world();
}

static void
raw_bytes_are_not_dealt_out(void **state)
{
	static const weir_bytes bytes[1] = {{"a\n", 2}};
	struct weir_flow f, flows[2];

	(void)state;
	open_world(0, 0);
	f = weir_from_array(world.graph, &weir_type_weir_bytes, bytes, 1, NULL);
	weir_balance(f, flows, 2, NULL);
	weir_to_null(flows[0], NULL);
	weir_to_null(flows[1], NULL);
	assert_int_equal(weir_graph_run(world.graph, &world.error), -EINVAL);
	assert_string_equal(world.error.stage, "balance");
	assert_non_null(strstr(world.error.text, "put 'lines' before it"));
	close_world();
}

/* -- balance --------------------------------------------------------------- */

static void
who_stops_is_left_out(void **state)
{
	struct weir_flow flows[2];
	uint64_t many = 0, few = 0;

	(void)state;
	open_world(0, 16);
	weir_balance(
		weir_from_range(world.graph, 1, 1000, NULL), flows, 2, NULL);
	weir_to_count(flows[0], &many, NULL);
	weir_to_count(weir_take(flows[1], 5, NULL), &few, NULL);
	assert_int_equal(weir_graph_run(world.graph, &world.error), 0);
	assert_int_equal(few, 5);
	assert_int_equal(many, 995);
	close_world();
}

static void
a_balance_deals_out_evenly(void **state)
{
	struct weir_flow flows[4];
	uint64_t counts[4] = {0};

	(void)state;
	open_world(0, 16);
	weir_balance(
		weir_from_range(world.graph, 1, 64 * 16, NULL), flows, 4, NULL);
	for (size_t i = 0; i < 4; i++)
		weir_to_count(weir_async(flows[i], NULL), &counts[i], NULL);
	assert_int_equal(weir_graph_run(world.graph, &world.error), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(counts[i], 256);
	close_world();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_copies_emit_comes_out_in_order),
		cmocka_unit_test(the_order_holds_with_any_seed),
		cmocka_unit_test(unordered_loses_and_repeats_nothing),
		cmocka_unit_test(a_stage_of_a_copy_sees_its_share_alone),
		cmocka_unit_test(
			what_copies_emit_at_the_end_comes_in_the_order_of_copies),
		cmocka_unit_test(a_failure_in_order_comes_behind_all_before_it),
		cmocka_unit_test(a_failed_copy_ends_an_endless_stream),
		cmocka_unit_test(a_cut_copy_cannot_keep_the_order),
		cmocka_unit_test(no_copies_and_no_function_are_refused),
		cmocka_unit_test(raw_bytes_are_not_dealt_out),
		cmocka_unit_test(who_stops_is_left_out),
		cmocka_unit_test(a_balance_deals_out_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
