/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_problem.c - how a problem is shown
 */
#include "cli/problem.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is printed for a problem of @text from @begin to @end. */
static void
expect_shown(const char *file, const char *text, size_t begin, size_t end,
	const char *hint, const char *expected)
{
	struct cli_input input;
	char *shown = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&shown, &length);

	assert_non_null(stream);
	cli_input_init(&input, file, text, strlen(text));
	assert_int_equal(cli_problem_at(&input, (struct cli_place){begin, end},
				 hint, "bad %s", "thing"),
		-1);
	cli_problem_print(&input, stream);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(shown, expected);
	free(shown);
	cli_input_finish(&input);
}

static void
the_caret_stands_under_the_place_with_the_hint_behind(void **state)
{
	(void)state;
	expect_shown(NULL, "file a | gerp b", 9, 13, "did you mean 'grep'?",
		"weir: bad thing\n"
		"  file a | gerp b\n"
		"           ^^^^  did you mean 'grep'?\n");
	expect_shown(NULL, "a", 0, 1, NULL,
		"weir: bad thing\n"
		"  a\n"
		"  ^\n");
}

static void
a_place_behind_the_end_has_one_caret(void **state)
{
	(void)state;
	expect_shown(NULL, "a |", 3, 3, NULL,
		"weir: bad thing\n"
		"  a |\n"
		"     ^\n");
	expect_shown(NULL, "", 0, 0, NULL,
		"weir: bad thing\n"
		"  \n"
		"  ^\n");
}

static void
only_the_line_of_the_place_is_shown_with_its_number(void **state)
{
	(void)state;
	expect_shown("p", "one\ntwo three\nfour", 8, 13, NULL,
		"weir: p:2: bad thing\n"
		"  two three\n"
		"      ^^^^^\n");
	expect_shown(NULL, "one\ntwo three\nfour", 8, 13, NULL,
		"weir: bad thing\n"
		"  two three\n"
		"      ^^^^^\n");
	/* A place over several lines is marked to the end of its first. */
	expect_shown("p", "ab\ncd", 1, 5, NULL,
		"weir: p:1: bad thing\n"
		"  ab\n"
		"   ^\n");
}

static void
bytes_that_upset_a_terminal_take_one_column_each(void **state)
{
	(void)state;
	expect_shown(NULL, "a\tb\x1b\x01 x", 6, 7, NULL,
		"weir: bad thing\n"
		"  a b?? x\n"
		"        ^\n");
}

static void
characters_of_several_bytes_take_one_column(void **state)
{
	(void)state;
	expect_shown(NULL, "\xc3\xa9\xe2\x82\xac x\xc3\xa9", 6, 9, NULL,
		"weir: bad thing\n"
		"  \xc3\xa9\xe2\x82\xac x\xc3\xa9\n"
		"     ^^\n");
}

static void
wide_characters_take_two_columns(void **state)
{
	(void)state;
	expect_shown(NULL, "\xe6\xbc\xa2\xf0\x9f\x98\x80 x", 8, 9, NULL,
		"weir: bad thing\n"
		"  \xe6\xbc\xa2\xf0\x9f\x98\x80 x\n"
		"       ^\n");
}

static void
bytes_that_are_no_utf8_take_one_column_each(void **state)
{
	(void)state;
	expect_shown(NULL, "\xff\x80\xc3 x\x9b", 4, 5, NULL,
		"weir: bad thing\n"
		"  ??? x?\n"
		"      ^\n");
}

static void
the_words_about_it_do_not_upset_a_terminal_either(void **state)
{
	char *shown = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&shown, &length);
	struct cli_input input;

	(void)state;
	assert_non_null(stream);
	cli_input_init(&input, NULL, "x", 1);
	cli_problem_at(&input, (struct cli_place){0, 1}, NULL, "no '\x1b[2J'");
	cli_problem_print(&input, stream);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(shown, "weir: no '?[2J'\n  x\n  ^\n");
	free(shown);
	cli_input_finish(&input);
}

static void
a_long_line_is_cut_around_the_place(void **state)
{
	char text[301], expected[600] = "weir: bad thing\n  ...";

	(void)state;
	memset(text, 'x', 300);
	text[300] = '\0';
	text[200] = '!';
	/* From 50 before the place, a hundred columns. */
	memcpy(expected + strlen(expected), text + 150, 100);
	strcat(expected, "...\n     ");
	for (int i = 0; i < 50; i++)
		strcat(expected, " ");
	strcat(expected, "^\n");
	expect_shown(NULL, text, 200, 201, NULL, expected);
}

static void
the_first_problem_stays(void **state)
{
	struct cli_input input;

	(void)state;
	cli_input_init(&input, NULL, "ab", 2);
	cli_problem_at(&input, (struct cli_place){0, 1}, NULL, "first");
	cli_problem_at(&input, (struct cli_place){1, 2}, "hint", "second");
	assert_string_equal(input.problem.text, "first");
	assert_int_equal(input.problem.place.begin, 0);
	assert_null(input.problem.hint);
	cli_input_finish(&input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_caret_stands_under_the_place_with_the_hint_behind),
		cmocka_unit_test(a_place_behind_the_end_has_one_caret),
		cmocka_unit_test(
			only_the_line_of_the_place_is_shown_with_its_number),
		cmocka_unit_test(
			bytes_that_upset_a_terminal_take_one_column_each),
		cmocka_unit_test(characters_of_several_bytes_take_one_column),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(bytes_that_are_no_utf8_take_one_column_each),
		cmocka_unit_test(
			the_words_about_it_do_not_upset_a_terminal_either),
		cmocka_unit_test(a_long_line_is_cut_around_the_place),
		cmocka_unit_test(the_first_problem_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
