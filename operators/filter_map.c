/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_map.c - change some elements and leave out the others
 */
#include "filter_map.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>

struct filter_map_args {
	struct weir_stage_opts opts;
	const struct weir_type *in, *out;
	weir_filter_map_fn fn;
	void *ctx;
};

static int
filter_map_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct filter_map_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->out == NULL) {
		snprintf(text, text_bytes, "has no type for its results: NULL");
		return -EINVAL;
	}
	return weir_check_function(args->fn != NULL, text, text_bytes);
}

/* What waits, and free places for what is made of it, which belongs to the same
 * stream.  Returns whether there is any of both. */
static bool
both_spans(
	struct weir_stage *stage, struct weir_span *in, struct weir_span *room)
{
	*in = weir_inlet_peek(stage, 0);
	if (in->count == 0)
		return false;
	weir_outlet_origin(stage, 0, weir_inlet_origin(stage, 0));
	*room = weir_outlet_room(stage, 0);
	return room->count > 0;
}

/* Map @in to the free places of @out until one of the two is used up or one
 * fails.  Returns how many were looked at; *ret_put is how many were made. */
static size_t
map_some(const struct filter_map_args *args, struct weir_span in,
	struct weir_span out, size_t *ret_put, int *ret)
{
	size_t i, put = 0;

	*ret = 0;
	for (i = 0; i < in.count && put < out.count; i++) {
		int rc = args->fn(args->ctx,
			(const char *)in.items + i * args->in->size,
			(char *)out.items + put * args->out->size);

		if (rc < 0) {
			*ret = rc;
			break;
		}
		put += rc > 0;
	}
	*ret_put = put;
	return i;
}

static int
filter_map_step(struct weir_stage *stage, void *state)
{
	const struct filter_map_args *args = weir_stage_args(stage);
	struct weir_span in, room;

	(void)state;
	while (both_spans(stage, &in, &room)) {
		size_t put;
		int rc;
		size_t taken = map_some(args, in, room, &put, &rc);

		weir_outlet_put(stage, 0, put);
		weir_stage_tally(stage, WEIR_FILTERED, (int64_t)(taken - put));
		weir_inlet_take(stage, 0, taken);
		if (rc == 0)
			continue;
		rc = weir_user_failed(
			stage, rc, weir_inlet_taken(stage, 0) + 1, NULL);
		if (rc < 0)
			return rc;
		weir_drop_dead(stage, 0);
	}
	return weir_stage_wait(stage);
}

const struct weir_operator weir_op_filter_map = {
	.name = "filter_map",
	.summary = "changes some elements and leaves out the others",
	.inlets =
		(const struct weir_port[]){
			{"elements", NULL,
				offsetof(struct filter_map_args, in)},
			{NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"results", NULL,
				offsetof(struct filter_map_args, out)},
			{NULL, NULL, 0}},
	.args_bytes = sizeof(struct filter_map_args),
	.demand = WEIR_DEMAND_SELECT,
	.check = filter_map_check,
	.step = filter_map_step,
};

struct weir_flow
weir_filter_map(struct weir_flow in, const struct weir_type *out,
	weir_filter_map_fn fn, void *ctx, const struct weir_stage_opts *opts)
{
	struct filter_map_args args = {
		weir_opts(opts), weir_flow_type(in), out, fn, ctx};

	return weir_operator_add(&weir_op_filter_map, &in, 1, &args);
}
