/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_graph.c - graphs of any shape, with anything going wrong
 *
 * An input is read as a program that builds a graph of operators, forks and
 * joins, and says what fails: an element, an allocation, a sink that stops, an
 * abort.  However it ends, it ends; every element is released once; balances
 * hold; no edge carries more than it was granted; no slice outlives its bytes.
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/fuzz.h"
#include "support/live.h"
#include "support/memory.h"
#include "support/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS_MAX 6u
#define SOURCES_MAX 4u
#define SINKS_MAX 8u
#define STAGES_MAX 40u
#define WAITS_MAX 200000u

/* The program, and what it has built. */
struct machine {
	const uint8_t *program;
	size_t length, at;
	enum kind kind;
	struct memory memory;
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_flow flows[FLOWS_MAX];
	unsigned flow_count, stage_count;
	struct probe_source sources[SOURCES_MAX];
	struct probe_sink sinks[SINKS_MAX];
	unsigned source_count, sink_count;
	int64_t fails_at; /* the element that functions refuse */
	uint64_t counts[SINKS_MAX];
	unsigned counted;
};

static _Noreturn void
wrong(const struct machine *m, const char *what, const char *where)
{
	fprintf(stderr, "fuzz_graph: %s: %s\n", what, where);
	(void)weir_graph_write_dot(m->graph, stderr);
	if (weir_graph_last_run(m->graph) != NULL)
		weir_run_dump(weir_graph_last_run(m->graph), stderr);
	abort();
}

/* The next number of the program, below @n. */
static unsigned
next(struct machine *m, unsigned n)
{
	return m->at < m->length ? m->program[m->at++] % n : 0;
}

/* -- users' functions ------------------------------------------------------ */

WEIR_MAP(plus_one, live, x, live)
{
	return (live){x.ticket, live_value(&x) + 1};
}

WEIR_FILTER(not_fifth, live, x)
{
	return live_value(&x) % 5 != 0;
}

static int
may_fail(void *ctx, const void *in, void *out)
{
	const struct machine *m = ctx;
	const live *element = in;

	if (live_value(element) == m->fails_at)
		return -EDOM;
	*(live *)out = *element;
	return 0;
}

static int
thin_out(void *ctx, const void *in, void *out)
{
	const struct machine *m = ctx;
	live element = *(const live *)in;

	if (live_value(&element) == m->fails_at)
		return -EDOM;
	*(live *)out = element;
	if (element.value % 3 != 0)
		return 1;
	live_drop(&element, 1);
	return 0;
}

/* -- building -------------------------------------------------------------- */

static void
source_add(struct machine *m)
{
	struct probe_source *source;

	if (m->source_count == SOURCES_MAX || m->flow_count == FLOWS_MAX)
		return;
	source = &m->sources[m->source_count++];
	source->kind = m->kind;
	source->first = 1;
	source->n = next(m, 250);
	source->code = next(m, 8) == 7 ? -ESTALE : 0;
	m->flows[m->flow_count++] = probe_from(m->graph, source, NULL);
}

static struct weir_flow
live_stage(struct machine *m, struct weir_flow f,
	const struct weir_stage_opts *opts)
{
	switch (next(m, 4)) {
	case 0:
		return plus_one(f, opts);
	case 1:
		return not_fifth(f, opts);
	case 2:
		return weir_map(f, &weir_type_live, may_fail, m, opts);
	default:
		return weir_filter_map(f, &weir_type_live, thin_out, m, opts);
	}
}

static struct weir_flow
record_stage(struct machine *m, struct weir_flow f,
	const struct weir_stage_opts *opts)
{
	static const char *const patterns[] = {"pear", "p.a", "", "1"};
	struct weir_grep_opts grep = {.stage = *opts};

	switch (next(m, 6)) {
	case 0:
		return weir_upper(f, opts);
	case 1:
		return weir_lower(f, opts);
	case 2:
		return weir_trim(f, opts);
	case 3:
		return weir_prefix(f, "in front of it ", opts);
	case 4:
		return weir_suffix(f, "", opts);
	default:
		grep.invert = next(m, 2) == 1;
		return weir_grep(f, patterns[next(m, 4)], &grep);
	}
}

/* One more stage behind flow @i. */
static void
stage_add(struct machine *m, unsigned i)
{
	const struct weir_stage_opts opts = {
		.on_error = (enum weir_on_error)next(m, 3),
		.on_failure = (enum weir_on_failure)next(m, 2)};
	const struct weir_async_opts window = {
		.stage = opts, .window = 1 + next(m, 100)};
	struct weir_flow *f = &m->flows[i];

	switch (next(m, 6)) {
	case 0:
		*f = weir_take(*f, next(m, 200), &opts);
		break;
	case 1:
		*f = weir_skip(*f, next(m, 50), &opts);
		break;
	case 2:
		*f = weir_async(*f, &window);
		break;
	default:
		*f = m->kind == KIND_LIVE ? live_stage(m, *f, &opts)
					  : record_stage(m, *f, &opts);
	}
}

static void
fork_add(struct machine *m, unsigned i)
{
	unsigned n = 1 + next(m, 3);
	struct weir_flow branches[3];

	if (m->flow_count + n - 1 > FLOWS_MAX)
		return;
	weir_broadcast(m->flows[i], branches, n, NULL);
	m->flows[i] = branches[0];
	for (unsigned k = 1; k < n; k++)
		m->flows[m->flow_count++] = branches[k];
}

/* Join the last flows from @i on. */
static void
join_add(struct machine *m, unsigned i)
{
	m->flows[i] = weir_merge(&m->flows[i], m->flow_count - i, NULL);
	m->flow_count = i + 1;
}

static void
sink_add(struct machine *m, struct weir_flow f)
{
	struct probe_sink *sink;

	if (next(m, 4) == 0 && m->counted < SINKS_MAX) {
		weir_to_count(f, &m->counts[m->counted++], NULL);
		return;
	}
	if (m->sink_count == SINKS_MAX) {
		weir_to_null(f, NULL);
		return;
	}
	sink = &m->sinks[m->sink_count++];
	sink->want = PROBE_ALL;
	sink->window = next(m, 20);
	sink->cancel_at_once = next(m, 10) == 9;
	sink->cancel_after = next(m, 3) == 2 ? 1 + next(m, 60) : 0;
	probe_to(f, sink, NULL);
}

static void
machine_build(struct machine *m)
{
	source_add(m);
	while (m->at + 4 < m->length && m->stage_count < STAGES_MAX) {
		unsigned what = next(m, 8);
		unsigned i = m->flow_count == 0 ? 0 : next(m, m->flow_count);

		m->stage_count++;
		if (what == 0 || m->flow_count == 0)
			source_add(m);
		else if (what == 1)
			fork_add(m, i);
		else if (what == 2)
			join_add(m, i);
		else if (what == 3 && m->flow_count > 1)
			sink_add(m, m->flows[--m->flow_count]);
		else
			stage_add(m, i);
	}
	while (m->flow_count > 0)
		sink_add(m, m->flows[--m->flow_count]);
}

/* -- judging --------------------------------------------------------------- */

static void
edges_judge(const struct machine *m, const struct weir_run *run)
{
	struct weir_edge_stats edge;

	for (uint32_t i = 0; weir_run_edge_stats(run, i, &edge) == 0; i++)
		if (edge.taken > edge.sent || edge.sent > edge.granted)
			wrong(m, "an edge carries too much", edge.from);
}

static void
ends_judge(const struct machine *m, const struct weir_run *run)
{
	struct weir_stage_stats stats;
	struct weir_edge_stats edge;

	for (uint32_t i = 0; weir_run_stage_stats(run, i, &stats) == 0; i++) {
		uint64_t out = 0;

		for (int k = WEIR_OUT; k < WEIR_TALLY_COUNT; k++)
			out += stats.tally[k];
		if (!stats.ended)
			wrong(m, "a stage did not end", stats.name);
		if (stats.tally[WEIR_IN] + stats.tally[WEIR_CREATED] != out)
			wrong(m, "out of balance", stats.name);
	}
	for (uint32_t i = 0; weir_run_edge_stats(run, i, &edge) == 0; i++)
		if (edge.waiting != 0)
			wrong(m, "an edge is not empty", edge.from);
	for (unsigned i = 0; i < m->sink_count; i++) {
		const struct probe_sink *sink = &m->sinks[i];

		if (sink->overrun != 0)
			wrong(m, "more came than was asked for", "");
		/* What is on the heap is overwritten when it is released. */
		if (sink->out.length > 0 &&
			memchr(sink->out.data, '?', sink->out.length) != NULL)
			wrong(m, "a slice outlived its bytes", "");
	}
}

static bool
is_expected(const struct machine *m, int rc)
{
	switch (rc) {
	case 0:
	case -ESTALE:
	case -EDOM:
		return true;
	case -ENOBUFS: /* few blocks, and all held */
		return m->kind == KIND_RECORD;
	case -ENOMEM:
		return m->memory.failed;
	default:
		return false;
	}
}

/* Run to the end, or abort after @waits; 0: never. */
static void
machine_run(struct machine *m, unsigned waits)
{
	struct weir_error error = {0};
	struct weir_run *run;
	int rc = weir_graph_start(m->graph, &run, &error);

	if (rc < 0) {
		if (!is_expected(m, rc))
			wrong(m, "does not start", error.text);
		return;
	}
	rc = -ETIMEDOUT;
	for (unsigned i = 0; rc == -ETIMEDOUT; i++) {
		if (waits > 0 && i == waits)
			weir_run_abort(run, NULL);
		if (i == WAITS_MAX)
			wrong(m, "does not end", "");
		rc = weir_run_wait(run, 0, &error);
		edges_judge(m, run);
	}
	if (!is_expected(m, rc) && !(waits > 0 && rc == -ECANCELED))
		wrong(m, "failed", error.text);
	ends_judge(m, run);
}

static void
machine_free(struct machine *m)
{
	weir_graph_destroy(m->graph);
	m->graph = NULL;
	weir_system_destroy(m->system);
	for (unsigned i = 0; i < m->source_count; i++)
		probe_source_free(&m->sources[i]);
	for (unsigned i = 0; i < m->sink_count; i++)
		probe_sink_free(&m->sinks[i]);
	if (live_count() != 0)
		wrong(m, "elements are left", "");
	if (m->memory.pieces != 0)
		wrong(m, "memory is left", "");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine m;
	struct weir_system_opts opts = {0};
	struct weir_graph_opts graph_opts = {0};
	struct weir_allocator allocator;
	unsigned waits;

	live_reset();
	m = (struct machine){.program = data, .length = size};
	m.kind = next(&m, 2) == 0 ? KIND_LIVE : KIND_RECORD;
	opts.seed = next(&m, 3) == 0 ? next(&m, 256) : 0;
	graph_opts.batch_items = next(&m, 40);
	m.fails_at = next(&m, 4) == 0 ? next(&m, 250) : 0;
	m.memory.fail_at = next(&m, 4) == 0 ? next(&m, 120) : 0;
	m.memory.and_after = next(&m, 2) == 1;
	waits = next(&m, 5) == 0 ? next(&m, 20) : 0;
	graph_opts.memory_bytes = next(&m, 4) == 0 ? next(&m, 256) << 12 : 0;
	allocator = memory_allocator(&m.memory);
	opts.allocator = &allocator;
	if (weir_system_create(&opts, &m.system) < 0)
		return 0;
	graph_opts.system = m.system;
	m.graph = weir_graph_create(&graph_opts);
	machine_build(&m);
	machine_run(&m, waits);
	machine_free(&m);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("\x00\x01\x08\x01\x01\x01\x01\xc8\x04\x05\x06\x07\x05\x03"
		  "abcdefghijklmn"),
	FUZZ_SEED("\x01\x00\x11\x10\x01\x01\x01\x01\x64\x01\x01\x02\x04\x05"
		  "\x02\x01\x06\x07\x00\x05 forks and joins"),
	FUZZ_SEED("\x00\x01\x00\x00\x09\x00\x50\x01\x01\x96\x04\x03\x01\x00"
		  "\x05\x02\x01\x01\x04\x02 and some that fail"),
	FUZZ_SEED("\x01\x01\x05\x01\x00\x28\x00\x00\x07\xfa\x06\x01\x05\x04"
		  "\x03\x02\x01\x00 memory runs out while aborted"),
	{NULL, 0}};

const unsigned fuzz_rounds = 3000;
