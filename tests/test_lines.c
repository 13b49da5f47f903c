/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_lines.c - long lines, and the memory they take; that any cut of the
 * input gives the same lines is for fuzz_lines.c
 */
#include "support/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LONGEST ((size_t)1 << 20)

/* Count the lines of a file that is one line of @length bytes, with
 * @memory_bytes to do it. */
static int
one_line(size_t length, size_t memory_bytes, struct weir_error *error)
{
	struct weir_graph *graph = weir_graph_create(
		&(struct weir_graph_opts){.memory_bytes = memory_bytes});
	char *data = malloc(length + 1);
	uint64_t count = 0;
	int rc;

	assert_non_null(data);
	memset(data, 'x', length);
	data[length] = '\n';
	file_put("in", data, length + 1);
	free(data);
	weir_to_count(
		weir_lines(weir_from_file(graph, "in", NULL),
			&(struct weir_lines_opts){.line_bytes_max = LONGEST}),
		&count, NULL);
	rc = weir_graph_run(graph, error);
	assert_int_equal(count, rc == 0);
	weir_graph_destroy(graph);
	return rc;
}

static void
the_longest_line_takes_no_more_memory_than_it_needs_to_grow(void **state)
{
	struct weir_error error = {0};

	(void)state;
	assert_int_equal(one_line(LONGEST, LONGEST * 5 / 2, &error), 0);
}

static void
a_line_longer_than_allowed_is_named(void **state)
{
	struct weir_error error = {0};

	(void)state;
	assert_int_equal(one_line(LONGEST + 1, 0, &error), -EMSGSIZE);
	assert_int_equal(error.element, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_longest_line_takes_no_more_memory_than_it_needs_to_grow),
		cmocka_unit_test(a_line_longer_than_allowed_is_named),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
