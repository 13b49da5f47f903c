/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_determinism.c - a system with a seed: the same again, and any order
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/probe.h"
#include "support/settle.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SEEDS 100
#define SINKS 3

WEIR_FILTER(is_even, int64_t, x)
{
	return x % 2 == 0;
}

/* A graph with all that has a choice: fork, join, window, selection, text. */
static void
build(struct weir_graph *graph, struct probe_source *source,
	struct probe_sink *sinks)
{
	struct weir_flow branches[2], joined[2];

	weir_broadcast(weir_lines(probe_from(graph, source, NULL), NULL),
		branches, 2, NULL);
	probe_to(weir_upper(branches[0], NULL), &sinks[0], NULL);
	probe_to(weir_grep(weir_async(branches[1], NULL), "pear", NULL),
		&sinks[1], NULL);
	joined[0] = weir_from_range(graph, 1, 99, NULL);
	joined[1] = is_even(weir_from_range(graph, 1001, 1199, NULL), NULL);
	probe_to(weir_decimal(weir_merge(joined, 2, NULL), NULL), &sinks[2],
		NULL);
}

/* Run it with @seed.  Returns the trace; leaves what came out in @ret. */
static uint64_t
run_seeded(uint64_t seed, struct text ret[SINKS])
{
	const struct weir_system_opts opts = {.seed = seed};
	struct probe_source source = {.kind = KIND_BYTES, .first = 1, .n = 100};
	struct probe_sink sinks[SINKS] = {{0}};
	struct weir_graph_opts graph_opts = {.batch_items = 32};
	struct weir_graph *graph;
	uint64_t trace;

	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	for (int i = 0; i < SINKS; i++)
		sinks[i].want = PROBE_ALL;
	build(graph, &source, sinks);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	trace = weir_system_trace(graph_opts.system);
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
	probe_source_free(&source);
	for (int i = 0; i < SINKS; i++)
		ret[i] = sinks[i].out;
	return trace;
}

static void
the_same_seed_gives_the_same_trace_and_output(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct text first[SINKS], second[SINKS];
		uint64_t trace = run_seeded(seed, first);

		assert_true(trace != 0);
		assert_true(trace == run_seeded(seed, second));
		for (int i = 0; i < SINKS; i++) {
			assert_true(text_equal(&first[i], &second[i]));
			text_free(&first[i]);
			text_free(&second[i]);
		}
	}
}

static void
seeds_differ_in_their_schedule_not_in_what_is_defined(void **state)
{
	struct text plain[SINKS], out[SINKS];
	uint64_t first = 0;
	size_t traces = 0, orders = 0;

	(void)state;
	assert_true(run_seeded(0, plain) == 0);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct text sorted = {0};
		uint64_t trace = run_seeded(seed, out);

		first = seed == 1 ? trace : first;
		traces += trace != first;
		assert_true(text_equal(&plain[0], &out[0]));
		assert_true(text_equal(&plain[1], &out[1]));
		/* A merge may interleave as it likes. */
		orders += !text_equal(&plain[2], &out[2]);
		text_add(&sorted, plain[2].data, plain[2].length);
		text_sort(&sorted);
		text_sort(&out[2]);
		assert_true(text_equal(&sorted, &out[2]));
		text_free(&sorted);
		for (int i = 0; i < SINKS; i++)
			text_free(&out[i]);
	}
	assert_true(traces > SEEDS / 2);
	assert_true(orders > 0);
	for (int i = 0; i < SINKS; i++)
		text_free(&plain[i]);
}

static int
alarm_step(struct weir_stage *stage, void *state)
{
	uint64_t *rung = state;
	int64_t now_ns = (int64_t)weir_system_now_ns(weir_stage_system(stage));

	if (++*rung == 4)
		return WEIR_DONE;
	/* An hour from now. */
	weir_stage_alarm(stage, now_ns + (int64_t)3600 * 1000000000);
	return WEIR_EVENT;
}

static const struct weir_operator op_alarm = {
	.name = "alarm",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{"none", &weir_type_int64_t, 0},
		{NULL, NULL, 0}},
	.state_bytes = sizeof(uint64_t),
	.step = alarm_step,
};

static void
virtual_time_jumps_to_the_next_alarm(void **state)
{
	const struct weir_system_opts opts = {.seed = 1};
	struct weir_graph_opts graph_opts = {0};
	struct weir_graph *graph;
	uint64_t before_ns, hours;

	(void)state;
	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	weir_to_null(weir_source_add(graph, &op_alarm, NULL), NULL);
	before_ns = weir_system_now_ns(graph_opts.system);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	hours = (weir_system_now_ns(graph_opts.system) - before_ns) /
		3600000000000;
	assert_int_equal(hours, 3);
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
}

static void
a_run_that_waits_for_nobody_is_a_failure_on_virtual_time(void **state)
{
	const struct weir_system_opts opts = {.seed = 1};
	struct weir_graph_opts graph_opts = {0};
	struct probe_sink sink = {0}; /* never asks */
	struct weir_error error = {0};
	struct weir_graph *graph;

	(void)state;
	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	probe_to(weir_from_range(graph, 1, 9, NULL), &sink, NULL);
	assert_int_equal(weir_graph_run(graph, &error), -EDEADLK);
	assert_string_equal(error.stage, "probe_sink");
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
	probe_sink_free(&sink);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_trace_and_output),
		cmocka_unit_test(
			seeds_differ_in_their_schedule_not_in_what_is_defined),
		cmocka_unit_test(virtual_time_jumps_to_the_next_alarm),
		cmocka_unit_test(
			a_run_that_waits_for_nobody_is_a_failure_on_virtual_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
