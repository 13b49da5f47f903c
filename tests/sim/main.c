/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - thousands of simulated runs, each of one seed
 *
 *	simulation [GRAPHS [FIRST]]
 *	simulation --threads [GRAPHS [FIRST]]
 *	simulation --actors [CROWDS [FIRST]]
 *	simulation --actors-threads [CROWDS [FIRST]]
 *	simulation --catch NAME GRAPHS [FILE]
 *	WEIR_SEED=N simulation [--threads TIMES]
 *
 * Seeds FIRST (1) and on; prints what they covered, which must be full in a
 * whole run.  On threads the graphs are the same, but no seed orders what
 * happens.  --catch succeeds if one of the graphs (--catch-actors: crowds)
 * finds a violation: NAME is a planted bug.  With WEIR_SEED only that graph is
 * run, and its plan printed.
 */
#include "coverage.h"
#include "crowd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRAPHS 10000u
#define CROWDS 2000u
#define FIRST 1u
#define GRAPH_CPU_SECONDS_MAX 2 /* then a planted bug is an endless loop */

static struct coverage coverage;

static void
plan_make(struct plan *plan, uint64_t seed)
{
	struct dice dice = {.random = seed};

	plan->seed = seed;
	plan_draw(plan, &dice);
}

static void
seed_try(uint64_t seed, bool shown)
{
	static struct plan plan;

	plan_make(&plan, seed);
	if (shown)
		plan_print(&plan, stdout);
	(void)fflush(stdout);
	sim_try(&plan, true);
}

static int
simulate(uint64_t graphs, uint64_t first)
{
	printf("seeds %" PRIu64 " to %" PRIu64 "\n", first, first + graphs - 1);
	for (uint64_t i = 0; i < graphs; i++)
		seed_try(first + i, false);
	/* Fewer, under a sanitizer, need not meet what is rare. */
	return coverage_print(&coverage, stdout) || graphs < GRAPHS
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

/* -- threads --------------------------------------------------------------- */

/* On threads: what a seed orders cannot be asked for. */
static void
threads_try(uint64_t seed)
{
	static struct plan plan;

	plan_make(&plan, seed);
	plan.system_seed = 0;
	plan.workers = 2 + (uint32_t)(seed % 3);
	sim_try(&plan, false);
}

static int
threads_run(uint64_t graphs, uint64_t first, const char *seed)
{
	for (uint64_t i = 0; i < graphs; i++)
		threads_try(
			seed == NULL ? first + i : strtoull(seed, NULL, 10));
	printf("%" PRIu64 " graphs on threads\n", graphs);
	return EXIT_SUCCESS;
}

/* -- actors ---------------------------------------------------------------- */

static int
crowds_run(uint64_t crowds, uint64_t first, const char *seed, bool threads)
{
	struct crowd_counts counts = {{0}, {0}, {0}, {0}, {0}};
	int full;

	for (uint64_t i = 0; i < crowds; i++) {
		uint64_t which =
			seed == NULL ? first + i : strtoull(seed, NULL, 10);

		crowd_try(which, threads ? 2 + (unsigned)(which % 3) : 1,
			&counts);
	}
	full = crowd_print(&counts, stdout);
	return full || seed != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* -- planted bugs ---------------------------------------------------------- */

/* In a child, which writes to *@reached which seed it is at. */
static _Noreturn void
child_run(uint64_t graphs, bool actors, volatile uint64_t *reached)
{
	struct crowd_counts counts = {{0}, {0}, {0}, {0}, {0}};
	const struct itimerval limit = {
		.it_value.tv_sec = GRAPH_CPU_SECONDS_MAX};

	/* The report is of interest only where none is expected. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		_exit(EXIT_FAILURE);
	for (uint64_t i = 0; i < graphs; i++) {
		(void)setitimer(ITIMER_VIRTUAL, &limit, NULL);
		*reached = FIRST + i;
		if (actors)
			crowd_try(FIRST + i, 1, &counts);
		else
			seed_try(FIRST + i, false);
	}
	_exit(EXIT_SUCCESS);
}

/* Print the row of the table that says who found it, also to @path. */
static void
found_print(const char *name, uint64_t graph, const char *path)
{
	FILE *file = path == NULL ? NULL : fopen(path, "w");

	printf("%-30s found by graph %" PRIu64 "\n", name, graph);
	if (file == NULL)
		return;
	fprintf(file, "%-30s found by graph %" PRIu64 "\n", name, graph);
	(void)fclose(file);
}

static int
catch_it(const char *name, uint64_t graphs, const char *path, bool actors)
{
	uint64_t *reached = mmap(NULL, sizeof(*reached), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	if (path != NULL)
		(void)unlink(path);
	if (reached == MAP_FAILED || (child = fork()) < 0)
		return EXIT_FAILURE;
	if (child == 0)
		child_run(graphs, actors, reached);
	if (waitpid(child, &status, 0) != child)
		return EXIT_FAILURE;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != SIM_VIOLATION) {
		printf("%s: not found in %" PRIu64 " graphs\n", name, graphs);
		return EXIT_FAILURE;
	}
	found_print(name, *reached - FIRST + 1, path);
	return EXIT_SUCCESS;
}

static uint64_t
number(int argc, char **argv, int i, uint64_t fallback)
{
	return i < argc ? strtoull(argv[i], NULL, 10) : fallback;
}

int
main(int argc, char **argv)
{
	const char *seed = getenv("WEIR_SEED");

	sim_catch_crashes();
	if (argc > 2 && strncmp(argv[1], "--catch", 7) == 0)
		return catch_it(argv[2], number(argc, argv, 3, GRAPHS),
			argc > 4 ? argv[4] : NULL,
			strcmp(argv[1], "--catch-actors") == 0);
	if (argc > 1 && strcmp(argv[1], "--threads") == 0)
		return threads_run(number(argc, argv, 2, GRAPHS),
			number(argc, argv, 3, FIRST), seed);
	if (argc > 1 && strncmp(argv[1], "--actors", 8) == 0)
		return crowds_run(number(argc, argv, 2, CROWDS),
			number(argc, argv, 3, FIRST), seed,
			strcmp(argv[1], "--actors-threads") == 0);
	if (seed != NULL) {
		seed_try(strtoull(seed, NULL, 10), true);
		return EXIT_SUCCESS;
	}
	sim_count_in(&coverage);
	return simulate(
		number(argc, argv, 1, GRAPHS), number(argc, argv, 2, FIRST));
}
