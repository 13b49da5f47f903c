/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory that is given back all at once
 */
#include "arena_internal.h"

#include "poison_internal.h"
#include "system_internal.h"

#include <string.h>

#define CHUNK_BYTES ((size_t)4096)

struct weir_arena_chunk {
	struct weir_arena_chunk *next;
	size_t bytes;
};

/* -- spare chunks ---------------------------------------------------------- */

/* A place is empty or holds a chunk of CHUNK_BYTES that whoever empties it
 * owns: there is no list, so nothing can be mistaken for what it was before. */
static struct weir_arena_chunk *
spare_take(struct weir_arena_spares *spares)
{
	struct weir_arena_chunk *chunk;

	for (size_t i = 0; i < WEIR_ARENA_SPARES; i++) {
		if (weir_load(&spares->chunks[i], relaxed) == NULL)
			continue;
		/* Pairs with the release in spare_put(): its user is done. */
		chunk = weir_exchange(&spares->chunks[i], NULL, acquire);
		if (chunk == NULL)
			continue;
		weir_unpoison(chunk, CHUNK_BYTES);
		return chunk;
	}
	return NULL;
}

/* False: there is no place for it. */
static bool
spare_put(struct weir_arena_spares *spares, struct weir_arena_chunk *chunk)
{
	weir_poison(chunk, CHUNK_BYTES);
	for (size_t i = 0; i < WEIR_ARENA_SPARES; i++) {
		struct weir_arena_chunk *none = NULL;

		if (weir_load(&spares->chunks[i], relaxed) == NULL &&
			weir_compare_exchange(&spares->chunks[i], &none, chunk,
				release, relaxed))
			return true;
	}
	weir_unpoison(chunk, CHUNK_BYTES);
	return false;
}

void
weir_arena_spares_finish(struct weir_system *system)
{
	struct weir_arena_chunk *chunk;

	while ((chunk = spare_take(&system->spares)) != NULL)
		weir_release(system, chunk, CHUNK_BYTES);
}

/* -- arenas ---------------------------------------------------------------- */

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
		size_t bytes = chunk->bytes;

		if (bytes != CHUNK_BYTES ||
			!spare_put(&arena->system->spares, chunk))
			weir_release(arena->system, chunk, bytes);
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
	struct weir_arena_chunk *chunk = NULL;
	size_t size = sizeof(*chunk) + bytes;

	if (size <= CHUNK_BYTES) {
		size = CHUNK_BYTES;
		chunk = spare_take(&arena->system->spares);
	}
	if (chunk == NULL)
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
