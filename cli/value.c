/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.c - one option's value, from text into the arguments
 */
#include "value.h"

#include <string.h>

#include "suggest.h"
#include "units.h"

/* In the arguments a zero means the default, so where that is not zero it
 * cannot be asked for. */
static int64_t
smallest(const struct weir_option *option)
{
	if (option->min == 0 && option->fallback != 0 &&
		option->place == WEIR_PLACE_KEY)
		return 1;
	return option->min;
}

static bool
below(struct cli_number n, int64_t bound)
{
	if (n.negative)
		return bound >= 0 ? n.magnitude != 0 || bound > 0
				  : n.magnitude > 0 - (uint64_t)bound;
	return bound > 0 && n.magnitude < (uint64_t)bound;
}

static bool
above(struct cli_number n, int64_t bound)
{
	if (n.negative && n.magnitude > 0)
		return bound < 0 && n.magnitude < 0 - (uint64_t)bound;
	return bound < 0 || n.magnitude > (uint64_t)bound;
}

static bool
in_range(const struct weir_option *option, struct cli_number n)
{
	bool unbounded = option->kind == WEIR_OPTION_NUMBER &&
			 option->min == 0 && option->max == 0;

	return unbounded ||
	       (!below(n, smallest(option)) &&
		       (option->max == 0 || !above(n, option->max)));
}

const char *
cli_value_range(const struct weir_option *option, struct cli_arena *arena)
{
	int64_t least = smallest(option);
	char from[32], to[32];

	if (option->kind == WEIR_OPTION_NUMBER && option->min == 0 &&
		option->max == 0)
		return NULL;
	(void)cli_number_write(option->kind, least, from);
	(void)cli_number_write(option->kind, option->max, to);
	if (option->max != 0)
		return cli_arena_format(arena, "from %s to %s", from, to);
	if (least != 0)
		return cli_arena_format(arena, "from %s", from);
	return NULL;
}

const char *
cli_value_choices(const struct weir_option *option, const char *between,
	struct cli_arena *arena)
{
	const char *all = "";

	for (size_t i = 0; option->choices[i] != NULL; i++)
		all = cli_arena_format(arena, "%s%s%s", all,
			i == 0 ? "" : between, option->choices[i]);
	return all;
}

/* Where the value of @option lies in @args. */
static void *
place_of(const struct weir_option *option, void *args)
{
	return (char *)args + option->offset;
}

static void
store_number(const struct weir_option *option, struct cli_number n, void *args)
{
	uint64_t bits = n.negative ? 0 - n.magnitude : n.magnitude;
	size_t size = (size_t)bits;
	int64_t number;

	memcpy(&number, &bits, sizeof(number));
	if (option->kind == WEIR_OPTION_SIZE)
		memcpy(place_of(option, args), &size, sizeof(size));
	else if (option->kind == WEIR_OPTION_COUNT)
		memcpy(place_of(option, args), &bits, sizeof(bits));
	else
		memcpy(place_of(option, args), &number, sizeof(number));
}

static int
read_number(const struct weir_option *option, const char *text, void *args,
	struct cli_arena *arena, struct cli_value_fault *ret)
{
	struct cli_number n = {0};
	const char *range;

	ret->text = cli_number_read(option->kind, text, &n);
	if (ret->text != NULL && ret->text != cli_number_too_large) {
		ret->hint = cli_number_usage(option->kind);
		return -1;
	}
	if (ret->text == NULL && in_range(option, n)) {
		store_number(option, n, args);
		return 0;
	}
	if (ret->text == NULL)
		ret->text = "is out of range";
	range = cli_value_range(option, arena);
	ret->hint = range == NULL ? "it must fit 64 bits"
				  : cli_arena_format(arena, "'%s' is %s",
					    option->key, range);
	return -1;
}

static int
read_choice(const struct weir_option *option, const char *text, void *args,
	struct cli_arena *arena, struct cli_value_fault *ret)
{
	struct cli_suggestion near = cli_suggestion_for(text);

	for (int i = 0; option->choices[i] != NULL; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			memcpy(place_of(option, args), &i, sizeof(i));
			return 0;
		}
		cli_suggestion_offer(&near, option->choices[i]);
	}
	ret->text = "is none of its choices";
	ret->guesses = near.best != NULL;
	ret->hint = near.best != NULL
			    ? cli_arena_format(
				      arena, "did you mean '%s'?", near.best)
			    : cli_arena_format(arena, "choose one of %s",
				      cli_value_choices(option, ", ", arena));
	return -1;
}

int
cli_value_read(const struct weir_option *option, const char *text, void *args,
	struct cli_arena *arena, struct cli_value_fault *ret)
{
	switch (option->kind) {
	case WEIR_OPTION_STRING:
		memcpy(place_of(option, args), &text, sizeof(text));
		return 0;
	case WEIR_OPTION_CHOICE:
		return read_choice(option, text, args, arena, ret);
	case WEIR_OPTION_COUNT:
	case WEIR_OPTION_NUMBER:
	case WEIR_OPTION_SIZE:
	case WEIR_OPTION_TIME:
		return read_number(option, text, args, arena, ret);
	default:
		ret->text = "takes no value";
		ret->hint = NULL;
		return -1;
	}
}
