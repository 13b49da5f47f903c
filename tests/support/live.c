/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.c - an element that knows whether it is alive
 */
#include "live.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKETS ((uint64_t)1 << 22)

/* Elements go from thread to thread; what orders that is under test, so these
 * order nothing: all accesses are relaxed. */
static _Atomic unsigned char alive[TICKETS];
static _Atomic uint64_t next_ticket = 1;
static _Atomic size_t alive_count;

static _Noreturn void
die(const char *what, uint64_t ticket, int64_t value)
{
	fprintf(stderr, "live: %s: ticket %" PRIu64 ", value %" PRId64 "\n",
		what, ticket, value);
	abort();
}

void
live_reset(void)
{
	uint64_t used =
		atomic_load_explicit(&next_ticket, memory_order_relaxed);

	memset((void *)alive, 0, used);
	atomic_store_explicit(&next_ticket, 1, memory_order_relaxed);
	atomic_store_explicit(&alive_count, 0, memory_order_relaxed);
}

live
live_make(int64_t value)
{
	live element = {atomic_fetch_add_explicit(
				&next_ticket, 1, memory_order_relaxed),
		value};

	if (element.ticket >= TICKETS)
		die("no ticket is left", element.ticket, element.value);
	atomic_store_explicit(&alive[element.ticket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&alive_count, 1, memory_order_relaxed);
	return element;
}

int64_t
live_value(const live *element)
{
	if (element->ticket >= TICKETS ||
		!atomic_load_explicit(
			&alive[element->ticket], memory_order_relaxed))
		die("used after its release", element->ticket, element->value);
	return element->value;
}

size_t
live_count(void)
{
	return atomic_load_explicit(&alive_count, memory_order_relaxed);
}

void
live_drop(void *elements, size_t n)
{
	live *each = elements;

	for (size_t i = 0; i < n; i++) {
		if (each[i].ticket >= TICKETS ||
			!atomic_exchange_explicit(&alive[each[i].ticket], 0,
				memory_order_relaxed))
			die("released twice", each[i].ticket, each[i].value);
	}
	atomic_fetch_sub_explicit(&alive_count, n, memory_order_relaxed);
}

void
live_share(void *elements, size_t n)
{
	live *each = elements;

	for (size_t i = 0; i < n; i++)
		each[i] = live_make(live_value(&each[i]));
}
