/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dot.c - a graph drawn and a run dumped
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Options that give a stage a name. */
#define NAMED(label) (&(struct weir_stage_opts){.name = (label)})

/* What is drawn of @graph; to be freed. */
static char *
drawn(struct weir_graph *graph)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	assert_int_equal(weir_graph_write_dot(graph, file), 0);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void
assert_drawn(struct weir_graph *graph, const char *piece)
{
	char *text = drawn(graph);

	if (strstr(text, piece) == NULL)
		fail_msg("'%s' is not in\n%s", piece, text);
	free(text);
}

static struct weir_graph *
forked(void)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow branches[2];

	weir_broadcast(weir_from_range(graph, 1, 9, NAMED("numbers")), branches,
		2, NAMED("fork"));
	weir_to_null(branches[0], NULL);
	weir_to_null(weir_decimal(branches[1], NULL), NAMED("end"));
	return graph;
}

static void
each_stage_is_a_node_and_each_edge_has_its_type(void **state)
{
	struct weir_graph *graph = forked();

	(void)state;
	assert_drawn(graph, "digraph weir {");
	assert_drawn(graph, "s0 [label=\"numbers\", shape=cds];");
	assert_drawn(graph, "s1 [label=\"fork\"];");
	assert_drawn(graph, "s4 [label=\"end\", shape=note];");
	assert_drawn(graph, "s0 -> s1 [label=\"int64\"];");
	assert_drawn(graph, "s1 -> s2 [label=\"int64\"];");
	assert_drawn(graph, "s1 -> s3 [label=\"int64\"];");
	assert_drawn(graph, "s3 -> s4 [label=\"record\"];");
	weir_graph_destroy(graph);
}

static void
counts_are_shown_once_it_ran(void **state)
{
	struct weir_graph *graph = forked();

	(void)state;
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_drawn(graph, "numbers\\nin 0 out 9");
	assert_drawn(graph, "end\\nin 9 out 9");
	weir_graph_destroy(graph);
}

static void
islands_are_boxes_and_boundaries_dashed(void **state)
{
	const struct weir_async_opts nine = {.window = 9};
	struct weir_graph *graph =
		weir_graph_create(&(struct weir_graph_opts){.window = 300});
	struct weir_flow flow = weir_from_range(graph, 1, 9, NULL);

	(void)state;
	flow = weir_async(weir_decimal(flow, NULL), NULL);
	weir_to_null(weir_async(flow, &nine), NULL);
	assert_drawn(graph, "s0 -> s1 [label=\"int64\"];");
	assert_drawn(graph, "s1 -> s2 [label=\"record\\n300\", style=dashed];");
	assert_drawn(graph, "s2 -> s3 [label=\"record\\n9\", style=dashed];");
	assert_drawn(graph, "subgraph cluster_0 { s0; s1; }");
	assert_drawn(graph, "subgraph cluster_1 { s2; }");
	assert_drawn(graph, "subgraph cluster_2 { s3; s4; }");
	weir_graph_destroy(graph);
}

static void
a_single_island_has_no_box(void **state)
{
	struct weir_graph *graph = forked();
	char *text = drawn(graph);

	(void)state;
	assert_null(strstr(text, "subgraph"));
	free(text);
	weir_graph_destroy(graph);
}

static void
names_are_quoted(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);

	(void)state;
	weir_to_null(weir_from_range(graph, 1, 9, NAMED("a \"b\\c")), NULL);
	assert_drawn(graph, "label=\"a \\\"b\\\\c\"");
	weir_graph_destroy(graph);
}

static void
a_graph_with_an_error_is_drawn_as_far_as_it_goes(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_graph *other = weir_graph_create(NULL);
	struct weir_flow wrong[2];

	(void)state;
	wrong[0] = weir_from_range(other, 1, 9, NULL);
	wrong[0].graph = graph; /* names a stage that is not there */
	weir_to_null(wrong[0], NAMED("lost"));
	assert_drawn(graph, "lost");
	weir_graph_destroy(other);
	weir_graph_destroy(graph);
}

static void
no_graph_is_drawn_as_an_empty_one(void **state)
{
	(void)state;
	assert_drawn(NULL, "digraph weir {");
}

static void
a_file_that_cannot_be_written_is_an_error(void **state)
{
	struct weir_graph *graph = forked();
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	setbuf(full, NULL);
	assert_int_equal(weir_graph_write_dot(graph, full), -EIO);
	(void)fclose(full);
	weir_graph_destroy(graph);
}

static void
a_dump_has_balances_edges_and_memory(void **state)
{
	static const char *const pieces[] = {"stage 0 numbers: created 9 out 9",
		"stage 1 fork: in 9 out 9",
		"edge numbers -> fork (int64): granted ",
		"sent 9 taken 9; waiting 0", "memory 0 of 67108864 bytes"};
	struct weir_graph *graph = forked();
	char *text = NULL;
	size_t length;
	FILE *file;

	(void)state;
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	file = open_memstream(&text, &length);
	assert_non_null(file);
	weir_run_dump(weir_graph_last_run(graph), file);
	assert_int_equal(fclose(file), 0);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (strstr(text, pieces[i]) == NULL)
			fail_msg("'%s' is not in\n%s", pieces[i], text);
	free(text);
	weir_graph_destroy(graph);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_stage_is_a_node_and_each_edge_has_its_type),
		cmocka_unit_test(counts_are_shown_once_it_ran),
		cmocka_unit_test(islands_are_boxes_and_boundaries_dashed),
		cmocka_unit_test(a_single_island_has_no_box),
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(
			a_graph_with_an_error_is_drawn_as_far_as_it_goes),
		cmocka_unit_test(no_graph_is_drawn_as_an_empty_one),
		cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
		cmocka_unit_test(a_dump_has_balances_edges_and_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
