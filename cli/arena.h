/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is all freed at once
 *
 * What the command makes of a pipeline's text (tokens, stages, arguments,
 * messages) lives exactly as long as that text, so one arena owns it all.
 * Where memory runs out the command says so and exits: nothing was opened yet.
 */
#ifndef WEIR_CLI_ARENA_H
#define WEIR_CLI_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "../actors/export.h"

struct cli_chunk;

/** Zeroed is empty. */
struct cli_arena {
	struct cli_chunk *newest;
};

/** @bytes of zeroed memory for anything; never NULL. */
void *cli_arena_get(struct cli_arena *, size_t bytes);

/** A copy of @length bytes of @data, with a NUL behind it. */
char *cli_arena_copy(struct cli_arena *, const char *data, size_t length);

/** As sprintf() into fresh memory. */
char *cli_arena_format(struct cli_arena *, const char *format, ...)
	WEIR_PRINTF(2, 3);
char *cli_arena_format_list(
	struct cli_arena *, const char *format, va_list list);

/**
 * Room for one more item behind @count of @item_bytes each in @items, whose
 * capacity is *@capacity: @items itself, or a larger copy of it.
 */
void *cli_arena_extend(struct cli_arena *, void *items, size_t count,
	size_t *capacity, size_t item_bytes);

/** Free all of it.  The arena is empty then. */
void cli_arena_finish(struct cli_arena *);

#endif /* WEIR_CLI_ARENA_H */
