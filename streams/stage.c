/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.c - what a step may do: its inlets and outlets as spans
 */
#include "run_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In a deterministic system spans are cut at random, so that every operator is
 * seen to cope with any cut. */
static size_t
cut(struct weir_stage *stage, size_t n)
{
	struct weir_system *system = stage->run->system;

	if (!stage->run->seeded || n < 2 || weir_system_random(system) % 4 != 0)
		return n;
	return 1 + weir_system_random_below(system, n);
}

uint32_t
weir_stage_inlets(const struct weir_stage *stage)
{
	return stage->inlet_count;
}

uint32_t
weir_stage_outlets(const struct weir_stage *stage)
{
	return stage->outlet_count;
}

struct weir_span
weir_inlet_peek(struct weir_stage *stage, uint32_t inlet)
{
	struct weir_batch *batch = stage->inlets[inlet]->first;

	if (batch == NULL)
		return (struct weir_span){NULL, 0};
	return (struct weir_span){
		weir_batch_item(batch, batch->head), batch->count};
}

/* Take the batch off that was emptied.  What its slices point to is needed
 * until the step returns. */
static void
retire(struct weir_stage *stage, struct weir_edge *edge)
{
	struct weir_batch *batch = weir_edge_pop(edge);

	if (edge->slices) {
		batch->next = stage->retired;
		stage->retired = batch;
	} else {
		weir_batch_release(stage->run->system, batch);
	}
}

static void
note_taken(struct weir_edge *edge, size_t n)
{
	weir_edge_take(edge, n);
	edge->to->step_taken += n;
}

void
weir_inlet_take(struct weir_stage *stage, uint32_t inlet, size_t n)
{
	struct weir_edge *edge = stage->inlets[inlet];
	struct weir_batch *batch = edge->first;

	if (n == 0)
		return;
	note_taken(edge, n);
	batch->head += (uint32_t)n;
	batch->count -= (uint32_t)n;
	if (batch->count == 0)
		retire(stage, edge);
}

void
weir_inlet_drop(struct weir_stage *stage, uint32_t inlet, size_t n)
{
	struct weir_edge *edge = stage->inlets[inlet];
	struct weir_batch *batch = edge->first;

	if (n == 0)
		return;
	if (edge->type->drop != NULL)
		edge->type->drop(weir_batch_item(batch, batch->head), n);
	if ((stage->op->flags & WEIR_TALLIES) == 0)
		weir_count_add(&stage->tally[WEIR_FILTERED], n);
	weir_inlet_take(stage, inlet, n);
}

bool
weir_inlet_ended(struct weir_stage *stage, uint32_t inlet)
{
	const struct weir_edge *edge = stage->inlets[inlet];

	if (edge->cancelled)
		return true;
	if (!edge->ended || weir_edge_waiting(edge) > 0)
		return false;
	/* A failure passes the stage by, unless it asked to see it. */
	return edge->failure == NULL || stage->op->flags & WEIR_SEES_FAILURE;
}

const struct weir_error *
weir_inlet_failure(struct weir_stage *stage, uint32_t inlet)
{
	return stage->inlets[inlet]->failure;
}

uint64_t
weir_inlet_taken(struct weir_stage *stage, uint32_t inlet)
{
	return weir_count_of(&stage->inlets[inlet]->taken);
}

void
weir_inlet_limit(struct weir_stage *stage, uint32_t inlet, uint64_t n)
{
	struct weir_edge *edge = stage->inlets[inlet];

	uint64_t taken = weir_count_of(&edge->taken);

	edge->limit = n > UINT64_MAX - taken ? UINT64_MAX : taken + n;
}

void
weir_inlet_request(struct weir_stage *stage, uint32_t inlet, uint64_t n)
{
	stage->requests[inlet] = n;
}

void
weir_inlet_cancel(struct weir_stage *stage, uint32_t inlet)
{
	struct weir_edge *edge = stage->inlets[inlet];

	/* What slices point to is needed until the step returns. */
	while (edge->slices && edge->first != NULL)
		retire(stage, edge);
	weir_edge_cancel(edge, NULL);
}

uint32_t
weir_inlet_origin(struct weir_stage *stage, uint32_t inlet)
{
	const struct weir_batch *batch = stage->inlets[inlet]->first;

	return batch == NULL ? 0 : batch->origin;
}

struct weir_block *
weir_inlet_block(struct weir_stage *stage, uint32_t inlet, const void *at)
{
	const struct weir_batch *batch = stage->inlets[inlet]->first;
	struct weir_block *block =
		batch == NULL ? NULL : weir_batch_block(batch, at);

	for (batch = stage->retired; block == NULL && batch != NULL;
		batch = batch->next)
		block = weir_batch_block(batch, at);
	return block;
}

bool
weir_inlet_shared(struct weir_stage *stage, uint32_t inlet)
{
	const struct weir_batch *batch = stage->inlets[inlet]->first;

	return batch != NULL && batch->flags & WEIR_BATCH_SHARED;
}

const struct weir_type *
weir_inlet_type(const struct weir_stage *stage, uint32_t inlet)
{
	return stage->inlets[inlet]->type;
}

const struct weir_type *
weir_outlet_type(const struct weir_stage *stage, uint32_t outlet)
{
	return stage->outlets[outlet]->type;
}

uint64_t
weir_outlet_demand(struct weir_stage *stage, uint32_t outlet)
{
	return weir_edge_demand(stage->outlets[outlet]);
}

uint64_t
weir_outlet_waiting(struct weir_stage *stage, uint32_t outlet)
{
	const struct weir_edge *edge = stage->outlets[outlet];

	return edge->to == NULL ? weir_near_waiting(edge)
				: weir_edge_waiting(edge);
}

uint64_t
weir_outlet_bytes_waiting(const struct weir_stage *stage, uint32_t outlet)
{
	return weir_edge_bytes_waiting(stage->outlets[outlet]);
}

struct weir_span
weir_outlet_room(struct weir_stage *stage, uint32_t outlet)
{
	struct weir_edge *edge = stage->outlets[outlet];
	uint64_t demand = weir_edge_demand(edge);
	struct weir_batch *batch;
	uint32_t used, room;

	/* Out of memory, the step has failed: nothing may follow what is lost.
	 */
	if (demand == 0 || stage->out_of_memory)
		return (struct weir_span){NULL, 0};
	batch = weir_edge_room(edge);
	if (batch == NULL) {
		stage->out_of_memory = true;
		return (struct weir_span){NULL, 0};
	}
	used = batch->head + batch->count;
	room = batch->capacity - used;
	if (room > demand)
		room = (uint32_t)demand;
	return (struct weir_span){
		weir_batch_item(batch, used), cut(stage, room)};
}

void
weir_outlet_put(struct weir_stage *stage, uint32_t outlet, size_t n)
{
	if (n > 0)
		weir_edge_put(stage->outlets[outlet], (uint32_t)n);
}

void
weir_outlet_attach(
	struct weir_stage *stage, uint32_t outlet, struct weir_block *block)
{
	struct weir_edge *edge = stage->outlets[outlet];

	for (uint32_t i = 0; i < edge->attached_count; i++)
		if (edge->attached[i] == block)
			return;
	if (edge->attached_count == WEIR_ATTACHED_MAX) {
		/* The oldest was there for puts that are done. */
		weir_block_release(edge->attached[0]);
		memmove(&edge->attached[0], &edge->attached[1],
			(WEIR_ATTACHED_MAX - 1) * sizeof(edge->attached[0]));
		edge->attached_count--;
	}
	weir_block_retain(block);
	stage->has_attached = true;
	edge->attached[edge->attached_count++] = block;
}

void
weir_outlet_origin(struct weir_stage *stage, uint32_t outlet, uint32_t origin)
{
	stage->outlets[outlet]->origin = origin;
}

bool
weir_outlet_cancelled(const struct weir_stage *stage, uint32_t outlet)
{
	return stage->outlets[outlet]->cancelled;
}

const struct weir_error *
weir_outlet_cause(const struct weir_stage *stage, uint32_t outlet)
{
	return stage->outlets[outlet]->cause;
}

void
weir_outlet_complete(struct weir_stage *stage, uint32_t outlet)
{
	struct weir_edge *edge = stage->outlets[outlet];

	if (!edge->ended && !edge->cancelled)
		stage->open_outlets--;
	weir_edge_end(edge, NULL);
}

struct weir_span
weir_stage_edit(struct weir_stage *stage)
{
	struct weir_batch *batch = stage->inlets[0]->first;
	uint64_t demand;

	if (batch == NULL)
		return (struct weir_span){NULL, 0};
	demand = weir_edge_demand(stage->outlets[0]);
	if (demand > batch->count)
		demand = batch->count;
	return (struct weir_span){weir_batch_item(batch, batch->head),
		demand == 0 ? 0 : cut(stage, demand)};
}

/* Copy the bytes of @n slices to one fresh block and let them point there. */
static int
copy_out(struct weir_stage *stage, struct weir_batch *batch,
	weir_record *slices, size_t n)
{
	size_t bytes = weir_slices_bytes(slices, n) + n;
	struct weir_block *block;
	char *to;
	int rc = weir_block_acquire(stage, bytes, &block);

	if (rc < 0)
		return rc;
	rc = weir_batch_attach(stage->run->system, batch, block);
	to = weir_block_data(block);
	weir_block_release(block);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		memcpy(to, slices[i].data, slices[i].length);
		slices[i].data = to;
		to += slices[i].length;
		/* One readable byte, and no neighbour's. */
		*to++ = '\n';
	}
	return 0;
}

/* Whether all bytes of @n slices may be changed where they lie: in blocks of
 * the pool that nobody else reads.  Memory that is in no block is somebody's
 * own. */
static bool
is_writable(const struct weir_batch *batch, const weir_record *slices, size_t n)
{
	const struct weir_block *block = NULL;
	uintptr_t start = 0, bytes = 0;

	if (batch->flags & WEIR_BATCH_SHARED)
		return false;
	for (size_t i = 0; i < n; i++) {
		/* Mostly in the block of the one before. */
		if ((uintptr_t)slices[i].data - start < bytes ||
			slices[i].length == 0)
			continue;
		block = weir_batch_block(batch, slices[i].data);
		if (block == NULL || block->account == NULL ||
			weir_load(&block->kept, relaxed))
			return false;
		start = (uintptr_t)block->data - block->headroom;
		bytes = block->headroom + block->capacity;
	}
	return true;
}

int
weir_stage_edit_bytes(struct weir_stage *stage, struct weir_span *ret)
{
	struct weir_span span = weir_stage_edit(stage);
	struct weir_batch *batch = stage->inlets[0]->first;
	int rc;

	if (span.count > 0 && !is_writable(batch, span.items, span.count)) {
		rc = copy_out(stage, batch, span.items, span.count);
		if (rc < 0)
			return rc;
		/* The whole batch was copied: nobody else sees it now. */
		if (span.count == batch->count)
			batch->flags =
				(uint16_t)(batch->flags & ~WEIR_BATCH_SHARED);
	}
	*ret = span;
	return 0;
}

/* Few elements go into the batch that waits there already, so that a selective
 * stage does not leave a trail of nearly empty ones. */
static bool
joins_last(const struct weir_edge *out, const struct weir_batch *batch,
	size_t kept)
{
	return kept * 4 <= batch->capacity &&
	       weir_edge_may_append(out, batch->origin, kept);
}

void
weir_stage_lose(struct weir_stage *stage, uint32_t n)
{
	stage->out_of_memory = true;
	if (stage->op->flags & WEIR_TALLIES)
		return;
	weir_count_add(
		&stage->tally[stage->inlet_count == 0 ? WEIR_CREATED : WEIR_IN],
		n);
	weir_count_add(&stage->tally[WEIR_CANCELLED], n);
}

/* Move the first @n elements of @batch to @out, or drop those that memory runs
 * out for. */
static void
append_or_lose(struct weir_stage *stage, struct weir_edge *out,
	struct weir_batch *batch, uint32_t n)
{
	uint32_t done = weir_edge_append(
		out, batch, weir_batch_item(batch, batch->head), n);

	if (done == n)
		return;
	if (out->type->drop != NULL)
		out->type->drop(
			weir_batch_item(batch, batch->head + done), n - done);
	weir_stage_lose(stage, n - done);
}

void
weir_stage_pass(struct weir_stage *stage, size_t taken, size_t kept)
{
	struct weir_edge *in = stage->inlets[0], *out = stage->outlets[0];
	struct weir_batch *batch = in->first;

	if (taken == 0)
		return;
	note_taken(in, taken);
	if ((stage->op->flags & WEIR_TALLIES) == 0)
		weir_count_add(&stage->tally[WEIR_FILTERED], taken - kept);
	if (taken == batch->count && kept > 0 && !stage->out_of_memory &&
		!joins_last(out, batch, kept)) {
		weir_edge_pop(in);
		batch->count = (uint32_t)kept;
		weir_edge_push(out, batch);
		return;
	}
	append_or_lose(stage, out, batch, (uint32_t)kept);
	batch->head += (uint32_t)taken;
	batch->count -= (uint32_t)taken;
	if (batch->count == 0)
		retire(stage, in);
}

void
weir_stage_move(
	struct weir_stage *stage, uint32_t inlet, uint32_t outlet, size_t n)
{
	struct weir_edge *in = stage->inlets[inlet];
	struct weir_edge *out = stage->outlets[outlet];

	while (n > 0) {
		struct weir_batch *batch = in->first;
		size_t some = n < batch->count ? n : batch->count;

		n -= some;
		note_taken(in, some);
		if (some == batch->count && !stage->out_of_memory) {
			weir_edge_push(out, weir_edge_pop(in));
			continue;
		}
		append_or_lose(stage, out, batch, (uint32_t)some);
		batch->head += (uint32_t)some;
		batch->count -= (uint32_t)some;
		if (batch->count == 0)
			retire(stage, in);
	}
}

/* A copy of the first @n elements of @batch, both marked as shared. */
static struct weir_batch *
batch_copy(struct weir_stage *stage, struct weir_batch *batch, uint32_t n)
{
	struct weir_system *system = stage->run->system;
	struct weir_batch *copy =
		weir_batch_acquire(system, batch->type, batch->capacity);

	if (copy == NULL)
		return NULL;
	if (batch->block_count > 0)
		batch->flags |= WEIR_BATCH_SHARED;
	if (weir_batch_inherit(system, copy, batch) < 0) {
		weir_batch_release(system, copy);
		return NULL;
	}
	memcpy(copy->items, weir_batch_item(batch, batch->head),
		(size_t)n * batch->type->size);
	copy->count = n;
	copy->origin = batch->origin;
	copy->receipt = batch->receipt;
	copy->trace_id = batch->trace_id;
	if (batch->type->share != NULL)
		batch->type->share(copy->items, n);
	return copy;
}

/* The outlet that the elements themselves go to; the others get copies. */
static struct weir_edge *
last_open(const struct weir_stage *stage)
{
	for (uint32_t i = stage->outlet_count; i-- > 0;)
		if (!stage->outlets[i]->cancelled)
			return stage->outlets[i];
	return NULL;
}

static void
copies_drop(struct weir_stage *stage)
{
	for (uint32_t i = 0; i < stage->outlet_count; i++) {
		struct weir_edge *edge = stage->outlets[i];

		weir_batch_release(stage->run->system, edge->spare);
		edge->spare = NULL;
	}
}

/* Hold a copy for each open outlet but @last in its spare place.  Returns 0 or
 * -ENOMEM. */
static int
copies_make(struct weir_stage *stage, const struct weir_edge *last,
	struct weir_batch *batch, uint32_t n)
{
	copies_drop(stage);
	for (uint32_t i = 0; stage->outlets[i] != last; i++) {
		struct weir_edge *edge = stage->outlets[i];

		if (edge->cancelled)
			continue;
		edge->spare = batch_copy(stage, batch, n);
		if (edge->spare == NULL) {
			copies_drop(stage);
			return -ENOMEM;
		}
	}
	return 0;
}

int
weir_stage_broadcast(struct weir_stage *stage, size_t n)
{
	struct weir_edge *last = last_open(stage);
	int rc;

	if (n == 0 || last == NULL)
		return 0;
	rc = copies_make(stage, last, stage->inlets[0]->first, (uint32_t)n);
	if (rc < 0)
		return rc;
	weir_stage_move(stage, 0, last->outlet, n);
	if (stage->out_of_memory) {
		copies_drop(stage);
		return -ENOMEM;
	}
	for (uint32_t i = 0; stage->outlets[i] != last; i++) {
		struct weir_edge *edge = stage->outlets[i];
		struct weir_batch *copy = edge->spare;

		edge->spare = NULL;
		if (copy != NULL)
			weir_edge_push(edge, copy);
	}
	return 0;
}

int
weir_stage_wait(struct weir_stage *stage)
{
	bool ended = true, input = false;

	for (uint32_t i = 0; i < stage->inlet_count; i++) {
		ended &= weir_inlet_ended(stage, i);
		input |= stage->inlets[i]->first != NULL;
	}
	if (ended && stage->inlet_count > 0)
		return WEIR_DONE;
	for (uint32_t i = 0; input && i < stage->outlet_count; i++)
		if (!stage->outlets[i]->cancelled &&
			weir_edge_demand(stage->outlets[i]) == 0)
			return WEIR_ROOM;
	return input ? WEIR_AGAIN : WEIR_INPUT;
}
