/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_requests.c - drain and cancel, asked for from outside of a wait
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include <errno.h>
#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A graph without an end of its own, on a system that others share. */
struct endless {
	struct weir_graph *graph;
	struct weir_run *run;
	uint64_t count;
};

struct world {
	struct weir_system *system;
	struct endless first, second;
};

static int
endless_start(struct endless *endless, struct weir_system *system)
{
	const struct weir_graph_opts opts = {.system = system};
	struct weir_flow f;

	endless->count = 0;
	endless->graph = weir_graph_create(&opts);
	f = weir_from_range(endless->graph, 1, INT64_MAX, NULL);
	weir_to_count(f, &endless->count, NULL);
	return weir_graph_start(endless->graph, &endless->run, NULL);
}

static int
world_setup(void **state)
{
	static struct world world;

	if (weir_system_create(NULL, &world.system) < 0 ||
		endless_start(&world.first, world.system) < 0 ||
		endless_start(&world.second, world.system) < 0)
		return -1;
	*state = &world;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *world = *state;

	weir_graph_destroy(world->first.graph);
	weir_graph_destroy(world->second.graph);
	weir_system_destroy(world->system);
	return 0;
}

static uint64_t
created(const struct weir_run *run)
{
	struct weir_stage_stats stats;

	assert_int_equal(weir_run_stage_stats(run, 0, &stats), 0);
	return stats.tally[WEIR_CREATED];
}

static void
a_drained_run_completes_with_all_that_was_emitted(void **state)
{
	struct world *world = *state;
	struct endless *run = &world->first;

	assert_int_equal(weir_run_wait(run->run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(weir_run_drain(run->run, -1), 0);
	assert_int_equal(run->count, created(run->run));
}

static void
a_run_is_drained_though_another_of_its_system_was_waited_for(void **state)
{
	struct world *world = *state;

	assert_int_equal(weir_run_drain(world->second.run, 0), 0);
	assert_int_equal(weir_run_wait(world->first.run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(weir_run_wait(world->second.run, -1, NULL), 0);
}

static void
a_run_is_cancelled_though_another_of_its_system_was_waited_for(void **state)
{
	struct world *world = *state;
	struct weir_error error;

	weir_run_cancel(world->second.run);
	assert_int_equal(weir_run_wait(world->first.run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(
		weir_run_wait(world->second.run, -1, &error), -ECANCELED);
	assert_int_equal(error.code, -ECANCELED);
}

static void *
drain_it(void *ctx)
{
	struct weir_run *run = ctx;

	(void)weir_run_drain(run, 0);
	return NULL;
}

static void
another_thread_may_ask_for_the_drain_of_a_run_being_waited_for(void **state)
{
	struct world *world = *state;
	struct weir_run *run = world->first.run;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, drain_it, run), 0);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

#define CASE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_drained_run_completes_with_all_that_was_emitted),
		CASE(a_run_is_drained_though_another_of_its_system_was_waited_for),
		CASE(a_run_is_cancelled_though_another_of_its_system_was_waited_for),
		CASE(another_thread_may_ask_for_the_drain_of_a_run_being_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
