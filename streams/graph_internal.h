/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_internal.h - a graph under construction: stages and who feeds whom
 */
#ifndef WEIR_STREAMS_GRAPH_INTERNAL_H
#define WEIR_STREAMS_GRAPH_INTERNAL_H

#include "../actors/arena_internal.h"
#include "graph.h"

#include <pthread.h>

#define WEIR_NOBODY UINT32_MAX

/* An outlet: its type, and the inlet that took it. */
struct weir_outlet_def {
	const struct weir_type *type;
	uint32_t to, inlet; /* to: WEIR_NOBODY while open */
};

/* One stage as it was added; in the order of adding, which is topological
 * since a flow can only name a stage that is there. */
struct weir_stage_def {
	const struct weir_operator *op;
	const void *args; /* copied, defaults filled in */
	const char *name;
	struct weir_flow *inlets; /* the outlets that feed it */
	struct weir_outlet_def *outlets;
	uint32_t inlet_count, outlet_count;
};

struct weir_graph {
	struct weir_system *system;
	bool owns_system;
	pthread_mutex_t lock; /* of arena, while stages may fail at once */
	struct weir_arena arena;
	struct weir_stage_def *stages;
	uint32_t stage_count, stage_capacity;
	size_t memory_bytes;
	uint32_t batch_items;
	uint64_t window;
	struct weir_error error; /* the first; code 0: none */
	struct weir_run *run;    /* going on or ended last */
};

/** Keep the first error of building @graph. */
void weir_graph_fail(struct weir_graph *graph, int code, const char *stage,
	uint32_t stage_index, const char *format, ...) WEIR_PRINTF(5, 6);

/** Copy the arguments of @def from @args by its operator's table, fill in the
 *  defaults and judge them; errors go to the graph. */
void weir_args_copy(
	struct weir_graph *graph, struct weir_stage_def *def, const void *args);

/** Give the ports of @def their types and compare them with what feeds them;
 *  errors go to the graph. */
void weir_types_resolve(struct weir_graph *graph, struct weir_stage_def *def);

/** The name in error messages of what comes before a stage. */
uint32_t weir_ports_count(const struct weir_port *ports);

#endif /* WEIR_STREAMS_GRAPH_INTERNAL_H */
