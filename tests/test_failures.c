/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_failures.c - how a failure is said, and what saying it costs
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/memory.h"

#include <errno.h>
#include <inttypes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

WEIR_TRY_MAP(refuse, stage, int64_t, x, int64_t, ret)
{
	(void)ret;
	return weir_stage_fail(
		stage, -EDOM, "no number like %" PRId64 " is wanted", x);
}

/* The memory in use after @n elements failed one by one. */
static size_t
memory_of_failures(int64_t n)
{
	struct memory memory = {0};
	const struct weir_allocator allocator = memory_allocator(&memory);
	const struct weir_system_opts system_opts = {.allocator = &allocator};
	const struct weir_stage_opts opts = {.on_error = WEIR_RESUME};
	struct weir_graph_opts graph_opts = {0};
	struct weir_graph *g;
	uint64_t count = 1;
	size_t bytes;

	assert_int_equal(
		weir_system_create(&system_opts, &graph_opts.system), 0);
	g = weir_graph_create(&graph_opts);
	weir_to_count(
		refuse(weir_from_range(g, 1, n, NULL), &opts), &count, NULL);
	assert_int_equal(weir_graph_run(g, NULL), 0);
	assert_int_equal(count, 0);
	bytes = memory.bytes;
	weir_graph_destroy(g);
	weir_system_destroy(graph_opts.system);
	return bytes;
}

static void
failures_that_are_forgiven_take_no_memory_each(void **state)
{
	(void)state;
	assert_int_equal(memory_of_failures(50000), memory_of_failures(5000));
}

static void
a_failure_names_the_element_and_says_its_text(void **state)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	uint64_t count = 0;

	(void)state;
	weir_to_count(
		refuse(weir_from_range(g, 7, 9, NULL), NULL), &count, NULL);
	assert_int_equal(weir_graph_run(g, &error), -EDOM);
	assert_string_equal(error.text, "no number like 7 is wanted");
	assert_string_equal(error.stage, "refuse");
	assert_int_equal(error.element, 1);
	weir_graph_destroy(g);
}

/* A graph to be started from within a run. */
struct inner {
	struct weir_graph *graph;
	struct weir_error error;
	int result;
};

static void
start_inner(void *ctx, const void *element)
{
	struct inner *inner = ctx;
	struct weir_run *run;

	(void)element;
	inner->result = weir_graph_start(inner->graph, &run, &inner->error);
}

static void
a_graph_whose_system_is_running_is_refused_and_told_why(void **state)
{
	struct weir_graph_opts opts = {0};
	struct weir_graph *outer;
	struct inner inner = {0};
	struct weir_flow f;

	(void)state;
	assert_int_equal(weir_system_create(NULL, &opts.system), 0);
	outer = weir_graph_create(&opts);
	inner.graph = weir_graph_create(&opts);
	weir_to_null(weir_from_range(inner.graph, 1, 3, NULL), NULL);
	f = weir_from_range(outer, 1, 1, NULL);
	f = weir_tap(f, start_inner, &inner, NULL);
	weir_to_null(f, NULL);

	assert_int_equal(weir_graph_run(outer, NULL), 0);
	assert_int_equal(inner.result, -EBUSY);
	assert_string_equal(inner.error.stage, "graph");
	assert_string_equal(
		inner.error.text, "its system is running in a wait");

	/* Afterwards it may. */
	assert_int_equal(weir_graph_run(inner.graph, NULL), 0);
	weir_graph_destroy(outer);
	weir_graph_destroy(inner.graph);
	weir_system_destroy(opts.system);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			failures_that_are_forgiven_take_no_memory_each),
		cmocka_unit_test(a_failure_names_the_element_and_says_its_text),
		cmocka_unit_test(
			a_graph_whose_system_is_running_is_refused_and_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
