/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters.c - a hook that keeps the dead letters it is told
 */
#include "letters.h"

#include <string.h>

void
letters_add(void *ctx, const struct weir_dead_letter *letter)
{
	struct letters *letters = ctx;
	size_t n = letter->message_bytes;
	int64_t value = 0;

	if (letters->count == LETTERS_MAX)
		return;
	if (letter->message != NULL)
		memcpy(&value, letter->message,
			n < sizeof(value) ? n : sizeof(value));
	letters->values[letters->count] = value;
	letters->all[letters->count++] = *letter;
}

size_t
letters_count(const struct letters *letters, enum weir_dead_reason reason)
{
	size_t n = 0;

	for (size_t i = 0; i < letters->count; i++)
		n += letters->all[i].reason == reason;
	return n;
}
