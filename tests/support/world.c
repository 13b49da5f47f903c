/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.c - build a graph around a subject, run it, check what always holds
 */
#include "world.h"

#include "operators/async.h"

#include "settle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ITEMS 600u
#define WINDOW 16u /* of an async boundary */
#define SINK_WINDOW 1024u
#define STEPS_MAX 1000000u
#define BATCH_ITEMS 256u

void
world_fail(const struct world *world, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail_msg("%s (n %zu, batches of %zu, seed %" PRIu64
		 ", allocation %zu%s): %s",
		world->subject->name, world->opts.n, world->opts.batch_items,
		world->opts.seed, world->opts.fail_at,
		world->opts.and_after ? " and after" : "", text);
	abort();
}

/* -- what always holds ----------------------------------------------------- */

/* How many elements may be on their way: a batch, or the window of what
 * prefetches; what ends a stream of numbers asks for several batches. */
static size_t
edge_capacity(const struct world *world, const struct weir_edge_stats *edge)
{
	const struct subject *subject = world->subject;
	size_t batch = world->opts.batch_items;
	bool ends = subject->out == KIND_NONE ||
		    (subject->traits & TRAIT_ABSORBS) != 0;

	if (edge->is_boundary)
		return (size_t)edge->capacity;

	if (ends && strcmp(edge->to, subject->name) == 0 && batch < SINK_WINDOW)
		return SINK_WINDOW;
	if (batch < WINDOW)
		batch = WINDOW;
	/* What leads to a boundary is asked for the window of that. */
	if (world->opts.async && batch < world->opts.window)
		batch = world->opts.window;
	/* What goes to either is asked for by both. */
	if ((subject->traits & TRAIT_SHARES) != 0 &&
		strcmp(edge->to, subject->name) == 0)
		batch *= world->outlets;
	return batch;
}

static void
edges_check(void *ctx)
{
	const struct world *world = ctx;
	const struct weir_run *run;
	struct weir_edge_stats edge;

	/* Other workers are counting meanwhile: what is read one after the
	 * other need not fit together then. */
	if (world->opts.workers > 1)
		return;
	run = weir_graph_last_run(world->graph);
	if (run == NULL)
		return; /* being opened */
	for (uint32_t i = 0; weir_run_edge_stats(run, i, &edge) == 0; i++) {
		size_t capacity = edge_capacity(world, &edge);

		if (edge.taken > edge.sent || edge.sent > edge.granted)
			world_fail(world,
				"edge %s -> %s: taken %" PRIu64 " sent %" PRIu64
				" granted %" PRIu64,
				edge.from, edge.to, edge.taken, edge.sent,
				edge.granted);
		if (edge.granted - edge.taken > capacity ||
			edge.waiting_max > capacity)
			world_fail(world,
				"edge %s -> %s: granted %" PRIu64
				" taken %" PRIu64 " at most %" PRIu64
				" waited, capacity %zu",
				edge.from, edge.to, edge.granted, edge.taken,
				edge.waiting_max, capacity);
	}
}

static void
balances_check(const struct world *world)
{
	struct weir_stage_stats stats;

	for (uint32_t i = 0; weir_run_stage_stats(world->run, i, &stats) == 0;
		i++) {
		const uint64_t *t = stats.tally;
		uint64_t out = 0;

		if (!stats.ended)
			world_fail(world, "stage %s did not end", stats.name);
		for (int k = WEIR_OUT; k < WEIR_TALLY_COUNT; k++)
			out += t[k];
		if (t[WEIR_IN] + t[WEIR_CREATED] == out)
			continue;
		weir_run_dump(world->run, stderr);
		world_fail(world, "stage %s is out of balance", stats.name);
	}
}

static void
ends_check(const struct world *world)
{
	struct weir_edge_stats edge;

	for (uint32_t i = 0; weir_run_edge_stats(world->run, i, &edge) == 0;
		i++)
		if (edge.waiting != 0)
			world_fail(world, "edge %s -> %s still holds elements",
				edge.from, edge.to);
	for (unsigned i = 0; i < world->inlets; i++)
		if (world->sources[i].closed != world->sources[i].opened)
			world_fail(world, "source %u was closed %d times", i,
				world->sources[i].closed);
	for (unsigned i = 0; i < world->outlets; i++)
		if (world->sinks[i].overrun != 0)
			world_fail(world,
				"sink %u got %" PRIu64
				" more than it asked for",
				i, world->sinks[i].overrun);
}

/* -- building -------------------------------------------------------------- */

static unsigned
ports(enum kind kind, unsigned n)
{
	return kind == KIND_NONE ? 0 : n == 0 ? 1 : n;
}

static void
sources_add(struct world *world, struct weir_flow *flows)
{
	size_t each = world->inlets == 0 ? 0 : world->opts.n / world->inlets;

	for (unsigned i = 0; i < world->inlets; i++) {
		struct probe_source *source = &world->sources[i];

		source->kind = world->subject->in;
		source->first = 1 + (int64_t)(i * each);
		source->n = each;
		source->code = world->opts.upstream_code;
		source->hook = edges_check;
		source->ctx = world;
		flows[i] = probe_from(world->graph, source, NULL);
	}
}

static void
sinks_add(struct world *world, const struct weir_flow *flows)
{
	for (unsigned i = 0; i < world->outlets; i++) {
		struct probe_sink *sink = &world->sinks[i];

		sink->want = world->opts.manual ? 0 : PROBE_ALL;
		sink->cancel_after = world->opts.cancel_after;
		sink->cancel_at_once = world->opts.cancel_at_once;
		sink->hook = edges_check;
		sink->ctx = world;
		probe_to(flows[i], sink, NULL);
	}
}

static void
boundaries_add(const struct world *world, struct weir_flow *flows, unsigned n)
{
	const struct weir_async_opts opts = {.window = world->opts.window};

	for (unsigned i = 0; world->opts.async && i < n; i++)
		flows[i] = weir_async(flows[i], &opts);
}

static void
graph_build(struct world *world)
{
	const struct weir_stage_opts opts = {world->subject->name,
		world->opts.on_error, world->opts.on_failure};
	struct weir_flow in[PORTS_MAX] = {{world->graph, 0, 0}};
	struct weir_flow out[PORTS_MAX] = {{NULL, 0, 0}};

	sources_add(world, in);
	boundaries_add(world, in, world->inlets);
	world->subject_index = world->inlets * (world->opts.async ? 2u : 1u);
	world->subject->add(world, in, out, &opts);
	boundaries_add(world, out, world->outlets);
	sinks_add(world, out);
}

int
world_open(struct world *world, const struct subject *subject,
	const struct world_opts *opts)
{
	struct weir_system_opts system_opts = {.seed = opts->seed};
	struct weir_graph_opts graph_opts = {0};
	struct weir_allocator allocator;
	int rc;

	live_reset();
	*world = (struct world){.subject = subject, .opts = *opts};
	world->opts.n = opts->n == 0 ? ITEMS : opts->n;
	world->opts.batch_items =
		opts->batch_items == 0 ? BATCH_ITEMS : opts->batch_items;
	if (world->opts.window == 0)
		world->opts.window = WINDOW;
	if (world->opts.workers == 0)
		world->opts.workers = 1;
	world->inlets = ports(subject->in, subject->inlets);
	world->outlets = ports(subject->out, subject->outlets);
	world->user.fails_at = opts->user_fails_at;
	world->memory.fail_at = opts->fail_at;
	world->memory.and_after = opts->and_after;
	allocator = memory_allocator(&world->memory);
	system_opts.allocator = &allocator;
	system_opts.workers = opts->seed == 0 ? world->opts.workers : 0;
	rc = weir_system_create(&system_opts, &world->system);
	if (rc < 0)
		return rc;
	graph_opts.system = world->system;
	graph_opts.batch_items = opts->batch_items;
	graph_opts.memory_bytes = opts->memory_bytes;
	world->graph = weir_graph_create(&graph_opts);
	graph_build(world);
	return weir_graph_check(world->graph, &world->error);
}

/* -- running --------------------------------------------------------------- */

int
world_start(struct world *world)
{
	return weir_graph_start(world->graph, &world->run, &world->error);
}

int
world_step(struct world *world)
{
	int rc = weir_run_wait(world->run, 0, &world->error);

	edges_check(world);
	return rc;
}

int
world_settle(struct world *world)
{
	int rc = run_settle(world->run, &world->error);

	edges_check(world);
	return rc;
}

int
world_run(struct world *world)
{
	int rc = -ETIMEDOUT;

	if (world->opts.workers > 1)
		return weir_run_wait(world->run, -1, &world->error);
	for (unsigned i = 0; rc == -ETIMEDOUT; i++) {
		rc = world_step(world);
		if (i == STEPS_MAX)
			world_fail(world, "does not come to an end");
	}
	return rc;
}

void
world_close(struct world *world)
{
	size_t left = 0;

	if (world->run != NULL) {
		balances_check(world);
		ends_check(world);
	}
	weir_graph_destroy(world->graph);
	weir_system_destroy(world->system);
	for (unsigned i = 0; i < PORTS_MAX; i++) {
		probe_source_free(&world->sources[i]);
		probe_sink_free(&world->sinks[i]);
	}
	live_drop(world->items, world->item_count);
	live_drop(world->collected, world->collected_count);
	left = live_count();
	if (left != 0)
		world_fail(world, "%zu elements were not released", left);
	if (world->memory.pieces != 0)
		world_fail(world, "%zu allocations were not given back",
			world->memory.pieces);
}

/* -- what comes out -------------------------------------------------------- */

uint64_t
world_put(const struct world *world)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < world->inlets; i++)
		n += world->sources[i].put;
	return n;
}

void
world_show(struct world *world, struct text *text)
{
	if (world->outlets == 0)
		world->subject->result(world, text);
	else
		text_add(text, world->sinks[0].out.data,
			world->sinks[0].out.length);
}

static void
compare(struct world *world, const char *what, const struct text *expected,
	struct text *shown)
{
	struct text sorted = {0};
	bool same;

	if ((world->subject->traits & TRAIT_UNORDERED) != 0) {
		text_add(&sorted, expected->data, expected->length);
		text_sort(&sorted);
		text_sort(shown);
		same = text_equal(&sorted, shown);
	} else {
		same = text_equal(expected, shown);
	}
	text_free(&sorted);
	if (!same)
		world_fail(world,
			"%s shows %zu bytes, %zu expected: '%.80s' instead of "
			"'%.80s'",
			what, shown->length, expected->length,
			shown->data == NULL ? "" : shown->data,
			expected->data == NULL ? "" : expected->data);
}

void
world_check(struct world *world, const struct text *expected)
{
	struct text shown = {0};

	if (world->outlets == 0) {
		world->subject->result(world, &shown);
		compare(world, "the result", expected, &shown);
		text_free(&shown);
	}
	if ((world->subject->traits & TRAIT_SHARES) != 0) {
		for (unsigned i = 0; i < world->outlets; i++)
			text_add(&shown, world->sinks[i].out.data,
				world->sinks[i].out.length);
		compare(world, "all sinks", expected, &shown);
		text_free(&shown);
		return;
	}
	for (unsigned i = 0; i < world->outlets; i++)
		compare(world, "a sink", expected, &world->sinks[i].out);
}
