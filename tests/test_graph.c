/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_graph.c - what is judged when a graph is built
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include "support/live.h"
#include "support/probe.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Options that give a stage a name. */
#define NAMED(label) (&(struct weir_stage_opts){.name = (label)})

static int
graph_setup(void **state)
{
	*state = weir_graph_create(NULL);
	return *state == NULL ? -1 : 0;
}

static int
graph_teardown(void **state)
{
	weir_graph_destroy(*state);
	return 0;
}

/* The graph is refused, and the message is about @stage and has @word. */
static void
assert_refused(struct weir_graph *graph, const char *stage, const char *word)
{
	struct weir_error error = {0};

	assert_int_equal(weir_graph_check(graph, &error), -EINVAL);
	assert_int_equal(error.code, -EINVAL);
	assert_string_equal(error.stage, stage);
	if (strstr(error.text, word) == NULL)
		fail_msg("'%s' is not in '%s'", word, error.text);
}

static void
a_flow_used_twice_names_all_stages(void **state)
{
	struct weir_flow f = weir_from_range(*state, 1, 9, NAMED("numbers"));

	weir_to_null(f, NAMED("first"));
	weir_to_null(f, NAMED("second"));
	assert_refused(*state, "second", "'numbers'");
	assert_refused(*state, "second", "'first'");
}

static void
types_that_differ_name_both_stages(void **state)
{
	struct weir_flow f = weir_from_range(*state, 1, 9, NAMED("numbers"));

	f = weir_upper(f, NAMED("capitals"));
	weir_to_null(f, NULL);
	assert_refused(*state, "capitals", "type record");
	assert_refused(*state, "capitals", "'numbers' emits int64");
}

static void
bytes_before_a_record_operator_get_the_hint_to_frame(void **state)
{
	struct probe_source source = {.kind = KIND_BYTES, .n = 1};

	weir_to_null(weir_trim(probe_from(*state, &source, NAMED("raw")), NULL),
		NULL);
	assert_refused(*state, "trim", "put 'lines' before it");
	probe_source_free(&source);
}

static void
an_outlet_nobody_takes_is_named(void **state)
{
	weir_from_range(*state, 1, 9, NAMED("numbers"));
	assert_refused(*state, "numbers", "nobody takes what it emits");
}

static void
a_branch_nobody_takes_is_named(void **state)
{
	struct weir_flow branches[2];

	weir_broadcast(weir_from_range(*state, 1, 9, NULL), branches, 2,
		NAMED("fork"));
	weir_to_null(branches[1], NULL);
	assert_refused(*state, "fork", "nobody takes what it emits");
}

static void
a_flow_of_another_graph_is_refused(void **state)
{
	struct weir_graph *other = weir_graph_create(NULL);
	struct weir_flow flows[2] = {weir_from_range(*state, 1, 9, NULL),
		weir_from_range(other, 1, 9, NULL)};

	weir_merge(flows, 2, NAMED("join"));
	assert_refused(*state, "join", "none of this graph");
	weir_graph_destroy(other);
}

static void
what_a_sink_returns_is_no_flow(void **state)
{
	struct weir_flow end = {*state, 0, 0};

	weir_to_null(weir_from_range(*state, 1, 9, NULL), NULL);
	end.stage = 1;
	assert_null(weir_flow_type(end));
	weir_to_null(end, NAMED("after"));
	assert_refused(*state, "after", "none of this graph");
}

typedef live *owned;

static void
owned_release(owned element)
{
	live_drop(element, 1);
}

WEIR_POINTER_TYPE(owned, "owned", owned_release);

static void
a_map_without_a_function_is_refused(void **state)
{
	weir_to_null(weir_map(weir_from_range(*state, 1, 9, NULL),
			     &weir_type_owned, NULL, NULL, NULL),
		NULL);
	assert_refused(*state, "map", "no function");
}

static int
no_map(void *ctx, const void *in, void *out)
{
	(void)ctx;
	(void)in;
	*(owned *)out = NULL;
	return -EINVAL;
}

static void
a_share_that_is_missing_names_the_type(void **state)
{
	struct weir_flow branches[2];
	struct weir_flow f = weir_map(weir_from_range(*state, 1, 9, NULL),
		&weir_type_owned, no_map, NULL, NULL);

	weir_broadcast(f, branches, 2, NAMED("fork"));
	assert_refused(*state, "fork", "type owned");
	assert_refused(*state, "fork", "no share");
}

static void
one_branch_needs_no_share(void **state)
{
	struct weir_flow branch;
	struct weir_flow f = weir_map(weir_from_range(*state, 1, 9, NULL),
		&weir_type_owned, no_map, NULL, NULL);

	weir_broadcast(f, &branch, 1, NULL);
	weir_to_null(branch, NULL);
	assert_int_equal(weir_graph_check(*state, NULL), 0);
}

static void
a_broadcast_to_nobody_is_refused(void **state)
{
	struct weir_flow none;

	weir_broadcast(weir_from_range(*state, 1, 9, NULL), &none, 0, NULL);
	assert_refused(*state, "tee", "cannot have 1 inlets and 0 outlets");
}

static void
a_map_without_a_type_is_refused(void **state)
{
	weir_to_null(weir_map(weir_from_range(*state, 1, 9, NULL), NULL, no_map,
			     NULL, NULL),
		NULL);
	assert_refused(*state, "map", "no type for its results");
}

static void
an_element_aligned_beyond_a_batch_is_refused(void **state)
{
	static const struct weir_type wide = {"wide", 128, 128, NULL, NULL};

	weir_to_null(weir_map(weir_from_range(*state, 1, 9, NULL), &wide,
			     no_map, NULL, NULL),
		NULL);
	assert_refused(*state, "map", "aligned to 128");
}

static void
an_element_of_no_size_is_refused(void **state)
{
	static const struct weir_type empty = {"empty", 0, 1, NULL, NULL};
	char items = 0;

	weir_to_null(weir_from_array(*state, &empty, &items, 1, NULL), NULL);
	assert_refused(*state, "array", "of 0 bytes");
}

static void
a_result_of_no_size_is_refused(void **state)
{
	int acc = 0;

	weir_to_fold(
		weir_from_range(*state, 1, 9, NULL), NULL, NULL, &acc, 0, NULL);
	assert_refused(*state, "fold", "no memory for its result");
}

static void
slices_cannot_be_collected(void **state)
{
	weir_record items[4];
	size_t n;

	weir_to_collect(weir_decimal(weir_from_range(*state, 1, 4, NULL), NULL),
		items, 4, &n, NULL);
	assert_refused(*state, "collect", "keep them first");
}

static void
the_first_error_sticks(void **state)
{
	struct weir_flow f = weir_from_range(*state, 1, 9, NULL);

	f = weir_upper(f, NAMED("first"));
	f = weir_grep(f, "(", NULL);
	weir_to_null(f, NULL);
	weir_to_null(f, NULL);
	assert_refused(*state, "first", "int64");
}

static void
a_null_graph_is_reported_as_out_of_memory(void **state)
{
	struct weir_error error = {0};
	struct weir_flow f = weir_from_range(NULL, 1, 9, NULL);

	(void)state;
	weir_to_null(weir_take(weir_lines(f, NULL), 1, NULL), NULL);
	assert_int_equal(weir_graph_run(NULL, &error), -ENOMEM);
	assert_int_equal(error.code, -ENOMEM);
	assert_null(weir_graph_system(NULL));
	assert_null(weir_graph_last_run(NULL));
	weir_graph_destroy(NULL);
}

static void
an_empty_graph_is_refused(void **state)
{
	assert_refused(*state, "graph", "no stages");
}

static void
too_many_elements_in_a_batch_are_refused(void **state)
{
	const struct weir_graph_opts opts = {.batch_items = 4097};
	struct weir_graph *graph = weir_graph_create(&opts);

	(void)state;
	weir_to_null(weir_from_range(graph, 1, 9, NULL), NULL);
	assert_refused(graph, "graph", "4097");
	weir_graph_destroy(graph);
}

static void
names_are_copied(void **state)
{
	char name[] = "numbers";

	weir_from_range(*state, 1, 9, NAMED(name));
	memset(name, 'x', sizeof(name) - 1);
	assert_refused(*state, "numbers", "nobody");
}

static void
check_opens_nothing(void **state)
{
	struct probe_source source = {.kind = KIND_INT64, .n = 3};

	weir_to_null(probe_from(*state, &source, NULL), NULL);
	assert_int_equal(weir_graph_check(*state, NULL), 0);
	assert_int_equal(source.opened, 0);
	assert_int_equal(weir_graph_run(*state, NULL), 0);
	assert_int_equal(source.opened, 1);
}

static void
a_stage_is_told_with_those_it_takes_from(void **state)
{
	struct weir_flow flows[2] = {weir_from_range(*state, 1, 9, NULL),
		weir_from_range(*state, 1, 9, NULL)};
	const struct weir_operator *op;
	const char *name;
	uint32_t from[2];

	weir_to_null(weir_merge(flows, 2, NAMED("join")), NULL);
	assert_int_equal(weir_graph_stage(*state, 2, &op, &name, from, 2), 2);
	assert_string_equal(op->name, "merge");
	assert_string_equal(name, "join");
	assert_int_equal(from[0], 0);
	assert_int_equal(from[1], 1);
	assert_int_equal(
		weir_graph_stage(*state, 4, NULL, NULL, NULL, 0), -ENOENT);
}

int
main(void)
{
#define WITH_GRAPH(test)                                                       \
	cmocka_unit_test_setup_teardown(test, graph_setup, graph_teardown)
	const struct CMUnitTest tests[] = {
		WITH_GRAPH(a_flow_used_twice_names_all_stages),
		WITH_GRAPH(types_that_differ_name_both_stages),
		WITH_GRAPH(
			bytes_before_a_record_operator_get_the_hint_to_frame),
		WITH_GRAPH(an_outlet_nobody_takes_is_named),
		WITH_GRAPH(a_branch_nobody_takes_is_named),
		WITH_GRAPH(a_flow_of_another_graph_is_refused),
		WITH_GRAPH(what_a_sink_returns_is_no_flow),
		WITH_GRAPH(a_map_without_a_function_is_refused),
		WITH_GRAPH(a_share_that_is_missing_names_the_type),
		WITH_GRAPH(one_branch_needs_no_share),
		WITH_GRAPH(a_broadcast_to_nobody_is_refused),
		WITH_GRAPH(a_map_without_a_type_is_refused),
		WITH_GRAPH(an_element_aligned_beyond_a_batch_is_refused),
		WITH_GRAPH(an_element_of_no_size_is_refused),
		WITH_GRAPH(a_result_of_no_size_is_refused),
		WITH_GRAPH(slices_cannot_be_collected),
		WITH_GRAPH(the_first_error_sticks),
		WITH_GRAPH(a_null_graph_is_reported_as_out_of_memory),
		WITH_GRAPH(an_empty_graph_is_refused),
		WITH_GRAPH(too_many_elements_in_a_batch_are_refused),
		WITH_GRAPH(names_are_copied),
		WITH_GRAPH(check_opens_nothing),
		WITH_GRAPH(a_stage_is_told_with_those_it_takes_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
