/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.c - put a graph together
 */
#include "graph_internal.h"

#include "../actors/system_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define MEMORY_BYTES ((size_t)64 << 20)
#define BATCH_ITEMS 256u
#define BATCH_ITEMS_MAX 4096u
#define WINDOW 4096u
#define WINDOW_MAX ((uint64_t)1 << 30)

struct weir_graph *
weir_graph_create(const struct weir_graph_opts *opts)
{
	static const struct weir_graph_opts none = {0};
	struct weir_system *system;
	struct weir_arena arena;
	struct weir_graph *graph;

	if (opts == NULL)
		opts = &none;
	system = opts->system;
	if (system == NULL &&
		weir_system_create(
			&(struct weir_system_opts){.workers = opts->workers},
			&system) < 0)
		return NULL;
	weir_arena_init(&arena, system);
	graph = weir_arena_get(&arena, sizeof(*graph), 64);
	if (graph == NULL) {
		if (opts->system == NULL)
			weir_system_destroy(system);
		return NULL;
	}
	graph->arena = arena;
	graph->system = system;
	graph->owns_system = opts->system == NULL;
	graph->memory_bytes =
		opts->memory_bytes == 0 ? MEMORY_BYTES : opts->memory_bytes;
	graph->batch_items = BATCH_ITEMS;
	graph->window = opts->window == 0 ? WINDOW : opts->window;
	pthread_mutex_init(&graph->lock, NULL);
	if (graph->window > WINDOW_MAX)
		weir_graph_fail(graph, -EINVAL, "graph", WEIR_NOBODY,
			"window is %" PRIu64 ", above %" PRIu64, opts->window,
			WINDOW_MAX);
	if (opts->batch_items > BATCH_ITEMS_MAX)
		weir_graph_fail(graph, -EINVAL, "graph", WEIR_NOBODY,
			"batch_items is %zu, above %u", opts->batch_items,
			BATCH_ITEMS_MAX);
	else if (opts->batch_items != 0)
		graph->batch_items = (uint32_t)opts->batch_items;
	return graph;
}

void
weir_graph_destroy(struct weir_graph *graph)
{
	struct weir_system *system;
	struct weir_arena arena;
	bool owns_system;

	if (graph == NULL)
		return;
	system = graph->system;
	owns_system = graph->owns_system;
	weir_run_destroy(graph->run);
	pthread_mutex_destroy(&graph->lock);
	arena = graph->arena; /* which the graph lives in */
	weir_arena_finish(&arena);
	if (owns_system)
		weir_system_destroy(system);
}

struct weir_system *
weir_graph_system(struct weir_graph *graph)
{
	return graph == NULL ? NULL : graph->system;
}

void
weir_graph_fail(struct weir_graph *graph, int code, const char *stage,
	uint32_t stage_index, const char *format, ...)
{
	char text[512];
	va_list args;

	if (graph->error.code != 0)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	graph->error.code = code;
	graph->error.stage = stage;
	graph->error.stage_index = stage_index;
	graph->error.text = weir_arena_copy(&graph->arena, text);
	if (graph->error.text == NULL)
		graph->error.text = "out of memory";
}

uint32_t
weir_ports_count(const struct weir_port *ports)
{
	uint32_t n = 0;

	while (ports != NULL && ports[n].name != NULL)
		n++;
	return n;
}

/* How many ports a stage gets: what is listed, or as many as are there where
 * the one listed stands for many. */
static bool
ports_fit(uint32_t listed, bool many, size_t given)
{
	return many ? given >= 1 : given == listed;
}

/* An array that became too small stays in the arena, with all the others no
 * more than the one in use. */
static struct weir_stage_def *
stage_append(struct weir_graph *graph)
{
	struct weir_stage_def *stages;
	uint32_t capacity;

	if (graph->stage_count < graph->stage_capacity)
		return &graph->stages[graph->stage_count++];
	capacity = graph->stage_capacity == 0 ? 8 : graph->stage_capacity * 2;
	stages = weir_arena_get(
		&graph->arena, capacity * sizeof(*stages), sizeof(void *));
	if (stages == NULL)
		return NULL;
	if (graph->stage_count > 0)
		memcpy(stages, graph->stages,
			graph->stage_count * sizeof(*stages));
	graph->stages = stages;
	graph->stage_capacity = capacity;
	return &graph->stages[graph->stage_count++];
}

/* Take the outlets @in for stage number @to.  Each must be open, and of this
 * graph. */
static bool
inlets_take(struct weir_graph *graph, struct weir_stage_def *def, uint32_t to,
	const struct weir_flow *in)
{
	for (uint32_t i = 0; i < def->inlet_count; i++) {
		struct weir_outlet_def *outlet;

		if (in[i].graph != graph || in[i].stage >= to ||
			in[i].outlet >=
				graph->stages[in[i].stage].outlet_count) {
			weir_graph_fail(graph, -EINVAL, def->name, to,
				"inlet %u is given a flow that is none of "
				"this graph",
				i);
			return false;
		}
		outlet = &graph->stages[in[i].stage].outlets[in[i].outlet];
		if (outlet->to != WEIR_NOBODY) {
			weir_graph_fail(graph, -EINVAL, def->name, to,
				"takes what '%s' emits, which '%s' takes "
				"already: a flow is used once, broadcast "
				"makes several of it",
				graph->stages[in[i].stage].name,
				graph->stages[outlet->to].name);
			return false;
		}
		def->inlets[i] = in[i];
		outlet->to = to;
		outlet->inlet = i;
	}
	return true;
}

static bool
def_init(struct weir_graph *graph, struct weir_stage_def *def,
	const struct weir_operator *op, const void *args, size_t inlets,
	size_t outlets)
{
	const struct weir_stage_opts *opts = args;
	struct weir_arena *arena = &graph->arena;

	*def = (struct weir_stage_def){.op = op};
	def->inlet_count = (uint32_t)inlets;
	def->outlet_count = (uint32_t)outlets;
	def->name = op->name;
	if (opts != NULL && op->args_bytes > 0 && opts->name != NULL)
		def->name = weir_arena_copy(arena, opts->name);
	def->inlets = weir_arena_get(arena, inlets * sizeof(*def->inlets),
		_Alignof(struct weir_flow));
	def->outlets = weir_arena_get(arena, outlets * sizeof(*def->outlets),
		_Alignof(struct weir_outlet_def));
	for (size_t i = 0; def->outlets != NULL && i < outlets; i++)
		def->outlets[i].to = WEIR_NOBODY;
	return def->name != NULL && def->inlets != NULL && def->outlets != NULL;
}

/* Add a stage; returns its number, or WEIR_NOBODY with an error in @graph. */
static uint32_t
stage_add(struct weir_graph *graph, const struct weir_operator *op,
	const struct weir_flow *in, size_t inlets, size_t outlets,
	const void *args)
{
	uint32_t index = graph->stage_count;
	struct weir_stage_def *def;

	if (graph->error.code != 0)
		return WEIR_NOBODY;
	if (!ports_fit(weir_ports_count(op->inlets),
		    op->flags & WEIR_MANY_INLETS, inlets) ||
		!ports_fit(weir_ports_count(op->outlets),
			op->flags & WEIR_MANY_OUTLETS, outlets)) {
		weir_graph_fail(graph, -EINVAL, op->name, index,
			"cannot have %zu inlets and %zu outlets", inlets,
			outlets);
		return WEIR_NOBODY;
	}
	def = stage_append(graph);
	if (def == NULL || !def_init(graph, def, op, args, inlets, outlets)) {
		graph->stage_count = index;
		weir_graph_fail(graph, -ENOMEM, op->name, index,
			"out of memory while the graph was built");
		return WEIR_NOBODY;
	}
	if (!inlets_take(graph, def, index, in))
		return WEIR_NOBODY;
	weir_args_copy(graph, def, args);
	if (graph->error.code == 0)
		weir_types_resolve(graph, def);
	return graph->error.code == 0 ? index : WEIR_NOBODY;
}

const struct weir_type *
weir_flow_type(struct weir_flow flow)
{
	if (flow.graph == NULL || flow.graph->error.code != 0 ||
		flow.stage >= flow.graph->stage_count ||
		flow.outlet >= flow.graph->stages[flow.stage].outlet_count)
		return NULL;
	return flow.graph->stages[flow.stage].outlets[flow.outlet].type;
}

struct weir_flow
weir_source_add(struct weir_graph *graph, const struct weir_operator *op,
	const void *args)
{
	struct weir_flow flow = {graph, WEIR_NOBODY, 0};

	if (graph != NULL)
		flow.stage = stage_add(graph, op, NULL, 0, 1, args);
	return flow;
}

struct weir_flow
weir_operator_add(const struct weir_operator *op, const struct weir_flow *in,
	size_t n, const void *args)
{
	struct weir_flow flow = {n > 0 ? in[0].graph : NULL, WEIR_NOBODY, 0};

	if (flow.graph != NULL)
		flow.stage = stage_add(flow.graph, op, in, n,
			weir_ports_count(op->outlets), args);
	return flow;
}

void
weir_fan_out_add(const struct weir_operator *op, struct weir_flow in,
	const void *args, struct weir_flow *ret, size_t outlets)
{
	uint32_t stage = WEIR_NOBODY;

	if (in.graph != NULL)
		stage = stage_add(in.graph, op, &in, 1, outlets, args);
	for (size_t i = 0; i < outlets; i++)
		ret[i] = (struct weir_flow){in.graph, stage, (uint32_t)i};
}

/* An outlet that nobody takes is an error, found when all is built. */
static void
outlets_check(struct weir_graph *graph)
{
	for (uint32_t i = 0; i < graph->stage_count; i++) {
		const struct weir_stage_def *def = &graph->stages[i];

		for (uint32_t o = 0; o < def->outlet_count; o++)
			if (def->outlets[o].to == WEIR_NOBODY)
				weir_graph_fail(graph, -EINVAL, def->name, i,
					"nobody takes what it emits: end it "
					"with a sink");
	}
}

int
weir_graph_check(struct weir_graph *graph, struct weir_error *ret)
{
	if (graph == NULL) {
		if (ret != NULL)
			*ret = (struct weir_error){.code = -ENOMEM,
				.stage = "graph",
				.text = "out of memory: there is no graph",
				.stage_index = WEIR_NOBODY};
		return -ENOMEM;
	}
	if (graph->error.code == 0 && graph->stage_count == 0)
		weir_graph_fail(
			graph, -EINVAL, "graph", WEIR_NOBODY, "has no stages");
	outlets_check(graph);
	if (graph->error.code != 0 && ret != NULL)
		*ret = graph->error;
	return graph->error.code;
}

int
weir_graph_stage(struct weir_graph *graph, uint32_t stage,
	const struct weir_operator **ret_operator, const char **ret_name,
	uint32_t *ret_from, size_t from_max)
{
	const struct weir_stage_def *def;

	if (graph == NULL || stage >= graph->stage_count)
		return -ENOENT;
	def = &graph->stages[stage];
	if (ret_operator != NULL)
		*ret_operator = def->op;
	if (ret_name != NULL)
		*ret_name = def->name;
	for (uint32_t i = 0; i < def->inlet_count && i < from_max; i++)
		ret_from[i] = def->inlets[i].stage;
	return (int)def->inlet_count;
}

struct weir_run *
weir_graph_last_run(struct weir_graph *graph)
{
	return graph == NULL ? NULL : graph->run;
}
