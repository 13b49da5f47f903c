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
		.memory_max = weir_load(&run->account->max, relaxed),
		.memory_limit = run->account->limit,
		.stages = run->stage_count,
		.edges = run->edge_count,
		.islands = run->island_count,
		.workers = weir_load(&run->system->worker_count, acquire),
		.elapsed_ns = until_ns - run->started_ns,
	};
}

/* What the producers' side of the boundaries before @stage dropped: it was sent
 * to this stage. */
static uint64_t
lost_before(const struct weir_stage *stage)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < stage->inlet_count; i++)
		if (stage->inlets[i]->boundary != NULL)
			lost += weir_count_of(
				&stage->inlets[i]->boundary->lost);
	return lost;
}

/* What outlet @i adds to what @stage put: each gets a copy, unless they share
 * the elements between them. */
static uint64_t
put_more(const struct weir_stage *stage, uint32_t i, uint64_t put)
{
	uint64_t sent = weir_count_of(&stage->outlets[i]->sent);

	if (stage->op->flags & WEIR_SPLITS)
		return put + sent;
	return sent > put ? sent : put;
}

/* What the edges know and the stage need not count itself. */
static void
tally_complete(const struct weir_stage *stage, uint64_t *tally)
{
	uint64_t taken = 0, put = 0, lost = lost_before(stage);

	for (int i = 0; i < WEIR_TALLY_COUNT; i++)
		tally[i] = weir_count_of(&stage->tally[i]);
	if ((stage->op->flags & WEIR_TALLIES) == 0) {
		for (uint32_t i = 0; i < stage->inlet_count; i++)
			taken += weir_count_of(&stage->inlets[i]->taken);
		for (uint32_t i = 0; i < stage->outlet_count; i++)
			put = put_more(stage, i, put);
		/* Elements that a cancel dropped were counted as in when it
		 * did. */
		taken -= tally[WEIR_CANCELLED] < taken ? tally[WEIR_CANCELLED]
						       : taken;
		tally[WEIR_IN] += taken;
		tally[WEIR_OUT] += stage->outlet_count == 0
					   ? taken - tally[WEIR_ABSORBED] -
						     tally[WEIR_DEAD] -
						     tally[WEIR_DROPPED] -
						     tally[WEIR_FILTERED]
					   : put;
		if (stage->inlet_count == 0)
			tally[WEIR_CREATED] += put;
	}
	tally[WEIR_IN] += lost;
	tally[WEIR_CANCELLED] += lost;
}

static const char *
waits_for(const struct weir_stage *stage)
{
	static const char *const names[] = {
		"turn", "input", "room", "event", "memory", "ended"};

	return names[weir_load(&stage->shown, relaxed)];
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
		.bytes_in = weir_count_of(&of->bytes_in),
		.bytes_out = weir_count_of(&of->bytes_out),
		.batches = weir_count_of(&of->batches),
		.steps = weir_count_of(&of->steps),
		.waits_for = waits_for(of),
		.island = of->island->index,
		.is_source = of->inlet_count == 0,
		.is_sink = of->outlet_count == 0,
		.ended = weir_load(&of->shown, relaxed) == WEIR_SHOWS_END,
	};
	for (uint32_t i = 0; i < of->inlet_count; i++)
		ret->bytes_in += weir_count_of(&of->inlets[i]->bytes_taken);
	/* Copies count once, as they do in the tally. */
	for (uint32_t i = 0; of->outlet_count > 1 && i < of->outlet_count &&
			     (of->op->flags & WEIR_SPLITS) == 0;
		i++) {
		uint64_t sent = weir_count_of(&of->outlets[i]->bytes_sent);

		if (i == 0 || sent > ret->bytes_out)
			ret->bytes_out = sent;
	}
	tally_complete(of, ret->tally);
	return 0;
}

/* The far half of a boundary, or the edge itself. */
static const struct weir_edge *
far_of(const struct weir_edge *edge)
{
	return edge->boundary == NULL ? edge : edge->boundary->far;
}

int
weir_run_edge_stats(
	const struct weir_run *run, uint32_t edge, struct weir_edge_stats *ret)
{
	const struct weir_boundary *boundary;
	const struct weir_edge *of, *far;
	uint64_t taken;

	if (edge >= run->edge_count)
		return -ENOENT;
	of = &run->edges[edge];
	far = far_of(of);
	boundary = of->boundary;
	/* Others may be counting: what is less is read first, by acquires that
	 * pair with the releases in edge.c. */
	taken = weir_load(&far->taken, acquire);
	if (boundary != NULL)
		taken += weir_count_of(&boundary->lost);
	*ret = (struct weir_edge_stats){
		.from = of->from->name,
		.to = far->to->name,
		.type = of->type,
		.taken = taken,
		.bytes_taken = weir_count_of(&far->bytes_taken),
		.bytes_sent = weir_count_of(&of->bytes_sent),
		.waiting_max = weir_count_of(&of->waiting_max),
		.waits_for_input = weir_count_of(&far->waits_for_input),
		.waits_for_room = weir_count_of(&of->waits_for_room),
		.island_from = of->from->island->index,
		.island_to = far->to->island->index,
	};
	ret->sent = weir_load(&of->sent, acquire);
	ret->granted = weir_count_of(&of->granted);
	ret->waiting = ret->sent - taken;
	if (boundary != NULL) {
		ret->is_boundary = true;
		ret->capacity = boundary->channel.window.elements;
		ret->capacity_bytes = boundary->channel.window.bytes;
		ret->capacity_batches = boundary->channel.window.batches;
		ret->bytes_crossing_max =
			weir_count_of(&boundary->bytes_out_max);
	}
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

static void
dump_edge(const struct weir_run *run, uint32_t index, FILE *file)
{
	struct weir_edge_stats edge;

	if (weir_run_edge_stats(run, index, &edge) < 0)
		return;
	fprintf(file,
		"edge %s -> %s (%s): granted %" PRIu64 " sent %" PRIu64
		" taken %" PRIu64 "; waiting %" PRIu64 ", at most %" PRIu64
		"; waited for input %" PRIu64 ", for room %" PRIu64,
		edge.from, edge.to, edge.type->name, edge.granted, edge.sent,
		edge.taken, edge.waiting, edge.waiting_max,
		edge.waits_for_input, edge.waits_for_room);
	if (edge.is_boundary)
		fprintf(file,
			"; islands %u -> %u, window %" PRIu64
			" elements, %" PRIu64 " bytes, %" PRIu64 " batches",
			edge.island_from, edge.island_to, edge.capacity,
			edge.capacity_bytes, edge.capacity_batches);
	fputc('\n', file);
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
	for (uint32_t i = 0; i < run->edge_count; i++)
		dump_edge(run, i, file);
}
