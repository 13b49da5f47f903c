/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.c - which type each port has, and whether links agree
 */
#include "graph_internal.h"

#include "batch_internal.h"

#include <errno.h>
#include <string.h>

/* What @port says its type is: by itself, or by the arguments. */
static const struct weir_type *
port_type(const struct weir_port *port, const struct weir_stage_def *def)
{
	const struct weir_type *type = port->type;

	if (port->type_at != 0 && def->args != NULL)
		memcpy(&type, (const char *)def->args + port->type_at,
			sizeof(type));
	return type;
}

static const struct weir_port *
port_at(const struct weir_port *ports, bool many, uint32_t index)
{
	return &ports[many ? 0 : index];
}

static void
mismatch(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_stage_def *from, const struct weir_type *want,
	const struct weir_type *have)
{
	bool needs_lines = strcmp(want->name, "record") == 0 &&
			   strcmp(have->name, "bytes") == 0;

	weir_graph_fail(graph, -EINVAL, def->name,
		(uint32_t)(def - graph->stages),
		"takes elements of type %s, '%s' emits %s%s", want->name,
		from->name, have->name,
		needs_lines ? ": put 'lines' before it" : "");
}

/* Raw bytes are joined: of the first two flows each is a stream of its own. */
static void
joined(struct weir_graph *graph, const struct weir_stage_def *def)
{
	const struct weir_stage_def *stages = graph->stages;

	weir_graph_fail(graph, -EINVAL, def->name, (uint32_t)(def - stages),
		"joins the raw bytes of '%s' and '%s', each of which is a "
		"stream of its own: frame first: "
		"merge (file a | lines, file b | lines)",
		stages[def->inlets[0].stage].name,
		stages[def->inlets[1].stage].name);
}

static void
inlets_resolve(struct weir_graph *graph, const struct weir_stage_def *def)
{
	const struct weir_operator *op = def->op;
	const struct weir_type *first = NULL;

	for (uint32_t i = 0; i < def->inlet_count; i++) {
		const struct weir_stage_def *from =
			&graph->stages[def->inlets[i].stage];
		const struct weir_type *have =
			from->outlets[def->inlets[i].outlet].type;
		const struct weir_type *want = port_type(
			port_at(op->inlets, op->flags & WEIR_MANY_INLETS, i),
			def);

		if (want == NULL)
			want = first == NULL ? have : first;
		if (first == NULL)
			first = want;
		if (!weir_type_equal(want, have)) {
			mismatch(graph, def, from, want, have);
			return;
		}
		if (op->flags & WEIR_JOINS && def->inlet_count > 1 &&
			weir_type_equal(have, &weir_type_weir_bytes)) {
			joined(graph, def);
			return;
		}
	}
}

/* Whether what @def emits may go over several outlets; else an error. */
static bool
may_fan_out(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_type *type)
{
	uint32_t index = (uint32_t)(def - graph->stages);

	if ((def->op->flags & WEIR_MANY_OUTLETS) == 0 || def->outlet_count < 2)
		return true;
	if (def->op->flags & WEIR_SPLITS) {
		if (!weir_type_equal(type, &weir_type_weir_bytes))
			return true;
		weir_graph_fail(graph, -EINVAL, def->name, index,
			"would tear a stream of raw bytes apart: put 'lines' "
			"before it");
		return false;
	}
	if (type->drop == NULL || type->share != NULL)
		return true;
	weir_graph_fail(graph, -EINVAL, def->name, index,
		"cannot copy elements of type %s, which has a drop and no "
		"share",
		type->name);
	return false;
}

/* Whether elements of @type can lie in a batch; else an error in @graph. */
static bool
type_is_usable(struct weir_graph *graph, const struct weir_stage_def *def,
	const struct weir_type *type)
{
	uint32_t index = (uint32_t)(def - graph->stages);

	if (type == NULL)
		weir_graph_fail(graph, -EINVAL, def->name, index,
			"emits elements of no type");
	else if (type->size == 0 || type->align == 0 ||
		 type->align > WEIR_BATCH_ALIGN)
		weir_graph_fail(graph, -EINVAL, def->name, index,
			"emits elements of type %s, of %u bytes aligned to %u: "
			"1 byte or more and 1 to %u are possible",
			type->name, type->size, type->align, WEIR_BATCH_ALIGN);
	else
		return true;
	return false;
}

void
weir_types_resolve(struct weir_graph *graph, struct weir_stage_def *def)
{
	const struct weir_operator *op = def->op;

	inlets_resolve(graph, def);
	for (uint32_t o = 0; o < def->outlet_count; o++) {
		const struct weir_type *type = port_type(
			port_at(op->outlets, op->flags & WEIR_MANY_OUTLETS, o),
			def);

		if (type == NULL && def->inlet_count > 0)
			type = graph->stages[def->inlets[0].stage]
				       .outlets[def->inlets[0].outlet]
				       .type;
		if (!type_is_usable(graph, def, type))
			return;
		def->outlets[o].type = type;
		if (!may_fan_out(graph, def, type))
			return;
	}
}
