/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stats.c - what a run did so far, as numbers and as text
 */
#include "run_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void
weir_run_totals(const struct weir_run *run, struct weir_totals *ret)
{
	uint64_t until_ns =
		run->finished ? run->ended_ns : weir_system_now_ns(run->system);

	*ret = (struct weir_totals){
		.memory_used = weir_load(&run->account->used, relaxed),
		.memory_max = run->account->max,
		.memory_limit = run->account->limit,
		.stages = run->stage_count,
		.edges = run->edge_count,
		.elapsed_ns = until_ns - run->started_ns,
	};
}

/* What the edges know and the stage need not count itself. */
static void
tally_complete(const struct weir_stage *stage, uint64_t *tally)
{
	uint64_t taken = 0, put = 0;

	for (int i = 0; i < WEIR_TALLY_COUNT; i++)
		tally[i] = (uint64_t)stage->tally[i];
	if (stage->op->flags & WEIR_TALLIES)
		return;
	for (uint32_t i = 0; i < stage->inlet_count; i++)
		taken += stage->inlets[i]->taken;
	for (uint32_t i = 0; i < stage->outlet_count; i++)
		if (i == 0 || stage->outlets[i]->sent > put)
			put = stage->outlets[i]->sent;
	/* Elements that a cancel dropped were counted as in when it did. */
	taken -= tally[WEIR_CANCELLED] < taken ? tally[WEIR_CANCELLED] : taken;
	tally[WEIR_IN] += taken;
	tally[WEIR_OUT] +=
		stage->outlet_count == 0
			? taken - tally[WEIR_ABSORBED] - tally[WEIR_DEAD] -
				  tally[WEIR_DROPPED] - tally[WEIR_FILTERED]
			: put;
	if (stage->inlet_count == 0)
		tally[WEIR_CREATED] += put;
}

static const char *
waits_for(const struct weir_stage *stage)
{
	if (stage->ended)
		return "ended";
	switch (stage->wait) {
	case WEIR_INPUT:
		return "input";
	case WEIR_ROOM:
		return "room";
	case WEIR_EVENT:
		return stage->waits_for_memory ? "memory" : "event";
	default:
		return "turn";
	}
}

int
weir_run_stage_stats(const struct weir_run *run, uint32_t stage,
	struct weir_stage_stats *ret)
{
	const struct weir_stage *of;

	if (stage >= run->stage_count)
		return -ENOENT;
	of = &run->stages[stage];
	*ret = (struct weir_stage_stats){
		.name = of->name,
		.operator_name = of->op->name,
		.bytes_in = of->bytes_in,
		.bytes_out = of->bytes_out,
		.batches = of->batches,
		.steps = of->steps,
		.waits_for = waits_for(of),
		.is_source = of->inlet_count == 0,
		.is_sink = of->outlet_count == 0,
		.ended = of->ended,
	};
	/* What was sent to a stage and does not wait any more, it has taken. */
	for (uint32_t i = 0; i < of->inlet_count; i++)
		ret->bytes_in += of->inlets[i]->bytes_sent -
				 weir_edge_bytes_waiting(of->inlets[i]);
	/* Copies count once, as they do in the tally. */
	for (uint32_t i = 0; of->outlet_count > 1 && i < of->outlet_count;
		i++) {
		uint64_t sent = of->outlets[i]->bytes_sent;

		if (i == 0 || sent > ret->bytes_out)
			ret->bytes_out = sent;
	}
	tally_complete(of, ret->tally);
	return 0;
}

int
weir_run_edge_stats(
	const struct weir_run *run, uint32_t edge, struct weir_edge_stats *ret)
{
	const struct weir_edge *of;

	if (edge >= run->edge_count)
		return -ENOENT;
	of = &run->edges[edge];
	*ret = (struct weir_edge_stats){
		.from = of->from->name,
		.to = of->to->name,
		.type = of->type,
		.granted = of->granted,
		.sent = of->sent,
		.taken = of->taken,
		.bytes_sent = of->bytes_sent,
		.waiting = weir_edge_waiting(of),
		.waiting_max = of->waiting_max,
		.waits_for_input = of->waits_for_input,
		.waits_for_room = of->waits_for_room,
	};
	return 0;
}

static const char *const tally_names[WEIR_TALLY_COUNT] = {"in", "created",
	"out", "absorbed", "filtered", "dropped", "dead", "cancelled",
	"unacked"};

static void
dump_stage(const struct weir_run *run, uint32_t index, FILE *file)
{
	struct weir_stage_stats stats;

	if (weir_run_stage_stats(run, index, &stats) < 0)
		return;
	fprintf(file, "stage %u %s:", index, stats.name);
	for (int i = 0; i < WEIR_TALLY_COUNT; i++)
		if (stats.tally[i] != 0)
			fprintf(file, " %s %" PRIu64, tally_names[i],
				stats.tally[i]);
	fprintf(file,
		"; bytes in %" PRIu64 " out %" PRIu64 "; batches %" PRIu64
		" steps %" PRIu64 "; %s%s\n",
		stats.bytes_in, stats.bytes_out, stats.batches, stats.steps,
		stats.ended ? "" : "waits for ", stats.waits_for);
}

void
weir_run_dump(const struct weir_run *run, FILE *file)
{
	struct weir_totals stats;

	weir_run_totals(run, &stats);
	fprintf(file, "run: %.6f s, memory %zu of %zu bytes, at most %zu\n",
		(double)stats.elapsed_ns * 1e-9, stats.memory_used,
		stats.memory_limit, stats.memory_max);
	for (uint32_t i = 0; i < run->stage_count; i++)
		dump_stage(run, i, file);
	for (uint32_t i = 0; i < run->edge_count; i++) {
		struct weir_edge_stats edge;

		if (weir_run_edge_stats(run, i, &edge) < 0)
			continue;
		fprintf(file,
			"edge %s -> %s (%s): granted %" PRIu64 " sent %" PRIu64
			" taken %" PRIu64 "; waiting %" PRIu64
			", at most %" PRIu64 "; waited for input %" PRIu64
			", for room %" PRIu64 "\n",
			edge.from, edge.to, edge.type->name, edge.granted,
			edge.sent, edge.taken, edge.waiting, edge.waiting_max,
			edge.waits_for_input, edge.waits_for_room);
	}
}
