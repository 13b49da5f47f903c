/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore.h - run a few threads in every order that matters
 *
 * A scenario is a set-up, some threads and a check at the end.  The threads
 * are fibers of one real thread; before each atomic access the explorer
 * chooses who goes on.  It first tries all schedules with few preemptions,
 * depth first, and then walks at random, from a seed.  Scenarios and the
 * sources of the library are compiled with WEIR_ATOMICS naming atomics.h here,
 * so that every weir_load() and its like ends in this explorer.
 *
 * What is looked for: an assertion that fails, a data race on plain data, an
 * access to memory that was freed or is waiting in a pool, threads that wait
 * for each other, an execution without end.
 */
#ifndef WEIR_TESTS_EXPLORE_EXPLORE_H
#define WEIR_TESTS_EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actors/atomic_internal.h"
#include "actors/seams.h"

#define EXPLORE_THREADS 7

/** How far to go; 0: the default. */
struct explore_bounds {
	unsigned preemptions; /* of a thread that could go on; default 2 */
	unsigned holds;       /* stores kept back in a switch; default 1 */
	uint64_t executions;  /* depth first; default 20,000 */
	uint64_t walks;       /* at random; default 4,000 */
};

struct explore_scenario {
	const char *name;
	/* In each execution: before the threads, and after all have ended. */
	void (*setup)(void);
	void (*check)(void);
	void (*threads[EXPLORE_THREADS])(void);
	struct explore_bounds bounds;
	bool fails; /* a mistake is planted: none found is the failure */
};

/** The main function of a program of scenarios; see main.c for what it takes
 *  from arguments and environment. */
int explore_main(
	int argc, char **argv, const struct explore_scenario *table, size_t n);

/** The execution is wrong.  Ends it; does not return. */
_Noreturn void explore_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#define explore_assert(condition)                                              \
	((condition) ? (void)0                                                 \
		     : explore_fail("%s:%d: not so: %s", __FILE__, __LINE__,   \
			       #condition))

/** The number of the thread that runs, from 1; 0 in set-up and check. */
unsigned explore_self(void);

/** Memory that is watched: a touch after it was freed is found, and what is
 *  left at the end is a leak.  Zeroed. */
void *explore_allocate(size_t bytes);
void explore_free(void *memory);

/** The same as the allocator of a system. */
struct weir_allocator explore_allocator(void);

/** The allocation number @n of each execution fails, from 1; 0: none.  Called
 *  by a set-up. */
void explore_fail_allocation(unsigned n);

/** Wait until *@flag is set, as a worker waits for a cell to be scheduled. */
void explore_wait(_Atomic int *flag);

#endif /* WEIR_TESTS_EXPLORE_EXPLORE_H */
