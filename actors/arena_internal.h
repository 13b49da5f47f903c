/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena_internal.h - memory that is given back all at once
 *
 * What a graph or a run consists of lives in one, so that taking it down is
 * one loop over a few chunks.  One thread.  A few chunks that were given back
 * stay with their system: graphs that come and go ask for no memory.
 */
#ifndef WEIR_ACTORS_ARENA_INTERNAL_H
#define WEIR_ACTORS_ARENA_INTERNAL_H

#include "atomic_internal.h"
#include "system.h"

#define WEIR_ARENA_SPARES 8

struct weir_arena_chunk;

/** Chunks that a system keeps, 32 KiB of them at most.  All 0 is none. */
struct weir_arena_spares {
	_Atomic(struct weir_arena_chunk *) chunks[WEIR_ARENA_SPARES];
};

struct weir_arena {
	struct weir_system *system;
	struct weir_arena_chunk *chunks; /* the newest first */
	char *at, *end;                  /* free bytes of the newest */
};

void weir_arena_init(struct weir_arena *arena, struct weir_system *system);

/** Free everything. */
void weir_arena_finish(struct weir_arena *arena);

/** Free what @system keeps: no arena of it is left. */
void weir_arena_spares_finish(struct weir_system *system);

/** @bytes cleared, aligned to @align (a power of two up to 4096); NULL when
 *  out of memory. */
void *weir_arena_get(struct weir_arena *arena, size_t bytes, size_t align);

/** A copy of @text; NULL for NULL, or when out of memory. */
char *weir_arena_copy(struct weir_arena *arena, const char *text);

#endif /* WEIR_ACTORS_ARENA_INTERNAL_H */
