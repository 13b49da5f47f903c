/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.c - all elements in the caller's array
 */
#include "collect.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct collect_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	char *items;
	size_t capacity;
	size_t *ret_count;
};

struct collect {
	size_t count;
	bool finished;
};

static int
collect_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct collect_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->ret_count == NULL ||
		(args->items == NULL && args->capacity > 0)) {
		snprintf(
			text, text_bytes, "has no memory for its result: NULL");
		return -EINVAL;
	}
	if (args->type != NULL &&
		(weir_type_equal(args->type, &weir_type_weir_record) ||
			weir_type_equal(args->type, &weir_type_weir_bytes))) {
		snprintf(text, text_bytes,
			"cannot collect elements of type %s, which point into "
			"their batch: keep them first (weir_kept)",
			args->type->name);
		return -EINVAL;
	}
	return 0;
}

static int
collect_step(struct weir_stage *stage, void *state)
{
	const struct collect_args *args = weir_stage_args(stage);
	struct collect *collect = state;
	struct weir_span in;

	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		size_t n = args->capacity - collect->count;

		if (n == 0)
			return weir_stage_fail_at(stage, -ENOBUFS,
				(uint64_t)collect->count + 1,
				"more than the %zu elements there is room for",
				args->capacity);
		if (n > in.count)
			n = in.count;
		memcpy(args->items + collect->count * args->type->size,
			in.items, n * args->type->size);
		weir_inlet_take(stage, 0, n);
		collect->count += n;
	}
	return weir_stage_wait(stage);
}

static void
collect_finish(struct weir_stage *stage, void *state)
{
	const struct collect_args *args = weir_stage_args(stage);
	struct collect *collect = state;

	*args->ret_count = collect->count;
	collect->finished = true;
}

static void
collect_close(struct weir_stage *stage, void *state)
{
	const struct collect_args *args = weir_stage_args(stage);
	const struct collect *collect = state;

	if (!collect->finished && collect->count > 0 &&
		args->type->drop != NULL)
		args->type->drop(args->items, collect->count);
}

const struct weir_operator weir_op_collect = {
	.name = "collect",
	.summary = "moves all elements to an array",
	.inlets = weir_any_port,
	.outlets = weir_no_ports,
	.args_bytes = sizeof(struct collect_args),
	.state_bytes = sizeof(struct collect),
	.check = collect_check,
	.step = collect_step,
	.finish = collect_finish,
	.close = collect_close,
};

void
weir_to_collect(struct weir_flow in, void *items, size_t capacity,
	size_t *ret_count, const struct weir_stage_opts *opts)
{
	struct collect_args args = {weir_opts(opts), weir_flow_type(in), items,
		capacity, ret_count};

	weir_operator_add(&weir_op_collect, &in, 1, &args);
}
