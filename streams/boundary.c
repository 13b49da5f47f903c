/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boundary.c - an edge between two islands
 *
 * The near half is where the producer's outlet ends: its batches go into the
 * channel as credit allows, full ones at once, small ones when nothing else is
 * to be done.  What finds no credit waits in the near half, and what is put
 * then goes behind it, into the batch that waits there if it has room.
 *
 * The far half is the consumer's inlet.  What came lies in it until the stage
 * takes it, so that is within the window, and so is what was granted:
 *
 *	taken <= sent <= granted <= taken + window
 *
 * A near half of slices is granted a batch at a time, and nothing more while
 * the window in bytes is full.
 */
#include "run_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A word found no place: without it the other side would wait for ever. */
static void
post_failed(struct weir_run *run, int rc)
{
	static const struct weir_error full = {.code = -ENOMEM,
		.stage = "graph",
		.text = "out of memory for what crosses a boundary",
		.stage_index = WEIR_NOBODY};

	if (rc >= 0)
		return;
	/* Pairs with the acquire in turns; the abort tells them to look. */
	weir_store(&run->broken, 1, release);
	weir_run_abort(run, &full);
}

/* -- the producer's side -------------------------------------------------- */

uint64_t
weir_near_waiting(const struct weir_edge *edge)
{
	struct weir_channel *channel = &edge->boundary->channel;

	weir_channel_look(channel);
	return weir_count_of(&edge->sent) - channel->known.elements;
}

uint64_t
weir_near_bytes_waiting(const struct weir_edge *edge)
{
	uint64_t sent = weir_count_of(&edge->bytes_sent);
	uint64_t taken =
		weir_load(&edge->boundary->channel.taken_bytes, relaxed);

	return sent > taken ? sent - taken : 0;
}

/* Let the stage before @near go on, if that is what it waits for. */
static void
near_wake(struct weir_edge *near)
{
	if (near->from->wait == WEIR_ROOM && !near->from->ended &&
		weir_edge_demand(near) > 0)
		weir_stage_ready(near->from);
}

/* Grant @near what the window has left. */
static void
near_grant(struct weir_edge *near)
{
	const struct weir_channel *channel = &near->boundary->channel;
	uint64_t sent = weir_count_of(&near->sent);
	uint64_t granted = channel->known.elements + channel->window.elements;

	if (near->cancelled || near->ended)
		return;
	if (near->slices) {
		if (weir_count_of(&near->bytes_sent) - channel->known.bytes >=
			channel->window.bytes)
			return;
		if (granted > sent + near->run->batch_items)
			granted = sent + near->run->batch_items;
	}
	if (granted <= weir_count_of(&near->granted))
		return;
	weir_store(&near->granted, granted, relaxed);
	weir_stage_regrant(near->from);
	near_wake(near);
}

/* How many of the first elements of @batch the credit in bytes allows. */
static uint32_t
fit(const struct weir_edge *near, struct weir_batch *batch)
{
	const struct weir_channel *channel = &near->boundary->channel;
	struct weir_credit out = weir_channel_out(channel);
	const weir_record *slices =
		(const void *)weir_batch_item(batch, batch->head);
	uint64_t bytes = out.bytes;
	uint32_t n = 0;

	while (n < batch->count &&
		bytes + slices[n].length <= channel->window.bytes)
		bytes += slices[n++].length;
	return n == 0 && out.batches == 0 ? 1 : n;
}

/* Cut the first @n elements off the first batch of @near: they become the
 * first batch.  Returns whether there was memory for that. */
static bool
split(struct weir_edge *near, uint32_t n)
{
	struct weir_batch *rest = near->first, *batch;
	struct weir_system *system = near->run->system;

	batch = weir_batch_acquire(system, near->type, rest->capacity);
	if (batch == NULL || weir_batch_inherit(system, batch, rest) < 0) {
		weir_batch_release(system, batch);
		return false;
	}
	memcpy(weir_batch_item(batch, 0), weir_batch_item(rest, rest->head),
		(size_t)n * near->type->size);
	batch->origin = rest->origin;
	batch->count = n;
	batch->bytes = weir_slices_bytes(weir_batch_item(batch, 0), n);
	rest->head += n;
	rest->count -= n;
	rest->bytes -= batch->bytes;
	batch->next = rest;
	near->first = batch;
	return true;
}

/* Send the first batch of @near, or as much of it as there is credit for.
 * Returns whether anything went. */
static bool
send_first(struct weir_edge *near)
{
	struct weir_boundary *boundary = near->boundary;
	struct weir_channel *channel = &boundary->channel;
	struct weir_batch *batch = near->first;
	struct weir_credit out;
	uint32_t n;
	int rc;

	if (!weir_channel_may_send(channel, batch->count, batch->bytes)) {
		if (!near->slices || weir_channel_out(channel).batches >=
					     channel->window.batches)
			return false;
		n = fit(near, batch);
		if (n == 0)
			return false;
		if (n < batch->count && !split(near, n)) {
			post_failed(near->run, -ENOMEM);
			return false;
		}
		batch = near->first;
	}
	n = batch->count;
	near->first = batch->next;
	if (near->first == NULL)
		near->last = NULL;
	batch->next = NULL;
	weir_count_add(&near->taken, n);
	weir_count_add(&near->bytes_taken, batch->bytes);
	rc = weir_channel_send(channel, batch);
	if (rc < 0) {
		weir_batch_release(near->run->system, batch);
		weir_count_add(&boundary->lost, n);
		post_failed(near->run, rc);
		return false;
	}
	out = weir_channel_out(channel);
	if (out.bytes > weir_count_of(&boundary->bytes_out_max))
		weir_store(&boundary->bytes_out_max, out.bytes, relaxed);
	return true;
}

/* Whether @batch, the last one, is worth to be sent by itself. */
static bool
is_full(const struct weir_batch *batch)
{
	return batch->count >= batch->capacity / 2 ||
	       batch->head + batch->count == batch->capacity;
}

static void
near_send(struct weir_edge *near, bool all)
{
	while (near->first != NULL) {
		if (!all && near->first->next == NULL && !near->ended &&
			!near->whole && !is_full(near->first)) {
			near->from->island->held_back = true;
			return;
		}
		if (!send_first(near))
			return;
	}
}

/* All was sent that will be. */
static void
near_close(struct weir_edge *near)
{
	struct weir_boundary *boundary = near->boundary;
	int rc;

	if (boundary->channel.ended)
		return;
	rc = weir_channel_end(&boundary->channel, near->failure);
	if (rc < 0)
		post_failed(near->run, rc);
	boundary->channel.ended = true;
	weir_island_ended_one(boundary->producer);
}

/* Whether something of @near waits for credit. */
static bool
is_short(const struct weir_edge *near)
{
	return near->first != NULL || weir_edge_demand(near) == 0 ||
	       near->from->wait == WEIR_ROOM;
}

static void
note_most(struct weir_edge *near)
{
	uint64_t out = weir_count_of(&near->sent) -
		       near->boundary->channel.known.elements;

	if (out > weir_count_of(&near->waiting_max))
		weir_store(&near->waiting_max, out, relaxed);
}

/* Send what may be sent; grant what may be granted; ask for what is missing. */
static void
near_flush(struct weir_edge *near, bool all)
{
	struct weir_boundary *boundary = near->boundary;

	if (boundary->channel.ended)
		return;
	note_most(near);
	if (near->ended && near->failure != NULL && boundary->fast)
		weir_count_add(&boundary->lost, weir_edge_clear(near));
	for (;;) {
		near_send(near, all);
		if (near->ended && near->first == NULL) {
			near_close(near);
			return;
		}
		near_grant(near);
		if (!is_short(near) || !weir_channel_ask(&boundary->channel))
			return;
		near_grant(near);
		near_wake(near);
		if (near->first == NULL)
			return;
	}
}

void
weir_nears_flush(struct weir_island *island, bool all)
{
	island->dirty = false;
	island->held_back = false;
	for (uint32_t i = 0; i < island->near_count; i++)
		near_flush(island->nears[i], all);
}

void
weir_nears_abort(struct weir_island *island)
{
	for (uint32_t i = 0; i < island->near_count; i++) {
		struct weir_edge *near = island->nears[i];

		weir_count_add(&near->boundary->lost, weir_edge_clear(near));
		near_close(near);
	}
}

/* The consumer wants nothing more. */
static void
near_cancelled(struct weir_edge *near)
{
	weir_edge_cancel(near, weir_plain_load(&near->boundary->channel.cause));
	near_close(near);
}

static void
near_credited(struct weir_edge *near)
{
	weir_channel_credited(&near->boundary->channel);
	if (near->boundary->channel.ended)
		return;
	near_send(near, false);
	near_grant(near);
	near_wake(near);
	/* What is still missing is asked for after the next step. */
	near->from->island->dirty = true;
}

/* -- the consumer's side -------------------------------------------------- */

static void
far_publish(struct weir_edge *far)
{
	struct weir_boundary *boundary = far->boundary;

	boundary->popped.elements = weir_count_of(&far->taken);
	weir_channel_take(&boundary->channel, &boundary->popped);
}

static void
far_tell(struct weir_edge *far, bool idle)
{
	post_failed(far->run, weir_channel_tell(&far->boundary->channel, idle));
}

void
weir_fars_publish(struct weir_stage *stage)
{
	for (uint32_t i = 0; i < stage->inlet_count; i++) {
		struct weir_edge *far = stage->inlets[i];

		if (far->from != NULL)
			continue;
		far_publish(far);
		far_tell(far, false);
	}
}

void
weir_fars_idle(struct weir_island *island)
{
	for (uint32_t i = 0; i < island->far_count; i++)
		far_tell(island->fars[i], true);
}

void
weir_far_cancel(struct weir_edge *far, const struct weir_error *cause)
{
	far_publish(far);
	post_failed(
		far->run, weir_channel_cancel(&far->boundary->channel, cause));
}

/* Count @n elements that came too late. */
static void
drop_late(struct weir_edge *far, struct weir_batch *batch)
{
	uint32_t n = batch->count;

	weir_count_add(&far->sent, n);
	weir_count_add(&far->taken, n);
	weir_count_add(&far->to->tally[WEIR_IN], n);
	weir_count_add(&far->to->tally[WEIR_CANCELLED], n);
	weir_batch_release(far->run->system, batch);
}

static void
far_arrived(struct weir_edge *far, struct weir_batch *batch)
{
	if (!weir_channel_arrived(&far->boundary->channel, batch) ||
		far->cancelled) {
		drop_late(far, batch);
		return;
	}
	weir_edge_link(far, batch);
	weir_count_add(&far->sent, batch->count);
	weir_count_add(&far->bytes_sent, batch->bytes);
	if (far->to->wait == WEIR_INPUT)
		weir_stage_ready(far->to);
}

static void
far_ended(struct weir_edge *far)
{
	const struct weir_error *failure;

	if (far->boundary->channel.closed)
		return;
	failure = weir_channel_closed(&far->boundary->channel);

	if (!far->cancelled)
		weir_edge_end(far, failure);
	weir_island_ended_one(far->boundary->consumer);
}

void
weir_fars_close(struct weir_island *island)
{
	for (uint32_t i = 0; i < island->far_count; i++) {
		struct weir_channel *channel =
			&island->fars[i]->boundary->channel;

		if (channel->closed)
			continue;
		/* With which failure it ended nobody is to be told. */
		channel->closed = true;
		weir_island_ended_one(island);
	}
}

void
weir_boundary_word(struct weir_island *island, uint64_t word)
{
	uint64_t address = word & ~(uint64_t)WEIR_WORD_MASK;
	struct weir_boundary *boundary = (void *)(uintptr_t)address;
	struct weir_batch *batch = (void *)(uintptr_t)address;

	_Static_assert(offsetof(struct weir_boundary, channel) == 0,
		"a channel is named by the address of its boundary");
	switch ((enum weir_word)(word & WEIR_WORD_MASK)) {
	case WEIR_WORD_BATCH:
		far_arrived(island->run->boundaries[batch->port].far, batch);
		break;
	case WEIR_WORD_CREDIT:
		near_credited(boundary->near);
		break;
	case WEIR_WORD_END:
		far_ended(boundary->far);
		break;
	case WEIR_WORD_CANCEL:
		near_cancelled(boundary->near);
		break;
	default:
		assert(!"a word of no kind");
	}
}
