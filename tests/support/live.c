/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.c - an element that knows whether it is alive
 */
#include "live.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKETS ((uint64_t)1 << 22)

static unsigned char alive[TICKETS];
static uint64_t next_ticket = 1;
static size_t alive_count;

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
	memset(alive, 0, next_ticket);
	next_ticket = 1;
	alive_count = 0;
}

live
live_make(int64_t value)
{
	live element = {next_ticket++, value};

	if (element.ticket >= TICKETS)
		die("no ticket is left", element.ticket, value);
	alive[element.ticket] = 1;
	alive_count++;
	return element;
}

int64_t
live_value(const live *element)
{
	if (element->ticket >= TICKETS || !alive[element->ticket])
		die("used after its release", element->ticket, element->value);
	return element->value;
}

size_t
live_count(void)
{
	return alive_count;
}

void
live_drop(void *elements, size_t n)
{
	live *each = elements;

	for (size_t i = 0; i < n; i++) {
		if (each[i].ticket >= TICKETS || !alive[each[i].ticket])
			die("released twice", each[i].ticket, each[i].value);
		alive[each[i].ticket] = 0;
		alive_count--;
	}
}

void
live_share(void *elements, size_t n)
{
	live *each = elements;

	for (size_t i = 0; i < n; i++)
		each[i] = live_make(live_value(&each[i]));
}
