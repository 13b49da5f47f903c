/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broadcast_shared.c - bytes that somebody else sees are not changed
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LINES 300

struct fork {
	struct weir_graph *graph;
	struct probe_source source;
	struct probe_sink sinks[3];
};

static int
fork_setup(void **state)
{
	static struct fork fork;

	fork = (struct fork){.graph = weir_graph_create(NULL)};
	fork.source = (struct probe_source){
		.kind = KIND_RECORD, .first = 1, .n = LINES};
	for (int i = 0; i < 3; i++)
		fork.sinks[i].want = PROBE_ALL;
	*state = &fork;
	return fork.graph == NULL ? -1 : 0;
}

static int
fork_teardown(void **state)
{
	struct fork *fork = *state;

	weir_graph_destroy(fork->graph);
	probe_source_free(&fork->source);
	for (int i = 0; i < 3; i++)
		probe_sink_free(&fork->sinks[i]);
	return 0;
}

/* All lines, as they are, or in capitals (@turn -1) or small letters (1). */
static void
assert_lines(const struct probe_sink *sink, int turn)
{
	struct text expected = {0};

	for (int64_t i = 1; i <= LINES; i++) {
		char line[LINE_MAX_BYTES];
		size_t length = line_of(i, line);

		for (size_t k = 0; k < length; k++) {
			if (turn < 0 && line[k] >= 'a' && line[k] <= 'z')
				line[k] = (char)(line[k] - 'a' + 'A');
			if (turn > 0 && line[k] >= 'A' && line[k] <= 'Z')
				line[k] = (char)(line[k] - 'A' + 'a');
		}
		text_add(&expected, line, length);
		text_add(&expected, "\n", 1);
	}
	assert_int_equal(sink->out.length, expected.length);
	assert_memory_equal(sink->out.data, expected.data, expected.length);
	text_free(&expected);
}

static void
a_branch_that_edits_is_not_seen_by_the_others(void **state)
{
	struct fork *fork = *state;
	struct weir_flow branches[3];

	weir_broadcast(probe_from(fork->graph, &fork->source, NULL), branches,
		3, NULL);
	probe_to(weir_upper(branches[0], NULL), &fork->sinks[0], NULL);
	probe_to(branches[1], &fork->sinks[1], NULL);
	probe_to(weir_lower(branches[2], NULL), &fork->sinks[2], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_lines(&fork->sinks[0], -1);
	assert_lines(&fork->sinks[1], 0);
	assert_lines(&fork->sinks[2], 1);
}

static void
it_is_not_seen_by_a_branch_that_lags_behind(void **state)
{
	struct fork *fork = *state;
	struct weir_flow branches[2];

	/* The plain branch has them in its window when the other edits. */
	weir_broadcast(probe_from(fork->graph, &fork->source, NULL), branches,
		2, NULL);
	probe_to(weir_async(branches[0], NULL), &fork->sinks[0], NULL);
	probe_to(weir_upper(branches[1], NULL), &fork->sinks[1], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_lines(&fork->sinks[0], 0);
	assert_lines(&fork->sinks[1], -1);
}

static void
nor_where_all_bytes_lie_in_blocks_of_the_pool(void **state)
{
	struct fork *fork = *state;
	struct weir_flow branches[2];
	struct weir_flow f = weir_from_range(fork->graph, 1, LINES, NULL);

	/* They would be changed in place if nobody else saw them. */
	f = weir_suffix(weir_decimal(f, NULL), " pears", NULL);
	weir_broadcast(f, branches, 2, NULL);
	probe_to(weir_async(branches[0], NULL), &fork->sinks[0], NULL);
	probe_to(weir_upper(branches[1], NULL), &fork->sinks[1], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_int_equal(fork->sinks[0].received, LINES);
	assert_null(strstr(fork->sinks[0].out.data, "PEARS"));
	assert_non_null(strstr(fork->sinks[1].out.data, "1 PEARS\n"));
	assert_null(strstr(fork->sinks[1].out.data, "pears"));
}

static void
an_edit_behind_a_merge_of_branches_sees_each_copy_once(void **state)
{
	struct fork *fork = *state;
	struct weir_flow branches[2];

	weir_broadcast(probe_from(fork->graph, &fork->source, NULL), branches,
		2, NULL);
	branches[0] = weir_upper(branches[0], NULL);
	probe_to(weir_merge(branches, 2, NULL), &fork->sinks[0], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_int_equal(fork->sinks[0].received, 2 * LINES);
	text_sort(&fork->sinks[0].out);
	assert_non_null(strstr(fork->sinks[0].out.data, "PEAR 10\n"));
	assert_non_null(strstr(fork->sinks[0].out.data, "Pear 10\n"));
}

static void
without_a_broadcast_bytes_are_changed_where_they_lie(void **state)
{
	struct fork *fork = *state;
	struct weir_totals stats;
	struct weir_flow f = weir_from_range(fork->graph, 1, 100000, NULL);

	/* A copy of each block would take as much again. */
	f = weir_decimal(f, NULL);
	for (int i = 0; i < 8; i++)
		f = weir_upper(f, NULL);
	weir_to_null(f, NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	weir_run_totals(weir_graph_last_run(fork->graph), &stats);
	assert_true(stats.memory_max < 200000);
}

/* -- what is kept ---------------------------------------------------------- */

struct keeping {
	struct weir_kept kept[LINES + 1];
	size_t count;
};

struct keep_args {
	struct weir_stage_opts opts;
	struct keeping *keeping;
};

static struct weir_kept *
keep_place(struct keeping *keeping)
{
	return &keeping->kept[keeping->count++];
}

/* Passes all records, and keeps them. */
static int
keep_step(struct weir_stage *stage, void *state)
{
	const struct keep_args *args = weir_stage_args(stage);
	struct weir_span in;

	(void)state;
	while ((in = weir_stage_edit(stage)).count > 0) {
		const weir_record *records = in.items;

		for (size_t i = 0; i < in.count; i++)
			assert_int_equal(weir_bytes_keep(stage, records[i].data,
						 records[i].length,
						 keep_place(args->keeping)),
				0);
		weir_stage_pass(stage, in.count, in.count);
	}
	return weir_stage_wait(stage);
}

static const struct weir_port record_port[] = {
	{"records", &weir_type_weir_record, 0}, {NULL, NULL, 0}};

static const struct weir_operator op_keep = {
	.name = "keep",
	.inlets = record_port,
	.outlets = record_port,
	.args_bytes = sizeof(struct keep_args),
	.step = keep_step,
};

/* A source of one long record in a block of the pool, so that keeping it keeps
 * the block. */
#define LONG_BYTES 3000u

static int
long_step(struct weir_stage *stage, void *state)
{
	struct weir_span room = weir_outlet_room(stage, 0);
	struct weir_block *block;
	int rc;

	(void)state;
	if (room.count == 0)
		return WEIR_ROOM;
	rc = weir_block_acquire(stage, LONG_BYTES, &block);
	if (rc < 0)
		return rc;
	memset(weir_block_data(block), 'a', LONG_BYTES);
	((weir_record *)room.items)[0] =
		(weir_record){weir_block_data(block), LONG_BYTES};
	weir_outlet_attach(stage, 0, block);
	weir_block_release(block);
	weir_outlet_put(stage, 0, 1);
	return WEIR_DONE;
}

static const struct weir_operator op_long = {
	.name = "long",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets = record_port,
	.step = long_step,
};

static void
an_edit_behind_a_stage_that_keeps_is_not_seen_in_what_it_kept(void **state)
{
	struct fork *fork = *state;
	struct keeping keeping = {0};
	const struct keep_args args = {.keeping = &keeping};
	struct weir_flow f = weir_source_add(fork->graph, &op_long, NULL);

	f = weir_operator_add(&op_keep, &f, 1, &args);
	probe_to(weir_upper(f, NULL), &fork->sinks[0], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_int_equal(keeping.count, 1);
	assert_int_equal(fork->sinks[0].out.data[0], 'A');
	for (size_t i = 0; i < LONG_BYTES; i++)
		assert_int_equal(keeping.kept[0].data[i], 'a');
	weir_kept_drop(keeping.kept, keeping.count);
}

/* Takes a record, puts it, and keeps it then: its batch is retired. */
static int
keep_late_step(struct weir_stage *stage, void *state)
{
	const struct keep_args *args = weir_stage_args(stage);
	struct weir_span in, room;

	(void)state;
	while ((in = weir_inlet_peek(stage, 0)).count > 0 &&
		(room = weir_outlet_room(stage, 0)).count > 0) {
		weir_record first = ((const weir_record *)in.items)[0];

		((weir_record *)room.items)[0] = first;
		weir_outlet_put(stage, 0, 1);
		weir_inlet_take(stage, 0, 1);
		assert_int_equal(
			weir_bytes_keep(stage, first.data, first.length,
				keep_place(args->keeping)),
			0);
	}
	return weir_stage_wait(stage);
}

static const struct weir_operator op_keep_late = {
	.name = "keep_late",
	.inlets = record_port,
	.outlets = record_port,
	.args_bytes = sizeof(struct keep_args),
	.step = keep_late_step,
};

static void
nor_where_it_kept_what_it_had_passed_on_before(void **state)
{
	struct fork *fork = *state;
	struct keeping keeping = {0};
	const struct keep_args args = {.keeping = &keeping};
	struct weir_flow f = weir_source_add(fork->graph, &op_long, NULL);

	f = weir_operator_add(&op_keep_late, &f, 1, &args);
	probe_to(weir_upper(f, NULL), &fork->sinks[0], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_int_equal(fork->sinks[0].out.data[0], 'A');
	for (size_t i = 0; i < LONG_BYTES; i++)
		assert_int_equal(keeping.kept[0].data[i], 'a');
	weir_kept_drop(keeping.kept, keeping.count);
}

/* -- memory of the program's own ------------------------------------------- */

static void
memory_in_no_block_is_never_written_to(void **state)
{
	struct fork *fork = *state;
	static const weir_record constants[] = {
		{"constant", 8}, {"words", 5}, {"", 0}};
	struct weir_flow flows[2];

	flows[0] = weir_from_array(
		fork->graph, &weir_type_weir_record, constants, 3, NULL);
	flows[1] = weir_decimal(weir_from_range(fork->graph, 1, 9, NULL), NULL);
	/* One at a time, so that elements of both share batches. */
	fork->sinks[0].window = 1;
	probe_to(weir_upper(weir_async(weir_merge(flows, 2, NULL), NULL), NULL),
		&fork->sinks[0], NULL);
	assert_int_equal(weir_graph_run(fork->graph, NULL), 0);
	assert_non_null(strstr(fork->sinks[0].out.data, "CONSTANT\n"));
	assert_non_null(strstr(fork->sinks[0].out.data, "WORDS\n"));
	assert_string_equal(constants[0].data, "constant");
}

int
main(void)
{
#define FORK(test)                                                             \
	cmocka_unit_test_setup_teardown(test, fork_setup, fork_teardown)
	const struct CMUnitTest tests[] = {
		FORK(a_branch_that_edits_is_not_seen_by_the_others),
		FORK(it_is_not_seen_by_a_branch_that_lags_behind),
		FORK(nor_where_all_bytes_lie_in_blocks_of_the_pool),
		FORK(an_edit_behind_a_merge_of_branches_sees_each_copy_once),
		FORK(without_a_broadcast_bytes_are_changed_where_they_lie),
		FORK(an_edit_behind_a_stage_that_keeps_is_not_seen_in_what_it_kept),
		FORK(nor_where_it_kept_what_it_had_passed_on_before),
		FORK(memory_in_no_block_is_never_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
