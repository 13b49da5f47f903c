/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - one option's value, from text into the arguments
 */
#ifndef WEIR_CLI_VALUE_H
#define WEIR_CLI_VALUE_H

#include "../streams/stage.h"
#include "arena.h"

/** What is wrong with a value. */
struct cli_value_fault {
	const char *text; /* follows the value: "is not a size" */
	const char *hint; /* NULL: none */
	bool guesses;     /* the hint is what was probably meant */
};

/**
 * Read @text as a value of @option (of any kind but FLAG and STRINGS) into
 * @args, which keeps pointing to @text if it is a string.  Returns 0, or -1
 * with *ret set, whose texts are constant or of @arena.
 */
int cli_value_read(const struct weir_option *option, const char *text,
	void *args, struct cli_arena *arena, struct cli_value_fault *ret);

/** "from 1 to 1GiB", or NULL when every value will do. */
const char *cli_value_range(
	const struct weir_option *option, struct cli_arena *arena);

/** "upper, lower, trim". */
const char *cli_value_choices(const struct weir_option *option,
	const char *between, struct cli_arena *arena);

#endif /* WEIR_CLI_VALUE_H */
