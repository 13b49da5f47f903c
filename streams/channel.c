/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.c - batches and credit between two islands: the protocol
 *
 * It knows atomics, the header of a batch and post(), nothing else, so that
 * the schedule explorer can run it as it is.
 */
#include "channel_internal.h"

#include <string.h>

void
weir_channel_init(struct weir_channel *channel,
	const struct weir_credit *window, weir_channel_post_fn *post,
	void *producer, void *consumer, uint32_t port)
{
	memset(channel, 0, sizeof(*channel));
	channel->window = *window;
	channel->post = post;
	channel->producer = producer;
	channel->consumer = consumer;
	channel->port = port;
}

static uint64_t
word_of(const void *address, enum weir_word what)
{
	return (uint64_t)(uintptr_t)address | (uint64_t)what;
}

/* -- the producer's side -------------------------------------------------- */

void
weir_channel_look(struct weir_channel *channel)
{
	/* Each pairs with the release in take: what the batches taken held was
	 * given back before. */
	channel->known.batches = weir_load(&channel->taken_batches, acquire);
	channel->known.elements = weir_load(&channel->taken_elements, acquire);
	channel->known.bytes = weir_load(&channel->taken_bytes, acquire);
}

bool
weir_channel_may_send(
	const struct weir_channel *channel, uint64_t elements, uint64_t bytes)
{
	struct weir_credit out = weir_channel_out(channel);

	if (out.batches >= channel->window.batches ||
		out.elements + elements > channel->window.elements)
		return false;
	/* One element that is larger than the window crosses an empty
	 * channel. */
	return out.bytes + bytes <= channel->window.bytes ||
	       (out.batches == 0 && elements == 1);
}

int
weir_channel_send(struct weir_channel *channel, struct weir_batch *batch)
{
	/* Not to be looked at any more once it is posted. */
	uint32_t elements = batch->count;
	uint64_t bytes = batch->bytes;
	int rc;

	batch->port = channel->port;
	rc = channel->post(channel->consumer, word_of(batch, WEIR_WORD_BATCH));
	if (rc < 0)
		return rc;
	channel->sent.batches++;
	channel->sent.elements += elements;
	channel->sent.bytes += bytes;
	return 0;
}

bool
weir_channel_ask(struct weir_channel *channel)
{
	struct weir_credit known = channel->known;

	if (!channel->asked) {
		channel->asked = true;
		/* Pairs with the exchange in tell: it comes later and finds
		 * this, or came before, and what it had published is seen. */
		(void)weir_exchange(&channel->wanted, 1, acq_rel);
	}
	weir_channel_look(channel);
	return channel->known.batches != known.batches ||
	       channel->known.elements != known.elements ||
	       channel->known.bytes != known.bytes;
}

void
weir_channel_credited(struct weir_channel *channel)
{
	channel->asked = false;
	weir_channel_look(channel);
}

int
weir_channel_end(struct weir_channel *channel, const void *failure)
{
	int rc;

	if (channel->ended)
		return 0;
	weir_plain_store(&channel->failure, failure);
	rc = channel->post(channel->consumer, word_of(channel, WEIR_WORD_END));
	if (rc == 0)
		channel->ended = true;
	return rc;
}

/* -- the consumer's side -------------------------------------------------- */

bool
weir_channel_arrived(
	struct weir_channel *channel, const struct weir_batch *batch)
{
	(void)batch;
	return !channel->cancelled;
}

void
weir_channel_take(struct weir_channel *channel, const struct weir_credit *taken)
{
	/* Each pairs with the acquire in look. */
	weir_store(&channel->taken_elements, taken->elements, release);
	weir_store(&channel->taken_bytes, taken->bytes, release);
	weir_store(&channel->taken_batches, taken->batches, release);
}

/* Whether @taken is half of @window more than @told. */
static bool
is_half(uint64_t taken, uint64_t told, uint64_t window)
{
	return taken != told && taken - told >= window / 2;
}

int
weir_channel_tell(struct weir_channel *channel, bool idle)
{
	const struct weir_credit *told = &channel->told;
	/* This side wrote them. */
	struct weir_credit taken = {weir_load(&channel->taken_batches, relaxed),
		weir_load(&channel->taken_elements, relaxed),
		weir_load(&channel->taken_bytes, relaxed)};

	/* Nobody waits for credit any more once END came. */
	if (channel->closed)
		return 0;
	if (taken.batches == told->batches &&
		taken.elements == told->elements && taken.bytes == told->bytes)
		return 0;
	if (!idle &&
		!is_half(taken.batches, told->batches,
			channel->window.batches) &&
		!is_half(taken.elements, told->elements,
			channel->window.elements) &&
		!is_half(taken.bytes, told->bytes, channel->window.bytes))
		return 0;
	channel->told = taken;
	/* Pairs with the exchange in ask. */
	if (weir_exchange(&channel->wanted, 0, acq_rel) == 0)
		return 0;
	return channel->post(
		channel->producer, word_of(channel, WEIR_WORD_CREDIT));
}

int
weir_channel_cancel(struct weir_channel *channel, const void *cause)
{
	if (channel->cancelled || channel->closed)
		return 0;
	channel->cancelled = true;
	weir_plain_store(&channel->cause, cause);
	return channel->post(
		channel->producer, word_of(channel, WEIR_WORD_CANCEL));
}

const void *
weir_channel_closed(struct weir_channel *channel)
{
	channel->closed = true;
	return weir_plain_load(&channel->failure);
}
