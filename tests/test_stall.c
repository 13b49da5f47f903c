/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_stall.c - a run that nothing will move, and one that only seems so
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include "support/probe.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int
wait_for_ever(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	return WEIR_EVENT;
}

static const struct weir_operator op_stuck = {.name = "stuck",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.step = wait_for_ever};

static void
a_stage_that_nothing_will_move_is_named(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(graph, 1, 9, NULL);
	struct weir_error error = {0};

	(void)state;
	weir_operator_add(&op_stuck, &f, 1, NULL);
	assert_int_equal(weir_graph_run(graph, &error), -EDEADLK);
	assert_string_equal(error.stage, "stuck");
	assert_non_null(strstr(error.text, "waits for an event"));
	weir_graph_destroy(graph);
}

/* Takes a block a step, and gives none back. */
struct hoard {
	struct weir_block *blocks[16];
	size_t count;
};

static int
hoard_step(struct weir_stage *stage, void *state)
{
	struct hoard *hoard = state;
	int rc =
		weir_block_acquire(stage, 100000, &hoard->blocks[hoard->count]);

	if (rc == 0)
		hoard->count++;
	return rc == -EAGAIN ? WEIR_EVENT : rc < 0 ? rc : WEIR_AGAIN;
}

static void
hoard_close(struct weir_stage *stage, void *state)
{
	struct hoard *hoard = state;

	(void)stage;
	while (hoard->count > 0)
		weir_block_release(hoard->blocks[--hoard->count]);
}

static const struct weir_operator op_hoard = {.name = "hoard",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.state_bytes = sizeof(struct hoard),
	.step = hoard_step,
	.close = hoard_close};

static void
memory_that_is_used_up_names_its_holders(void **state)
{
	const struct weir_graph_opts opts = {.memory_bytes = 1 << 20};
	struct weir_graph *graph = weir_graph_create(&opts);
	struct weir_flow f = weir_from_range(graph, 1, 9, NULL);
	struct weir_totals stats;
	struct weir_error error = {0};

	(void)state;
	weir_operator_add(&op_hoard, &f, 1, NULL);
	assert_int_equal(weir_graph_run(graph, &error), -ENOBUFS);
	assert_string_equal(error.stage, "hoard");
	assert_non_null(strstr(error.text, "held, by 'hoard'"));
	weir_run_totals(weir_graph_last_run(graph), &stats);
	assert_int_equal(stats.memory_used, 0);
	assert_int_equal(stats.memory_limit, 1 << 20);
	assert_true(stats.memory_max > 900000);
	weir_graph_destroy(graph);
}

static void
waits_of_no_time_notice_it_too(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(graph, 1, 9, NULL);
	struct weir_run *run;
	int rc = -ETIMEDOUT;

	(void)state;
	weir_operator_add(&op_stuck, &f, 1, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < 100 && rc == -ETIMEDOUT; i++)
		rc = weir_run_wait(run, 0, NULL);
	assert_int_equal(rc, -EDEADLK);
	weir_graph_destroy(graph);
}

static void
a_stage_somebody_may_wake_is_waited_for(void **state)
{
	const struct weir_system_opts opts = {.seed = 1};
	struct weir_graph_opts graph_opts = {0};
	struct weir_graph *graph;
	struct probe_sink sink = {0};
	struct weir_run *run;

	/* Between waits that end, also on virtual time. */
	(void)state;
	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	probe_to(weir_from_range(graph, 1, 9, NULL), &sink, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
			weir_run_wait(run, i * 1000, NULL), -ETIMEDOUT);
	probe_request(&sink, 100);
	assert_int_equal(weir_run_wait(run, 1000, NULL), 0);
	assert_int_equal(sink.received, 9);
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
	probe_sink_free(&sink);
}

/* Is done in the step it asked for when nothing else is ready. */
static int
idle_step(struct weir_stage *stage, void *state)
{
	(void)state;
	if (weir_stage_is_idle(stage))
		return WEIR_DONE;
	weir_stage_when_idle(stage);
	return WEIR_EVENT;
}

static const struct weir_operator op_idle = {.name = "idle",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.demand = WEIR_DEMAND_OWN,
	.step = idle_step};

static void
the_idle_step_comes_before_a_run_is_said_to_stand_still(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(graph, 1, 9, NULL);

	(void)state;
	weir_operator_add(&op_idle, &f, 1, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
}

static void
the_idle_step_comes_between_waits_of_no_time(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(graph, 1, 9, NULL);
	struct weir_run *run;
	int rc = -ETIMEDOUT;

	(void)state;
	weir_operator_add(&op_idle, &f, 1, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < 100 && rc == -ETIMEDOUT; i++)
		rc = weir_run_wait(run, 0, NULL);
	assert_int_equal(rc, 0);
	weir_graph_destroy(graph);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage_that_nothing_will_move_is_named),
		cmocka_unit_test(memory_that_is_used_up_names_its_holders),
		cmocka_unit_test(waits_of_no_time_notice_it_too),
		cmocka_unit_test(a_stage_somebody_may_wake_is_waited_for),
		cmocka_unit_test(
			the_idle_step_comes_before_a_run_is_said_to_stand_still),
		cmocka_unit_test(the_idle_step_comes_between_waits_of_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
