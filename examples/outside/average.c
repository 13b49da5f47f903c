/* SPDX-License-Identifier: Apache-2.0 */
/*
 * average.c - the mean of the last numbers, as an operator
 */
#include "average.h"

#include <stddef.h>

/* The last numbers, in a ring, and their sum.  It starts zeroed. */
struct window {
	int64_t numbers[AVERAGE_MOST];
	int64_t sum;
	size_t count, at;
};

static double
add(struct window *window, size_t over, int64_t number)
{
	if (window->count == over)
		window->sum -= window->numbers[window->at];
	else
		window->count++;
	window->numbers[window->at] = number;
	window->sum += number;
	window->at = (window->at + 1) % over;
	return (double)window->sum / (double)window->count;
}

/* As many as wait and as there is demand for, until one of them is none. */
static int
average_step(struct weir_stage *stage, void *state)
{
	const struct average_opts *opts = weir_stage_args(stage);
	struct window *window = state;

	for (;;) {
		struct weir_span in = weir_inlet_peek(stage, 0);
		struct weir_span out = weir_outlet_room(stage, 0);
		size_t n = in.count < out.count ? in.count : out.count;
		const int64_t *numbers = in.items;
		double *means = out.items;

		if (n == 0)
			return weir_stage_wait(stage);
		for (size_t i = 0; i < n; i++)
			means[i] = add(window, (size_t)opts->over, numbers[i]);
		weir_inlet_take(stage, 0, n);
		weir_outlet_put(stage, 0, n);
	}
}

static const struct weir_option average_options[] = {
	{.key = "over",
		.kind = WEIR_OPTION_NUMBER,
		.place = WEIR_PLACE_KEY,
		.offset = offsetof(struct average_opts, over),
		.min = 1,
		.max = AVERAGE_MOST,
		.fallback = 8,
		.help = "how many numbers the mean is of"},
	{.key = NULL},
};

static const struct weir_port numbers[] = {
	{"numbers", &weir_type_int64_t, 0}, {NULL, NULL, 0}};
static const struct weir_port means[] = {
	{"means", &weir_type_double, 0}, {NULL, NULL, 0}};

static const struct weir_operator average_operator = {
	.name = "average",
	.summary = "the mean of the last numbers",
	.inlets = numbers,
	.outlets = means,
	.options = average_options,
	.args_bytes = sizeof(struct average_opts),
	.state_bytes = sizeof(struct window),
	.demand = WEIR_DEMAND_MATCH, /* one comes out for each that goes in */
	.step = average_step,
};

struct weir_flow
average(struct weir_flow in, const struct average_opts *opts)
{
	return weir_operator_add(&average_operator, &in, 1, opts);
}
