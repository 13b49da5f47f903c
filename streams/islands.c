/* SPDX-License-Identifier: Apache-2.0 */
/*
 * islands.c - which stages hang together, and what lies between them
 *
 * Stages joined by an edge are of one island, unless the stage it leads to
 * says that its inlets are boundaries.  A boundary whose two ends hang together
 * by another way is one all the same: its island sends to itself.
 */
#include "run_internal.h"

#include <errno.h>
#include <string.h>

#define WINDOW_BYTES ((uint64_t)1 << 20)
#define BATCHES_MIN 4u

const struct weir_window *
weir_stage_window(const struct weir_stage_def *def)
{
	if (def->op->window_at == 0 || def->args == NULL)
		return NULL;
	return (const void *)((const char *)def->args + def->op->window_at);
}

/* The first stage of the set that @stage is in. */
static uint32_t
root(uint32_t *sets, uint32_t stage)
{
	while (sets[stage] != stage)
		stage = sets[stage] = sets[sets[stage]];
	return stage;
}

uint32_t
weir_islands_colour(const struct weir_graph *graph, uint32_t *ret)
{
	uint32_t islands = 0;

	for (uint32_t s = 0; s < graph->stage_count; s++) {
		const struct weir_stage_def *def = &graph->stages[s];

		ret[s] = s;
		for (uint32_t i = 0; i < def->inlet_count; i++) {
			uint32_t a, b;

			if (weir_stage_window(def) != NULL ||
				def->inlets[i].graph != graph)
				continue;
			a = root(ret, def->inlets[i].stage);
			b = root(ret, s);
			/* The lower number leads, so that numbers follow the
			 * order of the stages. */
			ret[a > b ? a : b] = a > b ? b : a;
		}
	}
	for (uint32_t s = 0; s < graph->stage_count; s++)
		ret[s] = root(ret, s);
	/* A root comes before all others of its set. */
	for (uint32_t s = 0; s < graph->stage_count; s++)
		ret[s] = ret[s] == s ? islands++ : ret[ret[s]];
	return islands;
}

/* -- boundaries ------------------------------------------------------------ */

/* The credit that @window asks for; zero is the default. */
static struct weir_credit
credit_of(const struct weir_run *run, const struct weir_window *window)
{
	struct weir_credit credit = {
		window->batches, window->elements, window->bytes};

	if (credit.elements == 0)
		credit.elements = run->window;
	if (credit.bytes == 0)
		credit.bytes = WINDOW_BYTES;
	/* Twice as many as the window fills: they need not be full. */
	if (credit.batches == 0)
		credit.batches = 2 * (credit.elements / run->batch_items + 1);
	if (credit.batches < BATCHES_MIN)
		credit.batches = BATCHES_MIN;
	return credit;
}

static void
boundary_init(struct weir_run *run, struct weir_boundary *boundary)
{
	struct weir_edge *near = boundary->near, *far = boundary->far;
	const struct weir_stage *to = far->to;
	struct weir_credit credit = credit_of(
		run, weir_stage_window(&run->graph->stages[to->index]));

	boundary->producer = near->from->island;
	boundary->consumer = to->island;
	boundary->fast = to->opts != NULL && to->opts->on_failure == WEIR_FAST;
	weir_channel_init(&boundary->channel, &credit, weir_island_post,
		boundary->producer, boundary->consumer,
		(uint32_t)(boundary - run->boundaries));
	far->to->has_far = true;
	boundary->producer->nears[boundary->producer->near_count++] = near;
	boundary->consumer->fars[boundary->consumer->far_count++] = far;
}

/* -- islands --------------------------------------------------------------- */

static void *
array_get(struct weir_run *run, size_t n, size_t bytes)
{
	return weir_arena_get(&run->arena, n * bytes, 64);
}

/* How many stages and halves of boundaries each island has. */
static void
islands_count(struct weir_run *run)
{
	for (uint32_t s = 0; s < run->stage_count; s++)
		run->stages[s].slot = run->stages[s].island->stage_count++;
	for (uint32_t b = 0; b < run->boundary_count; b++) {
		const struct weir_boundary *boundary = &run->boundaries[b];

		boundary->near->from->island->near_count++;
		boundary->far->to->island->far_count++;
	}
}

/* Everything that @island consists of, empty. */
static bool
island_init(struct weir_run *run, struct weir_island *island)
{
	uint64_t **const bitmaps[] = {&island->ready, &island->again,
		&island->regrant, &island->when_idle, &island->when_quiet};

	island->run = run;
	island->index = (uint32_t)(island - run->islands);
	island->next_alarm_ns = INT64_MAX;
	island->live =
		island->stage_count + island->near_count + island->far_count;
	island->words = (island->stage_count + 63) / 64;
	island->stages =
		array_get(run, island->stage_count, sizeof(*island->stages));
	island->nears =
		array_get(run, island->near_count, sizeof(*island->nears));
	island->fars = array_get(run, island->far_count, sizeof(*island->fars));
	island->near_count = island->far_count = 0;
	for (size_t i = 0; i < sizeof(bitmaps) / sizeof(bitmaps[0]); i++) {
		*bitmaps[i] = array_get(run, island->words, sizeof(uint64_t));
		if (*bitmaps[i] == NULL)
			return false;
	}
	return island->stages != NULL && island->nears != NULL &&
	       island->fars != NULL;
}

int
weir_islands_init(struct weir_run *run)
{
	uint32_t *colours = array_get(run, run->stage_count, sizeof(*colours));

	if (colours == NULL)
		return -ENOMEM;
	run->island_count = weir_islands_colour(run->graph, colours);
	run->islands = array_get(run, run->island_count, sizeof(*run->islands));
	if (run->islands == NULL) {
		run->island_count = 0;
		return -ENOMEM;
	}
	for (uint32_t s = 0; s < run->stage_count; s++)
		run->stages[s].island = &run->islands[colours[s]];
	islands_count(run);
	for (uint32_t i = 0; i < run->island_count; i++)
		if (!island_init(run, &run->islands[i]))
			return -ENOMEM;
	for (uint32_t s = 0; s < run->stage_count; s++) {
		struct weir_stage *stage = &run->stages[s];

		stage->island->stages[stage->slot] = stage;
		stage->island->stays_home |=
			(stage->op->flags & WEIR_STAYS_HOME) != 0;
	}
	for (uint32_t b = 0; b < run->boundary_count; b++)
		boundary_init(run, &run->boundaries[b]);
	for (uint32_t i = 0; i < run->island_count; i++)
		if (weir_island_acquire(&run->islands[i]) < 0)
			return -ENOMEM;
	weir_store(&run->live, run->island_count, relaxed);
	return 0;
}
