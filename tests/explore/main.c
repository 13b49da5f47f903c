/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - explore scenarios, and tell what came of it
 *
 *   PROGRAM [--mutant] [SCENARIO...]     without names: all of them
 *
 * With --mutant a mistake has been planted, and not to find it is the failure.
 * The environment overrides the bounds that a scenario gives itself:
 *
 *   EXPLORE_PREEMPTIONS  EXPLORE_HOLDS  EXPLORE_EXECUTIONS  EXPLORE_WALKS
 *   EXPLORE_SEED      where the walks start; printed
 *   EXPLORE_SECONDS   go on as long as this, half of it depth first
 *   EXPLORE_SCHEDULE  run this one execution, as printed with a violation,
 *                     and tell each access
 *   EXPLORE_RESULTS   a folder: the verdict also goes to a file there
 */
#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEARNING_WALKS 100u

struct tally {
	uint64_t executions, walks;
	unsigned complete; /* levels of preemption explored to the end */
	bool exhausted;    /* the last level asked for is among them */
	struct leash leash;
	time_t stop; /* 0: by numbers */
};

static uint64_t
setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

static struct explore_bounds
bounds_of(const struct explore_scenario *scenario)
{
	const struct explore_bounds *b = &scenario->bounds;

	return (struct explore_bounds){
		.preemptions = (unsigned)setting("EXPLORE_PREEMPTIONS",
			b->preemptions ? b->preemptions : 2),
		.holds = (unsigned)setting(
			"EXPLORE_HOLDS", b->holds ? b->holds : 1),
		.executions = setting("EXPLORE_EXECUTIONS",
			b->executions ? b->executions : 20000),
		.walks = setting("EXPLORE_WALKS", b->walks ? b->walks : 4000),
	};
}

static bool
over(const struct tally *tally, uint64_t executions, uint64_t limit)
{
	if (tally->stop == 0)
		return executions >= limit;
	return executions % 1024 == 0 && time(NULL) >= tally->stop;
}

static bool
explore_walks(struct tally *tally, uint64_t limit)
{
	tally->leash = (struct leash){.walk = true};
	while (!over(tally, tally->walks, limit)) {
		tally->walks++;
		tally->executions++;
		if (!schedule_execute(&tally->leash, 0))
			return false;
	}
	return true;
}

/* All schedules of one leash, as far as the numbers go. */
static bool
explore_level(struct tally *tally, uint64_t limit, bool *ret_complete)
{
	unsigned replay = 0;

	*ret_complete = false;
	while (!over(tally, tally->executions, limit)) {
		tally->executions++;
		if (!schedule_execute(&tally->leash, replay))
			return false;
		if (!schedule_next()) {
			*ret_complete = true;
			return true;
		}
		replay = world.depth;
	}
	return true;
}

/* All schedules with few preemptions, then with more; false: a violation. */
static bool
explore_depth_first(struct tally *tally, const struct explore_bounds *bounds)
{
	unsigned level = 0;

	while (level <= bounds->preemptions) {
		bool complete;

		sharing_learn();
		tally->leash = (struct leash){level,
			level < bounds->holds ? level : bounds->holds, false};
		if (!explore_level(tally, bounds->executions, &complete))
			return false;
		if (!complete)
			return true;
		/* What turned out to be shared may be what matters. */
		if (!sharing_learn())
			tally->complete = ++level;
	}
	tally->exhausted = true;
	return true;
}

static void
print_schedule(const struct leash *leash)
{
	printf("  EXPLORE_SCHEDULE=%u:%u:%u", leash->walk,
		leash->walk ? 0 : leash->preemptions,
		leash->walk ? 0 : leash->holds);
	for (unsigned i = 0; i < world.depth; i++)
		printf("%c%u", i == 0 ? ':' : '.', world.trail[i].taken);
	printf("\n");
}

/* The schedule that was printed, into the trail. */
static unsigned
schedule_parse(const char *text, struct leash *leash)
{
	char *at;
	unsigned n = 0;

	leash->walk = strtoul(text, &at, 10) != 0;
	leash->preemptions = (unsigned)strtoul(at + (*at != '\0'), &at, 10);
	leash->holds = (unsigned)strtoul(at + (*at != '\0'), &at, 10);
	while (*at != '\0' && n < TRAIL_MAX) {
		unsigned long taken = strtoul(at + 1, &at, 10);

		world.trail[n++] = (struct choice){(uint16_t)taken, 0};
	}
	return n;
}

static bool
replay(const char *schedule)
{
	struct leash leash;
	unsigned n = schedule_parse(schedule, &leash);
	bool right;

	world.tracing = true;
	right = schedule_execute(&leash, n);
	world.tracing = false;
	return right;
}

/* The accesses of the execution that has just failed. */
static void
tell(const struct tally *tally)
{
	unsigned n = world.depth;

	print_schedule(&tally->leash);
	world.tracing = true;
	schedule_execute(&tally->leash, n);
	world.tracing = false;
}

static void
verdict(FILE *to, const char *program, const struct tally *tally, bool right)
{
	fprintf(to, "%s %s: %" PRIu64 " executions, %" PRIu64 " states, ",
		program, world.scenario->name, tally->executions, world.states);
	if (!right)
		fprintf(to, "caught: %s\n", world.problem);
	else if (tally->exhausted)
		fprintf(to, "all with %u preemptions, %" PRIu64 " walks: ok\n",
			tally->complete - 1, tally->walks);
	else
		fprintf(to, "%u levels complete, %" PRIu64 " walks: ok\n",
			tally->complete, tally->walks);
}

static void
results_write(const char *program, const struct tally *tally, bool right)
{
	const char *folder = getenv("EXPLORE_RESULTS");
	char path[4096];
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.%s", folder, program,
		world.scenario->name);
	file = fopen(path, "w");
	if (file == NULL)
		return;
	verdict(file, program, tally, right);
	fclose(file);
}

/* Whether it came out as it must. */
static bool
explore(const char *program, const struct explore_scenario *scenario,
	bool mutant)
{
	struct explore_bounds bounds = bounds_of(scenario);
	uint64_t seconds = setting("EXPLORE_SECONDS", 0);
	struct tally tally = {0};
	bool right;

	mutant = mutant || scenario->fails;
	if (mutant)
		bounds.walks *= 10; /* it ends with the first violation */
	world.scenario = scenario;
	world.states = 0;
	world.random = setting("EXPLORE_SEED", 1);
	if (seconds > 0)
		tally.stop = time(NULL) + (time_t)(seconds + 1) / 2;
	sharing_forget();
	right = explore_walks(&tally, LEARNING_WALKS) &&
		explore_depth_first(&tally, &bounds);
	if (seconds > 0)
		tally.stop += (time_t)(seconds + 1) / 2;
	right = right && explore_walks(&tally, bounds.walks);
	verdict(stdout, program, &tally, right);
	results_write(program, &tally, right);
	if (!right && !mutant) {
		printf("%s: %s\n", scenario->name, world.problem);
		tell(&tally);
	}
	if (right && mutant)
		printf("%s: the mistake was not found\n", scenario->name);
	return right != mutant;
}

static bool
asked_for(int argc, char **argv, const char *name)
{
	bool any = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
		any = any || argv[i][0] != '-';
	}
	return !any;
}

int
explore_main(
	int argc, char **argv, const struct explore_scenario *table, size_t n)
{
	const char *slash = strrchr(argv[0], '/');
	const char *program = slash == NULL ? argv[0] : slash + 1;
	const char *schedule = getenv("EXPLORE_SCHEDULE");
	bool mutant = argc > 1 && strcmp(argv[1], "--mutant") == 0;
	bool right = true, any = false;

	for (size_t i = 0; i < n; i++) {
		if (!asked_for(argc, argv, table[i].name))
			continue;
		any = true;
		world.scenario = &table[i];
		if (schedule != NULL)
			right = replay(schedule) && right;
		else
			right = explore(program, &table[i], mutant) && right;
	}
	if (!any)
		printf("no such scenario\n");
	return right && any ? EXIT_SUCCESS : EXIT_FAILURE;
}
