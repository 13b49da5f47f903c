/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge.c - batches on their way from an outlet to an inlet
 *
 * The demand rule: the inlet's side grants (granted grows), the outlet's side
 * sends no more than that, and nobody takes back.  Room in an outlet is
 * granted - sent; it is counted in elements, so a grant of one lets exactly
 * one element through however large a batch is.
 */
#include "run_internal.h"

#include <errno.h>
#include <string.h>

uint64_t
weir_slices_bytes(const void *items, size_t n)
{
	const weir_record *slices = items;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += slices[i].length;
	return bytes;
}

/* Tell the other end of @edge that something was sent. */
static void
note_there(struct weir_edge *edge)
{
	if (edge->to == NULL)
		edge->from->island->dirty = true;
	else if (edge->to->wait == WEIR_INPUT)
		weir_stage_ready(edge->to);
}

static void
note_sent(struct weir_edge *edge, struct weir_batch *batch, const char *items,
	uint32_t n)
{
	/* Release: who sees it sees what was granted before. */
	weir_store(&edge->sent, weir_count_of(&edge->sent) + n, release);
	edge->from->step_put += n;
	if (weir_edge_waiting(edge) > weir_count_of(&edge->waiting_max))
		weir_store(
			&edge->waiting_max, weir_edge_waiting(edge), relaxed);
	if (edge->slices) {
		uint64_t bytes = weir_slices_bytes(items, n);

		batch->bytes += bytes;
		weir_count_add(&edge->bytes_sent, bytes);
		weir_count_add(&edge->from->bytes_out, bytes);
	}
	note_there(edge);
}

void
weir_edge_link(struct weir_edge *edge, struct weir_batch *batch)
{
	batch->next = NULL;
	if (edge->last == NULL)
		edge->first = batch;
	else
		edge->last->next = batch;
	edge->last = batch;
}

void
weir_edge_push(struct weir_edge *edge, struct weir_batch *batch)
{
	weir_edge_link(edge, batch);
	weir_count_add(&edge->from->batches, 1);
	batch->bytes = 0;
	note_sent(
		edge, batch, weir_batch_item(batch, batch->head), batch->count);
}

void
weir_edge_take(struct weir_edge *edge, size_t n)
{
	struct weir_batch *batch = edge->first;

	/* Release: who sees it sees what was sent before. */
	weir_store(&edge->taken, weir_count_of(&edge->taken) + n, release);
	/* What is left of a batch is counted when it is popped, by what was
	 * put: its slices may have been changed in between. */
	if (edge->slices && n < batch->count) {
		uint64_t bytes = weir_slices_bytes(
			weir_batch_item(batch, batch->head), n);

		edge->first_bytes += bytes;
		weir_count_add(&edge->bytes_taken, bytes);
	}
}

struct weir_batch *
weir_edge_pop(struct weir_edge *edge)
{
	struct weir_batch *batch = edge->first;

	edge->first = batch->next;
	if (edge->first == NULL)
		edge->last = NULL;
	batch->next = NULL;
	if (edge->slices) {
		weir_count_add(
			&edge->bytes_taken, batch->bytes - edge->first_bytes);
		edge->first_bytes = 0;
	}
	if (edge->boundary != NULL && edge->from == NULL) {
		edge->boundary->popped.batches++;
		edge->boundary->popped.bytes += batch->bytes;
	}
	return batch;
}

bool
weir_edge_may_append(const struct weir_edge *edge, uint32_t origin, size_t kept)
{
	const struct weir_batch *batch = edge->last;

	return batch != NULL && !edge->whole &&
	       batch->head + batch->count + kept <= batch->capacity &&
	       batch->origin == origin &&
	       batch->block_count < WEIR_BATCH_BLOCKS_MAX;
}

struct weir_batch *
weir_edge_room(struct weir_edge *edge)
{
	struct weir_run *run = edge->run;

	if (weir_edge_may_append(edge, edge->origin, 1))
		return edge->room = edge->last;
	if (edge->spare == NULL)
		edge->spare = weir_batch_acquire(
			run->system, edge->type, run->batch_items);
	if (edge->spare != NULL)
		edge->spare->origin = edge->origin;
	return edge->room = edge->spare;
}

/* Let the slices put on @batch point where those of this step's inlets point,
 * and into what was attached.  Returns 0, or below 0 when out of memory. */
static int
hold_blocks(struct weir_edge *edge, struct weir_batch *batch)
{
	struct weir_stage *stage = edge->from;
	struct weir_system *system = stage->run->system;
	int rc = 0;

	for (uint32_t i = 0; i < edge->attached_count; i++)
		rc |= weir_batch_attach(system, batch, edge->attached[i]);
	for (struct weir_batch *b = stage->retired; b != NULL; b = b->next)
		rc |= weir_batch_inherit(system, batch, b);
	for (uint32_t i = 0; i < stage->inlet_count; i++) {
		struct weir_batch *front = stage->inlets[i]->first;

		if (!stage->inlets[i]->slices || front == NULL)
			continue;
		if (batch->inherited == front->serial &&
			batch->inherited_blocks == front->block_count)
			continue;
		rc |= weir_batch_inherit(system, batch, front);
		batch->inherited = front->serial;
		batch->inherited_blocks = front->block_count;
	}
	return rc;
}

/* Count the @n elements written behind those of edge->room. */
static void
commit(struct weir_edge *edge, uint32_t n)
{
	struct weir_batch *batch = edge->room;
	char *items = weir_batch_item(batch, batch->head + batch->count);

	batch->count += n;
	if (batch != edge->spare) {
		note_sent(edge, batch, items, n);
		return;
	}
	edge->spare = NULL;
	weir_edge_push(edge, batch);
}

void
weir_edge_put(struct weir_edge *edge, uint32_t n)
{
	/* What points into blocks that nobody holds must not go on, nor what
	 * comes behind something that was lost. */
	if (edge->from->out_of_memory ||
		(edge->slices && hold_blocks(edge, edge->room) < 0))
		weir_stage_lose(edge->from, n);
	else
		commit(edge, n);
}

uint32_t
weir_edge_append(struct weir_edge *edge, struct weir_batch *from,
	const char *items, uint32_t n)
{
	struct weir_system *system = edge->run->system;
	uint32_t origin = edge->origin, done = 0;

	edge->origin = from->origin;
	while (done < n && !edge->from->out_of_memory) {
		struct weir_batch *batch = weir_edge_room(edge);
		uint32_t fits = n - done;

		if (batch == NULL || (edge->slices && weir_batch_inherit(system,
							      batch, from) < 0))
			break;
		if (fits > batch->capacity - batch->head - batch->count)
			fits = batch->capacity - batch->head - batch->count;
		memcpy(weir_batch_item(batch, batch->head + batch->count),
			items + (size_t)done * edge->type->size,
			(size_t)fits * edge->type->size);
		commit(edge, fits);
		done += fits;
	}
	edge->origin = origin;
	if (done < n)
		edge->from->out_of_memory = true;
	return done;
}

uint64_t
weir_edge_bytes_waiting(const struct weir_edge *edge)
{
	uint64_t taken = weir_count_of(&edge->bytes_taken);
	uint64_t sent = weir_count_of(&edge->bytes_sent);

	if (edge->boundary != NULL && edge->to == NULL)
		return weir_near_bytes_waiting(edge);
	/* Slices that were made longer where they wait. */
	return sent > taken ? sent - taken : 0;
}

uint64_t
weir_edge_clear(struct weir_edge *edge)
{
	struct weir_system *system = edge->run->system;
	uint64_t n = weir_edge_waiting(edge);

	while (edge->first != NULL)
		weir_batch_release(system, weir_edge_pop(edge));
	weir_count_add(&edge->taken, n);
	return n;
}

void
weir_edge_end(struct weir_edge *edge, const struct weir_error *failure)
{
	if (edge->ended)
		return;
	edge->ended = true;
	edge->failure = failure;
	if (edge->to == NULL) {
		edge->from->island->dirty = true;
		return;
	}
	edge->to->attention = true;
	edge->to->failing |= failure != NULL;
	if (!edge->to->ended)
		weir_stage_ready(edge->to);
}

/* Nobody takes what is put on @edge any more. */
static void
tell_outlet(struct weir_edge *edge)
{
	struct weir_stage *from = edge->from;

	if (edge->ended)
		return;
	from->open_outlets--;
	from->attention = true;
	if (!from->ended)
		weir_stage_ready(from);
}

void
weir_edge_cancel(struct weir_edge *edge, const struct weir_error *cause)
{
	struct weir_stage *to = edge->to;
	uint64_t n;

	if (edge->cancelled)
		return;
	edge->cancelled = true;
	edge->cause = cause;
	n = weir_edge_clear(edge);
	if (to == NULL) {
		weir_count_add(&edge->boundary->lost, n);
	} else {
		weir_count_add(&to->tally[WEIR_IN], n);
		weir_count_add(&to->tally[WEIR_CANCELLED], n);
	}
	if (edge->from == NULL)
		weir_far_cancel(edge, cause);
	else
		tell_outlet(edge);
}
