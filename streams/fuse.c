/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse.c - runs of stages that edit in place, as one pass over a batch
 *
 * A stage with edit instead of step changes a batch in place, and cannot fail.
 * Where several follow each other a batch goes through all of them at once,
 * without being queued in between: a further map costs its kernel and a call.
 * What each edge carried is counted all the same, and demand is obeyed: a
 * batch that is more than an edge has room for waits in front of that stage.
 */
#include "run_internal.h"

/* What @stage did to a batch of @n of which it kept @kept.  @stepped: its own
 * step is under way, at the end of which it adapts its demand. */
static void
note_edit(struct weir_stage *stage, uint32_t n, uint32_t kept, bool stepped)
{
	struct weir_edge *in = stage->inlets[0];

	weir_store(&in->taken, weir_count_of(&in->taken) + n, release);
	stage->step_taken += n;
	if (kept == n && stage->ask == 0)
		return;
	if ((stage->op->flags & WEIR_TALLIES) == 0)
		weir_count_add(&stage->tally[WEIR_FILTERED], n - kept);
	if (stage->op->demand == WEIR_DEMAND_SELECT && !stepped)
		weir_stage_adapt(stage, n, kept);
	weir_stage_regrant(stage);
}

/* Whether a batch of @n may go through @stage without being queued first. */
static bool
may_pass(const struct weir_stage *stage, uint32_t n)
{
	return stage->op->edit != NULL && !stage->ended && !stage->attention &&
	       stage->inlets[0]->first == NULL &&
	       n <= weir_edge_demand(stage->outlets[0]);
}

/* Count @n elements that went over @edge without waiting in it. */
static void
note_passed(struct weir_edge *edge, const char *items, uint32_t n)
{
	struct weir_stage *from = edge->from;

	weir_store(&edge->sent, weir_count_of(&edge->sent) + n, release);
	from->step_put += n;
	weir_count_add(&from->batches, 1);
	if (n > weir_count_of(&edge->waiting_max))
		weir_store(&edge->waiting_max, n, relaxed);
	if (edge->slices) {
		uint64_t bytes = weir_slices_bytes(items, n);

		weir_count_add(&edge->bytes_sent, bytes);
		weir_count_add(&edge->bytes_taken, bytes);
		weir_count_add(&from->bytes_out, bytes);
	}
}

/* Let the batch that waits first go through @stage and those behind it. */
static void
pass_along(struct weir_stage *stage)
{
	struct weir_batch *batch = weir_edge_pop(stage->inlets[0]);
	char *items = weir_batch_item(batch, batch->head);
	bool stepped = true;

	for (;; stepped = false) {
		struct weir_edge *out = stage->outlets[0];
		uint32_t n = batch->count, kept;

		kept = (uint32_t)stage->op->edit(stage, stage->state, items, n);
		note_edit(stage, n, kept, stepped);
		batch->count = kept;
		if (kept == 0) {
			weir_batch_release(stage->run->system, batch);
			return;
		}
		if (out->to == NULL || !may_pass(out->to, kept)) {
			weir_edge_push(out, batch);
			return;
		}
		note_passed(out, items, kept);
		stage = out->to;
		weir_count_add(&stage->steps, 1);
	}
}

int
weir_fused_step(struct weir_stage *stage)
{
	struct weir_edge *in = stage->inlets[0], *out = stage->outlets[0];
	bool seeded = stage->run->seeded;

	while (in->first != NULL) {
		struct weir_span span;
		size_t kept;

		if (!seeded && in->first->count <= weir_edge_demand(out)) {
			pass_along(stage);
			continue;
		}
		span = weir_stage_edit(stage);
		if (span.count == 0)
			break;
		kept = stage->op->edit(
			stage, stage->state, span.items, span.count);
		weir_stage_pass(stage, span.count, kept);
	}
	return weir_stage_wait(stage);
}
