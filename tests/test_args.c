/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_args.c - arguments judged and filled in by an operator's table
 */
#include "io/file.h"
#include "operators/operators.h"
#include "streams/graph.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct args {
	struct weir_stage_opts opts;
	uint64_t count;
	int64_t number;
	size_t size;
	int64_t time_ns;
	bool flag;
	const char *text;
	const char *const *texts;
	int choice;
	struct args *seen; /* where open() leaves a copy */
};

static const char *const choices[] = {"one", "two", NULL};

static const struct weir_option options[] = {
	{"count", WEIR_OPTION_COUNT, WEIR_PLACE_KEY,
		offsetof(struct args, count), 1, 100, 7, NULL, "a count"},
	{"number", WEIR_OPTION_NUMBER, WEIR_PLACE_KEY,
		offsetof(struct args, number), -5, 5, 0, NULL, "a number"},
	{"size", WEIR_OPTION_SIZE, WEIR_PLACE_KEY, offsetof(struct args, size),
		16, 0, 64, NULL, "a size"},
	{"time", WEIR_OPTION_TIME, WEIR_PLACE_KEY,
		offsetof(struct args, time_ns), 0, 0, 1000, NULL, "a time"},
	{"flag", WEIR_OPTION_FLAG, WEIR_PLACE_KEY, offsetof(struct args, flag),
		0, 0, 0, NULL, "a flag"},
	{"text", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct args, text), 0, 0, 0, NULL, "a text"},
	{"texts", WEIR_OPTION_STRINGS, WEIR_PLACE_KEY,
		offsetof(struct args, texts), 0, 0, 0, NULL, "texts"},
	{"choice", WEIR_OPTION_CHOICE, WEIR_PLACE_KEY,
		offsetof(struct args, choice), 0, 0, 0, choices, "a choice"},
	{0}};

static int
args_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct args *args = arguments;

	if (strcmp(args->text, "mute") == 0)
		return -ERANGE;
	if (strcmp(args->text, "bad") != 0)
		return 0;
	snprintf(text, text_bytes, "is bad");
	*ret_key = "text";
	*ret_at = 2;
	return -EINVAL;
}

static int
args_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct args *args = arguments;

	(void)stage;
	(void)state;
	*args->seen = *args;
	return 0;
}

static int
done(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	return WEIR_DONE;
}

static const struct weir_operator op_args = {
	.name = "source",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{"out", &weir_type_int64_t, 0},
		{NULL, NULL, 0}},
	.options = options,
	.args_bytes = sizeof(struct args),
	.check = args_check,
	.open = args_open,
	.step = done,
};

/* Add the source with @args and run it.  Returns the error. */
static struct weir_error
run_with(struct weir_graph *graph, struct args *args)
{
	struct weir_error error = {0};

	weir_to_null(weir_source_add(graph, &op_args, args), NULL);
	(void)weir_graph_run(graph, &error);
	return error;
}

static int
graph_setup(void **state)
{
	*state = weir_graph_create(NULL);
	return *state == NULL ? -1 : 0;
}

static int
graph_teardown(void **state)
{
	weir_graph_destroy(*state);
	return 0;
}

static void
zeros_become_the_defaults(void **state)
{
	struct args seen = {0}, args = {.text = "x", .seen = &seen};

	assert_int_equal(run_with(*state, &args).code, 0);
	assert_int_equal(seen.count, 7);
	assert_int_equal(seen.number, 0);
	assert_int_equal(seen.size, 64);
	assert_int_equal(seen.time_ns, 1000);
	assert_false(seen.flag);
	assert_null(seen.texts);
	assert_string_equal(seen.opts.name, "source");
}

static void
what_is_given_is_kept(void **state)
{
	struct args seen = {0};
	struct args args = {.opts.name = "mine",
		.count = 100,
		.number = -5,
		.size = 16,
		.time_ns = 1,
		.flag = true,
		.text = "x",
		.choice = 1,
		.seen = &seen};

	assert_int_equal(run_with(*state, &args).code, 0);
	assert_int_equal(seen.count, 100);
	assert_int_equal(seen.number, -5);
	assert_int_equal(seen.size, 16);
	assert_int_equal(seen.time_ns, 1);
	assert_true(seen.flag);
	assert_int_equal(seen.choice, 1);
	assert_string_equal(seen.opts.name, "mine");
}

static void
strings_are_copied(void **state)
{
	char text[] = "text", first[] = "first";
	const char *texts[] = {first, "second", NULL};
	struct args seen = {0},
		    args = {.text = text, .texts = texts, .seen = &seen};

	weir_to_null(weir_source_add(*state, &op_args, &args), NULL);
	memset(text, 'x', sizeof(text) - 1);
	memset(first, 'x', sizeof(first) - 1);
	texts[1] = NULL;
	assert_int_equal(weir_graph_run(*state, NULL), 0);
	assert_string_equal(seen.text, "text");
	assert_string_equal(seen.texts[0], "first");
	assert_string_equal(seen.texts[1], "second");
	assert_null(seen.texts[2]);
}

/* Refused because of the option @key, with @word in the message. */
static void
assert_refused(
	void **state, struct args args, const char *key, const char *word)
{
	struct args seen = {0};
	struct weir_error error;

	args.seen = &seen;
	error = run_with(*state, &args);
	assert_int_equal(error.code, -EINVAL);
	assert_string_equal(error.key, key);
	assert_int_equal(error.stage_index, 0);
	if (strstr(error.text, word) == NULL)
		fail_msg("'%s' is not in '%s'", word, error.text);
}

static void
a_count_above_its_bound_is_refused(void **state)
{
	assert_refused(state, (struct args){.text = "x", .count = 101}, "count",
		"above 100");
}

static void
a_count_that_would_be_negative_is_refused(void **state)
{
	assert_refused(state, (struct args){.text = "x", .count = UINT64_MAX},
		"count", "above 100");
}

static void
a_number_below_its_bound_is_refused(void **state)
{
	assert_refused(state, (struct args){.text = "x", .number = -6},
		"number", "below -5");
}

static void
a_size_below_its_bound_is_refused(void **state)
{
	assert_refused(
		state, (struct args){.text = "x", .size = 15}, "size", "16");
}

static void
a_choice_that_is_none_is_refused(void **state)
{
	assert_refused(state, (struct args){.text = "x", .choice = 2}, "choice",
		"none of its 2 choices");
}

static void
a_mandatory_text_is_missed(void **state)
{
	assert_refused(state, (struct args){0}, "text", "needs a text");
}

static void
a_list_without_a_string_is_none(void **state)
{
	const char *none[] = {NULL};
	struct args seen = {0},
		    args = {.text = "x", .texts = none, .seen = &seen};
	struct weir_error error = {0};

	assert_int_equal(run_with(*state, &args).code, 0);
	assert_null(seen.texts);
	weir_to_null(weir_from_files(*state, none, NULL), NULL);
	assert_int_equal(weir_graph_check(*state, &error), -EINVAL);
	assert_string_equal(error.key, "path");
}

static void
of_two_bad_options_message_and_key_are_of_the_first(void **state)
{
	assert_refused(state,
		(struct args){.text = "x", .count = 101, .choice = 9}, "count",
		"'count'");
}

static void
the_operators_own_check_points_into_the_text(void **state)
{
	struct args seen, args = {.text = "bad", .seen = &seen};
	struct weir_error error = run_with(*state, &args);

	assert_int_equal(error.code, -EINVAL);
	assert_string_equal(error.text, "is bad");
	assert_string_equal(error.key, "text");
	assert_int_equal(error.key_at, 2);
}

static void
a_check_that_says_nothing_is_told_by_its_code(void **state)
{
	struct args seen, args = {.text = "mute", .seen = &seen};
	struct weir_error error = run_with(*state, &args);

	assert_int_equal(error.code, -ERANGE);
	assert_string_equal(error.text, strerrordesc_np(ERANGE));
}

int
main(void)
{
#define WITH_GRAPH(test)                                                       \
	cmocka_unit_test_setup_teardown(test, graph_setup, graph_teardown)
	const struct CMUnitTest tests[] = {
		WITH_GRAPH(zeros_become_the_defaults),
		WITH_GRAPH(what_is_given_is_kept),
		WITH_GRAPH(strings_are_copied),
		WITH_GRAPH(a_count_above_its_bound_is_refused),
		WITH_GRAPH(a_count_that_would_be_negative_is_refused),
		WITH_GRAPH(a_number_below_its_bound_is_refused),
		WITH_GRAPH(a_size_below_its_bound_is_refused),
		WITH_GRAPH(a_choice_that_is_none_is_refused),
		WITH_GRAPH(a_mandatory_text_is_missed),
		WITH_GRAPH(a_list_without_a_string_is_none),
		WITH_GRAPH(of_two_bad_options_message_and_key_are_of_the_first),
		WITH_GRAPH(the_operators_own_check_points_into_the_text),
		WITH_GRAPH(a_check_that_says_nothing_is_told_by_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
