/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start.c - bring a graph to life: edges, stages, memory, and open them all
 */
#include "run_internal.h"

#include "../actors/worker_internal.h"

#include <errno.h>
#include <string.h>

#define WINDOW_BYTES 16384u

static bool
stage_init(struct weir_run *run, struct weir_stage *stage, uint32_t index)
{
	const struct weir_stage_def *def = &run->graph->stages[index];
	struct weir_arena *arena = &run->arena;
	uint32_t in = def->inlet_count, out = def->outlet_count;

	stage->run = run;
	stage->op = def->op;
	stage->args = def->args;
	stage->opts = def->op->args_bytes > 0 ? def->args : NULL;
	stage->name = def->name;
	stage->index = index;
	stage->inlet_count = in;
	stage->outlet_count = stage->open_outlets = out;
	stage->wait = WEIR_AGAIN;
	stage->alarm_ns = INT64_MAX;
	stage->state = weir_arena_get(arena, def->op->state_bytes, 64);
	stage->inlets = weir_arena_get(
		arena, in * sizeof(*stage->inlets), sizeof(void *));
	stage->outlets = weir_arena_get(
		arena, out * sizeof(*stage->outlets), sizeof(void *));
	stage->requests =
		weir_arena_get(arena, in * sizeof(uint64_t), sizeof(uint64_t));
	return stage->state != NULL && stage->inlets != NULL &&
	       stage->outlets != NULL && stage->requests != NULL;
}

/* How many elements a sink asks for at once.  Several batches, so that a turn
 * of the chain moves more than one; as many as stay in the first cache with
 * what they become.  What slices point to is larger: one batch. */
static uint64_t
edge_window(const struct weir_run *run, const struct weir_edge *edge)
{
	uint64_t items = WINDOW_BYTES / edge->type->size;

	if (edge->slices || items < run->batch_items)
		return run->batch_items;
	return items - items % run->batch_items;
}

/* What both halves of a boundary, or an edge within an island, have. */
static void
edge_init(struct weir_run *run, struct weir_edge *edge,
	const struct weir_flow *in, struct weir_stage *to, uint32_t inlet)
{
	edge->run = run;
	edge->outlet = in->outlet;
	edge->inlet = inlet;
	edge->type = run->graph->stages[in->stage].outlets[in->outlet].type;
	edge->slices = weir_type_is_slice(edge->type);
	edge->whole = (to->op->flags & WEIR_TAKES_CHUNKS) != 0;
	edge->limit = UINT64_MAX;
	edge->window = edge_window(run, edge);
}

/* One edge for each inlet, in the order of the stages; of a boundary the near
 * half, and the far one beside it. */
static void
edges_init(struct weir_run *run)
{
	struct weir_edge *edge = run->edges, *far = run->fars;
	struct weir_boundary *boundary = run->boundaries;

	for (uint32_t s = 0; s < run->stage_count; s++) {
		const struct weir_stage_def *def = &run->graph->stages[s];
		struct weir_stage *to = &run->stages[s];

		for (uint32_t i = 0; i < def->inlet_count; i++, edge++) {
			const struct weir_flow *in = &def->inlets[i];

			edge_init(run, edge, in, to, i);
			edge->from = &run->stages[in->stage];
			edge->to = to;
			edge->from->outlets[in->outlet] = edge;
			to->inlets[i] = edge;
			if (weir_stage_window(def) == NULL)
				continue;
			edge_init(run, far, in, to, i);
			far->to = to;
			to->inlets[i] = far;
			edge->to = NULL;
			boundary->near = edge;
			boundary->far = far;
			edge->boundary = far->boundary = boundary++;
			far++;
		}
	}
}

static void
edges_count(struct weir_run *run)
{
	for (uint32_t s = 0; s < run->stage_count; s++) {
		const struct weir_stage_def *def = &run->graph->stages[s];

		run->edge_count += def->inlet_count;
		if (weir_stage_window(def) != NULL)
			run->boundary_count += def->inlet_count;
	}
}

/* The arrays of a run. */
static bool
arrays_get(struct weir_run *run)
{
	struct weir_arena *arena = &run->arena;

	run->stages =
		weir_arena_get(arena, run->stage_count * sizeof(*run->stages),
			_Alignof(struct weir_stage));
	run->edges =
		weir_arena_get(arena, run->edge_count * sizeof(*run->edges),
			_Alignof(struct weir_edge));
	run->fars =
		weir_arena_get(arena, run->boundary_count * sizeof(*run->fars),
			_Alignof(struct weir_edge));
	run->boundaries = weir_arena_get(arena,
		run->boundary_count * sizeof(*run->boundaries),
		_Alignof(struct weir_boundary));
	return run->stages != NULL && run->edges != NULL && run->fars != NULL &&
	       run->boundaries != NULL;
}

/* The accountant, and whom it wakes. */
static int
account_init(struct weir_run *run)
{
	int rc = weir_account_create(run->system, run->stage_count,
		run->island_count, run->graph->memory_bytes, &run->account);

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < run->island_count; i++)
		run->account->waiters[i].waker = run->islands[i].memory_waker;
	for (uint32_t i = 0; i < run->stage_count; i++)
		run->account->holders[i].waiter = run->stages[i].island->index;
	return 0;
}

/* Everything a run consists of, nothing opened. */
static int
run_init(struct weir_run *run, struct weir_graph *graph)
{
	uint32_t n = graph->stage_count;

	run->graph = graph;
	run->system = graph->system;
	run->seeded = graph->system->seed != 0;
	run->batch_items = graph->batch_items;
	run->stage_count = n;
	run->window = graph->window;
	edges_count(run);
	if (!arrays_get(run))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		if (!stage_init(run, &run->stages[i], i))
			return -ENOMEM;
	edges_init(run);
	if (weir_islands_init(run) < 0)
		return -ENOMEM;
	return account_init(run);
}

static int
stage_open(struct weir_run *run, struct weir_stage *stage)
{
	int rc;

	stage->opened = true;
	if (stage->op->open == NULL)
		return 0;
	rc = stage->op->open(stage, stage->state, stage->args);
	if (stage->out_of_memory)
		rc = -ENOMEM;
	if (rc >= 0)
		return 0;
	if (stage->failure.code == 0)
		weir_stage_fail(stage, rc, "%s", weir_error_text(rc));
	run->error = stage->failure;
	run->error.stage = stage->name;
	run->error.stage_index = stage->index;
	run->error.opening =
		stage->inlet_count == 0 || stage->outlet_count == 0;
	return rc;
}

/* Sources first, sinks last, so that nothing is created or cut short unless
 * all sources are there. */
static int
stages_open(struct weir_run *run)
{
	int rc;

	for (int pass = 0; pass < 3; pass++)
		for (uint32_t i = 0; i < run->stage_count; i++) {
			struct weir_stage *stage = &run->stages[i];
			int kind = stage->inlet_count == 0    ? 0
				   : stage->outlet_count == 0 ? 2
							      : 1;

			if (kind == pass && (rc = stage_open(run, stage)) < 0)
				return rc;
		}
	return 0;
}

/* Everything begins with a step of each stage. */
static void
islands_schedule(struct weir_run *run)
{
	for (uint32_t i = 0; i < run->stage_count; i++)
		weir_stage_ready(&run->stages[i]);
	for (uint32_t i = 0; i < run->island_count; i++)
		run->islands[i].dirty = true;
	run->scheduled = true;
	/* Without threads this worker runs them all. */
	if (run->island_count > 1)
		(void)weir_workers_start(run->system);
	for (uint32_t i = 0; i < run->island_count; i++)
		weir_island_schedule(&run->islands[i]);
}

static void
fail_start(const struct weir_run *run, int rc, struct weir_error *ret)
{
	if (ret == NULL)
		return;
	*ret = run->error;
	if (ret->code == 0)
		*ret = (struct weir_error){.code = rc,
			.stage = "graph",
			.text = rc == -EBUSY
					? "its system is running in a wait"
					: "out of memory while the run was "
					  "made",
			.stage_index = WEIR_NOBODY};
}

int
weir_graph_start(struct weir_graph *graph, struct weir_run **ret,
	struct weir_error *ret_error)
{
	struct weir_system *system;
	struct weir_run *run;
	int rc = weir_graph_check(graph, ret_error);

	if (rc < 0)
		return rc;
	if (graph->run != NULL && !graph->run->finished) {
		if (ret_error != NULL)
			*ret_error = (struct weir_error){.code = -EBUSY,
				.stage = "graph",
				.text = "a run of it is going on",
				.stage_index = WEIR_NOBODY};
		return -EBUSY;
	}
	weir_run_destroy(graph->run);
	system = graph->system;
	run = weir_allocate(system, sizeof(*run));
	if (run == NULL) {
		fail_start(&(struct weir_run){0}, -ENOMEM, ret_error);
		return -ENOMEM;
	}
	memset(run, 0, sizeof(*run));
	weir_arena_init(&run->arena, system);
	run->graph = graph;
	run->system = system;
	rc = weir_system_enter(system);
	if (rc == 0) {
		rc = run_init(run, graph);
		if (rc == 0)
			rc = stages_open(run);
		run->started_ns = run->ended_ns = weir_system_now_ns(system);
		if (rc == 0) {
			/* Before a function of a stage may look at them. */
			graph->run = run;
			*ret = run;
			islands_schedule(run);
		}
		weir_system_leave(system);
	}
	if (rc < 0) {
		fail_start(run, rc, ret_error);
		weir_run_destroy(run);
		return rc;
	}
	return 0;
}
