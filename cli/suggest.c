/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.c - the known word that a wrong one was meant to be
 *
 * Distance: F. J. Damerau's, in the form that changes no letter twice (optimal
 * string alignment).
 */
#include "suggest.h"

#include <stdint.h>
#include <string.h>

#define LETTERS_MAX 63

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
cli_distance(const char *a, const char *b)
{
	size_t rows[3][LETTERS_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > LETTERS_MAX || b_length > LETTERS_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_length; j++)
		before[j] = above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t other = a[i - 1] != b[j - 1];

			row[j] = least(least(above[j] + 1, row[j - 1] + 1),
				above[j - 1] + other);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b_length];
}

struct cli_suggestion
cli_suggestion_for(const char *word)
{
	size_t length = strlen(word);
	/* One slip in a short word, a few in a long one: further off is another
	 * word. */
	size_t far = length <= 2 ? 1 : length <= 5 ? 2 : 3;

	return (struct cli_suggestion){word, NULL, far + 1};
}

void
cli_suggestion_offer(struct cli_suggestion *suggestion, const char *known)
{
	size_t distance = cli_distance(suggestion->word, known);

	if (distance < suggestion->distance &&
		distance < strlen(suggestion->word)) {
		suggestion->best = known;
		suggestion->distance = distance;
	}
}
