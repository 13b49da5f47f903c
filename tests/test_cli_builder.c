/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_builder.c - a resolved pipeline as a graph, and what its run shows
 */
#include "cli/boundaries.h"
#include "cli/builder.h"
#include "cli/resolver.h"
#include "cli/rows.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct cli_input input;
	struct cli_catalog catalog;
	struct cli_pipeline pipeline;
	struct cli_built built;
	struct weir_graph *graph;
};

static int
build_with(struct fixture *f, const char *text, uint64_t window)
{
	const struct weir_graph_opts opts = {.window = window};

	cli_input_init(&f->input, NULL, text, strlen(text));
	f->graph = weir_graph_create(&opts);
	f->catalog = cli_catalog_library(&f->input.arena);
	assert_int_equal(cli_parse(&f->input, &f->pipeline), 0);
	assert_int_equal(cli_resolve(&f->input, &f->catalog, &f->pipeline), 0);
	return cli_build(&f->input, &f->pipeline, f->graph, &f->built);
}

static void
build(struct fixture *f, const char *text)
{
	assert_int_equal(build_with(f, text, 0), 0);
}

static void
finish(struct fixture *f)
{
	weir_graph_destroy(f->graph);
	cli_input_finish(&f->input);
}

static void
expect_problem(
	const char *text, const char *sentence, const char *hint, size_t begin)
{
	struct fixture f;

	assert_int_equal(build_with(&f, text, 0), -1);
	assert_string_equal(f.input.problem.text, sentence);
	if (hint != NULL)
		assert_string_equal(f.input.problem.hint, hint);
	assert_int_equal(f.input.problem.place.begin, begin);
	finish(&f);
}

/* The names of the graph's stages, as "a b c". */
static void
expect_stages(const char *text, const char *expected)
{
	struct fixture f;
	char shown[256] = "";
	const char *name;

	build(&f, text);
	for (uint32_t s = 0;
		weir_graph_stage(f.graph, s, NULL, &name, NULL, 0) >= 0; s++)
		strcat(strcat(shown, s == 0 ? "" : " "), name);
	assert_string_equal(shown, expected);
	finish(&f);
}

static void
a_line_operator_on_raw_bytes_asks_for_lines(void **state)
{
	(void)state;
	expect_problem("file a | grep x | null",
		"'grep' works on lines, and 'file' gives raw bytes",
		"put 'lines' before it", 9);
	expect_problem("stdin | take 2 | prefix x | null",
		"'prefix' works on lines, and 'take' gives raw bytes",
		"put 'lines' before it", 17);
	expect_problem("file a | tee (map upper | null) | null",
		"'map' works on lines, and 'file' gives raw bytes",
		"put 'lines' before it", 14);
}

static void
lines_behind_lines_are_to_be_left_out(void **state)
{
	(void)state;
	expect_problem("range 1 2 | lines | null",
		"'lines' works on raw bytes, and 'range' gives lines",
		"leave it out: they are lines already", 12);
}

static void
raw_bytes_are_joined_only_behind_lines(void **state)
{
	(void)state;
	expect_problem("merge (range 1 2, file a) | null",
		"'merge' cannot join raw bytes",
		"frame first: merge (file a | lines, file b | lines)", 18);
	expect_stages("merge (file a | lines, file b | lines) | null",
		"file lines file lines merge null");
}

static void
a_pattern_that_does_not_compile_is_shown_at_its_byte(void **state)
{
	struct fixture f;
	const char *text = "stdin | lines | grep 'ab[c' | null";

	(void)state;
	assert_int_equal(build_with(&f, text, 0), -1);
	assert_true(strstr(f.input.problem.text,
			    "grep: the pattern does not compile") ==
		    f.input.problem.text);
	/* PCRE2 misses the bracket at the end of the pattern. */
	assert_int_equal(f.input.problem.place.begin, 27);
	finish(&f);
}

static void
numbers_become_lines_of_decimal_digits(void **state)
{
	(void)state;
	expect_stages("range 1 2 | stdout", "range decimal stdout");
	expect_stages("range 1 2 | count | stdout",
		"range decimal count decimal stdout");
}

static void
count_at_the_end_belongs_to_one_stage_of_the_text(void **state)
{
	struct fixture f;

	(void)state;
	build(&f, "range 1 2 | count");
	assert_int_equal(f.built.count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_ptr_equal(f.built.owners[i].stage,
			&f.pipeline.stages[i < 2 ? 0 : 1]);
	finish(&f);
}

static void
groups_become_branches(void **state)
{
	(void)state;
	expect_stages("stdin | tee (null, stdout) | null",
		"stdin tee null stdout null");
	expect_stages(
		"stdin | tap (null) | tee (null)", "stdin tap null tee null");
}

/* How many stages of the graph are called @name. */
static size_t
count_named(const struct fixture *f, const char *name)
{
	const char *each;
	size_t n = 0;

	for (uint32_t s = 0;
		weir_graph_stage(f->graph, s, NULL, &each, NULL, 0) >= 0; s++)
		n += strcmp(each, name) == 0;
	return n;
}

static void
copies_are_named_by_their_number(void **state)
{
	struct fixture f;

	(void)state;
	build(&f, "range 1 9 | parallel 2 unordered (take 1 | "
		  "parallel 3 (skip 2) | count) | null");
	assert_int_equal(count_named(&f, "take#1"), 1);
	assert_int_equal(count_named(&f, "take#2"), 1);
	assert_int_equal(count_named(&f, "take#3"), 0);
	assert_int_equal(count_named(&f, "skip#1.1"), 1);
	assert_int_equal(count_named(&f, "skip#2.3"), 1);
	assert_int_equal(count_named(&f, "decimal#2"), 1);
	assert_int_equal(count_named(&f, "null"), 1);
	finish(&f);
}

static void
each_stage_of_a_graph_with_copies_has_an_owner(void **state)
{
	struct fixture f;
	const char *name;
	uint32_t s = 0;

	(void)state;
	build(&f, "range 1 9 | parallel 3 unordered (skip 1 | "
		  "parallel 2 (take 2)) | null");
	for (; weir_graph_stage(f.graph, s, NULL, &name, NULL, 0) >= 0; s++) {
		const char *owner = f.built.owners[s].stage->name.text;

		/* The stages that write numbers are the range's. */
		if (strncmp(name, "decimal", 7) == 0)
			assert_string_equal(owner, "range");
		else if (strncmp(name, "skip", 4) == 0 ||
			 strncmp(name, "take", 4) == 0)
			assert_memory_equal(owner, name, 4);
		else if (strcmp(name, "range") != 0 &&
			 strcmp(name, "null") != 0)
			assert_string_equal(owner, "parallel");
	}
	assert_int_equal(f.built.count, s);
	finish(&f);
}

static void
raw_bytes_are_not_dealt_out(void **state)
{
	(void)state;
	expect_problem("file a | parallel 2 (take 1) | null",
		"'parallel' cannot deal out raw bytes",
		"frame first: put 'lines' before it", 9);
	expect_problem("file a | parallel 2 (lines) | null",
		"'parallel' cannot deal out raw bytes",
		"frame first: put 'lines' before it", 9);
}

static void
a_problem_within_copies_is_told_once_at_its_place(void **state)
{
	(void)state;
	expect_problem("range 1 2 | parallel 2 (take 1 | lines) | null",
		"'lines' works on raw bytes, and 'take' gives lines",
		"leave it out: they are lines already", 33);
	expect_problem(
		"range 1 2 | parallel 2 unordered (parallel 3 (grep 'a(')) | "
		"null",
		"grep: the pattern does not compile: missing closing "
		"parenthesis at byte 3 (-F takes it as it is)",
		NULL, 55);
}

static void
what_keeps_the_order_is_not_cut_within(void **state)
{
	(void)state;
	expect_problem("range 1 2 | parallel 2 (take 1 | async) | null",
		"'async' cannot be within a 'parallel' that keeps the order",
		"leave it out, or make that one 'unordered'", 33);
	expect_problem("range 1 2 | parallel 2 (parallel 2 unordered (take 1)) "
		       "| null",
		"'parallel' cannot be within a 'parallel' that keeps the order",
		"leave it out, or make that one 'unordered'", 24);
	expect_problem("range 1 2 | parallel 2 unordered (parallel 2 "
		       "(tee (async | null))) | null",
		"'async' cannot be within a 'parallel' that keeps the order",
		"leave it out, or make that one 'unordered'", 51);
}

static void
there_is_a_bound_to_copies_of_copies(void **state)
{
	(void)state;
	expect_problem(
		"range 1 2 | parallel 1k unordered (parallel 1k (take 1)) | "
		"null",
		"with all its copies the pipeline has more than 16384 stages",
		"make fewer copies", 35);
}

/* The edge into `async` is a boundary of that window. */
static void
expect_window(const char *text, uint64_t window, uint64_t expected)
{
	struct weir_edge_stats edge;
	struct weir_run *run;
	struct fixture f;

	assert_int_equal(build_with(&f, text, window), 0);
	assert_int_equal(weir_graph_start(f.graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_int_equal(weir_run_edge_stats(run, 1, &edge), 0);
	assert_string_equal(edge.to, "async");
	assert_true(edge.is_boundary);
	assert_int_equal(edge.capacity, expected);
	finish(&f);
}

static void
the_window_is_for_boundaries_that_say_nothing(void **state)
{
	(void)state;
	expect_window("range 1 1 | async | null", 0, 4096);
	expect_window("range 1 1 | async | null", 7, 7);
	expect_window("range 1 1 | async window=9 | null", 7, 9);
}

static void
each_stage_of_the_text_has_a_row_that_balances(void **state)
{
	struct cli_rows rows;
	struct fixture f;

	(void)state;
	build(&f, "range 1 1000 | skip 10 | tee (take 5 | null, "
		  "count | null)");
	assert_int_equal(weir_graph_run(f.graph, NULL), 0);
	rows = cli_rows_make(
		&f.input.arena, &f.built, weir_graph_last_run(f.graph));
	assert_int_equal(rows.count, 7);
	for (size_t i = 0; i < rows.count; i++) {
		const uint64_t *t = rows.rows[i].tally;

		assert_int_equal(t[WEIR_IN] + t[WEIR_CREATED],
			t[WEIR_OUT] + t[WEIR_ABSORBED] + t[WEIR_FILTERED] +
				t[WEIR_DROPPED] + t[WEIR_DEAD] +
				t[WEIR_CANCELLED] + t[WEIR_UNACKED]);
	}
	assert_int_equal(rows.rows[0].tally[WEIR_CREATED], 1000);
	assert_int_equal(rows.rows[0].tally[WEIR_OUT], 1000);
	assert_int_equal(rows.rows[1].tally[WEIR_FILTERED], 10);
	assert_true(rows.one_unit);
	assert_int_equal(rows.tally[WEIR_IN], 1000);
	finish(&f);
}

static void
copies_are_summed_in_the_row_of_their_stage(void **state)
{
	struct cli_rows rows;
	struct fixture f;

	(void)state;
	build(&f, "range 1 1000 | parallel 4 unordered (grep 7 | "
		  "parallel 2 (grep 1) | count) | null");
	assert_int_equal(weir_graph_run(f.graph, NULL), 0);
	rows = cli_rows_make(
		&f.input.arena, &f.built, weir_graph_last_run(f.graph));
	assert_int_equal(rows.count, 7);
	assert_string_equal(rows.rows[1].stage->name.text, "parallel");
	assert_int_equal(rows.rows[1].copies, 1);
	assert_int_equal(rows.rows[1].tally[WEIR_IN], 1000);
	assert_int_equal(rows.rows[1].tally[WEIR_OUT], 1000);
	assert_int_equal(rows.rows[2].copies, 4);
	assert_int_equal(rows.rows[2].tally[WEIR_IN], 1000);
	assert_int_equal(rows.rows[2].tally[WEIR_OUT], 271);
	assert_int_equal(rows.rows[4].copies, 8);
	assert_int_equal(rows.rows[4].tally[WEIR_IN], 271);
	/* Each copy writes its number. */
	assert_int_equal(rows.rows[5].tally[WEIR_CREATED], 4);
	assert_int_equal(rows.rows[5].tally[WEIR_OUT], 4);
	assert_int_equal(rows.rows[6].tally[WEIR_IN], 4);
	assert_true(rows.one_unit);
	assert_int_equal(rows.tally[WEIR_IN], 1000);
	assert_int_equal(rows.tally[WEIR_OUT], 4);
	finish(&f);
}

static void
each_boundary_has_a_row(void **state)
{
	struct cli_boundaries found;
	struct fixture f;

	(void)state;
	assert_int_equal(build_with(&f,
				 "range 1 5000 | async | skip 1 | "
				 "async window=9 | count",
				 100),
		0);
	assert_int_equal(weir_graph_run(f.graph, NULL), 0);
	found = cli_boundaries_make(
		&f.input.arena, &f.built, weir_graph_last_run(f.graph));
	assert_int_equal(found.count, 2);
	assert_string_equal(found.rows[0].from->name.text, "range");
	assert_string_equal(found.rows[0].to->name.text, "async");
	assert_int_equal(found.rows[0].copies, 1);
	assert_int_equal(found.rows[0].window, 100);
	assert_in_range(found.rows[0].waiting_max, 1, 100);
	assert_string_equal(found.rows[1].from->name.text, "skip");
	assert_int_equal(found.rows[1].window, 9);
	assert_in_range(found.rows[1].waiting_max, 1, 9);
	finish(&f);
}

static void
a_run_that_never_began_has_rows_of_zeros(void **state)
{
	struct cli_rows rows;
	struct fixture f;

	(void)state;
	build(&f, "range 1 2 | count");
	rows = cli_rows_make(&f.input.arena, &f.built, NULL);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.rows[1].stage->name.text, "count");
	assert_int_equal(rows.rows[1].tally[WEIR_IN], 0);
	finish(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_operator_on_raw_bytes_asks_for_lines),
		cmocka_unit_test(lines_behind_lines_are_to_be_left_out),
		cmocka_unit_test(raw_bytes_are_joined_only_behind_lines),
		cmocka_unit_test(
			a_pattern_that_does_not_compile_is_shown_at_its_byte),
		cmocka_unit_test(numbers_become_lines_of_decimal_digits),
		cmocka_unit_test(
			count_at_the_end_belongs_to_one_stage_of_the_text),
		cmocka_unit_test(groups_become_branches),
		cmocka_unit_test(copies_are_named_by_their_number),
		cmocka_unit_test(
			each_stage_of_a_graph_with_copies_has_an_owner),
		cmocka_unit_test(raw_bytes_are_not_dealt_out),
		cmocka_unit_test(
			a_problem_within_copies_is_told_once_at_its_place),
		cmocka_unit_test(what_keeps_the_order_is_not_cut_within),
		cmocka_unit_test(there_is_a_bound_to_copies_of_copies),
		cmocka_unit_test(the_window_is_for_boundaries_that_say_nothing),
		cmocka_unit_test(
			each_stage_of_the_text_has_a_row_that_balances),
		cmocka_unit_test(copies_are_summed_in_the_row_of_their_stage),
		cmocka_unit_test(each_boundary_has_a_row),
		cmocka_unit_test(a_run_that_never_began_has_rows_of_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
