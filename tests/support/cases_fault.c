/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases_fault.c - cases about functions that fail and memory that runs out
 */
#include "cases.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* -- the user's function fails --------------------------------------------- */

struct fault {
	size_t n, batch_items;
	int64_t at;
};

static const struct fault faults[] = {
	{300, 0, 123}, {10, 0, 1}, {10, 1, 5}, {10, 7, 10}, {300, 7, 8}};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static int
run_faulty(struct world *world, const struct subject *subject,
	const struct fault *fault, enum weir_on_error on_error,
	struct text *untouched)
{
	const struct world_opts opts = {.n = fault->n,
		.batch_items = fault->batch_items,
		.on_error = on_error,
		.user_fails_at = fault->at};

	if (world_open(world, subject, &opts) != 0)
		world_fail(world, "cannot be built: %s", world->error.text);
	if (world->outlets == 0 && untouched != NULL)
		world_show(world, untouched);
	if (world_start(world) != 0)
		world_fail(world, "cannot start: %s", world->error.text);
	return world_run(world);
}

void
case_function_stops(const struct subject *subject)
{
	static struct world world;

	for (size_t i = 0; i < FAULTS; i++) {
		struct text untouched = {0}, expected = {0};

		if (run_faulty(&world, subject, &faults[i], WEIR_STOP,
			    &untouched) != -EBADMSG ||
			strcmp(world.error.stage, subject->name) != 0 ||
			world.error.element != (uint64_t)faults[i].at)
			world_fail(&world,
				"%d: stage %s, element %" PRIu64 ": %s",
				world.error.code, world.error.stage,
				world.error.element, world.error.text);
		if (world.outlets == 0)
			text_add(&expected, untouched.data, untouched.length);
		else
			subject->expect(&(struct input){1, faults[i].at - 1, 0},
				&expected);
		world_check(&world, &expected);
		text_free(&untouched);
		text_free(&expected);
		world_close(&world);
	}
}

static void
goes_on(const struct subject *subject, enum weir_on_error on_error)
{
	static struct world world;
	bool forgets = on_error == WEIR_RESTART &&
		       (subject->traits & TRAIT_STATEFUL) != 0;

	for (size_t i = 0; i < FAULTS; i++) {
		const struct fault *fault = &faults[i];
		struct weir_stage_stats stats;
		struct text expected = {0};
		struct input input = {forgets ? fault->at + 1 : 1,
			(int64_t)fault->n, fault->at};

		if (run_faulty(&world, subject, fault, on_error, NULL) != 0)
			world_fail(&world, "failed: %s", world.error.text);
		subject->expect(&input, &expected);
		world_check(&world, &expected);
		weir_run_stage_stats(world.run, world.subject_index, &stats);
		if (stats.tally[WEIR_DEAD] != 1)
			world_fail(&world, "counts %" PRIu64 " as dead",
				stats.tally[WEIR_DEAD]);
		text_free(&expected);
		world_close(&world);
	}
}

void
case_function_resumes(const struct subject *subject)
{
	goes_on(subject, WEIR_RESUME);
}

void
case_function_restarts(const struct subject *subject)
{
	goes_on(subject, WEIR_RESTART);
}

/* -- memory runs out ------------------------------------------------------- */

/* Run with an allocation that fails.  Returns whether one did. */
static bool
run_short(const struct subject *subject, const struct world_opts *opts)
{
	static struct world world;
	struct text expected = {0};
	int rc = world_open(&world, subject, opts);
	bool failed;

	if (rc == 0)
		rc = world_start(&world);
	if (rc == 0)
		rc = world_run(&world);
	failed = world.memory.failed;
	if (rc != 0 && (!failed || rc != -ENOMEM))
		world_fail(&world, "code %d: %s", rc,
			world.error.text == NULL ? "" : world.error.text);
	/* Some allocations can be done without. */
	if (rc == 0) {
		subject->expect(
			&(struct input){1, (int64_t)opts->n, 0}, &expected);
		world_check(&world, &expected);
	}
	text_free(&expected);
	world_close(&world);
	return failed;
}

void
case_no_memory(const struct subject *subject)
{
	struct world_opts opts = {.n = 40, .batch_items = 7};

	for (int pass = 0; pass < 6; pass++) {
		opts.and_after = pass % 2 == 1;
		opts.async = pass / 2 >= 1;
		opts.workers = pass / 2 == 2 ? 2 : 0;
		opts.fail_at = 1;
		while (run_short(subject, &opts))
			opts.fail_at++;
	}
}

/* Run with few blocks: as if there were many, or all are held, and the message
 * says by whom.  Returns whether it was the first. */
static bool
run_tight(const struct subject *subject, const struct world_opts *opts)
{
	static struct world world;
	struct text expected = {0};
	int rc;

	if (world_open(&world, subject, opts) != 0)
		world_fail(&world, "cannot be built: %s", world.error.text);
	rc = world_start(&world);
	if (rc == 0)
		rc = world_run(&world);
	if (rc == 0) {
		subject->expect(
			&(struct input){1, (int64_t)opts->n, 0}, &expected);
		world_check(&world, &expected);
	} else if (rc != -ENOBUFS ||
		   strstr(world.error.text, "raise its memory") == NULL) {
		world_fail(&world, "%zu bytes: %d: %s", opts->memory_bytes, rc,
			world.error.text);
	}
	text_free(&expected);
	world_close(&world);
	return rc == 0;
}

void
case_tight_memory(const struct subject *subject)
{
	static struct world none = {.subject = NULL};
	bool enough = false;

	/* A block takes three pages at least, one that many share 18. */
	for (size_t pages = 3; pages <= 3 * 256; pages += pages / 2)
		for (uint64_t seed = 0; seed < 3; seed++) {
			struct world_opts opts = {.n = 100,
				.batch_items = 16,
				.seed = seed,
				.memory_bytes = pages * 4160,
				.async = seed == 2};

			enough = run_tight(subject, &opts);
		}
	none.subject = subject;
	if (!enough)
		world_fail(&none, "three megabytes are not enough");
}
