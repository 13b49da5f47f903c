/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_grep.c - which records a pattern keeps
 */
#include "operators/operators.h"
#include "streams/graph.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_pattern_of_utf_8_passes_over_bytes_that_are_none),
		cmocka_unit_test(a_group_may_repeat_over_a_very_long_record),
		cmocka_unit_test(
			what_only_looks_like_text_is_not_sought_in_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
