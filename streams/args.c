/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.c - copy and judge a stage's arguments by its operator's table
 */
#include "run_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static size_t
kind_bytes(enum weir_option_kind kind)
{
	switch (kind) {
	case WEIR_OPTION_FLAG:
		return sizeof(bool);
	case WEIR_OPTION_CHOICE:
		return sizeof(int);
	case WEIR_OPTION_STRING:
	case WEIR_OPTION_STRINGS:
		return sizeof(char *);
	case WEIR_OPTION_SIZE:
		return sizeof(size_t);
	default:
		return sizeof(int64_t);
	}
}

static void
option_fail(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_option *option, const char *what, int64_t bound)
{
	if (graph->error.code != 0)
		return;
	weir_graph_fail(graph, -EINVAL, def->name,
		(uint32_t)(def - graph->stages), what, option->key, bound);
	graph->error.key = option->key;
}

/* A list of strings, each copied. */
static const char *const *
strings_copy(struct weir_arena *arena, const char *const *strings)
{
	size_t n = 0;
	const char **copy;

	while (strings[n] != NULL)
		n++;
	copy = weir_arena_get(
		arena, (n + 1) * sizeof(*copy), _Alignof(const char *));
	for (size_t i = 0; copy != NULL && i < n; i++) {
		copy[i] = weir_arena_copy(arena, strings[i]);
		if (copy[i] == NULL)
			return NULL;
	}
	return copy;
}

static bool
is_empty_list(const struct weir_option *option, const void *value)
{
	const char *const *strings = value;

	return option->kind == WEIR_OPTION_STRINGS && strings[0] == NULL;
}

/* A string or a list of them: copied, and there if it has to be. */
static void
strings_take(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_option *option, char *field)
{
	const void *value, *copy = NULL;

	memcpy(&value, field, sizeof(value));
	if (value == NULL || is_empty_list(option, value)) {
		if (option->place == WEIR_PLACE_WORD)
			option_fail(graph, def, option, "needs a %s", 0);
		memcpy(field, &copy, sizeof(copy));
		return;
	}
	if (option->kind == WEIR_OPTION_STRING)
		copy = weir_arena_copy(&graph->arena, value);
	else
		copy = strings_copy(&graph->arena, value);
	if (copy == NULL)
		weir_graph_fail(graph, -ENOMEM, def->name,
			(uint32_t)(def - graph->stages),
			"out of memory while the graph was built");
	memcpy(field, &copy, sizeof(copy));
}

/* A number: its default, and its bounds.  All are eight bytes wide. */
static void
number_take(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_option *option, char *field)
{
	int64_t value;
	bool is_signed = option->kind == WEIR_OPTION_NUMBER ||
			 option->kind == WEIR_OPTION_TIME;

	memcpy(&value, field, sizeof(value));
	if (value == 0 && option->place != WEIR_PLACE_WORD) {
		memcpy(field, &option->fallback, sizeof(value));
		return;
	}
	if (option->kind == WEIR_OPTION_NUMBER && option->min == 0 &&
		option->max == 0)
		return;
	if (value < 0 && !is_signed)
		value = INT64_MAX;
	if (value < option->min)
		option_fail(graph, def, option,
			option->min == 1 && value == 0
				? "'%s' is 0: it must be above that"
				: "'%s' is below %" PRId64,
			option->min);
	else if (option->max != 0 && value > option->max)
		option_fail(graph, def, option, "'%s' is above %" PRId64,
			option->max);
}

static void
choice_take(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_option *option, const char *field)
{
	int value, n = 0;

	memcpy(&value, field, sizeof(value));
	while (option->choices[n] != NULL)
		n++;
	if (value < 0 || value >= n)
		option_fail(graph, def, option,
			"'%s' is none of its %" PRId64 " choices", n);
}

void
weir_args_copy(
	struct weir_graph *graph, struct weir_stage_def *def, const void *args)
{
	const struct weir_operator *op = def->op;
	const struct weir_option *option = op->options;
	char *copy, text[256] = "";
	const char *key = NULL;
	size_t at = 0;
	int rc;

	_Static_assert(sizeof(size_t) == sizeof(int64_t), "64 bits");
	if (op->args_bytes == 0)
		return;
	copy = weir_arena_get(
		&graph->arena, op->args_bytes, _Alignof(max_align_t));
	if (copy == NULL) {
		weir_graph_fail(graph, -ENOMEM, def->name,
			(uint32_t)(def - graph->stages),
			"out of memory while the graph was built");
		return;
	}
	if (args != NULL)
		memcpy(copy, args, op->args_bytes);
	((struct weir_stage_opts *)(void *)copy)->name = def->name;
	for (; option != NULL && option->key != NULL; option++) {
		char *field = copy + option->offset;

		if (kind_bytes(option->kind) == sizeof(bool))
			continue;
		if (option->kind == WEIR_OPTION_CHOICE)
			choice_take(graph, def, option, field);
		else if (option->kind == WEIR_OPTION_STRING ||
			 option->kind == WEIR_OPTION_STRINGS)
			strings_take(graph, def, option, field);
		else
			number_take(graph, def, option, field);
	}
	def->args = copy;
	if (graph->error.code != 0 || op->check == NULL)
		return;
	rc = op->check(copy, text, sizeof(text), &key, &at);
	if (rc < 0) {
		weir_graph_fail(graph, rc, def->name,
			(uint32_t)(def - graph->stages), "%s",
			text[0] == '\0' ? weir_error_text(rc) : text);
		graph->error.key = key;
		graph->error.key_at = at;
	}
}
