/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases_demand.c - cases about what is emitted, and how much of it
 */
#include "cases.h"

#include <errno.h>
#include <inttypes.h>

void
case_run_whole(const struct subject *subject, const struct world_opts *opts)
{
	static struct world world;
	struct text expected = {0};
	int rc = world_open(&world, subject, opts);

	if (rc == 0)
		rc = world_start(&world);
	if (rc == 0)
		rc = world_run(&world);
	if (rc != 0)
		world_fail(&world, "code %d: %s: %s", rc, world.error.stage,
			world.error.text);
	subject->expect(
		&(struct input){1, (int64_t)world.opts.n, 0}, &expected);
	world_check(&world, &expected);
	for (unsigned i = 0; i < world.outlets; i++)
		if (world.sinks[i].finished != 1)
			world_fail(&world, "sink %u completed %d times", i,
				world.sinks[i].finished);
	text_free(&expected);
	world_close(&world);
}

void
case_emits(const struct subject *subject)
{
	case_run_whole(subject, &(struct world_opts){0});
}

void
case_batches_of_1(const struct subject *subject)
{
	case_run_whole(subject, &(struct world_opts){.batch_items = 1});
}

void
case_batches_of_7(const struct subject *subject)
{
	case_run_whole(subject, &(struct world_opts){.batch_items = 7});
}

void
case_batches_of_256(const struct subject *subject)
{
	case_run_whole(subject, &(struct world_opts){.batch_items = 256});
}

static const uint64_t windows[] = {1, 7, 4096};

#define WINDOWS (sizeof(windows) / sizeof(windows[0]))

void
case_async(const struct subject *subject)
{
	for (size_t i = 0; i < WINDOWS; i++) {
		struct world_opts opts = {.async = true, .window = windows[i]};

		case_run_whole(subject, &opts);
		opts.batch_items = 1;
		case_run_whole(subject, &opts);
	}
}

void
case_async_seeds(const struct subject *subject)
{
	for (uint64_t seed = 1; seed <= 30; seed++)
		case_run_whole(
			subject, &(struct world_opts){.n = 90,
					 .async = true,
					 .window = windows[seed % WINDOWS],
					 .batch_items = 1 + seed % 16,
					 .seed = seed});
}

void
case_async_workers(const struct subject *subject)
{
	for (size_t i = 0; i < WINDOWS; i++)
		for (unsigned workers = 2; workers <= 3; workers++)
			case_run_whole(
				subject, &(struct world_opts){.async = true,
						 .window = windows[i],
						 .workers = workers,
						 .batch_items = 16});
}

/* -- demand ---------------------------------------------------------------- */

static bool
is_exact(const struct subject *subject)
{
	return (subject->traits & (TRAIT_ABSORBS | TRAIT_SELECTS |
					  TRAIT_PREFETCHES | TRAIT_REFRAMES)) ==
	       0;
}

static size_t
lines_count(const struct text *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->length; i++)
		n += text->data[i] == '\n';
	return n;
}

static void
open_manual(struct world *world, const struct subject *subject, size_t n)
{
	const struct world_opts opts = {
		.n = n, .batch_items = 16, .manual = true};

	if (world_open(world, subject, &opts) != 0 || world_start(world) != 0)
		world_fail(world, "cannot start: %s", world->error.text);
}

/* Each source was asked for no more than @asked elements, and what selects no
 * more than a batch beyond. */
static void
sources_check(struct world *world, uint64_t asked, uint64_t received)
{
	for (unsigned i = 0; i < world->inlets; i++) {
		const struct probe_source *source = &world->sources[i];

		if (is_exact(world->subject) && source->asked > asked)
			world_fail(world,
				"its source was asked for %" PRIu64
				" elements when %" PRIu64 " were wanted",
				source->asked, asked);
		if (asked == received && asked == 0 &&
			(world->subject->traits & TRAIT_SELECTS) != 0 &&
			source->put != 0)
			world_fail(world, "asked its source without demand");
	}
}

void
case_no_demand(const struct subject *subject)
{
	static struct world world;

	open_manual(&world, subject, 100);
	if (world_settle(&world) != -ETIMEDOUT)
		world_fail(&world, "ended though nobody asked for anything");
	for (unsigned i = 0; i < world.outlets; i++)
		if (world.sinks[i].received != 0)
			world_fail(&world, "emitted without demand");
	sources_check(&world, 0, 0);
	weir_run_abort(world.run, NULL);
	world_close(&world);
}

/* How many elements came, and how many of @available had to when each sink
 * asked for @asked. */
static void
count_all(const struct world *world, uint64_t asked, size_t available,
	uint64_t *ret_came, uint64_t *ret_want)
{
	*ret_came = 0;
	for (unsigned i = 0; i < world->outlets; i++)
		*ret_came += world->sinks[i].received;
	*ret_want = asked * world->outlets;
	if ((world->subject->traits & TRAIT_SHARES) == 0)
		available *= world->outlets;
	if (*ret_want > available)
		*ret_want = available;
}

/* Ask for @n more; all that was asked for, or all there is, must come. */
static int
ask(struct world *world, uint64_t n, uint64_t *asked, size_t available)
{
	uint64_t came, want;
	int rc;

	*asked += n;
	for (unsigned i = 0; i < world->outlets; i++)
		probe_request(&world->sinks[i], n);
	rc = world_settle(world);
	count_all(world, *asked, available, &came, &want);
	if (came != want)
		world_fail(world,
			"%" PRIu64 " elements came when %" PRIu64
			" were asked for, of %zu",
			came, *asked, available);
	sources_check(world,
		(world->subject->traits & TRAIT_SHARES) != 0
			? *asked * world->outlets
			: *asked,
		came);
	return rc;
}

void
case_exact_demand(const struct subject *subject)
{
	static const uint64_t asks[] = {1, 2, 7, 1, 40, 1000};
	static struct world world;
	struct text expected = {0};
	uint64_t asked = 0;
	size_t available;
	int rc = -ETIMEDOUT;

	open_manual(&world, subject, 100);
	subject->expect(&(struct input){1, 100, 0}, &expected);
	available = lines_count(&expected);
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (rc == -ETIMEDOUT)
			rc = ask(&world, asks[i], &asked, available);
	if (rc != 0)
		world_fail(&world, "ended with %d", rc);
	world_check(&world, &expected);
	text_free(&expected);
	world_close(&world);
}

void
case_slow_sink(const struct subject *subject)
{
	static struct world world;
	struct text expected = {0};
	uint64_t asked = 0;
	size_t available;
	int rc = -ETIMEDOUT;

	open_manual(&world, subject, 60);
	subject->expect(&(struct input){1, 60, 0}, &expected);
	available = lines_count(&expected);
	/* Edges are checked at every step; one element at a time here. */
	for (size_t i = 0; rc == -ETIMEDOUT && i <= available; i++)
		rc = ask(&world, 1, &asked, available);
	if (rc != 0)
		world_fail(&world, "ended with %d", rc);
	text_free(&expected);
	world_close(&world);
}

/* -- determinism ----------------------------------------------------------- */

static uint64_t
run_seeded(const struct subject *subject, uint64_t seed, struct text *shown)
{
	static struct world world;
	const struct world_opts opts = {
		.n = 90, .batch_items = 16, .seed = seed};
	struct text expected = {0};
	uint64_t trace;

	if (world_open(&world, subject, &opts) != 0 ||
		world_start(&world) != 0 || world_run(&world) != 0)
		world_fail(&world, "failed: %s", world.error.text);
	trace = weir_system_trace(world.system);
	text_clear(shown);
	if (world.outlets > 0)
		world_show(&world, shown);
	subject->expect(&(struct input){1, 90, 0}, &expected);
	world_check(&world, &expected);
	text_free(&expected);
	world_close(&world);
	return trace;
}

void
case_seeds(const struct subject *subject)
{
	static struct world none;
	struct text first = {0}, second = {0};
	uint64_t traces[20];
	bool differ = false;

	none.subject = subject;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t *trace = &traces[seed - 1];

		*trace = run_seeded(subject, seed, &first);
		if (run_seeded(subject, seed, &second) != *trace)
			world_fail(&none, "seed %" PRIu64 " gives two traces",
				seed);
		if (!text_equal(&first, &second))
			world_fail(&none, "seed %" PRIu64 " gives two outputs",
				seed);
		differ |= *trace != traces[0];
	}
	if (!differ)
		world_fail(&none, "20 seeds give one trace");
	text_free(&first);
	text_free(&second);
}
