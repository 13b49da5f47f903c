/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_parser.c - stages, words and groups of a pipeline's text
 */
#include "cli/parser.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
show_pipeline(const struct cli_pipeline *pipeline, char *shown)
{
	for (size_t i = 0; i < pipeline->count; i++) {
		const struct cli_stage *stage = &pipeline->stages[i];

		strcat(strcat(shown, i == 0 ? "" : "|"), stage->name.text);
		for (size_t w = 0; w < stage->words_count; w++)
			strcat(strcat(shown, "."), stage->words[w].text);
		if (stage->group == NULL)
			continue;
		strcat(shown, "(");
		for (size_t p = 0; p < stage->group->count; p++) {
			strcat(shown, p == 0 ? "" : ",");
			show_pipeline(&stage->group->parts[p], shown);
		}
		strcat(shown, ")");
	}
}

/* @text is parsed to what @expected shows: stages between bars, words behind
 * dots, parts between commas. */
static void
expect_parsed(const char *text, const char *expected)
{
	struct cli_pipeline pipeline;
	struct cli_input input;
	char shown[512] = "";

	cli_input_init(&input, NULL, text, strlen(text));
	assert_int_equal(cli_parse(&input, &pipeline), 0);
	show_pipeline(&pipeline, shown);
	assert_string_equal(shown, expected);
	cli_input_finish(&input);
}

/* @text has the problem @sentence in front of byte @begin up to @end. */
static void
expect_problem(const char *text, const char *sentence, size_t begin, size_t end)
{
	struct cli_pipeline pipeline;
	struct cli_input input;

	cli_input_init(&input, NULL, text, strlen(text));
	assert_int_equal(cli_parse(&input, &pipeline), -1);
	assert_string_equal(input.problem.text, sentence);
	assert_int_equal(input.problem.place.begin, begin);
	assert_int_equal(input.problem.place.end, end);
	cli_input_finish(&input);
}

static void
a_pipeline_is_stages_between_bars(void **state)
{
	(void)state;
	expect_parsed("a", "a");
	expect_parsed("a b c | d | e f", "a.b.c|d|e.f");
	expect_parsed("'a' \"b\"|c", "a.b|c");
}

static void
a_group_may_stand_among_the_words(void **state)
{
	(void)state;
	expect_parsed("a | tee (b)", "a|tee(b)");
	expect_parsed("a | parallel 2 (b c | d) unordered | e",
		"a|parallel.2.unordered(b.c|d)|e");
}

static void
the_parts_of_a_group_are_pipelines_themselves(void **state)
{
	(void)state;
	expect_parsed(
		"merge (a 1 | b, c, d | e 2) | f", "merge(a.1|b,c,d|e.2)|f");
	expect_parsed(
		"a | tee (b, tee (c, d | e) | f)", "a|tee(b,tee(c,d|e)|f)");
}

static void
groups_may_lie_in_each_other_up_to_a_bound(void **state)
{
	char text[CLI_DEPTH_MAX * 3 + 16] = "";

	(void)state;
	for (int i = 0; i < CLI_DEPTH_MAX; i++)
		strcat(text, "a(");
	strcat(text, "b");
	for (int i = 0; i < CLI_DEPTH_MAX; i++)
		strcat(text, ")");
	expect_parsed(text, text);

	*text = '\0';
	for (int i = 0; i <= CLI_DEPTH_MAX; i++)
		strcat(text, "a(");
	expect_problem(text, "groups lie more than 16 deep in each other",
		CLI_DEPTH_MAX * 2 + 1, CLI_DEPTH_MAX * 2 + 2);
}

static void
a_missing_stage_is_a_problem_where_it_is_missing(void **state)
{
	(void)state;
	expect_problem("", "the pipeline is empty", 0, 0);
	expect_problem("| a", "a stage is missing before this '|'", 0, 1);
	expect_problem("a | | b", "a stage is missing before this '|'", 4, 5);
	expect_problem("a |", "a stage is missing at the end", 3, 3);
	expect_problem("a | ", "a stage is missing at the end", 3, 3);
	expect_problem("(a)", "a stage is missing before this '('", 0, 1);
}

static void
no_part_is_empty(void **state)
{
	(void)state;
	expect_problem("a ()", "a stage is missing before this ')'", 3, 4);
	expect_problem("a (,b)", "a stage is missing before this ','", 3, 4);
	expect_problem("a (b,)", "a stage is missing before this ')'", 5, 6);
	expect_problem("a (b,,c)", "a stage is missing before this ','", 5, 6);
	expect_problem("a (b | )", "a stage is missing before this ')'", 7, 8);
}

static void
parentheses_that_do_not_match_are_a_problem(void **state)
{
	(void)state;
	expect_problem("a (b", "the '(' opened here is never closed", 2, 3);
	expect_problem(
		"a (b (c) | d", "the '(' opened here is never closed", 2, 3);
	expect_problem("a )", "this ')' closes nothing", 2, 3);
	expect_problem("a | )", "this ')' closes nothing", 4, 5);
	expect_problem("a (b) )", "this ')' closes nothing", 6, 7);
}

static void
a_stage_has_one_group(void **state)
{
	(void)state;
	expect_problem(
		"a (b) (c)", "'a' already has its group in parentheses", 6, 7);
}

static void
unquoted_separators_say_how_to_be_words(void **state)
{
	struct cli_pipeline pipeline;
	struct cli_input input;

	(void)state;
	cli_input_init(&input, NULL, "a | grep b)", 11);
	assert_int_equal(cli_parse(&input, &pipeline), -1);
	assert_string_equal(
		input.problem.hint, "quote it, if it is part of a word");
	cli_input_finish(&input);
}

static void
stages_and_groups_know_their_places(void **state)
{
	const char *text = " a b | tee (c, d e) ";
	const struct cli_stage *stage;
	struct cli_pipeline pipeline;
	struct cli_input input;

	(void)state;
	cli_input_init(&input, NULL, text, strlen(text));
	assert_int_equal(cli_parse(&input, &pipeline), 0);
	stage = &pipeline.stages[0];
	assert_int_equal(stage->place.begin, 1);
	assert_int_equal(stage->place.end, 4);
	stage = &pipeline.stages[1];
	assert_int_equal(stage->place.begin, 7);
	assert_int_equal(stage->place.end, 19);
	assert_int_equal(stage->group->place.begin, 11);
	assert_int_equal(stage->group->parts[1].place.begin, 15);
	assert_int_equal(stage->group->parts[1].place.end, 18);
	assert_int_equal(pipeline.place.end, 19);
	cli_input_finish(&input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipeline_is_stages_between_bars),
		cmocka_unit_test(a_group_may_stand_among_the_words),
		cmocka_unit_test(the_parts_of_a_group_are_pipelines_themselves),
		cmocka_unit_test(groups_may_lie_in_each_other_up_to_a_bound),
		cmocka_unit_test(
			a_missing_stage_is_a_problem_where_it_is_missing),
		cmocka_unit_test(no_part_is_empty),
		cmocka_unit_test(parentheses_that_do_not_match_are_a_problem),
		cmocka_unit_test(a_stage_has_one_group),
		cmocka_unit_test(unquoted_separators_say_how_to_be_words),
		cmocka_unit_test(stages_and_groups_know_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
