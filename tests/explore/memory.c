/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.c - memory that knows whether it may be touched
 *
 * Within one execution no byte is given out twice, so that a touch after the
 * release is always found.  A shadow byte tells the state of eight.
 */
#include "engine.h"

#include <string.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define PIECES_MAX 1024
#define GAP_BYTES 64

enum state { OUTSIDE, LIVE, FREED, POOLED };

struct piece {
	char *start;
	size_t bytes;
	bool live;
};

static _Alignas(4096) char arena[ARENA_BYTES];
static unsigned char shadow[ARENA_BYTES / 8];
static struct piece pieces[PIECES_MAX];
static unsigned n_pieces, fail_at;
static size_t used;

void
memory_reset(void)
{
	memset(shadow, OUTSIDE, used / 8 + 1);
	used = n_pieces = fail_at = 0;
}

uintptr_t
memory_name(const volatile void *address)
{
	uintptr_t at = (uintptr_t)address - (uintptr_t)arena;

	return at < ARENA_BYTES ? at : (uintptr_t)address;
}

static void
mark(const volatile void *memory, size_t bytes, enum state state)
{
	size_t at = (uintptr_t)memory - (uintptr_t)arena;

	memset(&shadow[at / 8], (int)state, (bytes + 7) / 8);
}

void
memory_touch(const volatile void *address, size_t bytes, const char *site)
{
	size_t at = (uintptr_t)address - (uintptr_t)arena;
	static const char *const what[] = {
		"outside of any allocation", "", "freed", "waiting in a pool"};

	if (at >= ARENA_BYTES)
		return; /* a stack, or data of the scenario */
	for (size_t i = at / 8; i <= (at + bytes - 1) / 8; i++)
		if (shadow[i] != LIVE)
			explore_fail("%s touches memory that is %s (%#zx)",
				site, what[shadow[i]], at);
}

static void *
allocate(size_t bytes, size_t align)
{
	size_t at = (used + GAP_BYTES + align - 1) & ~(align - 1);
	struct piece *piece = &pieces[n_pieces];

	if (fail_at != 0 && --fail_at == 0)
		return NULL;
	if (at + bytes > ARENA_BYTES || n_pieces == PIECES_MAX)
		explore_broken("its memory is used up");
	*piece = (struct piece){&arena[at], bytes, true};
	n_pieces++;
	used = at + bytes;
	mark(piece->start, bytes, LIVE);
	return piece->start;
}

void *
explore_allocate(size_t bytes)
{
	void *memory = allocate(bytes, 64);

	return memory == NULL ? NULL : memset(memory, 0, bytes);
}

void
explore_free(void *memory)
{
	if (memory == NULL)
		return;
	for (unsigned i = 0; i < n_pieces; i++)
		if (pieces[i].start == memory) {
			if (!pieces[i].live)
				explore_fail("freed twice");
			race_end(memory, pieces[i].bytes, "a free");
			mark(memory, pieces[i].bytes, FREED);
			pieces[i].live = false;
			return;
		}
	explore_fail("freed, but never allocated");
}

void
explore_fail_allocation(unsigned n)
{
	fail_at = n;
}

static void *
seam_allocate(void *ctx, size_t bytes, size_t align)
{
	void *memory = allocate(bytes, align < 64 ? 64 : align);

	(void)ctx;
	/* Not zero: nobody may count on that. */
	return memory == NULL ? NULL : memset(memory, 0xa5, bytes);
}

static void
seam_release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	explore_free(memory);
}

struct weir_allocator
explore_allocator(void)
{
	return (struct weir_allocator){seam_allocate, seam_release, NULL};
}

void
memory_check_leaks(void)
{
	for (unsigned i = 0; i < n_pieces; i++)
		if (pieces[i].live)
			explore_fail("%zu bytes are left (%#tx)",
				pieces[i].bytes, pieces[i].start - arena);
}

void
explore_poison(const volatile void *memory, size_t bytes, bool poisoned,
	const char *site)
{
	if ((uintptr_t)memory - (uintptr_t)arena >= ARENA_BYTES || bytes == 0)
		return;
	if (poisoned)
		race_end(memory, bytes, site);
	mark(memory, bytes, poisoned ? POOLED : LIVE);
}
