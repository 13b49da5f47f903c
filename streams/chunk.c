/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk.c - marks that keep the order of what several islands work at
 *
 * A chunk is let into an island, and once the island has nothing left of it a
 * mark goes behind what came out.  So the stages in between need not know of
 * chunks.  A mark is a batch without elements, which takes credit as any.
 */
#include "run_internal.h"

#include <errno.h>

/* Whether @stage may still emit something without getting more. */
static bool
holds_something(const struct weir_stage *stage)
{
	for (uint32_t i = 0; i < stage->inlet_count; i++)
		if (stage->inlets[i]->from != NULL &&
			stage->inlets[i]->first != NULL)
			return true;
	return stage->outlet_count > 0 && !stage->ended &&
	       (stage->wait == WEIR_EVENT || stage->wait == WEIR_AGAIN);
}

bool
weir_stage_is_quiet(const struct weir_stage *stage)
{
	const struct weir_island *island = stage->island;

	if (!island->quiet)
		return false;
	for (uint32_t i = 0; i < island->stage_count; i++)
		if (island->stages[i] != stage &&
			holds_something(island->stages[i]))
			return false;
	return true;
}

void
weir_stage_when_quiet(struct weir_stage *stage)
{
	stage->island->when_quiet[stage->slot / 64] |= (uint64_t)1
						       << (stage->slot % 64);
}

int
weir_stage_mark(struct weir_stage *stage)
{
	struct weir_island *island = stage->island;

	for (uint32_t i = 0; i < island->near_count; i++) {
		struct weir_edge *near = island->nears[i];
		struct weir_batch *mark;

		if (near->cancelled || near->ended)
			continue;
		mark = weir_batch_acquire(stage->run->system, near->type, 1);
		if (mark == NULL)
			return -ENOMEM;
		mark->flags = WEIR_BATCH_MARK;
		mark->head = mark->capacity; /* nothing goes behind it */
		weir_edge_link(near, mark);
		island->dirty = true;
	}
	return 0;
}

bool
weir_inlet_marked(const struct weir_stage *stage, uint32_t inlet)
{
	const struct weir_batch *first = stage->inlets[inlet]->first;

	return first != NULL && first->flags & WEIR_BATCH_MARK;
}

void
weir_inlet_take_mark(struct weir_stage *stage, uint32_t inlet)
{
	weir_batch_release(
		stage->run->system, weir_edge_pop(stage->inlets[inlet]));
}
