/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_progress.c - the line of progress
 */
#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND 1000000000ULL

static void
expect_line(
	struct cli_reached before, struct cli_reached now, const char *expected)
{
	char line[CLI_PROGRESS_BYTES];

	assert_string_equal(cli_progress_line(&before, &now, line), expected);
}

static void
bytes_have_the_rate_since_the_line_before(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0},
		(struct cli_reached){.bytes = 3 << 20, .elapsed_ns = SECOND},
		"3.0 MiB, 3.0 MiB/s");
	expect_line(
		(struct cli_reached){.bytes = 3 << 20, .elapsed_ns = SECOND},
		(struct cli_reached){
			.bytes = 4 << 20, .elapsed_ns = 3 * SECOND / 2},
		"4.0 MiB, 2.0 MiB/s");
}

static void
elements_are_shown_where_no_bytes_are_known(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0},
		(struct cli_reached){
			.elements = 5000000, .elapsed_ns = 2 * SECOND},
		"5.0 M elements, 2.5 M/s");
}

static void
the_time_left_is_known_where_the_size_is(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0},
		(struct cli_reached){.bytes = 256,
			.bytes_all = 1024,
			.elapsed_ns = 10 * SECOND},
		"256 B, 25 B/s, 25 %, 0:30 left");
	expect_line((struct cli_reached){0},
		(struct cli_reached){
			.bytes = 1024, .bytes_all = 1024, .elapsed_ns = SECOND},
		"1.0 KiB, 1.0 KiB/s, 100 %, 0:00 left");
}

static void
a_file_that_grew_has_no_time_left(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0},
		(struct cli_reached){
			.bytes = 2048, .bytes_all = 1024, .elapsed_ns = SECOND},
		"2.0 KiB, 2.0 KiB/s");
}

static void
nothing_yet_is_no_division_by_zero(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0}, (struct cli_reached){0},
		"0 elements, 0/s");
	expect_line((struct cli_reached){0},
		(struct cli_reached){.bytes_all = 1024}, "0 B, 0 B/s");
}

static void
a_time_that_nobody_would_wait_is_not_shown(void **state)
{
	(void)state;
	expect_line((struct cli_reached){0},
		(struct cli_reached){.bytes = 1,
			.bytes_all = UINT64_MAX,
			.elapsed_ns = SECOND},
		"1 B, 1 B/s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_the_rate_since_the_line_before),
		cmocka_unit_test(elements_are_shown_where_no_bytes_are_known),
		cmocka_unit_test(the_time_left_is_known_where_the_size_is),
		cmocka_unit_test(a_file_that_grew_has_no_time_left),
		cmocka_unit_test(nothing_yet_is_no_division_by_zero),
		cmocka_unit_test(a_time_that_nobody_would_wait_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
