/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_resolver.c - what the names and words of a pipeline mean
 *
 * With a catalogue of this file's own, so that each kind of option is there.
 */
#include "cli/resolver.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct source_args {
	struct weir_stage_opts opts;
	const char *const *paths;
	size_t block;
};

struct work_args {
	struct weir_stage_opts opts;
	const char *text;
	uint64_t count;
	int64_t number, time;
	int choice, sync;
	int64_t sync_ns;
	bool invert, ignore, append;
};

static const struct weir_port none[] = {{NULL, NULL, 0}};
static const struct weir_port bytes[] = {
	{"bytes", &weir_type_weir_bytes, 0}, {NULL, NULL, 0}};

static const struct weir_option source_options[] = {
	{"path", WEIR_OPTION_STRINGS, WEIR_PLACE_WORD,
		offsetof(struct source_args, paths), 0, 0, 0, NULL, "files"},
	{"block", WEIR_OPTION_SIZE, WEIR_PLACE_KEY,
		offsetof(struct source_args, block), 4096, 1 << 20, 65536, NULL,
		"bytes"},
	{0}};

static const char *const choices[] = {"first", "second", NULL};
static const char *const syncs[] = {"none", "fsync", NULL};

static const struct weir_option work_options[] = {
	{"text", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct work_args, text), 0, 0, 0, NULL, "a text"},
	{"count", WEIR_OPTION_COUNT, WEIR_PLACE_KEY,
		offsetof(struct work_args, count), 1, 100, 10, NULL, "N"},
	{"number", WEIR_OPTION_NUMBER, WEIR_PLACE_KEY,
		offsetof(struct work_args, number), -5, 5, 0, NULL, "N"},
	{"every", WEIR_OPTION_TIME, WEIR_PLACE_KEY,
		offsetof(struct work_args, time), 1, 0, 0, NULL, "T"},
	{"which", WEIR_OPTION_CHOICE, WEIR_PLACE_KEY,
		offsetof(struct work_args, choice), 0, 0, 0, choices, "one"},
	{"sync", WEIR_OPTION_CHOICE, WEIR_PLACE_KEY,
		offsetof(struct work_args, sync), 0, 0, 0, syncs, "how"},
	{"sync", WEIR_OPTION_TIME, WEIR_PLACE_KEY,
		offsetof(struct work_args, sync_ns), 1, 0, 0, NULL, "how"},
	{"v", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct work_args, invert), 0, 0, 0, NULL, "not"},
	{"i", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct work_args, ignore), 0, 0, 0, NULL, "case"},
	{"append", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct work_args, append), 0, 0, 0, NULL, "behind"},
	{"secret", WEIR_OPTION_COUNT, WEIR_PLACE_NONE,
		offsetof(struct work_args, count), 0, 0, 0, NULL, "from C"},
	{0}};

static const struct weir_option plain_options[] = {
	{"text", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct work_args, text), 0, 0, 0, NULL, "a text"},
	{"append", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct work_args, append), 0, 0, 0, NULL, "behind"},
	{0}};

static const struct weir_operator op_source = {.name = "source",
	.summary = "s",
	.example = "source a",
	.inlets = none,
	.outlets = bytes,
	.options = source_options,
	.args_bytes = sizeof(struct source_args)};
static const struct weir_operator op_work = {.name = "work",
	.summary = "s",
	.example = "work",
	.inlets = bytes,
	.outlets = bytes,
	.options = work_options,
	.args_bytes = sizeof(struct work_args)};
/* A name of those whose words are any text. */
static const struct weir_operator op_prefix = {.name = "prefix",
	.summary = "s",
	.example = "prefix",
	.inlets = bytes,
	.outlets = bytes,
	.options = plain_options,
	.args_bytes = sizeof(struct work_args)};
static const struct weir_operator op_plain = {.name = "plain",
	.summary = "s",
	.example = "plain",
	.inlets = bytes,
	.outlets = bytes,
	.options = plain_options,
	.args_bytes = sizeof(struct work_args)};
static const struct weir_operator op_sink = {.name = "sink",
	.summary = "s",
	.example = "sink",
	.inlets = bytes,
	.outlets = none,
	.args_bytes = sizeof(struct weir_stage_opts)};
/* As a source, and as a sink. */
static const struct weir_operator op_both_source = {.name = "both",
	.summary = "s",
	.example = "both",
	.inlets = none,
	.outlets = bytes};
static const struct weir_operator op_both_sink = {.name = "both",
	.summary = "s",
	.example = "both",
	.inlets = bytes,
	.outlets = none};
static const struct weir_operator op_hidden = {
	.name = "hidden", .summary = "s", .inlets = bytes, .outlets = none};

static const struct weir_operator *const operators[] = {&op_source, &op_work,
	&op_prefix, &op_plain, &op_sink, &op_both_source, &op_both_sink,
	&op_hidden, NULL};

struct fixture {
	struct cli_input input;
	struct cli_catalog catalog;
	struct cli_pipeline pipeline;
};

static int
resolve(struct fixture *f, const char *text)
{
	static const struct weir_operator *const *const lists[] = {operators};

	cli_input_init(&f->input, NULL, text, strlen(text));
	f->catalog = cli_catalog_make(&f->input.arena, lists, 1);
	assert_int_equal(cli_parse(&f->input, &f->pipeline), 0);
	return cli_resolve(&f->input, &f->catalog, &f->pipeline);
}

/* The arguments of stage 1 of @text, which resolves. */
static struct work_args
work(const char *text)
{
	struct work_args args;
	struct fixture f;

	assert_int_equal(resolve(&f, text), 0);
	memcpy(&args, f.pipeline.stages[1].args, sizeof(args));
	/* The words live in the arena: keep what a test compares. */
	args.text = args.text == NULL ? NULL : strdup(args.text);
	cli_input_finish(&f.input);
	return args;
}

static void
expect_text(const char *text, const char *expected)
{
	struct work_args args = work(text);

	assert_string_equal(args.text, expected);
	free((void *)(uintptr_t)args.text);
}

static void
forget(struct work_args args)
{
	free((void *)(uintptr_t)args.text);
}

/* @text has the problem @sentence, and its caret stands under @marked. */
static void
expect_problem(const char *text, const char *sentence, const char *marked)
{
	struct fixture f;
	struct cli_place place;

	assert_int_equal(resolve(&f, text), -1);
	assert_string_equal(f.input.problem.text, sentence);
	place = f.input.problem.place;
	assert_int_equal(place.end - place.begin, strlen(marked));
	assert_memory_equal(text + place.begin, marked, strlen(marked));
	cli_input_finish(&f.input);
}

static void
expect_hint(const char *text, const char *hint)
{
	struct fixture f;

	assert_int_equal(resolve(&f, text), -1);
	assert_string_equal(f.input.problem.hint, hint);
	cli_input_finish(&f.input);
}

/* -- the place decides ----------------------------------------------------- */

static void
the_place_decides_what_a_stage_is(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(resolve(&f, "both | both"), 0);
	assert_int_equal(f.pipeline.stages[0].entry->role, CLI_SOURCE);
	assert_int_equal(f.pipeline.stages[1].entry->role, CLI_SINK);
	cli_input_finish(&f.input);
	assert_int_equal(resolve(&f, "both | tee (sink) | tee (both)"), 0);
	assert_int_equal(f.pipeline.stages[1].entry->role, CLI_OPERATOR);
	assert_int_equal(f.pipeline.stages[2].entry->role, CLI_SINK);
	cli_input_finish(&f.input);
}

static void
a_stage_out_of_place_is_a_problem(void **state)
{
	(void)state;
	expect_problem(
		"sink | sink", "'sink' is a sink and needs input", "sink");
	expect_problem("work x | sink", "'work' is an operator and needs input",
		"work");
	expect_problem("both | source a | sink",
		"'source' is a source: it can only begin a pipeline", "source");
	expect_problem("both | sink | sink",
		"'sink' is a sink: it can only end a pipeline", "sink");
	expect_problem("both | work x",
		"'work' is an operator, and its output goes nowhere", "work");
	expect_problem("both", "a pipeline needs a sink", "");
}

static void
an_unknown_stage_is_a_problem_with_a_suggestion(void **state)
{
	(void)state;
	expect_problem("sourec a | sink", "no stage called 'sourec'", "sourec");
	expect_hint("sourec a | sink",
		"did you mean 'source'?  ('weir list' shows all)");
	expect_hint("both | wrok | sink",
		"did you mean 'work'?  ('weir list' shows all)");
	expect_hint("both | qqqq | sink", "'weir list' shows all");
	expect_hint("both | work a|qqqq | sink",
		"'weir list' shows all; quote the "
		"'|', if it is part of a word");
}

static void
what_has_no_example_is_not_of_the_language(void **state)
{
	(void)state;
	expect_problem("both | hidden", "no stage called 'hidden'", "hidden");
}

/* -- groups ---------------------------------------------------------------- */

static void
parts_have_the_ends_that_their_stage_says(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(resolve(&f, "merge (both, source a | work x) | tap "
				     "(work y | sink) | parallel 2 (work z | "
				     "plain a) | tee (sink, both)"),
		0);
	cli_input_finish(&f.input);
	expect_problem("merge (both | sink) | sink",
		"'sink' is a sink: it can only end a pipeline", "sink");
	expect_problem("merge (work x) | sink",
		"'work' is an operator and needs input", "work");
	expect_problem("both | tee (work x)",
		"'work' is an operator, and its output goes nowhere", "work");
	expect_problem("both | tap (source a | sink) | sink",
		"'source' is a source: it can only begin a pipeline", "source");
	expect_problem("both | parallel 2 (both) | sink",
		"'both' is a source: it can only begin a pipeline", "both");
	expect_problem("both | parallel 2 (sink) | sink",
		"'sink' is a sink: it can only end a pipeline", "sink");
}

static void
a_group_is_where_one_belongs_and_only_there(void **state)
{
	(void)state;
	expect_problem(
		"both | tee | sink", "'tee' needs stages in parentheses", "");
	expect_problem("both | plain x (work y) | sink",
		"'plain' takes nothing in parentheses", "(work y)");
	expect_problem("both | parallel 2 (work a, work b) | sink",
		"'parallel' takes no more than 1 part in parentheses",
		"work b");
	expect_problem("both | tap (sink, sink) | sink",
		"'tap' takes no more than 1 part in parentheses", "sink");
}

/* -- words ----------------------------------------------------------------- */

static void
words_fill_the_options_in_their_order(void **state)
{
	const struct source_args *args;
	struct fixture f;

	(void)state;
	expect_text("both | work hello | sink", "hello");
	assert_int_equal(resolve(&f, "source a 'b c' d | sink"), 0);
	args = f.pipeline.stages[0].args;
	assert_string_equal(args->paths[0], "a");
	assert_string_equal(args->paths[1], "b c");
	assert_string_equal(args->paths[2], "d");
	assert_null(args->paths[3]);
	cli_input_finish(&f.input);
}

static void
many_words_fill_a_list(void **state)
{
	const struct source_args *args;
	char text[512] = "source";
	struct fixture f;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(text, " w");
	strcat(text, " | sink");
	assert_int_equal(resolve(&f, text), 0);
	args = f.pipeline.stages[0].args;
	for (int i = 0; i < 100; i++)
		assert_string_equal(args->paths[i], "w");
	assert_null(args->paths[100]);
	cli_input_finish(&f.input);
}

static void
a_word_too_few_or_too_many_is_a_problem(void **state)
{
	(void)state;
	expect_problem(
		"both | work | sink", "'work' needs one more word: text", "");
	expect_problem(
		"source | sink", "'source' needs one more word: path", "");
	expect_problem("both | work a b | sink",
		"work: the word 'b' is one too many", "b");
	expect_problem(
		"both | sink a", "'sink' takes no words, and here is 'a'", "a");
	expect_hint("both | work a apend | sink", "did you mean 'append'?");
}

/* -- KEY=VALUE ------------------------------------------------------------- */

static void
an_unquoted_key_is_an_option_wherever_it_stands(void **state)
{
	struct work_args args = work("both | work count=20 x number=-3 "
				     "every=5ms which=second | sink");

	(void)state;
	assert_string_equal(args.text, "x");
	assert_true(args.count == 20 && args.number == -3);
	assert_true(args.time == 5000000 && args.choice == 1);
	forget(args);
}

static void
the_value_may_be_quoted_and_the_key_may_not(void **state)
{
	struct work_args args =
		work("both | work x which='second' count=\"9\" | sink");

	(void)state;
	assert_true(args.choice == 1 && args.count == 9);
	forget(args);
	expect_text("both | work 'count=9' | sink", "count=9");
	expect_text("both | work count'=9' | sink", "count=9");
	expect_text("both | work \"c\"ount=9 | sink", "count=9");
}

static void
an_unknown_key_is_a_problem(void **state)
{
	(void)state;
	expect_problem("both | work x cuont=3 | sink",
		"'work' has no option 'cuont'", "cuont");
	expect_hint("both | work x cuont=3 | sink", "did you mean 'count'?");
	expect_hint(
		"both | work x zzzzz=3 | sink", "quote it, if it is a word");
	expect_problem("both | work x secret=3 | sink",
		"'work' has no option 'secret'", "secret");
}

static void
what_is_no_key_is_a_word(void **state)
{
	(void)state;
	expect_text("both | work =x | sink", "=x");
	expect_text("both | work 1a=x | sink", "1a=x");
	expect_text("both | work A=x | sink", "A=x");
	expect_text("both | work a_b=x | sink", "a_b=x");
	expect_text("both | work a.b=x | sink", "a.b=x");
}

static void
stages_of_free_words_take_no_keys(void **state)
{
	(void)state;
	expect_text("both | prefix a=b | sink", "a=b");
	expect_text("both | prefix text=b | sink", "text=b");
	expect_problem(
		"both | plain a=b | sink", "'plain' has no option 'a'", "a");
}

static void
a_key_of_two_kinds_takes_the_one_that_fits(void **state)
{
	struct work_args args = work("both | work x sync=fsync | sink");

	(void)state;
	assert_true(args.sync == 1 && args.sync_ns == 0);
	forget(args);
	args = work("both | work x sync=5ms | sink");
	assert_true(args.sync == 0 && args.sync_ns == 5000000);
	forget(args);
	expect_problem("both | work x sync=fsink | sink",
		"work: 'fsink' is none of its choices", "fsink");
	expect_hint("both | work x sync=fsink | sink", "did you mean 'fsync'?");
	expect_problem(
		"both | work x sync=5 | sink", "work: '5' is not a time", "5");
}

static void
an_option_given_twice_is_a_problem(void **state)
{
	(void)state;
	expect_problem("both | work x count=1 count=2 | sink",
		"work: 'count' is given twice", "count=2");
}

static void
a_value_out_of_range_is_a_problem_that_says_the_range(void **state)
{
	(void)state;
	expect_problem("both | work x count=0 | sink",
		"work: '0' is out of range", "0");
	expect_hint(
		"both | work x count=101 | sink", "'count' is from 1 to 100");
	expect_problem("both | work x number=-6 | sink",
		"work: '-6' is out of range", "-6");
	expect_problem("both | work x every=0s | sink",
		"work: '0s' is out of range", "0s");
	expect_problem("source a block=4095 | sink",
		"source: '4095' is out of range", "4095");
	expect_hint("source a block=2MiB | sink", "'block' is from 4KiB to "
						  "1MiB");
	expect_problem(
		"both | work x count= | sink", "work: '' is not a count", "");
}

/* -- flags and keywords ---------------------------------------------------- */

static void
flags_stand_before_or_after_words_and_join(void **state)
{
	struct work_args args = work("both | work -v x | sink");

	(void)state;
	assert_true(args.invert && !args.ignore);
	forget(args);
	args = work("both | work x -i | sink");
	assert_true(!args.invert && args.ignore);
	forget(args);
	args = work("both | work -iv x | sink");
	assert_true(args.invert && args.ignore);
	forget(args);
	args = work("both | work -v x -vi | sink");
	assert_true(args.invert && args.ignore);
	forget(args);
}

static void
an_unknown_flag_is_a_problem(void **state)
{
	(void)state;
	expect_problem(
		"both | work -vx y | sink", "'work' has no flag -x", "x");
	expect_hint("both | work -x y | sink",
		"put -- before a word that begins with '-'");
	/* A keyword is no flag. */
	expect_problem("both | work -a y | sink", "'work' has no flag -a", "a");
}

static void
two_dashes_and_quotes_end_the_flags(void **state)
{
	expect_text("both | work -- -v | sink", "-v");
	expect_text("both | work -i -- -- | sink", "--");
	expect_text("both | work '-v' | sink", "-v");
	expect_text("both | work -'v' | sink", "-v");
	expect_text("both | work - | sink", "-");
	(void)state;
}

static void
where_no_flags_are_listed_a_dash_begins_a_word(void **state)
{
	(void)state;
	expect_text("both | plain -5 | sink", "-5");
	expect_text("both | plain -- | sink", "--");
}

static void
a_keyword_counts_only_behind_the_required_words(void **state)
{
	struct work_args args = work("both | plain append | sink");

	(void)state;
	assert_string_equal(args.text, "append");
	assert_false(args.append);
	forget(args);
	args = work("both | plain append append | sink");
	assert_string_equal(args.text, "append");
	assert_true(args.append);
	forget(args);
	expect_problem("both | plain x append=1 | sink",
		"plain: 'append' takes no value", "append=1");
}

static void
what_was_not_given_stays_zero_and_is_known_not_to_be(void **state)
{
	const struct cli_stage *stage;
	struct fixture f;

	(void)state;
	assert_int_equal(resolve(&f, "both | work x count=3 | sink"), 0);
	stage = &f.pipeline.stages[1];
	assert_non_null(stage->given[0].token);
	assert_non_null(stage->given[1].token);
	assert_int_equal(stage->given[1].skip, 6);
	assert_null(stage->given[2].token);
	assert_true(((struct work_args *)stage->args)->number == 0);
	cli_input_finish(&f.input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_place_decides_what_a_stage_is),
		cmocka_unit_test(a_stage_out_of_place_is_a_problem),
		cmocka_unit_test(
			an_unknown_stage_is_a_problem_with_a_suggestion),
		cmocka_unit_test(what_has_no_example_is_not_of_the_language),
		cmocka_unit_test(parts_have_the_ends_that_their_stage_says),
		cmocka_unit_test(a_group_is_where_one_belongs_and_only_there),
		cmocka_unit_test(words_fill_the_options_in_their_order),
		cmocka_unit_test(many_words_fill_a_list),
		cmocka_unit_test(a_word_too_few_or_too_many_is_a_problem),
		cmocka_unit_test(
			an_unquoted_key_is_an_option_wherever_it_stands),
		cmocka_unit_test(the_value_may_be_quoted_and_the_key_may_not),
		cmocka_unit_test(an_unknown_key_is_a_problem),
		cmocka_unit_test(what_is_no_key_is_a_word),
		cmocka_unit_test(stages_of_free_words_take_no_keys),
		cmocka_unit_test(a_key_of_two_kinds_takes_the_one_that_fits),
		cmocka_unit_test(an_option_given_twice_is_a_problem),
		cmocka_unit_test(
			a_value_out_of_range_is_a_problem_that_says_the_range),
		cmocka_unit_test(flags_stand_before_or_after_words_and_join),
		cmocka_unit_test(an_unknown_flag_is_a_problem),
		cmocka_unit_test(two_dashes_and_quotes_end_the_flags),
		cmocka_unit_test(
			where_no_flags_are_listed_a_dash_begins_a_word),
		cmocka_unit_test(
			a_keyword_counts_only_behind_the_required_words),
		cmocka_unit_test(
			what_was_not_given_stays_zero_and_is_known_not_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
