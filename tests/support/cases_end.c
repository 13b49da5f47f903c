/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases_end.c - cases about how a stream ends
 */
#include "cases.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a case is run: as it is, across boundaries, and that on two workers. */
static const struct world_opts modes[] = {{.async = false},
	{.async = true, .window = 7},
	{.async = true, .window = 7, .workers = 2}};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static struct world_opts
in_mode(struct world_opts opts, size_t mode)
{
	opts.async = modes[mode].async;
	opts.window = modes[mode].window;
	opts.workers = modes[mode].workers;
	return opts;
}

static void
completes_empty(const struct subject *subject, const struct world_opts *opts)
{
	static struct world world;
	struct text expected = {0};

	/* One element an inlet; and none at all. */
	case_run_whole(subject, opts);
	if (world_open(&world, subject, opts) != 0)
		world_fail(&world, "cannot be built: %s", world.error.text);
	for (unsigned i = 0; i < world.inlets; i++)
		world.sources[i].n = world.sources[i].unit_count = 0;
	if (world_start(&world) != 0 || world_run(&world) != 0)
		world_fail(&world, "failed: %s", world.error.text);
	if (world.inlets > 0) {
		subject->expect(&(struct input){1, 0, 0}, &expected);
		world_check(&world, &expected);
	}
	text_free(&expected);
	world_close(&world);
}

void
case_completes_empty(const struct subject *subject)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		const struct world_opts opts =
			in_mode((struct world_opts){.n = 2}, mode);

		completes_empty(subject, &opts);
	}
}

/* -- failure --------------------------------------------------------------- */

/* What is shown when elements 1 to @n were followed by a failure. */
static void
expect_failed(const struct subject *subject, const struct text *untouched,
	size_t n, struct text *expected)
{
	if (subject->out == KIND_NONE)
		text_add(expected, untouched->data, untouched->length);
	else if ((subject->traits & TRAIT_ABSORBS) == 0)
		subject->expect(&(struct input){1, (int64_t)n, 0}, expected);
}

static void
upstream_fails(const struct subject *subject, size_t batch_items, size_t mode)
{
	static struct world world;
	const struct world_opts opts =
		in_mode((struct world_opts){.n = 10,
				.batch_items = batch_items,
				.upstream_code = -ESTALE},
			mode);
	struct text untouched = {0}, expected = {0};

	if (world_open(&world, subject, &opts) != 0)
		world_fail(&world, "cannot be built: %s", world.error.text);
	if (world.outlets == 0)
		world_show(&world, &untouched);
	/* Of several the first one to fail ends the stream: one is enough. */
	for (unsigned i = 1; i < world.inlets; i++) {
		world.sources[i].code = 0;
		world.sources[i].n = world.sources[i].unit_count = 0;
	}
	if (world_start(&world) != 0 || world_run(&world) != -ESTALE)
		world_fail(&world, "did not fail as its source did");
	if (strcmp(world.error.stage, "probe_source") != 0 ||
		strcmp(world.error.text, "failed as told") != 0)
		world_fail(&world, "the failure is reported of %s: %s",
			world.error.stage, world.error.text);
	expect_failed(subject, &untouched, 10 / world.inlets, &expected);
	world_check(&world, &expected);
	text_free(&untouched);
	text_free(&expected);
	world_close(&world);
}

void
case_upstream_fails(const struct subject *subject)
{
	for (size_t mode = 0; mode < MODES; mode++) {
		upstream_fails(subject, 0, mode);
		upstream_fails(subject, 1, mode);
		upstream_fails(subject, 7, mode);
	}
}

void
case_upstream_fails_fast(const struct subject *subject)
{
	static struct world world;
	const struct world_opts opts = {.n = 10,
		.upstream_code = -ESTALE,
		.on_failure = WEIR_FAST,
		.manual = true};
	struct text whole = {0}, shown = {0};

	if (world_open(&world, subject, &opts) != 0 || world_start(&world) != 0)
		world_fail(&world, "cannot start: %s", world.error.text);
	/* With a demand for some of it only, the failure overtakes the rest. */
	for (unsigned i = 0; i < world.outlets; i++)
		probe_request(&world.sinks[i], 3);
	if (world_settle(&world) == -ETIMEDOUT)
		for (unsigned i = 0; i < world.outlets; i++)
			probe_request(&world.sinks[i], 1000);
	if (world_run(&world) != -ESTALE)
		world_fail(&world, "did not fail as its source did");
	if (world.outlets > 0 && (subject->traits & TRAIT_UNORDERED) == 0) {
		subject->expect(&(struct input){1, 10, 0}, &whole);
		world_show(&world, &shown);
		if (shown.length > whole.length ||
			(shown.length > 0 && memcmp(shown.data, whole.data,
						     shown.length) != 0))
			world_fail(&world, "shows '%s', no beginning of '%s'",
				shown.data, whole.data);
	}
	text_free(&whole);
	text_free(&shown);
	world_close(&world);
}

/* -- cancel ---------------------------------------------------------------- */

static void
cancels(const struct subject *subject, const struct world_opts *opts)
{
	static struct world world;
	int rc;

	if (world_open(&world, subject, opts) != 0 || world_start(&world) != 0)
		world_fail(&world, "cannot start: %s", world.error.text);
	rc = world_run(&world);
	if (rc != 0)
		world_fail(&world, "a cancel is reported as %d: %s", rc,
			world.error.text);
	for (unsigned i = 0; i < world.outlets; i++)
		if (world.sinks[i].received > opts->cancel_after)
			world_fail(&world, "sink %u got %" PRIu64 " elements",
				i, world.sinks[i].received);
	world_close(&world);
}

void
case_cancels(const struct subject *subject)
{
	static const struct world_opts all[] = {{.cancel_after = 3},
		{.cancel_after = 3, .batch_items = 1},
		{.cancel_after = 1, .n = 40}, {.cancel_at_once = true}};

	for (size_t mode = 0; mode < MODES; mode++)
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			const struct world_opts opts = in_mode(all[i], mode);

			cancels(subject, &opts);
		}
	for (uint64_t seed = 1; seed <= 10; seed++)
		cancels(subject,
			&(struct world_opts){.cancel_after = 3, .seed = seed});
}

/* -- abort and drain ------------------------------------------------------- */

void
case_aborts(const struct subject *subject)
{
	static struct world world;
	const struct weir_error cause = {
		.code = -EOWNERDEAD, .stage = "test", .text = "enough"};

	for (unsigned k = 0; k < 6 * MODES; k++) {
		const unsigned turns = k % 6;
		const struct world_opts opts =
			in_mode((struct world_opts){.batch_items = 4,
					.seed = turns % 2},
				k / 6);
		int rc = -ETIMEDOUT;

		if (world_open(&world, subject, &opts) != 0 ||
			world_start(&world) != 0)
			world_fail(
				&world, "cannot start: %s", world.error.text);
		for (unsigned i = 0; i < turns; i++)
			rc = world_step(&world);
		/* One that ended is not changed by it. */
		weir_run_abort(world.run, &cause);
		if (rc == -ETIMEDOUT)
			rc = world_step(&world) == -EOWNERDEAD ? 0 : -1;
		if (rc != 0)
			world_fail(&world, "an abort gives %d: %s",
				world.error.code, world.error.text);
		world_close(&world);
	}
}

/* Elements that the first stages emitted, in the order of the outlets. */
static void
expect_emitted(const struct world *world, struct text *expected)
{
	struct weir_stage_stats stats;

	for (unsigned i = 0; i < world->inlets; i++) {
		const struct probe_source *source = &world->sources[i];
		struct input input = {source->first,
			source->first + (int64_t)source->put - 1, 0};

		world->subject->expect(&input, expected);
	}
	if (world->inlets > 0)
		return;
	weir_run_stage_stats(world->run, world->subject_index, &stats);
	world->subject->expect(
		&(struct input){1, (int64_t)stats.tally[WEIR_CREATED], 0},
		expected);
}

static void
drains(const struct subject *subject, size_t mode)
{
	static struct world world;
	const struct world_opts opts =
		in_mode((struct world_opts){.batch_items = 4}, mode);
	struct text expected = {0};

	if (world_open(&world, subject, &opts) != 0 || world_start(&world) != 0)
		world_fail(&world, "cannot start: %s", world.error.text);
	(void)world_step(&world);
	(void)weir_run_drain(world.run, 0);
	if (world_run(&world) != 0)
		world_fail(&world, "a drain gives %d: %s", world.error.code,
			world.error.text);
	/* The last line may have been cut short. */
	if (subject->in != KIND_BYTES) {
		expect_emitted(&world, &expected);
		world_check(&world, &expected);
	}
	text_free(&expected);
	world_close(&world);
}

void
case_drains(const struct subject *subject)
{
	for (size_t mode = 0; mode < MODES; mode++)
		drains(subject, mode);
}

/* -- again, and what is shown ---------------------------------------------- */

void
case_runs_again(const struct subject *subject)
{
	static struct world world;
	struct text expected = {0};

	if (world_open(&world, subject, &(struct world_opts){.n = 100}) != 0)
		world_fail(&world, "cannot be built: %s", world.error.text);
	subject->expect(&(struct input){1, 100, 0}, &expected);
	for (int i = 0; i < 3; i++) {
		world.sum = 0; /* the start value of a fold */
		weir_run_destroy(world.run);
		world.run = NULL;
		if (world_start(&world) != 0 || world_run(&world) != 0)
			world_fail(&world, "run %d failed: %s", i,
				world.error.text);
		world_check(&world, &expected);
	}
	text_free(&expected);
	world_close(&world);
}

/* Dump and draw @world: both name the subject. */
static void
show(const struct world *world)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	if (file == NULL)
		abort();
	if (weir_graph_last_run(world->graph) != NULL)
		weir_run_dump(world->run, file);
	if (weir_graph_write_dot(world->graph, file) != 0 || fclose(file) != 0)
		abort();
	if (strstr(text, world->subject->name) == NULL)
		world_fail(world, "is not shown: %s", text);
	free(text);
}

void
case_shows(const struct subject *subject)
{
	static struct world world;

	if (world_open(&world, subject, &(struct world_opts){.n = 100}) != 0)
		world_fail(&world, "cannot be built: %s", world.error.text);
	show(&world);
	if (world_start(&world) != 0)
		world_fail(&world, "cannot start: %s", world.error.text);
	show(&world);
	(void)world_step(&world);
	show(&world);
	(void)world_run(&world);
	show(&world);
	world_close(&world);
}
