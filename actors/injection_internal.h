/* SPDX-License-Identifier: Apache-2.0 */
/*
 * injection_internal.h - cells made ready by threads that are no workers
 *
 * Anybody may push, also a signal handler: a push is one compare-exchange.  One
 * worker at a time takes; another that comes meanwhile goes away empty-handed
 * and does not wait.  First in, first out, by and large.
 *
 * Algorithm: R. K. Treiber's stack (IBM RJ 5118, 1986), emptied as a whole and
 * turned round.
 */
#ifndef WEIR_ACTORS_INJECTION_INTERNAL_H
#define WEIR_ACTORS_INJECTION_INTERNAL_H

#include "atomic_internal.h"

#include <stdbool.h>
#include <stddef.h>

struct weir_cell;

/* Cells are linked by their next. */
struct weir_injection {
	_Atomic(struct weir_cell *) pushed; /* the newest first */
	_Atomic int taking;                 /* a worker has what follows */
	/* The oldest first.  Written by who is taking; others see whether
	 * there is any. */
	_Atomic(struct weir_cell *) ordered;
};

/** Append @cell.  Any thread. */
void weir_injection_push(
	struct weir_injection *injection, struct weir_cell *cell);

/** Take the oldest cells, linked by next, @most at the most.  NULL: there are
 *  none, or another worker is taking. */
struct weir_cell *weir_injection_take(
	struct weir_injection *injection, size_t most);

/** Whether there is something to take.  Sequentially consistent, so that a
 *  worker that announced sleep may rely on it. */
static inline bool
weir_injection_is_empty(const struct weir_injection *injection)
{
	return weir_load(&injection->pushed, seq_cst) == NULL &&
	       weir_load(&injection->ordered, seq_cst) == NULL;
}

/** As weir_injection_is_empty(), a hint. */
static inline bool
weir_injection_seems_empty(const struct weir_injection *injection)
{
	return weir_load(&injection->pushed, relaxed) == NULL &&
	       weir_load(&injection->ordered, relaxed) == NULL;
}

#endif /* WEIR_ACTORS_INJECTION_INTERNAL_H */
