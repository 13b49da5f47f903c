/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c - change each element: by a kernel, a kernel that may fail, or a plain
 * function
 *
 * A kernel between equal types edits in place and is fused; else elements go
 * from the inlet's batch to a fresh one.
 */
#include "map.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>

struct map_args {
	struct weir_stage_opts opts;
	const struct weir_type *in, *out;
	weir_map_fn kernel;
	weir_try_map_fn try_kernel;
	weir_map_each_fn each;
	void *ctx;
};

static const struct weir_port map_inlets[] = {
	{"elements", NULL, offsetof(struct map_args, in)}, {NULL, NULL, 0}};
static const struct weir_port map_outlets[] = {
	{"results", NULL, offsetof(struct map_args, out)}, {NULL, NULL, 0}};

static int
map_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct map_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->out == NULL) {
		snprintf(text, text_bytes, "has no type for its results: NULL");
		return -EINVAL;
	}
	return weir_check_function(args->kernel != NULL ||
					   args->try_kernel != NULL ||
					   args->each != NULL,
		text, text_bytes);
}

static size_t
map_edit(struct weir_stage *stage, void *state, void *items, size_t n)
{
	const struct map_args *args = weir_stage_args(stage);

	(void)state;
	args->kernel(args->ctx, items, items, n);
	return n;
}

/* How many elements wait and have room, side by side on both sides.  What is
 * made of them belongs to the same stream. */
static size_t
both_spans(
	struct weir_stage *stage, struct weir_span *in, struct weir_span *room)
{
	*in = weir_inlet_peek(stage, 0);
	if (in->count == 0)
		return 0;
	weir_outlet_origin(stage, 0, weir_inlet_origin(stage, 0));
	*room = weir_outlet_room(stage, 0);
	return in->count < room->count ? in->count : room->count;
}

static int
map_step(struct weir_stage *stage, void *state)
{
	const struct map_args *args = weir_stage_args(stage);
	struct weir_span in, room;
	size_t n;

	(void)state;
	while ((n = both_spans(stage, &in, &room)) > 0) {
		args->kernel(args->ctx, in.items, room.items, n);
		weir_outlet_put(stage, 0, n);
		weir_inlet_take(stage, 0, n);
	}
	return weir_stage_wait(stage);
}

/* Map by the plain function: how many before the first failure. */
__attribute__((noinline)) static size_t
map_each(const struct map_args *args, const char *in, char *out, size_t n,
	int *ret)
{
	/* In registers, since the function called might change the rest. */
	weir_map_each_fn each = args->each;
	size_t in_bytes = args->in->size, out_bytes = args->out->size, i;
	void *ctx = args->ctx;
	int rc = 0;

	for (i = 0; i < n; i++) {
		rc = each(ctx, in, out);
		if (rc != 0)
			break;
		in += in_bytes;
		out += out_bytes;
	}
	*ret = rc;
	return i;
}

/* Map by whichever function may fail: how many before the first failure. */
static size_t
try_each(struct weir_stage *stage, const struct map_args *args, const char *in,
	char *out, size_t n, int *ret)
{
	if (args->try_kernel != NULL)
		return args->try_kernel(stage, args->ctx, in, out, n, ret);
	return map_each(args, in, out, n, ret);
}

static int
try_map_step(struct weir_stage *stage, void *state)
{
	const struct map_args *args = weir_stage_args(stage);
	struct weir_span in, room;
	size_t n, done;
	int rc;

	(void)state;
	while ((n = both_spans(stage, &in, &room)) > 0) {
		rc = 0;
		done = try_each(stage, args, in.items, room.items, n, &rc);
		weir_outlet_put(stage, 0, done);
		weir_inlet_take(stage, 0, done);
		if (done == n)
			continue;
		rc = weir_user_failed(
			stage, rc, weir_inlet_taken(stage, 0) + 1, NULL);
		if (rc < 0)
			return rc;
		weir_drop_dead(stage, 0);
	}
	return weir_stage_wait(stage);
}

#define MAP_DESCRIPTOR                                                         \
	.name = "map", .summary = "changes each element",                      \
	.inlets = map_inlets, .outlets = map_outlets,                          \
	.args_bytes = sizeof(struct map_args), .check = map_check

const struct weir_operator weir_op_map_in_place = {
	MAP_DESCRIPTOR, .edit = map_edit};
const struct weir_operator weir_op_map = {MAP_DESCRIPTOR, .step = map_step};
const struct weir_operator weir_op_try_map = {
	MAP_DESCRIPTOR, .step = try_map_step};

static struct weir_flow
map_add(struct weir_flow in, const struct weir_operator *op,
	struct map_args *args, const char *name)
{
	if (args->in == NULL)
		args->in = weir_flow_type(in);
	if (args->opts.name == NULL)
		args->opts.name = name;
	return weir_operator_add(op, &in, 1, args);
}

struct weir_flow
weir_map_by(struct weir_flow in, const char *name, const struct weir_type *from,
	const struct weir_type *to, weir_map_fn kernel, void *ctx,
	const struct weir_stage_opts *opts)
{
	struct map_args args = {.opts = weir_opts(opts),
		.in = from,
		.out = to,
		.kernel = kernel,
		.ctx = ctx};
	bool same = weir_type_equal(from, to);

	return map_add(
		in, same ? &weir_op_map_in_place : &weir_op_map, &args, name);
}

struct weir_flow
weir_try_map_by(struct weir_flow in, const char *name,
	const struct weir_type *from, const struct weir_type *to,
	weir_try_map_fn kernel, void *ctx, const struct weir_stage_opts *opts)
{
	struct map_args args = {.opts = weir_opts(opts),
		.in = from,
		.out = to,
		.try_kernel = kernel,
		.ctx = ctx};

	return map_add(in, &weir_op_try_map, &args, name);
}

struct weir_flow
weir_map(struct weir_flow in, const struct weir_type *out, weir_map_each_fn fn,
	void *ctx, const struct weir_stage_opts *opts)
{
	struct map_args args = {
		.opts = weir_opts(opts), .out = out, .each = fn, .ctx = ctx};

	return map_add(in, &weir_op_try_map, &args, NULL);
}
