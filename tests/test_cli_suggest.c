/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_suggest.c - the known word that a wrong one was meant to be
 */
#include "cli/suggest.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is suggested for @word among the stages there are. */
static const char *
suggested(const char *word)
{
	static const char *const known[] = {"file", "lines", "grep", "take",
		"tee", "tap", "count", "null", "parallel", "skip", "-v"};
	struct cli_suggestion near = cli_suggestion_for(word);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		cli_suggestion_offer(&near, known[i]);
	return near.best;
}

static void
the_distance_counts_changes_additions_and_swaps(void **state)
{
	(void)state;
	assert_int_equal(cli_distance("grep", "grep"), 0);
	assert_int_equal(cli_distance("grep", "grap"), 1);
	assert_int_equal(cli_distance("grep", "grepp"), 1);
	assert_int_equal(cli_distance("grep", "gre"), 1);
	assert_int_equal(cli_distance("grep", "gerp"), 1);
	assert_int_equal(cli_distance("", "abc"), 3);
	assert_int_equal(cli_distance("kitten", "sitting"), 3);
	/* No letter is changed twice. */
	assert_int_equal(cli_distance("ca", "abc"), 3);
}

static void
the_distance_is_the_same_both_ways(void **state)
{
	static const char *const words[] = {
		"", "a", "ab", "ba", "lines", "nlies"};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++)
			assert_int_equal(cli_distance(words[i], words[j]),
				cli_distance(words[j], words[i]));
}

static void
a_word_above_63_letters_is_far_from_all(void **state)
{
	char longest[64], longer[65];

	(void)state;
	memset(longest, 'a', 63);
	longest[63] = '\0';
	memset(longer, 'a', 64);
	longer[64] = '\0';
	assert_int_equal(cli_distance(longest, "a"), 62);
	assert_true(cli_distance(longer, "a") == SIZE_MAX);
	assert_true(cli_distance("a", longer) == SIZE_MAX);
}

static void
a_slip_finds_the_word_that_was_meant(void **state)
{
	(void)state;
	assert_string_equal(suggested("gerp"), "grep");
	assert_string_equal(suggested("line"), "lines");
	assert_string_equal(suggested("cuont"), "count");
	assert_string_equal(suggested("fil"), "file");
	assert_string_equal(suggested("paralell"), "parallel");
}

static void
the_nearest_of_several_is_the_one(void **state)
{
	(void)state;
	assert_string_equal(suggested("tak"), "take");
	assert_string_equal(suggested("te"), "tee");
	assert_string_equal(suggested("skipp"), "skip");
}

static void
a_word_that_is_far_from_all_finds_none(void **state)
{
	(void)state;
	assert_null(suggested("xylophone"));
	assert_null(suggested("zz"));
	assert_null(suggested(""));
	/* As many slips as letters are no slip. */
	assert_null(suggested("x"));
	assert_null(suggested("qq"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_distance_counts_changes_additions_and_swaps),
		cmocka_unit_test(the_distance_is_the_same_both_ways),
		cmocka_unit_test(a_word_above_63_letters_is_far_from_all),
		cmocka_unit_test(a_slip_finds_the_word_that_was_meant),
		cmocka_unit_test(the_nearest_of_several_is_the_one),
		cmocka_unit_test(a_word_that_is_far_from_all_finds_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
