/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_grep.c - which records a pattern keeps
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How many of @n records @pattern keeps. */
static uint64_t
kept(const char *pattern, const weir_record *records, size_t n)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	uint64_t count = UINT64_MAX;

	weir_to_count(weir_grep(weir_from_array(graph, &weir_type_weir_record,
					records, n, NULL),
			      pattern, NULL),
		&count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	return count;
}

static void
a_pattern_of_utf_8_passes_over_bytes_that_are_none(void **state)
{
	static const weir_record records[] = {
		{"\xc3\xa9t\xc3\xa9", 5}, {"\xff\xfet", 3}, {"\xff\xfe", 2}};

	(void)state;
	assert_int_equal(kept("(*UTF)t", records, 3), 2);
	assert_int_equal(kept("(*UTF)^.t.$", records, 3), 1);
	assert_int_equal(kept("^.t.$", records, 3), 0);
}

static void
a_group_may_repeat_over_a_very_long_record(void **state)
{
	size_t length = (size_t)1 << 20;
	char *data = malloc(length);
	weir_record record = {data, length};

	(void)state;
	assert_non_null(data);
	memset(data, 'a', length);
	data[length - 1] = 'c';
	assert_int_equal(kept("^(a|b)*c$", &record, 1), 1);
	assert_int_equal(kept("^(.)*c$", &record, 1), 1);
	free(data);
}

static void
what_only_looks_like_text_is_not_sought_in_records(void **state)
{
	static const weir_record records[] = {{"a{}}}b", 6}, {"ab", 2}};

	(void)state;
	assert_int_equal(kept("a{}{3}b", records, 2), 1);
	assert_int_equal(kept("zz[[:]|a", records, 2), 2);
}

/* What the pattern does with records of which the third takes it too long: the
 * first two are there before the run fails, and it fails at the third. */
static void
expect_earlier_kept(const char *pattern, bool invert, uint64_t earlier)
{
	static const weir_record records[] = {{"aax lit", 7}, {"aay", 3},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa lit x", 54},
		{"ax lit", 6}};
	const struct weir_grep_opts opts = {.invert = invert};
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_stage_stats stage;
	struct weir_error error;
	struct weir_run *run;

	weir_to_null(weir_grep(weir_from_array(graph, &weir_type_weir_record,
				       records, 4, NULL),
			     pattern, &opts),
		NULL);
	assert_int_equal(weir_graph_run(graph, &error), -E2BIG);
	assert_string_equal(error.stage, "grep");
	assert_int_equal(error.element, 3);
	run = weir_graph_last_run(graph);
	assert_int_equal(weir_run_stage_stats(run, 2, &stage), 0);
	assert_int_equal(stage.tally[WEIR_OUT], earlier);
	weir_graph_destroy(graph);
}

static void
records_before_one_that_takes_too_long_are_kept(void **state)
{
	(void)state;
	/* One by one, and by the string " lit" that it cannot match without. */
	expect_earlier_kept("(*LIMIT_MATCH=1000)^(a+)+x", false, 1);
	expect_earlier_kept("(*LIMIT_MATCH=1000)^(a+)+x", true, 1);
	expect_earlier_kept("^(a+)+x.* lit", false, 1);
	expect_earlier_kept("^(a+)+x.* lit", true, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_pattern_of_utf_8_passes_over_bytes_that_are_none),
		cmocka_unit_test(a_group_may_repeat_over_a_very_long_record),
		cmocka_unit_test(
			what_only_looks_like_text_is_not_sought_in_records),
		cmocka_unit_test(
			records_before_one_that_takes_too_long_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
