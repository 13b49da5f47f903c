/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run.c - start, wait, drain, abort, cancel, and what a run shows
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include "support/live.h"
#include "support/memory.h"
#include "support/probe.h"
#include "support/settle.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct stream {
	struct weir_graph *graph;
	struct weir_run *run;
	struct probe_source source;
	struct probe_sink sink;
	struct weir_error error;
};

/* A source of live elements and a sink that waits to be told. */
static void
stream_make(struct stream *stream, const struct weir_graph_opts *opts)
{
	*stream = (struct stream){.graph = weir_graph_create(opts)};
	assert_non_null(stream->graph);
	stream->source =
		(struct probe_source){.kind = KIND_LIVE, .first = 1, .n = 1000};
	probe_to(probe_from(stream->graph, &stream->source, NULL),
		&stream->sink, NULL);
}

static void
stream_free(struct stream *stream)
{
	weir_graph_destroy(stream->graph);
	probe_source_free(&stream->source);
	probe_sink_free(&stream->sink);
}

static int
stream_setup(void **state)
{
	static struct stream stream;

	live_reset();
	stream_make(&stream, NULL);
	*state = &stream;
	return 0;
}

static int
stream_teardown(void **state)
{
	stream_free(*state);
	return live_count() == 0 ? 0 : -1;
}

static void
start(struct stream *stream)
{
	assert_int_equal(
		weir_graph_start(stream->graph, &stream->run, &stream->error),
		0);
}

/* -- waiting --------------------------------------------------------------- */

static void
a_wait_of_no_time_returns_while_the_run_goes_on(void **state)
{
	struct stream *stream = *state;

	start(stream);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
			weir_run_wait(stream->run, 0, NULL), -ETIMEDOUT);
	probe_request(&stream->sink, 1000);
	assert_int_equal(run_settle(stream->run, NULL), 0);
	assert_int_equal(stream->sink.received, 1000);
}

/* A clock that moves on by a millisecond whenever it is looked at, and a sleep
 * that takes no time. */
static uint64_t
tick(void *ctx)
{
	uint64_t *now_ns = ctx;

	return *now_ns += 1000000;
}

static void
do_nothing(void *ctx)
{
	(void)ctx;
}

static void
sleep_not(void *ctx, int64_t timeout_ns)
{
	(void)ctx;
	(void)timeout_ns;
}

static void
a_wait_ends_when_its_time_is_over(void **state)
{
	uint64_t now_ns = 1000000000;
	const struct weir_clock clock = {tick, &now_ns};
	const struct weir_park_ops park = {do_nothing, sleep_not, do_nothing};
	const struct weir_system_opts opts = {.clock = &clock, .park = &park};
	struct weir_graph_opts graph_opts = {0};
	struct stream stream;

	(void)state;
	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	stream_make(&stream, &graph_opts);
	start(&stream);
	assert_int_equal(weir_run_wait(stream.run, 50000000, NULL), -ETIMEDOUT);
	assert_true(now_ns >= 1050000000);
	stream_free(&stream);
	weir_system_destroy(graph_opts.system);
}

static void
a_run_that_ended_can_be_waited_for_again(void **state)
{
	struct stream *stream = *state;

	stream->source.code = -ESTALE;
	stream->sink.want = PROBE_ALL;
	start(stream);
	for (int i = 0; i < 3; i++)
		assert_int_equal(weir_run_wait(stream->run, -1, &stream->error),
			-ESTALE);
	assert_string_equal(stream->error.stage, "probe_source");
}

static void *
wake_from_outside(void *ctx)
{
	struct stream *stream = ctx;

	weir_wake(stream->sink.system, stream->sink.waker);
	return NULL;
}

static void
another_thread_wakes_a_stage_that_waits(void **state)
{
	struct stream *stream = *state;
	pthread_t thread;

	start(stream);
	assert_int_equal(run_settle(stream->run, NULL), -ETIMEDOUT);
	/* Seen by the stage in the step that the wake leads to. */
	stream->sink.want = 1000;
	assert_int_equal(
		pthread_create(&thread, NULL, wake_from_outside, stream), 0);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), 0);
	pthread_join(thread, NULL);
	assert_int_equal(stream->sink.received, 1000);
}

/* -- stopping -------------------------------------------------------------- */

static void
a_drain_stops_the_source_and_delivers_what_it_emitted(void **state)
{
	struct stream *stream = *state;

	start(stream);
	probe_request(&stream->sink, 10);
	assert_int_equal(run_settle(stream->run, NULL), -ETIMEDOUT);
	probe_request(&stream->sink, 300);
	assert_int_equal(weir_run_drain(stream->run, 0), 0);
	assert_int_equal(run_settle(stream->run, NULL), 0);
	assert_int_equal(stream->sink.received, stream->source.put);
	assert_int_equal(stream->sink.finished, 1);
	assert_int_equal(stream->source.closed, 1);
}

static void
a_drain_with_a_timeout_waits(void **state)
{
	struct stream *stream = *state;

	start(stream);
	assert_int_equal(run_settle(stream->run, NULL), -ETIMEDOUT);
	assert_int_equal(weir_run_drain(stream->run, -1), 0);
	assert_int_equal(stream->sink.received, 0);
	assert_int_equal(stream->sink.finished, 1);
}

static void
a_drain_does_not_hide_a_failure(void **state)
{
	struct stream *stream = *state;

	stream->source.n = stream->source.unit_count = 5;
	stream->source.code = -ESTALE;
	start(stream);
	probe_request(&stream->sink, 5);
	(void)run_settle(stream->run, NULL);
	assert_int_equal(weir_run_drain(stream->run, -1), -ESTALE);
}

static void
an_abort_releases_everything_and_reports_its_cause(void **state)
{
	struct stream *stream = *state;
	const struct weir_error cause = {.code = -EOWNERDEAD,
		.stage = "test",
		.text = "enough",
		.cause = stream};

	start(stream);
	probe_request(&stream->sink, 10);
	(void)run_settle(stream->run, NULL);
	weir_run_abort(stream->run, &cause);
	weir_run_abort(stream->run, NULL); /* the first counts */
	assert_int_equal(live_count(), 0);
	assert_int_equal(
		weir_run_wait(stream->run, -1, &stream->error), -EOWNERDEAD);
	assert_string_equal(stream->error.text, "enough");
	assert_ptr_equal(stream->error.cause, stream);
	assert_int_equal(stream->sink.finished, 0);
	assert_int_equal(stream->sink.closed, 1);
}

static void
an_abort_without_a_cause_is_a_cancel(void **state)
{
	struct stream *stream = *state;

	start(stream);
	weir_run_abort(stream->run, NULL);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), -ECANCELED);
}

static void
abort_at_100(void *ctx, const void *item)
{
	static const struct weir_error cause = {
		.code = -EOWNERDEAD, .stage = "test", .text = "enough"};
	struct stream *stream = ctx;

	if (live_value(item) == 100)
		weir_run_abort(stream->run, &cause);
}

static void
a_function_of_a_stage_may_abort_the_run_it_is_in(void **state)
{
	struct stream *stream = *state;
	struct probe_source source = {.kind = KIND_LIVE, .first = 1, .n = 1000};
	uint64_t count = 0;

	weir_to_count(weir_tap(probe_from(stream->graph, &source, NULL),
			      abort_at_100, stream, NULL),
		&count, NULL);
	start(stream);
	assert_int_equal(
		weir_run_wait(stream->run, -1, &stream->error), -EOWNERDEAD);
	assert_string_equal(stream->error.text, "enough");
	assert_int_equal(count, 0);
	assert_int_equal(live_count(), 0);
	probe_source_free(&source);
}

static void *
cancel_from_outside(void *ctx)
{
	weir_run_cancel(ctx);
	return NULL;
}

static void
another_thread_may_cancel(void **state)
{
	struct stream *stream = *state;
	pthread_t thread;

	start(stream);
	assert_int_equal(
		pthread_create(&thread, NULL, cancel_from_outside, stream->run),
		0);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), -ECANCELED);
	pthread_join(thread, NULL);
	assert_int_equal(live_count(), 0);
}

static void
a_storm_of_cancels_is_one_cancel(void **state)
{
	enum { THREADS = 4 };
	struct stream *stream = *state;
	pthread_t threads[THREADS];

	start(stream);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
					 cancel_from_outside, stream->run),
			0);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), -ECANCELED);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(stream->sink.closed, 1);
}

static void
a_run_destroyed_half_way_is_aborted(void **state)
{
	struct stream *stream = *state;

	start(stream);
	probe_request(&stream->sink, 10);
	(void)run_settle(stream->run, NULL);
	weir_run_destroy(stream->run);
	assert_int_equal(live_count(), 0);
	assert_int_equal(stream->source.closed, 1);
	assert_null(weir_graph_last_run(stream->graph));
}

static int
again_for_ever(struct weir_stage *stage, void *state)
{
	(void)state;
	return weir_inlet_ended(stage, 0) ? WEIR_DONE : WEIR_AGAIN;
}

static const struct weir_operator op_again = {.name = "again",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.demand = WEIR_DEMAND_OWN,
	.step = again_for_ever};

static void
a_stage_that_wants_every_turn_does_not_keep_others_from_a_cancel(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = weir_from_range(stream->graph, 1, 9, NULL);
	pthread_t thread;

	weir_operator_add(&op_again, &f, 1, NULL);
	start(stream);
	assert_int_equal(
		pthread_create(&thread, NULL, cancel_from_outside, stream->run),
		0);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), -ECANCELED);
	pthread_join(thread, NULL);
}

/* -- several --------------------------------------------------------------- */

static void
a_second_start_is_refused_while_the_first_goes_on(void **state)
{
	struct stream *stream = *state;
	struct weir_run *second;

	start(stream);
	assert_int_equal(
		weir_graph_start(stream->graph, &second, &stream->error),
		-EBUSY);
	assert_string_equal(stream->error.stage, "graph");
	weir_run_abort(stream->run, NULL);
}

static void
a_graph_runs_again_from_the_start(void **state)
{
	struct stream *stream = *state;

	stream->sink.want = PROBE_ALL;
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(weir_graph_run(stream->graph, NULL), 0);
		assert_int_equal(stream->sink.received, 1000);
		assert_int_equal(stream->sink.finished, i);
	}
}

static void
a_cancel_reaches_its_run_though_another_one_looked_first(void **state)
{
	struct stream *stream = *state, other;
	const struct weir_graph_opts opts = {
		.system = weir_graph_system(stream->graph)};

	stream_make(&other, &opts);
	start(stream);
	start(&other);
	weir_run_cancel(stream->run);
	assert_int_equal(weir_run_wait(other.run, 0, NULL), -ETIMEDOUT);
	assert_int_equal(weir_run_wait(stream->run, -1, NULL), -ECANCELED);
	assert_int_equal(weir_run_wait(other.run, 0, NULL), -ETIMEDOUT);
	weir_run_abort(other.run, NULL);
	stream_free(&other);
}

/* -- statistics ------------------------------------------------------------ */

static void
a_run_shows_what_each_stage_and_edge_did(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(graph, 1, 1000, NULL);
	struct weir_stage_stats stage;
	struct weir_edge_stats edge;
	struct weir_totals stats;
	struct weir_run *run;

	(void)state;
	f = weir_decimal(weir_take(weir_skip(f, 10, NULL), 90, NULL), NULL);
	weir_to_null(f, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	run = weir_graph_last_run(graph);
	weir_run_totals(run, &stats);
	assert_int_equal(stats.stages, 5);
	assert_int_equal(stats.edges, 4);
	assert_int_equal(weir_run_stage_stats(run, 1, &stage), 0);
	assert_string_equal(stage.name, "skip");
	assert_int_equal(stage.tally[WEIR_FILTERED], 10);
	assert_false(stage.is_source || stage.is_sink);
	assert_string_equal(stage.waits_for, "ended");
	weir_run_stage_stats(run, 4, &stage);
	assert_true(stage.is_sink);
	assert_int_equal(stage.tally[WEIR_IN], 90);
	assert_int_equal(stage.bytes_in, 89 * 2 + 3); /* 11 ... 99, 100 */
	assert_int_equal(weir_run_edge_stats(run, 3, &edge), 0);
	assert_string_equal(edge.from, "decimal");
	assert_string_equal(edge.to, "null");
	assert_int_equal(edge.sent, 90);
	assert_int_equal(edge.taken, 90);
	assert_int_equal(edge.bytes_sent, 89 * 2 + 3);
	assert_int_equal(weir_run_stage_stats(run, 5, &stage), -ENOENT);
	assert_int_equal(weir_run_edge_stats(run, 4, &edge), -ENOENT);
	weir_graph_destroy(graph);
}

static void
a_run_allocates_nothing_once_it_flows(void **state)
{
	struct memory memory = {0};
	struct weir_allocator allocator = memory_allocator(&memory);
	const struct weir_system_opts system_opts = {.allocator = &allocator};
	struct weir_graph_opts opts = {0};
	struct weir_graph *graph;
	struct probe_sink sink = {0};
	struct weir_run *run;
	size_t before;

	(void)state;
	assert_int_equal(weir_system_create(&system_opts, &opts.system), 0);
	graph = weir_graph_create(&opts);
	probe_to(weir_decimal(weir_from_range(graph, 1, 1000000, NULL), NULL),
		&sink, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	(void)run_settle(run, NULL);
	probe_request(&sink, 10000);
	(void)run_settle(run, NULL);
	before = memory.allocations;
	probe_request(&sink, 50000);
	(void)run_settle(run, NULL);
	assert_int_equal(sink.received, 60000);
	assert_int_equal(memory.allocations, before);
	weir_graph_destroy(graph);
	weir_system_destroy(opts.system);
	assert_int_equal(memory.pieces, 0);
	probe_sink_free(&sink);
}

int
main(void)
{
#define STREAM(test)                                                           \
	cmocka_unit_test_setup_teardown(test, stream_setup, stream_teardown)
	const struct CMUnitTest tests[] = {
		STREAM(a_wait_of_no_time_returns_while_the_run_goes_on),
		cmocka_unit_test(a_wait_ends_when_its_time_is_over),
		STREAM(a_run_that_ended_can_be_waited_for_again),
		STREAM(another_thread_wakes_a_stage_that_waits),
		STREAM(a_drain_stops_the_source_and_delivers_what_it_emitted),
		STREAM(a_drain_with_a_timeout_waits),
		STREAM(a_drain_does_not_hide_a_failure),
		STREAM(an_abort_releases_everything_and_reports_its_cause),
		STREAM(an_abort_without_a_cause_is_a_cancel),
		STREAM(a_function_of_a_stage_may_abort_the_run_it_is_in),
		STREAM(another_thread_may_cancel),
		STREAM(a_storm_of_cancels_is_one_cancel),
		STREAM(a_stage_that_wants_every_turn_does_not_keep_others_from_a_cancel),
		STREAM(a_run_destroyed_half_way_is_aborted),
		STREAM(a_second_start_is_refused_while_the_first_goes_on),
		STREAM(a_graph_runs_again_from_the_start),
		STREAM(a_cancel_reaches_its_run_though_another_one_looked_first),
		cmocka_unit_test(a_run_shows_what_each_stage_and_edge_did),
		cmocka_unit_test(a_run_allocates_nothing_once_it_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
