/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errors.c - what goes wrong, and how it is said
 *
 * Three graphs: one that cannot be built, one that leaves out what its
 * function refuses, and one that stops there.
 */
#include <weir/weir.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define WORD(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

static const weir_record words[] = {
	WORD("17"), WORD("4"), WORD("many"), WORD("21")};

#define WORDS (sizeof(words) / sizeof(words[0]))

/* May fail for each element.  The text is for people, the code for programs;
 * the element that failed stays the library's. */
WEIR_TRY_MAP(parse, stage, weir_record, word, int64_t, ret)
{
	int64_t value = 0;

	for (size_t i = 0; i < word.length; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return weir_stage_fail(stage, -EINVAL,
				"'%.*s' is not a number", (int)word.length,
				word.data);
		value = value * 10 + (word.data[i] - '0');
	}
	*ret = value;
	return 0;
}

WEIR_FOLD(sum, int64_t, x, int64_t, acc)
{
	return acc + x;
}

/* grep wants lines, and a file is raw bytes: an error of building.  Flow
 * functions may be called on all the same; it is kept, and reported once. */
static int
cannot_be_built(void)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	uint64_t count = 0;
	struct weir_flow f;
	int rc;

	f = weir_from_file(g, "/etc/passwd", NULL);
	f = weir_grep(f, "root", NULL);
	weir_to_count(f, &count, NULL);
	rc = weir_graph_check(g, &error);
	if (rc < 0)
		printf("not built: stage %s %s\n", error.stage, error.text);
	weir_graph_destroy(g);
	return rc;
}

/* Sum up the words.  *@ret_dead is how many were left out. */
static int
sum_up(enum weir_on_error on_error, int64_t *ret_sum, uint64_t *ret_dead,
	uint64_t *ret_element)
{
	const struct weir_stage_opts opts = {.on_error = on_error};
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_stage_stats stats;
	struct weir_error error;
	struct weir_flow f;
	int rc;

	f = weir_from_array(g, &weir_type_weir_record, words, WORDS, NULL);
	f = parse(f, &opts); /* stage 1: in the order of adding, from 0 */
	sum(f, ret_sum, NULL);
	rc = weir_graph_run(g, &error);
	if (rc < 0) {
		printf("failed: stage %s at element %" PRIu64 ": %s\n",
			error.stage, error.element, error.text);
		*ret_element = error.element;
	}
	/* An error's strings and the last run live as long as the graph. */
	if (weir_graph_last_run(g) != NULL &&
		weir_run_stage_stats(weir_graph_last_run(g), 1, &stats) == 0)
		*ret_dead = stats.tally[WEIR_DEAD];
	weir_graph_destroy(g);
	return rc;
}

int
main(void)
{
	uint64_t dead = 0, element = 0;
	int64_t total = 0, untouched = 0;

	if (cannot_be_built() != -EINVAL)
		return 1;

	if (sum_up(WEIR_RESUME, &total, &dead, &element) < 0)
		return 1;
	printf("went on: the sum is %" PRId64 ", %" PRIu64 " left out\n", total,
		dead);
	if (total != 42 || dead != 1)
		return 1;

	/* A run that fails leaves the memory for its result as it was. */
	if (sum_up(WEIR_STOP, &untouched, &dead, &element) != -EINVAL)
		return 1;
	return element == 3 && untouched == 0 ? 0 : 1;
}
