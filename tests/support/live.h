/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.h - an element that knows whether it is alive
 *
 * Each one made, and each copy that is shared, has a ticket of its own.  A
 * ticket released twice ends the program with a message; those that are left
 * at the end are leaks.
 */
#ifndef WEIR_TESTS_SUPPORT_LIVE_H
#define WEIR_TESTS_SUPPORT_LIVE_H

#include "streams/type.h"

typedef struct live {
	uint64_t ticket;
	int64_t value;
} live;

/** Forget all tickets: before a test. */
void live_reset(void);

/** A new element with @value. */
live live_make(int64_t value);

/** The value of @element, which must be alive. */
int64_t live_value(const live *element);

/** How many are alive. */
size_t live_count(void);

void live_drop(void *elements, size_t n);
void live_share(void *elements, size_t n);

WEIR_TYPE(live, "live", live_drop, live_share);

#endif /* WEIR_TESTS_SUPPORT_LIVE_H */
