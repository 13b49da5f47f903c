/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_origin.c - a flow of weir_bytes is one stream of bytes at a time
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/probe.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LINES 40

struct files {
	struct weir_graph *graph;
	struct probe_source source;
	struct probe_sink sink;
};

static int
files_setup(void **state)
{
	static struct files files;
	const struct weir_graph_opts opts = {.batch_items = 8};

	files = (struct files){.graph = weir_graph_create(&opts)};
	/* Ten files of four lines, the last without a newline at its end. */
	files.source = (struct probe_source){.kind = KIND_BYTES,
		.first = 1,
		.n = LINES,
		.origin_lines = 4,
		.no_newline = true};
	files.sink.want = PROBE_ALL;
	*state = &files;
	return files.graph == NULL ? -1 : 0;
}

static int
files_teardown(void **state)
{
	struct files *files = *state;

	weir_graph_destroy(files->graph);
	probe_source_free(&files->source);
	probe_sink_free(&files->sink);
	return 0;
}

static struct weir_flow
begin(struct files *files)
{
	return probe_from(files->graph, &files->source, NULL);
}

/* -- building -------------------------------------------------------------- */

static void
a_merge_of_raw_bytes_is_refused_and_says_to_frame_first(void **state)
{
	struct files *files = *state;
	struct probe_source other = {.kind = KIND_BYTES, .n = 1};
	struct weir_stage_opts names[] = {
		{.name = "left"}, {.name = "right"}, {.name = "join"}};
	struct weir_flow flows[2];
	struct weir_error error;

	flows[0] = probe_from(files->graph, &files->source, &names[0]);
	flows[1] = probe_from(files->graph, &other, &names[1]);
	weir_to_null(weir_merge(flows, 2, &names[2]), NULL);
	assert_int_equal(weir_graph_check(files->graph, &error), -EINVAL);
	assert_string_equal(error.stage, "join");
	assert_non_null(strstr(error.text, "frame first"));
	assert_non_null(strstr(error.text, "'left'"));
	assert_non_null(strstr(error.text, "'right'"));
	probe_source_free(&other);
}

static void
a_merge_of_framed_bytes_is_built(void **state)
{
	struct files *files = *state;
	struct probe_source other = {
		.kind = KIND_BYTES, .first = 1, .n = LINES};
	struct weir_flow flows[2];

	flows[0] = weir_lines(begin(files), NULL);
	flows[1] = weir_lines(probe_from(files->graph, &other, NULL), NULL);
	probe_to(weir_merge(flows, 2, NULL), &files->sink, NULL);
	assert_int_equal(weir_graph_run(files->graph, NULL), 0);
	assert_int_equal(files->sink.received, 2 * LINES);
	probe_source_free(&other);
}

static void
one_flow_of_raw_bytes_may_be_merged(void **state)
{
	struct files *files = *state;
	struct weir_flow flow = begin(files);

	weir_to_null(weir_merge(&flow, 1, NULL), NULL);
	assert_int_equal(weir_graph_check(files->graph, NULL), 0);
}

/* -- running --------------------------------------------------------------- */

/* Takes spans, and sees to it that each belongs to one origin. */
struct watching {
	uint32_t origin;
	uint64_t changes;
	struct text bytes; /* of the present origin */
	uint64_t lines;
};

struct watch_args {
	struct weir_stage_opts opts;
	struct watching *watching;
};

static int
watch_step(struct weir_stage *stage, void *state)
{
	const struct watch_args *args = weir_stage_args(stage);
	struct watching *watching = args->watching;
	struct weir_span in;

	(void)state;
	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		const weir_bytes *cuts = in.items;
		uint32_t origin = weir_inlet_origin(stage, 0);

		if (origin != watching->origin) {
			/* What belonged to the last one was all of it. */
			assert_int_equal(watching->lines % 4, 0);
			watching->origin = origin;
			watching->changes++;
		}
		for (size_t i = 0; i < in.count; i++)
			for (size_t k = 0; k < cuts[i].length; k++)
				watching->lines += cuts[i].data[k] == '\n';
		weir_inlet_take(stage, 0, in.count);
	}
	return weir_stage_wait(stage);
}

static const struct weir_operator op_watch = {
	.name = "watch",
	.inlets =
		(const struct weir_port[]){
			{"bytes", &weir_type_weir_bytes, 0}, {NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.args_bytes = sizeof(struct watch_args),
	.step = watch_step,
};

static void
watch(struct files *files, struct weir_flow f)
{
	struct watching watching = {0};
	const struct watch_args args = {.watching = &watching};

	weir_operator_add(&op_watch, &f, 1, &args);
	assert_int_equal(weir_graph_run(files->graph, NULL), 0);
	assert_int_equal(watching.changes, 10);
	assert_int_equal(watching.lines, LINES - 1);
}

static void
two_origins_never_lie_in_one_span(void **state)
{
	watch(*state, begin(*state));
}

static void
a_window_keeps_origins_apart(void **state)
{
	const struct weir_async_opts opts = {.window = 3};

	watch(*state, weir_async(begin(*state), &opts));
}

static bool
is_filled(void *ctx, const void *element)
{
	(void)ctx;
	return ((const weir_bytes *)element)->length > 0;
}

static void
a_filter_keeps_origins_apart(void **state)
{
	watch(*state, weir_filter(begin(*state), is_filled, NULL, NULL));
}

/* Passes the cuts that have a newline in them: few of many. */
static int
ends_step(struct weir_stage *stage, void *state)
{
	struct weir_span span;

	(void)state;
	while ((span = weir_stage_edit(stage)).count > 0) {
		weir_bytes *cuts = span.items;
		size_t kept = 0;

		for (size_t i = 0; i < span.count; i++)
			if (memchr(cuts[i].data, '\n', cuts[i].length) != NULL)
				cuts[kept++] = cuts[i];
		weir_stage_pass(stage, span.count, kept);
	}
	return weir_stage_wait(stage);
}

static const struct weir_operator op_ends = {
	.name = "ends",
	.inlets = (const struct weir_port[]){{"in", NULL, 0}, {NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){{"out", NULL, 0}, {NULL, NULL, 0}},
	.step = ends_step,
};

static void
few_elements_of_two_origins_are_not_brought_together(void **state)
{
	struct files *files = *state;
	struct weir_flow f;

	files->source.cut = 4;
	f = begin(files);
	f = weir_operator_add(&op_ends, &f, 1, NULL);
	watch(files, weir_async(f, NULL));
}

static int
copy_bytes(void *ctx, const void *in, void *out)
{
	(void)ctx;
	*(weir_bytes *)out = *(const weir_bytes *)in;
	return 0;
}

static void
a_map_keeps_origins_apart(void **state)
{
	watch(*state, weir_map(begin(*state), &weir_type_weir_bytes, copy_bytes,
			      NULL, NULL));
}

static int
copy_some(void *ctx, const void *in, void *out)
{
	(void)copy_bytes(ctx, in, out);
	return ((const weir_bytes *)in)->length > 0;
}

static void
a_filter_map_keeps_origins_apart(void **state)
{
	watch(*state, weir_filter_map(begin(*state), &weir_type_weir_bytes,
			      copy_some, NULL, NULL));
}

/* One branch of a broadcast gets copies, the last one the batches. */
static void
watch_branch(struct files *files, unsigned watched)
{
	struct weir_flow branches[2];

	weir_broadcast(begin(files), branches, 2, NULL);
	weir_to_null(branches[1 - watched], NULL);
	watch(files, branches[watched]);
}

static void
the_first_branch_of_a_broadcast_keeps_origins_apart(void **state)
{
	watch_branch(*state, 0);
}

static void
the_last_branch_of_a_broadcast_keeps_origins_apart(void **state)
{
	watch_branch(*state, 1);
}

static void
the_last_line_of_a_file_ends_with_the_file(void **state)
{
	struct files *files = *state;
	struct text expected = {0};
	struct probe_source last = files->source;
	struct weir_flow f;

	/* Cut the newline at each file's end off: a file of one line each. */
	last.origin_lines = 1;
	last.no_newline = true;
	files->source = last;
	f = weir_filter(begin(files), is_filled, NULL, NULL);
	probe_to(weir_lines(f, NULL), &files->sink, NULL);
	assert_int_equal(weir_graph_run(files->graph, NULL), 0);
	for (int64_t i = 1; i <= LINES; i++) {
		char line[LINE_MAX_BYTES];

		text_add(&expected, line, line_of(i, line));
		text_add(&expected, "\n", 1);
	}
	assert_int_equal(files->sink.received, LINES);
	assert_memory_equal(
		files->sink.out.data, expected.data, expected.length);
	text_free(&expected);
}

int
main(void)
{
#define FILES(test)                                                            \
	cmocka_unit_test_setup_teardown(test, files_setup, files_teardown)
	const struct CMUnitTest tests[] = {
		FILES(a_merge_of_raw_bytes_is_refused_and_says_to_frame_first),
		FILES(a_merge_of_framed_bytes_is_built),
		FILES(one_flow_of_raw_bytes_may_be_merged),
		FILES(two_origins_never_lie_in_one_span),
		FILES(a_window_keeps_origins_apart),
		FILES(a_filter_keeps_origins_apart),
		FILES(few_elements_of_two_origins_are_not_brought_together),
		FILES(a_map_keeps_origins_apart),
		FILES(a_filter_map_keeps_origins_apart),
		FILES(the_first_branch_of_a_broadcast_keeps_origins_apart),
		FILES(the_last_branch_of_a_broadcast_keeps_origins_apart),
		FILES(the_last_line_of_a_file_ends_with_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
