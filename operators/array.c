/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array.c - a source of the caller's elements
 */
#include "array.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct array_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	const char *items;
	size_t n;
};

struct array {
	size_t next; /* the one to emit next */
};

static int
array_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct array_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->type == NULL || (args->items == NULL && args->n > 0)) {
		snprintf(text, text_bytes, "has no %s",
			args->type == NULL ? "type" : "elements: NULL");
		return -EINVAL;
	}
	if (args->type->drop != NULL && args->type->share == NULL) {
		snprintf(text, text_bytes,
			"cannot copy elements of type %s, which has a drop "
			"and no share",
			args->type->name);
		return -EINVAL;
	}
	return 0;
}

static int
array_step(struct weir_stage *stage, void *state)
{
	const struct array_args *args = weir_stage_args(stage);
	struct array *array = state;

	while (array->next < args->n) {
		struct weir_span room = weir_outlet_room(stage, 0);
		size_t n = args->n - array->next;

		if (room.count == 0)
			return WEIR_ROOM;
		if (n > room.count)
			n = room.count;
		memcpy(room.items, args->items + array->next * args->type->size,
			n * args->type->size);
		if (args->type->share != NULL)
			args->type->share(room.items, n);
		array->next += n;
		weir_outlet_put(stage, 0, n);
	}
	return WEIR_DONE;
}

const struct weir_operator weir_op_array = {
	.name = "array",
	.summary = "emits the elements of an array",
	.inlets = weir_no_ports,
	.outlets =
		(const struct weir_port[]){
			{"elements", NULL, offsetof(struct array_args, type)},
			{NULL, NULL, 0}},
	.args_bytes = sizeof(struct array_args),
	.state_bytes = sizeof(struct array),
	.check = array_check,
	.step = array_step,
};

struct weir_flow
weir_from_array(struct weir_graph *graph, const struct weir_type *type,
	const void *items, size_t n, const struct weir_stage_opts *opts)
{
	struct array_args args = {weir_opts(opts), type, items, n};

	return weir_source_add(graph, &weir_op_array, &args);
}
