/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.h - the known word that a wrong one was meant to be
 */
#ifndef WEIR_CLI_SUGGEST_H
#define WEIR_CLI_SUGGEST_H

#include <stddef.h>

/** A word sought and the nearest one offered so far. */
struct cli_suggestion {
	const char *word;
	const char *best; /* NULL: none was near */
	size_t distance;
};

/** Begin to look for a word near @word. */
struct cli_suggestion cli_suggestion_for(const char *word);

/** Look at @known (borrowed), which becomes the best if it is near and nearer
 *  than those before. */
void cli_suggestion_offer(struct cli_suggestion *, const char *known);

/** How many letters to change, add, leave out or swap with their neighbour to
 *  turn @a into @b; SIZE_MAX when one is longer than 63 letters. */
size_t cli_distance(const char *a, const char *b);

#endif /* WEIR_CLI_SUGGEST_H */
