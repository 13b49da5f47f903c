/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idle_internal.h - who sleeps, who looks for work: the eventcount of workers
 *
 * One word: a bit for each worker that has announced sleep, and how many look
 * for work.  Who has work to give away publishes it and looks at the word
 * afterwards; who wants to sleep announces it here and looks for work
 * afterwards.  All of it is sequentially consistent, so one of the two sees
 * the other (Dekker's pattern), and no wake-up is lost.
 *
 * Clearing a bit is the right to wake that worker, and makes it one that looks
 * for work; so nobody is woken twice, and while one looks nobody else is woken.
 * It passes the duty on: leaving with work, it looks at the word last.
 *
 * Algorithm: the eventcount (D. Reed, R. Kanodia, "Synchronization with
 * eventcounts and sequencers", CACM 1979) in the form of the Go scheduler's
 * idle and spinning counts (runtime/proc.go, wakep and resetspinning).
 */
#ifndef WEIR_ACTORS_IDLE_INTERNAL_H
#define WEIR_ACTORS_IDLE_INTERNAL_H

#include "atomic_internal.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR_IDLE_WORKERS 56u /* as many have a bit */
#define WEIR_IDLE_LOOKER ((uint64_t)1 << WEIR_IDLE_WORKERS)
#define WEIR_IDLE_SLEEPERS (WEIR_IDLE_LOOKER - 1)

struct weir_idle {
	_Atomic uint64_t word; /* lookers << 56 | sleepers */
};

/** Whether somebody sleeps and nobody looks for work.  A hint. */
static inline bool
weir_idle_wants_work(const struct weir_idle *idle)
{
	uint64_t word = weir_load(&idle->word, relaxed);

	return word != 0 && word < WEIR_IDLE_LOOKER;
}

/** Become the one that looks for work; false: there is one. */
bool weir_idle_look(struct weir_idle *idle);

/** Having looked, and found work.  The caller then looks whether there is more
 *  and if so calls weir_idle_choose(). */
void weir_idle_found(struct weir_idle *idle);

/** Announce that worker @bit will sleep, no longer looking for work if it
 *  @looked.  The caller looks once more for work, and sleeps if there is
 *  none. */
void weir_idle_announce(struct weir_idle *idle, uint32_t bit, bool looked);

/** Having slept, or not.  True: somebody has woken the worker, or is about to,
 *  and it counts as one that looks for work. */
bool weir_idle_awake(struct weir_idle *idle, uint32_t bit);

/** After publishing work that anybody may do: which worker to wake for it; -1:
 *  none. */
int weir_idle_choose(struct weir_idle *idle);

/** After publishing work for worker @bit: whether to wake it. */
bool weir_idle_claim(struct weir_idle *idle, uint32_t bit);

#endif /* WEIR_ACTORS_IDLE_INTERNAL_H */
