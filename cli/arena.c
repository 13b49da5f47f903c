/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory that is all freed at once
 */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)8192)

struct cli_chunk {
	struct cli_chunk *older;
	size_t used, bytes;
	max_align_t data[];
};

static void
out_of_memory(void)
{
	(void)fputs("weir: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static struct cli_chunk *
add_chunk(struct cli_arena *arena, size_t least)
{
	size_t bytes = least > CHUNK_BYTES ? least : CHUNK_BYTES;
	struct cli_chunk *chunk = NULL;

	if (bytes < SIZE_MAX - sizeof(*chunk))
		chunk = calloc(1, sizeof(*chunk) + bytes);
	if (chunk == NULL)
		out_of_memory();
	chunk->older = arena->newest;
	chunk->bytes = bytes;
	arena->newest = chunk;
	return chunk;
}

void *
cli_arena_get(struct cli_arena *arena, size_t bytes)
{
	const size_t align = _Alignof(max_align_t);
	struct cli_chunk *chunk = arena->newest;
	char *memory;

	if (bytes > SIZE_MAX - align)
		out_of_memory();
	bytes = (bytes + align - 1) / align * align;
	if (chunk == NULL || chunk->bytes - chunk->used < bytes)
		chunk = add_chunk(arena, bytes);
	memory = (char *)chunk->data + chunk->used;
	chunk->used += bytes;
	return memory;
}

char *
cli_arena_copy(struct cli_arena *arena, const char *data, size_t length)
{
	char *copy = cli_arena_get(arena, length + 1);

	if (length > 0)
		memcpy(copy, data, length);
	return copy;
}

char *
cli_arena_format_list(struct cli_arena *arena, const char *format, va_list list)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, list);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	text = cli_arena_get(arena, (size_t)length + 1);
	(void)vsnprintf(text, (size_t)length + 1, format, list);
	return text;
}

char *
cli_arena_format(struct cli_arena *arena, const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	text = cli_arena_format_list(arena, format, list);
	va_end(list);
	return text;
}

void *
cli_arena_extend(struct cli_arena *arena, void *items, size_t count,
	size_t *capacity, size_t item_bytes)
{
	size_t larger = *capacity == 0 ? 4 : *capacity * 2;
	void *copy;

	if (count < *capacity)
		return items;
	copy = cli_arena_get(arena, larger * item_bytes);
	/* The first time there is nothing yet, whatever @count reserves. */
	if (*capacity > 0)
		memcpy(copy, items, count * item_bytes);
	*capacity = larger;
	return copy;
}

void
cli_arena_finish(struct cli_arena *arena)
{
	while (arena->newest != NULL) {
		struct cli_chunk *older = arena->newest->older;

		free(arena->newest);
		arena->newest = older;
	}
}
