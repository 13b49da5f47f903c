/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range.c - a source of consecutive numbers
 */
#include "range.h"

#include "operators_internal.h"

struct range_args {
	struct weir_stage_opts opts;
	int64_t first, last;
};

struct range {
	int64_t next;
	uint64_t left; /* how many come after next */
	bool done;
};

WEIR_KERNEL void
count_up(int64_t *items, int64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		items[i] = (int64_t)((uint64_t)from + i);
}

static int
range_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct range_args *args = arguments;
	struct range *range = state;

	(void)stage;
	range->next = args->first;
	range->done = args->first > args->last;
	range->left = (uint64_t)args->last - (uint64_t)args->first;
	return 0;
}

static int
range_step(struct weir_stage *stage, void *state)
{
	struct range *range = state;

	while (!range->done) {
		struct weir_span room = weir_outlet_room(stage, 0);
		size_t n = room.count;

		if (n == 0)
			return WEIR_ROOM;
		if (n > range->left) {
			n = range->left + 1;
			range->done = true;
		}
		count_up(room.items, range->next, n);
		/* May wrap after the very last one, which is then unused. */
		range->next = (int64_t)((uint64_t)range->next + n);
		range->left -= n;
		weir_outlet_put(stage, 0, n);
	}
	return WEIR_DONE;
}

static const struct weir_option range_options[] = {
	{"first", WEIR_OPTION_NUMBER, WEIR_PLACE_WORD,
		offsetof(struct range_args, first), 0, 0, 0, NULL,
		"the first number"},
	{"last", WEIR_OPTION_NUMBER, WEIR_PLACE_WORD,
		offsetof(struct range_args, last), 0, 0, 0, NULL,
		"the last one, which is emitted too"},
	{0}};

const struct weir_operator weir_op_range = {
	.name = "range",
	.summary = "emits consecutive numbers",
	.example = "range 1 10 | stdout",
	.options = range_options,
	.inlets = weir_no_ports,
	.outlets =
		(const struct weir_port[]){
			{"numbers", &weir_type_int64_t, 0}, {NULL, NULL, 0}},
	.args_bytes = sizeof(struct range_args),
	.state_bytes = sizeof(struct range),
	.open = range_open,
	.step = range_step,
};

struct weir_flow
weir_from_range(struct weir_graph *graph, int64_t first, int64_t last,
	const struct weir_stage_opts *opts)
{
	struct range_args args = {weir_opts(opts), first, last};

	return weir_source_add(graph, &weir_op_range, &args);
}
