/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_lexer.c - the words of the pipeline language
 */
#include "cli/lexer.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Read all of @text, of file @file (NULL: the command line), and write what
 * was read as <word> <word> | ( , ) to @shown; a problem as !sentence. */
static void
lex(const char *file, const char *text, size_t length, char *shown)
{
	static const char *const marks[] = {[CLI_PIPE] = "|",
		[CLI_OPEN] = "(",
		[CLI_CLOSE] = ")",
		[CLI_COMMA] = ","};
	struct cli_lexer lexer = {0};
	struct cli_token token;
	struct cli_input input;

	cli_input_init(&input, file, text, length);
	lexer.input = &input;
	*shown = '\0';
	for (;;) {
		if (cli_lexer_next(&lexer, &token) < 0) {
			strcat(strcat(shown, "!"), input.problem.text);
			break;
		}
		if (token.kind == CLI_END)
			break;
		if (token.kind == CLI_WORD)
			strcat(strcat(strcat(shown, "<"), token.text), ">");
		else
			strcat(shown, marks[token.kind]);
	}
	cli_input_finish(&input);
}

static void
expect_lexed(const char *text, const char *expected)
{
	char shown[512];

	lex(NULL, text, strlen(text), shown);
	assert_string_equal(shown, expected);
}

static void
expect_lexed_in_file(const char *text, const char *expected)
{
	char shown[512];

	lex("pipeline", text, strlen(text), shown);
	assert_string_equal(shown, expected);
}

static void
blanks_and_new_lines_separate_words(void **state)
{
	(void)state;
	expect_lexed("", "");
	expect_lexed(" \t\n ", "");
	expect_lexed("file a", "<file><a>");
	expect_lexed("  file\ta\n\r\vb\f", "<file><a><b>");
}

static void
bars_and_parentheses_separate_wherever_they_stand(void **state)
{
	(void)state;
	expect_lexed("a|b", "<a>|<b>");
	expect_lexed("a(b)c", "<a>(<b>)<c>");
	expect_lexed("a | | (b", "<a>||(<b>");
}

static void
a_comma_separates_only_inside_parentheses(void **state)
{
	(void)state;
	expect_lexed("cut 1,3", "<cut><1,3>");
	expect_lexed(", ,a", "<,><,a>");
	expect_lexed("parallel 2 (cut 1,3)", "<parallel><2>(<cut><1>,<3>)");
	expect_lexed("parallel 2 (cut '1,3')", "<parallel><2>(<cut><1,3>)");
	expect_lexed("(a)1,3", "(<a>)<1,3>");
	expect_lexed("((a)b,c)", "((<a>)<b>,<c>)");
	expect_lexed(")a,b", ")<a,b>");
}

static void
single_quotes_keep_all_as_it_is(void **state)
{
	(void)state;
	expect_lexed("'a | (b), \\n \"c\" #'", "<a | (b), \\n \"c\" #>");
	expect_lexed("'a\nb'", "<a\nb>");
}

static void
double_quotes_know_escapes_and_keep_other_backslashes(void **state)
{
	(void)state;
	expect_lexed("\"a\\\"b\"", "<a\"b>");
	expect_lexed("\"a\\\\b\"", "<a\\b>");
	expect_lexed("\"a\\nb\\tc\"", "<a\nb\tc>");
	expect_lexed("\"\\x41\\x7a\\xFF\"", "<Az\xFF>");
	expect_lexed("\"\\d+\\.\\s\"", "<\\d+\\.\\s>");
	expect_lexed("\"\\x4\\xg1\\x\"", "<\\x4\\xg1\\x>");
	expect_lexed("\"it's | (so), #\"", "<it's | (so), #>");
}

static void
a_backslash_outside_quotes_is_ordinary(void **state)
{
	(void)state;
	expect_lexed("a\\nb \\| c", "<a\\nb><\\>|<c>");
	expect_lexed("a\\ b", "<a\\><b>");
}

static void
quoted_and_bare_text_join_in_one_word(void **state)
{
	(void)state;
	expect_lexed("a'b c'd\"e f\"g", "<ab cde fg>");
	expect_lexed("'a''b'", "<ab>");
}

static void
an_empty_pair_of_quotes_is_an_empty_word(void **state)
{
	(void)state;
	expect_lexed("''", "<>");
	expect_lexed("a \"\" b", "<a><><b>");
	expect_lexed("a''", "<a>");
}

static void
a_comment_begins_in_a_file_at_the_start_of_a_word(void **state)
{
	(void)state;
	expect_lexed("a # b", "<a><#><b>");
	expect_lexed_in_file("a # b | c\nd", "<a><d>");
	expect_lexed_in_file("#all\n#of it", "");
	expect_lexed_in_file("a#b c# '#d' \"#e\"", "<a#b><c#><#d><#e>");
	expect_lexed_in_file("a |# b\nc", "<a>|<c>");
	expect_lexed_in_file("'a # b'", "<a # b>");
}

static void
a_quote_that_is_never_closed_is_a_problem(void **state)
{
	(void)state;
	expect_lexed("a 'b", "<a>!the quote opened here is never closed");
	expect_lexed("\"a\\\"", "!the quote opened here is never closed");
	expect_lexed("\"a\\", "!the quote opened here is never closed");
	expect_lexed_in_file(
		"a'b # c\n", "!the quote opened here is never closed");
}

static void
a_nul_byte_is_a_problem_however_it_is_written(void **state)
{
	char shown[512];

	(void)state;
	lex(NULL, "a\0b", 3, shown);
	assert_string_equal(shown, "!a word cannot hold a NUL byte");
	expect_lexed("\"\\x00\"", "!a word cannot hold a NUL byte");
}

static void
the_end_is_read_again_and_again(void **state)
{
	struct cli_lexer lexer = {0};
	struct cli_token token;
	struct cli_input input;

	(void)state;
	cli_input_init(&input, NULL, "a ", 2);
	lexer.input = &input;
	assert_int_equal(cli_lexer_next(&lexer, &token), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cli_lexer_next(&lexer, &token), 0);
		assert_int_equal(token.kind, CLI_END);
	}
	cli_input_finish(&input);
}

static void
a_token_knows_its_place_and_what_came_before_any_quote(void **state)
{
	const char *text = "  ab'c'd\"\"";
	struct cli_lexer lexer = {0};
	struct cli_token token;
	struct cli_input input;

	(void)state;
	cli_input_init(&input, NULL, text, strlen(text));
	lexer.input = &input;
	assert_int_equal(cli_lexer_next(&lexer, &token), 0);
	assert_int_equal(token.place.begin, 2);
	assert_int_equal(token.place.end, strlen(text));
	assert_int_equal(token.length, 4);
	assert_int_equal(token.plain, 2);
	assert_true(token.quoted);
	cli_input_finish(&input);
}

static void
each_byte_of_a_word_is_found_where_it_was_written(void **state)
{
	const char *text = "a'b'\"\\x41\\n\"z";
	struct cli_lexer lexer = {0};
	struct cli_place place;
	struct cli_token token;
	struct cli_input input;
	static const struct cli_place places[] = {
		{0, 1}, {2, 3}, {5, 9}, {9, 11}, {12, 13}, {13, 13}};

	(void)state;
	cli_input_init(&input, NULL, text, strlen(text));
	lexer.input = &input;
	assert_int_equal(cli_lexer_next(&lexer, &token), 0);
	assert_string_equal(token.text, "abA\nz");
	for (size_t i = 0; i < 6; i++) {
		place = cli_token_place(&input, &token, i);
		assert_int_equal(place.begin, places[i].begin);
		assert_int_equal(place.end, places[i].end);
	}
	cli_input_finish(&input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_and_new_lines_separate_words),
		cmocka_unit_test(
			bars_and_parentheses_separate_wherever_they_stand),
		cmocka_unit_test(a_comma_separates_only_inside_parentheses),
		cmocka_unit_test(single_quotes_keep_all_as_it_is),
		cmocka_unit_test(
			double_quotes_know_escapes_and_keep_other_backslashes),
		cmocka_unit_test(a_backslash_outside_quotes_is_ordinary),
		cmocka_unit_test(quoted_and_bare_text_join_in_one_word),
		cmocka_unit_test(an_empty_pair_of_quotes_is_an_empty_word),
		cmocka_unit_test(
			a_comment_begins_in_a_file_at_the_start_of_a_word),
		cmocka_unit_test(a_quote_that_is_never_closed_is_a_problem),
		cmocka_unit_test(a_nul_byte_is_a_problem_however_it_is_written),
		cmocka_unit_test(the_end_is_read_again_and_again),
		cmocka_unit_test(
			a_token_knows_its_place_and_what_came_before_any_quote),
		cmocka_unit_test(
			each_byte_of_a_word_is_found_where_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
