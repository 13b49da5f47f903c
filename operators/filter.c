/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - keep some elements: by a kernel or a plain function
 *
 * Both mark what to keep, then the batch is compacted in place.
 */
#include "filter.h"

#include "operators_internal.h"

#include <string.h>

#define MARKS 512u /* elements marked at once, on the stack */

struct filter_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	weir_keep_fn kernel;
	weir_filter_fn each;
	void *ctx;
};

static const struct weir_port filter_ports[] = {
	{"elements", NULL, offsetof(struct filter_args, type)},
	{NULL, NULL, 0}};

static int
filter_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct filter_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	return weir_check_function(
		args->kernel != NULL || args->each != NULL, text, text_bytes);
}

/* Marks as weir_keep_fn makes them. */
union marks {
	uint64_t wide[MARKS];
	uint8_t narrow[MARKS];
};

static bool
is_kept(const union marks *marks, const struct weir_type *type, size_t i)
{
	return type->size == sizeof(uint64_t) ? marks->wide[i] != 0
					      : marks->narrow[i] != 0;
}

/* Mark by the plain function. */
__attribute__((noinline)) static void
mark_each(const struct filter_args *args, const char *items, union marks *marks,
	size_t n)
{
	/* In registers, since the function called might change the rest. */
	weir_filter_fn each = args->each;
	size_t bytes = args->type->size;
	void *ctx = args->ctx;

	if (bytes == sizeof(uint64_t))
		for (size_t i = 0; i < n; i++, items += sizeof(uint64_t))
			marks->wide[i] = -(uint64_t)each(ctx, items);
	else
		for (size_t i = 0; i < n; i++, items += bytes)
			marks->narrow[i] = each(ctx, items);
}

static void
mark(const struct filter_args *args, const char *items, union marks *marks,
	size_t n)
{
	if (args->kernel != NULL)
		args->kernel(args->ctx, items, marks, n);
	else
		mark_each(args, items, marks, n);
}

static void
drop_rest(const struct weir_type *type, char *items, const union marks *marks,
	size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_kept(marks, type, i))
			type->drop(items + i * type->size, 1);
}

static size_t
filter_edit(struct weir_stage *stage, void *state, void *items, size_t n)
{
	const struct filter_args *args = weir_stage_args(stage);
	const struct weir_type *type = args->type;
	union marks marks;
	char *from = items, *to = items;

	(void)state;
	while (n > 0) {
		size_t some = n < MARKS ? n : MARKS, kept;

		mark(args, from, &marks, some);
		if (type->drop != NULL)
			drop_rest(type, from, &marks, some);
		kept = weir_compact(from, &marks, some, type->size);
		if (to != from)
			memmove(to, from, kept * type->size);
		to += kept * type->size;
		from += some * type->size;
		n -= some;
	}
	return (size_t)(to - (char *)items) / type->size;
}

const struct weir_operator weir_op_filter = {
	.name = "filter",
	.summary = "keeps the elements a function says yes to",
	.inlets = filter_ports,
	.outlets = filter_ports,
	.args_bytes = sizeof(struct filter_args),
	.demand = WEIR_DEMAND_SELECT,
	.check = filter_check,
	.edit = filter_edit,
};

struct weir_flow
weir_filter_by(struct weir_flow in, const char *name,
	const struct weir_type *type, weir_keep_fn kernel, void *ctx,
	const struct weir_stage_opts *opts)
{
	struct filter_args args = {.opts = weir_opts(opts),
		.type = type,
		.kernel = kernel,
		.ctx = ctx};

	if (args.opts.name == NULL)
		args.opts.name = name;
	return weir_operator_add(&weir_op_filter, &in, 1, &args);
}

struct weir_flow
weir_filter(struct weir_flow in, weir_filter_fn fn, void *ctx,
	const struct weir_stage_opts *opts)
{
	struct filter_args args = {.opts = weir_opts(opts),
		.type = weir_flow_type(in),
		.each = fn,
		.ctx = ctx};

	return weir_operator_add(&weir_op_filter, &in, 1, &args);
}
