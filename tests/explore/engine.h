/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - the parts of the explorer, to each other
 *
 * schedule.c chooses who goes on; access.c is what an access does, with store
 * buffers; race.c knows what happened before what; memory.c what may be
 * touched; main.c reads options and tells the verdict.
 */
#ifndef WEIR_TESTS_EXPLORE_ENGINE_H
#define WEIR_TESTS_EXPLORE_ENGINE_H

#include "explore.h"
#include "fiber.h"

#include <stdint.h>

#define MAIN 0u /* set-up and check run as thread 0 */
#define HELD_MAX 8u
#define VALUE_BYTES_MAX 16u
#define TRAIL_MAX 4096u
#define STEPS_MAX 20000u /* of one execution */

/* Vector time: how far of each thread is known.  It goes on with each release,
 * so 16 bits are enough for all steps that an execution may have. */
struct clock {
	uint16_t at[FIBERS];
};

/* A store that its thread has made and nobody else sees yet. */
struct held {
	volatile void *address;
	unsigned char value[VALUE_BYTES_MAX];
	size_t bytes;
	struct clock publishes;
};

struct thread {
	void (*run)(void);
	bool ended, paused;
	/* Where it has read since it last paused, as a filter of hashes, and
	 * whether something there has changed since. */
	uint64_t looked;
	bool news;
	struct clock clock;
	struct clock fenced;   /* what a release fence publishes */
	struct clock glimpsed; /* what relaxed loads saw, for a fence */
	struct held held[HELD_MAX];
	unsigned n_held;
};

/* One choice: the one taken, of how many. */
struct choice {
	uint16_t taken, of;
};

/* What limits one execution. */
struct leash {
	unsigned preemptions, holds;
	bool walk; /* at random and without limits */
};

struct world {
	const struct explore_scenario *scenario;
	struct thread threads[FIBERS];
	unsigned n_threads, current;
	struct leash left;
	uint64_t steps, execution;
	struct choice trail[TRAIL_MAX];
	unsigned depth, replay; /* choices made; of these, given ones */
	uint64_t random;
	unsigned stickiness;
	bool violated, tracing;
	char problem[512];
	/* Over all executions. */
	uint64_t states;
};

extern struct world world;

/* schedule.c */

/** One execution under @leash, along the first @replay choices of the trail.
 *  True: no violation. */
bool schedule_execute(const struct leash *leash, unsigned replay);

/** The trail of the next execution, depth first; false: there is none. */
bool schedule_next(void);

/** Before each access of @object (NULL: a fence): somebody else may go on
 *  first. */
void schedule_point(const volatile void *object, bool write, const char *site);

/** The current thread reads there; something there has changed. */
void schedule_looked(const volatile void *object);
void schedule_changed(const volatile void *object);

/* sharing.c: addresses over all executions of a scenario */

void sharing_forget(void);

/** The current thread reads or writes @object.  Whether another one does too
 *  and one of them writes, as far as was known when a level began. */
bool sharing_matters(const volatile void *object, bool write);

/** Go by what is known now; false: nothing was learnt since. */
bool sharing_learn(void);

/** The explorer cannot go on, whatever it explores. */
_Noreturn void explore_broken(const char *why);

/* access.c */

/** Let the oldest held store of @thread be seen. */
void access_flush(struct thread *thread);

/* race.c: what @site does to @address, and whether it may. */

void race_reset(void);
void race_plain(const volatile void *address, size_t bytes, bool write,
	const char *site);
void race_atomic(const volatile void *address, bool write, const char *site);

/** What an acquire of @address will know. */
struct clock *race_published(const volatile void *address);

/** @bytes at @address end: everything there must have happened before. */
void race_end(const volatile void *address, size_t bytes, const char *site);
void clock_join(struct clock *clock, const struct clock *other);

/* memory.c */

void memory_reset(void);
void memory_touch(const volatile void *address, size_t bytes, const char *site);
void memory_check_leaks(void);

/** A name for @address that is the same in each execution. */
uintptr_t memory_name(const volatile void *address);

void explore_trace(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* WEIR_TESTS_EXPLORE_ENGINE_H */
