/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rules.c - rules of the reactive-streams specification in an island
 *
 * Those about what happens around a terminal signal, and those the official
 * test kit leaves untested; names are the kit's.  Demand has test_demand.c,
 * termination itself test_termination.c.
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include "support/live.h"
#include "support/probe.h"
#include "support/settle.h"

#include <errno.h>
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
};

static int
stream_setup(void **state)
{
	static struct stream stream;

	live_reset();
	stream = (struct stream){
		.graph = weir_graph_create(
			&(struct weir_graph_opts){.workers = 1})};
	stream.source =
		(struct probe_source){.kind = KIND_LIVE, .first = 1, .n = 100};
	*state = &stream;
	return stream.graph == NULL ? -1 : 0;
}

static int
stream_teardown(void **state)
{
	struct stream *stream = *state;

	weir_graph_destroy(stream->graph);
	probe_source_free(&stream->source);
	probe_sink_free(&stream->sink);
	return live_count() == 0 ? 0 : -1;
}

static struct weir_flow
begin(struct stream *stream)
{
	return probe_from(stream->graph, &stream->source, NULL);
}

/* -- a stage that counts its calls ----------------------------------------- */

static const struct weir_port any[] = {{"elements", NULL, 0}, {NULL, NULL, 0}};
static const struct weir_port none[] = {{NULL, NULL, 0}};

/* What became of it, and the waker it had. */
struct calls {
	int steps, finishes, closes, fail_at;
	struct weir_waker waker;
};

struct calls_args {
	struct weir_stage_opts opts;
	struct calls *calls;
};

static struct calls *
calls_of(const struct weir_stage *stage)
{
	const struct calls_args *args = weir_stage_args(stage);

	return args->calls;
}

/* Takes everything; fails in its step number fail_at. */
static int
calls_step(struct weir_stage *stage, void *state)
{
	struct calls *calls = calls_of(stage);

	(void)state;
	calls->waker = weir_stage_waker(stage);
	if (++calls->steps == calls->fail_at)
		return weir_stage_fail(stage, -EDOM, "as told");
	while (weir_inlet_peek(stage, 0).count > 0)
		weir_inlet_drop(stage, 0, weir_inlet_peek(stage, 0).count);
	weir_inlet_request(stage, 0, 7);
	return weir_stage_wait(stage);
}

/* What a stage might do with its ports in its last call. */
static void
use_ports(struct weir_stage *stage)
{
	weir_inlet_request(stage, 0, 100);
	weir_inlet_limit(stage, 0, 100);
	weir_inlet_cancel(stage, 0);
	weir_inlet_cancel(stage, 0);
	assert_int_equal(weir_inlet_peek(stage, 0).count, 0);
	assert_true(weir_inlet_ended(stage, 0));
}

static void
calls_finish(struct weir_stage *stage, void *state)
{
	(void)state;
	calls_of(stage)->finishes++;
	use_ports(stage);
}

static void
calls_close(struct weir_stage *stage, void *state)
{
	(void)state;
	calls_of(stage)->closes++;
	use_ports(stage);
}

static const struct weir_operator op_calls = {.name = "calls",
	.inlets = any,
	.outlets = none,
	.args_bytes = sizeof(struct calls_args),
	.demand = WEIR_DEMAND_OWN,
	.step = calls_step,
	.finish = calls_finish,
	.close = calls_close};

static void
calls_add(struct weir_flow f, struct calls *calls)
{
	const struct calls_args args = {.calls = calls};

	weir_operator_add(&op_calls, &f, 1, &args);
}

/* -- around the end -------------------------------------------------------- */

static void
required_spec203_request_and_cancel_in_a_terminal_call_do_nothing(void **state)
{
	struct stream *stream = *state;
	struct calls calls = {0};

	calls_add(begin(stream), &calls);
	assert_int_equal(weir_graph_run(stream->graph, NULL), 0);
	assert_int_equal(calls.finishes, 1);
	assert_int_equal(calls.closes, 1);
	assert_int_equal(stream->source.put, 100);
}

static void
untested_spec107_nothing_is_called_after_a_failure(void **state)
{
	struct stream *stream = *state;
	struct calls calls = {.fail_at = 2};

	calls_add(begin(stream), &calls);
	assert_int_equal(weir_graph_run(stream->graph, NULL), -EDOM);
	assert_int_equal(calls.steps, 2);
	assert_int_equal(calls.finishes, 0);
	assert_int_equal(calls.closes, 1);
	/* Not even by a waker that somebody still holds. */
	weir_wake(weir_graph_system(stream->graph), calls.waker);
	assert_int_equal(
		weir_run_wait(weir_graph_last_run(stream->graph), 0, NULL),
		-EDOM);
	assert_int_equal(calls.steps, 2);
	assert_int_equal(calls.closes, 1);
}

static void
untested_spec106_a_stage_that_ended_is_cancelled(void **state)
{
	struct stream *stream = *state;
	struct calls calls = {.fail_at = 1};

	calls_add(begin(stream), &calls);
	assert_int_equal(weir_graph_run(stream->graph, NULL), -EDOM);
	assert_int_equal(stream->source.put, 0);
	assert_int_equal(stream->source.closed, 1);
}

static void
required_spec306_a_request_after_the_end_is_a_no_op(void **state)
{
	struct stream *stream = *state;

	stream->sink.cancel_after = 5;
	stream->sink.want = 5;
	probe_to(begin(stream), &stream->sink, NULL);
	assert_int_equal(
		weir_graph_start(stream->graph, &stream->run, NULL), 0);
	assert_int_equal(run_settle(stream->run, NULL), 0);
	probe_request(&stream->sink, 10);
	assert_int_equal(run_settle(stream->run, NULL), 0);
	assert_int_equal(stream->sink.received, 5);
	assert_int_equal(stream->source.put, 5);
}

/* Asks for more from within the step that gets an element. */
static int
one_by_one_step(struct weir_stage *stage, void *state)
{
	struct weir_span in = weir_inlet_peek(stage, 0);

	(void)state;
	assert_true(in.count <= 1);
	if (in.count > 0)
		weir_inlet_drop(stage, 0, 1);
	/* Nothing comes before the step has returned. */
	weir_inlet_request(stage, 0, 1);
	assert_int_equal(weir_inlet_peek(stage, 0).count, 0);
	return weir_stage_wait(stage);
}

static const struct weir_operator op_one_by_one = {.name = "one_by_one",
	.inlets = any,
	.outlets = none,
	.demand = WEIR_DEMAND_OWN,
	.step = one_by_one_step};

static void
required_spec302_a_request_from_within_a_step_is_served(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = begin(stream);

	weir_operator_add(&op_one_by_one, &f, 1, NULL);
	assert_int_equal(weir_graph_run(stream->graph, NULL), 0);
	assert_int_equal(stream->source.put, 100);
}

/* -- what a step may rely on ----------------------------------------------- */

/* Attaches eight blocks, then puts a slice of each. */
static int
attach_step(struct weir_stage *stage, void *state)
{
	static const char *const words[] = {
		"a", "b", "c", "d", "e", "f", "g", "h"};
	struct weir_span room = weir_outlet_room(stage, 0);
	weir_record *records = room.items;

	(void)state;
	if (room.count < 8)
		return WEIR_ROOM;
	for (int i = 0; i < 8; i++) {
		struct weir_block *block;

		assert_int_equal(weir_block_acquire(stage, 1, &block), 0);
		weir_block_data(block)[0] = words[i][0];
		records[i] = (weir_record){weir_block_data(block), 1};
		weir_outlet_attach(stage, 0, block);
		weir_outlet_attach(stage, 0, block); /* once is enough */
		weir_block_release(block);
	}
	weir_outlet_put(stage, 0, 8);
	return WEIR_DONE;
}

static const struct weir_operator op_attach = {.name = "attach",
	.inlets = none,
	.outlets =
		(const struct weir_port[]){
			{"records", &weir_type_weir_record, 0},
			{NULL, NULL, 0}},
	.step = attach_step};

static void
eight_blocks_may_be_attached_before_a_put(void **state)
{
	struct stream *stream = *state;

	stream->sink.want = PROBE_ALL;
	probe_to(weir_async(weir_source_add(stream->graph, &op_attach, NULL),
			 NULL),
		&stream->sink, NULL);
	assert_int_equal(weir_graph_run(stream->graph, NULL), 0);
	assert_string_equal(stream->sink.out.data, "a\nb\nc\nd\ne\nf\ng\nh\n");
}

/* Goes on until the worker's poll was called three times. */
static int polls;

static void
count_poll(void *ctx)
{
	(void)ctx;
	polls++;
}

static void
sleep_not(void *ctx, int64_t timeout_ns)
{
	(void)ctx;
	(void)timeout_ns;
}

static void
do_nothing(void *ctx)
{
	(void)ctx;
}

static int
busy_step(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	return polls < 3 ? WEIR_AGAIN : WEIR_DONE;
}

static const struct weir_operator op_busy = {
	.name = "busy", .inlets = any, .outlets = none, .step = busy_step};

static void
a_stage_that_wants_every_turn_does_not_keep_io_from_its(void **state)
{
	const struct weir_park_ops park = {count_poll, sleep_not, do_nothing};
	const struct weir_system_opts opts = {.park = &park};
	struct weir_graph_opts graph_opts = {0};
	struct weir_graph *graph;
	struct weir_flow f;

	(void)state;
	polls = 0;
	assert_int_equal(weir_system_create(&opts, &graph_opts.system), 0);
	graph = weir_graph_create(&graph_opts);
	f = weir_from_range(graph, 1, 9, NULL);
	weir_operator_add(&op_busy, &f, 1, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_true(polls >= 3);
	weir_graph_destroy(graph);
	weir_system_destroy(graph_opts.system);
}

int
main(void)
{
#define STREAM(test)                                                           \
	cmocka_unit_test_setup_teardown(test, stream_setup, stream_teardown)
	const struct CMUnitTest tests[] = {
		STREAM(required_spec203_request_and_cancel_in_a_terminal_call_do_nothing),
		STREAM(untested_spec107_nothing_is_called_after_a_failure),
		STREAM(untested_spec106_a_stage_that_ended_is_cancelled),
		STREAM(required_spec306_a_request_after_the_end_is_a_no_op),
		STREAM(required_spec302_a_request_from_within_a_step_is_served),
		STREAM(eight_blocks_may_be_attached_before_a_put),
		STREAM(a_stage_that_wants_every_turn_does_not_keep_io_from_its),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
