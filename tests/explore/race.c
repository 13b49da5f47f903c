/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race.c - what happened before what
 *
 * Vector clocks after M. Fidge (1988) and F. Mattern (1989); the test is the
 * one of FastTrack (C. Flanagan, S. Freund, PLDI 2009), with an array of reads
 * in all cases.  Only release and acquire make an order between threads; that
 * a machine may happen to be stronger does not count.
 */
#include "engine.h"

#include <string.h>

#define PLACES 16384u /* a power of two */

enum access { READ, WRITE, ATOMIC_READ, ATOMIC_WRITE, KINDS };

/* One address: when each thread last did what to it. */
struct place {
	uintptr_t address;
	uint64_t execution; /* which one this is of; else it is free */
	uint16_t at[KINDS][FIBERS];
	const char *site[KINDS][FIBERS];
	struct clock published;
};

static struct place places[PLACES];
static unsigned touched[PLACES], n_touched;

void
race_reset(void)
{
	n_touched = 0;
}

void
clock_join(struct clock *clock, const struct clock *other)
{
	for (unsigned i = 0; i < FIBERS; i++)
		if (clock->at[i] < other->at[i])
			clock->at[i] = other->at[i];
}

static struct place *
place_of(uintptr_t address)
{
	unsigned i = (unsigned)(address / 4 * 2654435761u) & (PLACES - 1);

	while (places[i].execution == world.execution &&
		places[i].address != address)
		i = (i + 1) & (PLACES - 1);
	if (places[i].execution != world.execution) {
		memset(places[i].at, 0, sizeof(places[i].at));
		places[i].published = (struct clock){0};
		places[i].execution = world.execution;
		places[i].address = address;
		if (n_touched == PLACES / 2)
			explore_broken("it knows no more places");
		touched[n_touched++] = i;
	}
	return &places[i];
}

struct clock *
race_published(const volatile void *address)
{
	return &place_of((uintptr_t)address)->published;
}

/* All accesses of @kind by others must have happened before. */
static void
require(const struct place *place, enum access kind, const char *site,
	const char *what)
{
	const struct clock *now = &world.threads[world.current].clock;

	for (unsigned i = 0; i <= world.n_threads; i++)
		if (place->at[kind][i] > now->at[i])
			explore_fail("data race: %s %s (thread %u), and %s "
				     "(thread %u), %#zx",
				site, what, world.current, place->site[kind][i],
				i, memory_name((const void *)place->address));
}

static void
remember(struct place *place, enum access kind, const char *site)
{
	unsigned i = world.current;

	place->at[kind][i] = world.threads[i].clock.at[i];
	place->site[kind][i] = site;
}

static void
plain_word(uintptr_t address, bool write, const char *site)
{
	struct place *place = place_of(address);
	const char *what = write ? "writes" : "reads";

	require(place, WRITE, site, what);
	require(place, ATOMIC_WRITE, site, what);
	if (write) {
		require(place, READ, site, what);
		require(place, ATOMIC_READ, site, what);
	}
	remember(place, write ? WRITE : READ, site);
}

void
race_plain(const volatile void *address, size_t bytes, bool write,
	const char *site)
{
	uintptr_t at = (uintptr_t)address;

	/* A larger object is one place for each word. */
	for (size_t done = 0; done < bytes; done += 8)
		plain_word(at + done, write, site);
}

void
race_atomic(const volatile void *address, bool write, const char *site)
{
	struct place *place = place_of((uintptr_t)address);

	require(place, WRITE, site, "is atomic");
	if (write)
		require(place, READ, site, "is atomic");
	remember(place, write ? ATOMIC_WRITE : ATOMIC_READ, site);
}

void
race_end(const volatile void *address, size_t bytes, const char *site)
{
	uintptr_t start = (uintptr_t)address;

	if (world.current == MAIN)
		return; /* before all threads, or behind them */
	for (unsigned i = 0; i < n_touched; i++) {
		struct place *place = &places[touched[i]];

		if (place->address - start >= bytes)
			continue;
		for (enum access kind = READ; kind < KINDS; kind++)
			require(place, kind, site, "ends its life");
		memset(place->at, 0, sizeof(place->at));
		/* The next owner writes it before anybody else reads. */
		remember(place, WRITE, site);
	}
}
