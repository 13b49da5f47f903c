/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory that is given back all at once
 */
#include "arena_internal.h"

#include "system_internal.h"

#include <string.h>

#define CHUNK_BYTES ((size_t)4096)

struct weir_arena_chunk {
	struct weir_arena_chunk *next;
	size_t bytes;
};

void
weir_arena_init(struct weir_arena *arena, struct weir_system *system)
{
	*arena = (struct weir_arena){.system = system};
}

void
weir_arena_finish(struct weir_arena *arena)
{
	struct weir_arena_chunk *chunk = arena->chunks;

	while (chunk != NULL) {
		struct weir_arena_chunk *next = chunk->next;

		weir_release(arena->system, chunk, chunk->bytes);
		chunk = next;
	}
	*arena = (struct weir_arena){.system = arena->system};
}

static char *
align_up(char *at, size_t align)
{
	return at + (-(uintptr_t)at & (align - 1));
}

static int
arena_grow(struct weir_arena *arena, size_t bytes)
{
	struct weir_arena_chunk *chunk;
	size_t size = sizeof(*chunk) + bytes;

	if (size < CHUNK_BYTES)
		size = CHUNK_BYTES;
	chunk = weir_allocate(arena->system, size);
	if (chunk == NULL)
		return -1;
	chunk->next = arena->chunks;
	chunk->bytes = size;
	arena->chunks = chunk;
	arena->at = (char *)(chunk + 1);
	arena->end = (char *)chunk + size;
	return 0;
}

void *
weir_arena_get(struct weir_arena *arena, size_t bytes, size_t align)
{
	char *at;

	if (bytes > SIZE_MAX / 2)
		return NULL;
	at = arena->at == NULL ? NULL : align_up(arena->at, align);
	if (at == NULL || at > arena->end ||
		(size_t)(arena->end - at) < bytes) {
		if (arena_grow(arena, bytes + align) < 0)
			return NULL;
		at = align_up(arena->at, align);
	}
	arena->at = at + bytes;
	return memset(at, 0, bytes);
}

char *
weir_arena_copy(struct weir_arena *arena, const char *text)
{
	size_t bytes;
	char *copy;

	if (text == NULL)
		return NULL;
	bytes = strlen(text) + 1;
	copy = weir_arena_get(arena, bytes, 1);
	return copy == NULL ? NULL : memcpy(copy, text, bytes);
}
