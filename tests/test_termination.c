/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_termination.c - how streams complete, fail and are cancelled
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

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

/* A graph, a probe source of live elements, and two probe sinks. */
struct stream {
	struct weir_graph *graph;
	struct probe_source source, other;
	struct probe_sink sink, second;
	struct weir_error error;
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
		(struct probe_source){.kind = KIND_LIVE, .first = 1, .n = 1000};
	stream.other = (struct probe_source){
		.kind = KIND_LIVE, .first = 5001, .n = 1000};
	stream.sink.want = stream.second.want = PROBE_ALL;
	*state = &stream;
	return stream.graph == NULL ? -1 : 0;
}

static int
stream_teardown(void **state)
{
	struct stream *stream = *state;

	weir_graph_destroy(stream->graph);
	probe_source_free(&stream->source);
	probe_source_free(&stream->other);
	probe_sink_free(&stream->sink);
	probe_sink_free(&stream->second);
	return live_count() == 0 ? 0 : -1;
}

static struct weir_flow
begin(struct stream *stream)
{
	return probe_from(stream->graph, &stream->source, NULL);
}

static int
run(struct stream *stream)
{
	return weir_graph_run(stream->graph, &stream->error);
}

/* -- completion ------------------------------------------------------------ */

static void
required_spec107_nothing_comes_after_completion(void **state)
{
	struct stream *stream = *state;

	stream->source.n = 5;
	probe_to(begin(stream), &stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_string_equal(stream->sink.out.data, "1\n2\n3\n4\n5\n");
	assert_int_equal(stream->sink.finished, 1);
	assert_int_equal(stream->sink.closed, 1);
	assert_int_equal(stream->source.closed, 1);
}

/* Completes its outlet after the first element, and stays. */
static int
one_only_step(struct weir_stage *stage, void *state)
{
	(void)state;
	if (weir_outlet_demand(stage, 0) > 0 &&
		weir_inlet_peek(stage, 0).count > 0) {
		weir_stage_move(stage, 0, 0, 1);
		weir_outlet_complete(stage, 0);
		weir_outlet_complete(stage, 0); /* once is enough */
		assert_int_equal(weir_outlet_demand(stage, 0), 0);
		assert_int_equal(weir_outlet_room(stage, 0).count, 0);
		return WEIR_DONE;
	}
	return weir_stage_wait(stage);
}

static const struct weir_port any[] = {{"elements", NULL, 0}, {NULL, NULL, 0}};

static const struct weir_operator op_one_only = {.name = "one_only",
	.inlets = any,
	.outlets = any,
	.step = one_only_step};

static void
a_completed_outlet_has_no_room(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = begin(stream);

	probe_to(weir_operator_add(&op_one_only, &f, 1, NULL), &stream->sink,
		NULL);
	assert_int_equal(run(stream), 0);
	assert_string_equal(stream->sink.out.data, "1\n");
}

static void
untested_spec206_a_stage_that_is_done_cancels_its_inlet(void **state)
{
	struct stream *stream = *state;
	struct weir_stage_stats stats;

	probe_to(weir_take(begin(stream), 7, NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->source.closed, 1);
	assert_int_equal(stream->source.put, 7);
	weir_run_stage_stats(weir_graph_last_run(stream->graph), 0, &stats);
	assert_true(stats.ended);
}

static void
a_merge_completes_when_all_its_flows_did(void **state)
{
	struct stream *stream = *state;
	struct weir_flow flows[2];

	stream->source.n = 1;
	flows[0] = begin(stream);
	flows[1] = probe_from(stream->graph, &stream->other, NULL);
	probe_to(weir_merge(flows, 2, NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->sink.received, 1001);
}

/* -- failure --------------------------------------------------------------- */

static void
a_failure_waits_behind_data(void **state)
{
	struct stream *stream = *state;

	stream->source.n = 700;
	stream->source.code = -ESTALE;
	probe_to(weir_async(begin(stream), NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), -ESTALE);
	assert_int_equal(stream->sink.received, 700);
	assert_int_equal(stream->sink.finished, 0);
	assert_int_equal(stream->sink.closed, 1);
	assert_string_equal(stream->error.stage, "probe_source");
	assert_string_equal(stream->error.text, "failed as told");
}

static void
a_fast_failure_overtakes_data(void **state)
{
	struct stream *stream = *state;
	const struct weir_async_opts opts = {
		.stage.on_failure = WEIR_FAST, .window = 100};
	struct weir_run *started;
	struct weir_stage_stats stats;

	stream->source.n = 50;
	stream->source.code = -ESTALE;
	stream->sink.want = 5;
	probe_to(weir_async(begin(stream), &opts), &stream->sink, NULL);
	assert_int_equal(weir_graph_start(stream->graph, &started, NULL), 0);
	assert_int_equal(run_settle(started, NULL), -ESTALE);
	assert_true(stream->sink.received <= 5);
	weir_run_stage_stats(started, 1, &stats);
	assert_int_equal(stats.tally[WEIR_IN], 50);
	assert_int_equal(
		stats.tally[WEIR_OUT] + stats.tally[WEIR_CANCELLED], 50);
}

static void
a_failed_branch_of_a_merge_fails_the_merge(void **state)
{
	struct stream *stream = *state;
	struct weir_flow flows[2];

	stream->source.n = 3;
	stream->source.code = -ESTALE;
	flows[0] = begin(stream);
	flows[1] = probe_from(stream->graph, &stream->other, NULL);
	probe_to(weir_merge(flows, 2, NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), -ESTALE);
	assert_int_equal(stream->other.closed, 1);
}

static void
a_failure_reaches_every_branch_of_a_broadcast(void **state)
{
	struct stream *stream = *state;
	struct weir_flow branches[2];

	stream->source.n = 9;
	stream->source.code = -ESTALE;
	weir_broadcast(begin(stream), branches, 2, NULL);
	probe_to(branches[0], &stream->sink, NULL);
	probe_to(branches[1], &stream->second, NULL);
	assert_int_equal(run(stream), -ESTALE);
	assert_int_equal(stream->sink.received, 9);
	assert_int_equal(stream->second.received, 9);
	assert_int_equal(stream->sink.finished + stream->second.finished, 0);
}

static int
fail_at_once(struct weir_stage *stage, void *state)
{
	(void)state;
	(void)weir_stage_fail(stage, -EXDEV, "said first");
	return weir_stage_fail_at(stage, -EDOM, 12, "said last");
}

static const struct weir_operator op_fails = {
	.name = "fails", .inlets = any, .outlets = any, .step = fail_at_once};

static void
what_a_stage_said_first_counts(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = begin(stream);

	probe_to(
		weir_operator_add(&op_fails, &f, 1, NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), -EXDEV);
	assert_string_equal(stream->error.stage, "fails");
	assert_string_equal(stream->error.text, "said first");
	assert_int_equal(stream->error.element, 12);
	assert_int_equal(stream->error.stage_index, 1);
	assert_int_equal(stream->error.opening, 0);
}

static int
fail_unsaid(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	return -ENOSPC;
}

static const struct weir_operator op_fails_unsaid = {
	.name = "fails", .inlets = any, .outlets = any, .step = fail_unsaid};

static void
a_failure_without_words_is_told_by_its_code(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = begin(stream);

	probe_to(weir_operator_add(&op_fails_unsaid, &f, 1, NULL),
		&stream->sink, NULL);
	assert_int_equal(run(stream), -ENOSPC);
	assert_string_equal(stream->error.text, "No space left on device");
}

static int
map_fails_from_two(void *ctx, const void *in, void *out)
{
	(void)ctx;
	if (live_value(in) > 1)
		return -EDOM;
	*(live *)out = *(const live *)in;
	return 0;
}

static void
a_forgiven_failure_takes_no_memory(void **state)
{
	struct stream *stream = *state;
	const struct weir_stage_opts resume = {.on_error = WEIR_RESUME};
	struct weir_stage_stats stats;

	probe_to(weir_map(begin(stream), &weir_type_live, map_fails_from_two,
			 NULL, &resume),
		&stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->sink.received, 1);
	weir_run_stage_stats(weir_graph_last_run(stream->graph), 1, &stats);
	assert_int_equal(stats.tally[WEIR_DEAD], 999);
}

static void
a_sink_that_fails_fails_the_run_and_stops_its_source(void **state)
{
	struct stream *stream = *state;
	live few[3];
	size_t count = 77;

	weir_to_collect(begin(stream), few, 3, &count, NULL);
	assert_int_equal(run(stream), -ENOBUFS);
	assert_string_equal(stream->error.stage, "collect");
	assert_int_equal(stream->error.element, 4);
	assert_int_equal(count, 77); /* no result */
	assert_int_equal(stream->source.closed, 1);
}

/* -- opening --------------------------------------------------------------- */

static int
refuse(struct weir_stage *stage, void *state, const void *args)
{
	(void)state;
	(void)args;
	return weir_stage_fail(stage, -EACCES, "may not");
}

static int closes;

static void
count_close(struct weir_stage *stage, void *state)
{
	(void)stage;
	(void)state;
	closes++;
}

static const struct weir_operator op_refuses = {.name = "refuses",
	.inlets = any,
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.open = refuse,
	.step = fail_unsaid,
	.close = count_close};

static void
a_sink_that_cannot_be_opened_ends_the_start(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f = begin(stream);

	closes = 0;
	weir_operator_add(&op_refuses, &f, 1, NULL);
	assert_int_equal(run(stream), -EACCES);
	assert_string_equal(stream->error.stage, "refuses");
	assert_string_equal(stream->error.text, "may not");
	assert_int_equal(stream->error.opening, 1);
	assert_int_equal(closes, 1);
	assert_int_equal(stream->source.opened, 1);
	assert_int_equal(stream->source.closed, 1);
	assert_int_equal(stream->source.put, 0);
	assert_null(weir_graph_last_run(stream->graph));
}

/* -- cancel ---------------------------------------------------------------- */

static void
untested_spec108_a_cancelled_source_stops(void **state)
{
	struct stream *stream = *state;

	stream->sink.cancel_after = 10;
	probe_to(begin(stream), &stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->sink.received, 10);
	assert_int_equal(stream->source.closed, 1);
	assert_true(stream->source.put < 1000);
}

static void
a_cancelled_branch_leaves_the_other_all(void **state)
{
	struct stream *stream = *state;
	struct weir_flow branches[2];

	stream->sink.cancel_after = 10;
	weir_broadcast(begin(stream), branches, 2, NULL);
	probe_to(branches[0], &stream->sink, NULL);
	probe_to(branches[1], &stream->second, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->sink.received, 10);
	assert_int_equal(stream->second.received, 1000);
}

static void
the_last_branch_may_be_the_one_cancelled(void **state)
{
	struct stream *stream = *state;
	struct weir_flow branches[2];

	stream->second.cancel_at_once = true;
	weir_broadcast(begin(stream), branches, 2, NULL);
	probe_to(branches[0], &stream->sink, NULL);
	probe_to(branches[1], &stream->second, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->sink.received, 1000);
	assert_int_equal(stream->second.received, 0);
}

static void
required_spec312_all_branches_cancelled_cancel_the_source(void **state)
{
	struct stream *stream = *state;
	struct weir_flow branches[2];

	stream->sink.cancel_after = 10;
	stream->second.cancel_after = 20;
	weir_broadcast(begin(stream), branches, 2, NULL);
	probe_to(branches[0], &stream->sink, NULL);
	probe_to(branches[1], &stream->second, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(stream->source.closed, 1);
	assert_true(stream->source.put < 1000);
}

static void
required_spec208_elements_that_come_after_a_cancel_are_released(void **state)
{
	struct stream *stream = *state;
	struct weir_stage_stats stats;

	/* The window is full of elements when the sink stops. */
	stream->sink.cancel_after = 1;
	probe_to(weir_async(begin(stream), NULL), &stream->sink, NULL);
	assert_int_equal(run(stream), 0);
	assert_int_equal(live_count(), 0);
	weir_run_stage_stats(weir_graph_last_run(stream->graph), 1, &stats);
	assert_true(stats.tally[WEIR_CANCELLED] > 0);
}

/* Peeks at a record, cancels its inlet, and looks at the record again. */
static int
cancel_and_look(struct weir_stage *stage, void *state)
{
	struct weir_span in = weir_inlet_peek(stage, 0);
	char line[LINE_MAX_BYTES];
	weir_record first;

	(void)state;
	if (in.count == 0)
		return weir_stage_wait(stage);
	first = ((const weir_record *)in.items)[0];
	weir_inlet_cancel(stage, 0);
	weir_inlet_cancel(stage, 0);
	assert_int_equal(weir_inlet_peek(stage, 0).count, 0);
	assert_true(weir_inlet_ended(stage, 0));
	assert_int_equal(first.length, line_of(1, line));
	assert_memory_equal(first.data, line, first.length);
	return WEIR_DONE;
}

static const struct weir_operator op_cancels = {.name = "cancels",
	.inlets = any,
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.step = cancel_and_look};

static void
slices_stay_valid_in_the_step_that_cancels(void **state)
{
	struct stream *stream = *state;
	struct weir_flow f;

	stream->source.kind = KIND_RECORD;
	f = begin(stream);
	weir_operator_add(&op_cancels, &f, 1, NULL);
	assert_int_equal(run(stream), 0);
}

int
main(void)
{
#define STREAM(test)                                                           \
	cmocka_unit_test_setup_teardown(test, stream_setup, stream_teardown)
	const struct CMUnitTest tests[] = {
		STREAM(required_spec107_nothing_comes_after_completion),
		STREAM(a_completed_outlet_has_no_room),
		STREAM(untested_spec206_a_stage_that_is_done_cancels_its_inlet),
		STREAM(a_merge_completes_when_all_its_flows_did),
		STREAM(a_failure_waits_behind_data),
		STREAM(a_fast_failure_overtakes_data),
		STREAM(a_failed_branch_of_a_merge_fails_the_merge),
		STREAM(a_failure_reaches_every_branch_of_a_broadcast),
		STREAM(what_a_stage_said_first_counts),
		STREAM(a_failure_without_words_is_told_by_its_code),
		STREAM(a_forgiven_failure_takes_no_memory),
		STREAM(a_sink_that_fails_fails_the_run_and_stops_its_source),
		STREAM(a_sink_that_cannot_be_opened_ends_the_start),
		STREAM(untested_spec108_a_cancelled_source_stops),
		STREAM(a_cancelled_branch_leaves_the_other_all),
		STREAM(the_last_branch_may_be_the_one_cancelled),
		STREAM(required_spec312_all_branches_cancelled_cancel_the_source),
		STREAM(required_spec208_elements_that_come_after_a_cancel_are_released),
		STREAM(slices_stay_valid_in_the_step_that_cancels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
