/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_demand.c - demand inside an island
 *
 * Names that begin with a rule's number are those of the reactive-streams
 * specification's test kit, as far as its rules make sense without signals of
 * single elements.
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/probe.h"
#include "support/settle.h"

#include <errno.h>
#include <inttypes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BATCH 16u

/* A graph with a probe at each end. */
struct line {
	struct weir_graph *graph;
	struct weir_run *run;
	struct probe_source source;
	struct probe_sink sink;
};

static int
line_setup(void **state)
{
	static struct line line;
	const struct weir_graph_opts opts = {
		.batch_items = BATCH, .workers = 1};

	line = (struct line){.graph = weir_graph_create(&opts)};
	line.source = (struct probe_source){
		.kind = KIND_INT64, .first = 1, .n = 1000};
	*state = &line;
	return line.graph == NULL ? -1 : 0;
}

static int
line_teardown(void **state)
{
	struct line *line = *state;

	weir_graph_destroy(line->graph);
	probe_source_free(&line->source);
	probe_sink_free(&line->sink);
	return 0;
}

static struct weir_flow
line_begin(struct line *line)
{
	return probe_from(line->graph, &line->source, NULL);
}

static void
line_start(struct line *line, struct weir_flow end)
{
	probe_to(end, &line->sink, NULL);
	assert_int_equal(weir_graph_start(line->graph, &line->run, NULL), 0);
	assert_int_equal(run_settle(line->run, NULL), -ETIMEDOUT);
}

/* Let the sink ask for @n more and see what comes of it. */
static void
line_ask(struct line *line, uint64_t n)
{
	probe_request(&line->sink, n);
	(void)run_settle(line->run, NULL);
	assert_int_equal(line->sink.overrun, 0);
}

static void
required_spec101_no_more_elements_than_requested(void **state)
{
	struct line *line = *state;
	uint64_t asked = 0;

	line_start(line, line_begin(line));
	assert_int_equal(line->sink.received, 0);
	for (uint64_t n = 1; n < 40; n += 5) {
		asked += n;
		line_ask(line, n);
		assert_int_equal(line->sink.received, asked);
		assert_int_equal(line->source.put, asked);
	}
}

static void
required_spec102_may_emit_fewer_and_complete(void **state)
{
	struct line *line = *state;

	line->source.n = 3;
	line_start(line, line_begin(line));
	line_ask(line, 10);
	assert_int_equal(line->sink.received, 3);
	assert_int_equal(line->sink.finished, 1);
	assert_int_equal(weir_run_wait(line->run, 0, NULL), 0);
}

static void
required_spec105_completes_when_the_end_is_reached(void **state)
{
	struct line *line = *state;

	line->source.n = 2;
	line_start(line, line_begin(line));
	line_ask(line, 1);
	assert_int_equal(line->sink.finished, 0);
	line_ask(line, 1);
	assert_int_equal(line->sink.finished, 1);
}

static void
optional_spec105_an_empty_stream_completes_without_demand(void **state)
{
	struct line *line = *state;

	line->source.n = line->source.unit_count = 0;
	probe_to(line_begin(line), &line->sink, NULL);
	assert_int_equal(weir_graph_run(line->graph, NULL), 0);
	assert_int_equal(line->sink.received, 0);
	assert_int_equal(line->sink.finished, 1);
}

static void
required_spec308_requests_add_up(void **state)
{
	struct line *line = *state;

	line_start(line, line_begin(line));
	probe_request(&line->sink, 2);
	probe_request(&line->sink, 3);
	line_ask(line, 4);
	assert_int_equal(line->sink.received, 9);
	assert_int_equal(line->source.put, 9);
}

static void
required_spec317_demand_saturates_and_never_wraps(void **state)
{
	struct line *line = *state;
	struct weir_edge_stats edge;

	line->sink.window = UINT64_MAX;
	line->sink.want = PROBE_ALL;
	probe_to(line_begin(line), &line->sink, NULL);
	assert_int_equal(weir_graph_run(line->graph, NULL), 0);
	assert_int_equal(line->sink.received, 1000);
	weir_run_edge_stats(weir_graph_last_run(line->graph), 0, &edge);
	assert_true(edge.granted == INT64_MAX);
}

/* How deep steps nest, at most. */
static int depth_now, depth_most;

static int
deeper_step(struct weir_stage *stage, void *state)
{
	struct weir_span span;

	(void)state;
	depth_now++;
	if (depth_now > depth_most)
		depth_most = depth_now;
	while ((span = weir_stage_edit(stage)).count > 0)
		weir_stage_pass(stage, span.count, span.count);
	depth_now--;
	return weir_stage_wait(stage);
}

static const struct weir_operator op_deeper = {
	.name = "deeper",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){{"out", NULL, 0}, {NULL, NULL, 0}},
	.step = deeper_step,
};

static void
required_spec303_demand_does_not_recurse(void **state)
{
	enum { STAGES = 2000 };
	struct line *line = *state;
	struct weir_flow f = line_begin(line);

	for (int i = 0; i < STAGES; i++)
		f = weir_operator_add(&op_deeper, &f, 1, NULL);
	line_start(line, f);
	line_ask(line, 1);
	assert_int_equal(line->sink.received, 1);
	assert_int_equal(line->source.put, 1);
	assert_int_equal(depth_most, 1);
}

/* -- through operators ----------------------------------------------------- */

static void
take_asks_its_source_for_what_it_takes(void **state)
{
	struct line *line = *state;

	line->sink.want = PROBE_ALL;
	probe_to(weir_take(line_begin(line), 5, NULL), &line->sink, NULL);
	assert_int_equal(weir_graph_run(line->graph, NULL), 0);
	assert_int_equal(line->source.asked, 5);
	assert_int_equal(line->source.put, 5);
	assert_string_equal(line->sink.out.data, "1\n2\n3\n4\n5\n");
}

static void
take_of_none_asks_for_nothing(void **state)
{
	struct line *line = *state;

	line->sink.want = PROBE_ALL;
	probe_to(weir_take(line_begin(line), 0, NULL), &line->sink, NULL);
	assert_int_equal(weir_graph_run(line->graph, NULL), 0);
	assert_int_equal(line->source.asked, 0);
	assert_int_equal(line->sink.finished, 1);
}

/* Keeps what is above a bound. */
WEIR_FILTER_WITH(above, int64_t, bound, int64_t, x)
{
	return x > *bound;
}

static void
a_filter_that_rejects_doubles_its_ask_up_to_a_batch(void **state)
{
	struct line *line = *state;
	int64_t bound = 100;

	line_start(line, above(line_begin(line), &bound, NULL));
	line_ask(line, 1);
	assert_int_equal(line->sink.received, 1);
	/* 1 + 2 + 4 + 8 + 16 + ... until the 101st was among them. */
	assert_int_equal(line->source.put, 1 + 2 + 4 + 8 + 6 * BATCH);
}

static void
a_filter_that_passes_all_asks_for_no_more_than_was_wanted(void **state)
{
	struct line *line = *state;
	int64_t bound = 0;

	line_start(line, above(line_begin(line), &bound, NULL));
	for (uint64_t n = 1; n <= 5; n++) {
		line_ask(line, 1);
		assert_int_equal(line->source.put, n);
	}
}

static void
a_filter_falls_back_to_the_demand_once_it_emits(void **state)
{
	struct line *line = *state;
	int64_t bound = 6; /* asks for 1, 2, 4: the 7th passes alone */

	line_start(line, above(line_begin(line), &bound, NULL));
	line_ask(line, 1);
	assert_int_equal(line->sink.received, 1);
	assert_int_equal(line->source.put, 7);
	for (uint64_t n = 1; n <= 5; n++) {
		line_ask(line, 1);
		assert_int_equal(line->source.put, 7 + n);
	}
}

WEIR_MAP(as_it_is, int64_t, x, int64_t)
{
	return x;
}

static void
what_a_filter_asked_for_beyond_the_demand_waits_before_it(void **state)
{
	struct line *line = *state;
	int64_t bound = 4; /* asks for 1, 2, 4: 5, 6 and 7 pass */
	struct weir_flow f = as_it_is(line_begin(line), NULL);

	/* Fused, a batch of four would go through all stages at once. */
	line_start(line, as_it_is(above(f, &bound, NULL), NULL));
	line_ask(line, 1);
	assert_int_equal(line->source.put, 7);
	assert_string_equal(line->sink.out.data, "5\n");
	line_ask(line, 1);
	assert_int_equal(line->source.put, 7);
	assert_string_equal(line->sink.out.data, "5\n6\n");
}

static void
an_async_window_is_asked_for_ahead_and_no_more(void **state)
{
	struct line *line = *state;
	const struct weir_async_opts opts = {.window = 50};

	line_start(line, weir_async(line_begin(line), &opts));
	assert_int_equal(line->source.put, 50);
	line_ask(line, 7);
	assert_int_equal(line->sink.received, 7);
	assert_int_equal(line->source.put, 57);
}

static void
the_slowest_branch_of_a_broadcast_sets_the_pace(void **state)
{
	struct line *line = *state;
	struct probe_sink fast = {.want = PROBE_ALL};
	struct weir_flow branches[2];

	weir_broadcast(line_begin(line), branches, 2, NULL);
	probe_to(branches[0], &fast, NULL);
	line_start(line, branches[1]);
	assert_int_equal(line->source.put, 0);
	line_ask(line, 9);
	assert_int_equal(line->source.put, 9);
	assert_int_equal(fast.received, 9);
	assert_int_equal(line->sink.received, 9);
	weir_run_abort(line->run, NULL);
	probe_sink_free(&fast);
}

static void
a_merge_takes_turns(void **state)
{
	struct line *line = *state;
	struct probe_source other = {
		.kind = KIND_INT64, .first = 5001, .n = 1000};
	struct weir_flow flows[2] = {
		line_begin(line), probe_from(line->graph, &other, NULL)};

	line_start(line, weir_merge(flows, 2, NULL));
	for (int i = 0; i < 10; i++)
		line_ask(line, 10);
	/* Neither was left out: both gave of each hundred. */
	assert_int_equal(line->sink.received, 100);
	assert_true(line->source.put >= 30 && other.put >= 30);
	weir_run_abort(line->run, NULL);
	probe_source_free(&other);
}

static void
a_slow_sink_stops_the_source_however_long_the_chain(void **state)
{
	struct line *line = *state;
	int64_t bound = 0;
	struct weir_flow f = line_begin(line);

	for (int i = 0; i < 10; i++)
		f = weir_skip(above(f, &bound, NULL), 0, NULL);
	line_start(line, f);
	line_ask(line, 3);
	assert_int_equal(line->source.put, 3);
}

int
main(void)
{
#define ON_A_LINE(test)                                                        \
	cmocka_unit_test_setup_teardown(test, line_setup, line_teardown)
	const struct CMUnitTest tests[] = {
		ON_A_LINE(required_spec101_no_more_elements_than_requested),
		ON_A_LINE(required_spec102_may_emit_fewer_and_complete),
		ON_A_LINE(required_spec105_completes_when_the_end_is_reached),
		ON_A_LINE(
			optional_spec105_an_empty_stream_completes_without_demand),
		ON_A_LINE(required_spec303_demand_does_not_recurse),
		ON_A_LINE(required_spec308_requests_add_up),
		ON_A_LINE(required_spec317_demand_saturates_and_never_wraps),
		ON_A_LINE(take_asks_its_source_for_what_it_takes),
		ON_A_LINE(take_of_none_asks_for_nothing),
		ON_A_LINE(a_filter_that_rejects_doubles_its_ask_up_to_a_batch),
		ON_A_LINE(
			a_filter_that_passes_all_asks_for_no_more_than_was_wanted),
		ON_A_LINE(a_filter_falls_back_to_the_demand_once_it_emits),
		ON_A_LINE(
			what_a_filter_asked_for_beyond_the_demand_waits_before_it),
		ON_A_LINE(an_async_window_is_asked_for_ahead_and_no_more),
		ON_A_LINE(the_slowest_branch_of_a_broadcast_sets_the_pace),
		ON_A_LINE(a_merge_takes_turns),
		ON_A_LINE(a_slow_sink_stops_the_source_however_long_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
