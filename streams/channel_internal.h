/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel_internal.h - batches and credit between two islands: the protocol
 *
 * One producer, one consumer, each an island that runs on one worker at a time.
 * What they say to each other are words, posted to the other one's mailbox,
 * which keeps the order of one sender:
 *
 *	producer -> consumer	a batch
 *				END, the last word of every channel, also after
 *				a cancel; behind the data, with the failure
 *	consumer -> producer	CREDIT, when asked for
 *				CANCEL, with its cause
 *
 * The window is the credit in batches, elements and bytes.  What was sent and
 * not taken never exceeds it, but for an element larger than the bytes: that
 * crosses only while nothing else is on its way.
 *
 * The consumer publishes how much it took, in all; these counts only grow, so
 * nothing is lost when they are read late.  A producer that is short of credit
 * sets `wanted` and looks at the counts again; the consumer takes `wanted` back
 * when half a window was taken since it last answered, and whenever it has
 * nothing more to do, and posts CREDIT if it was set.  Both use a
 * read-modify-write of the same word, so one of them sees the other.  At most
 * one CREDIT, one CANCEL and one END are on their way: with the batches of the
 * window that bounds what a channel may have in a mailbox.
 *
 * After a cancel the consumer counts late batches as taken and has them
 * released; the channel is closed once END came.
 */
#ifndef WEIR_STREAMS_CHANNEL_INTERNAL_H
#define WEIR_STREAMS_CHANNEL_INTERNAL_H

#include "../actors/atomic_internal.h"
#include "batch_internal.h"

/* In the low bits of a word: what it is.  The rest is the address of a batch,
 * or of a channel. */
enum weir_word {
	WEIR_WORD_BATCH,
	WEIR_WORD_CREDIT,
	WEIR_WORD_END,
	WEIR_WORD_CANCEL,
	WEIR_WORD_MASK = 7
};

struct weir_credit {
	uint64_t batches, elements, bytes;
};

/** Post @word to the island @end.  Returns 0, or below 0 when there is no
 *  memory for it. */
typedef int weir_channel_post_fn(void *end, uint64_t word);

struct weir_channel {
	struct weir_credit window; /* does not change */
	weir_channel_post_fn *post;
	void *producer, *consumer; /* what post() is called with */
	uint32_t port;             /* put on batches: the consumer's number */

	/* The producer's. */
	_Alignas(64) struct weir_credit sent; /* in all */
	struct weir_credit known;             /* taken, when last looked */
	bool asked;                           /* CREDIT will come */
	bool ended;                           /* END was posted */

	/* The consumer's; published to the producer. */
	_Alignas(64) _Atomic uint64_t taken_batches;
	_Atomic uint64_t taken_elements, taken_bytes;
	struct weir_credit told; /* taken, when last answered */
	bool cancelled;          /* CANCEL was posted, or need not be */
	bool closed;             /* END came */

	/* Set by the producer, taken back by the consumer. */
	_Alignas(64) _Atomic int wanted;
	/* Handed over with END, with CANCEL. */
	const void *failure, *cause;
};

void weir_channel_init(struct weir_channel *channel,
	const struct weir_credit *window, weir_channel_post_fn *post,
	void *producer, void *consumer, uint32_t port);

/* -- the producer's side -------------------------------------------------- */

/** Read anew what the consumer took. */
void weir_channel_look(struct weir_channel *channel);

/** What was sent and not taken, as far as known. */
static inline struct weir_credit
weir_channel_out(const struct weir_channel *channel)
{
	return (struct weir_credit){
		channel->sent.batches - channel->known.batches,
		channel->sent.elements - channel->known.elements,
		channel->sent.bytes - channel->known.bytes};
}

/** Whether a batch of so much may be sent, as far as known. */
bool weir_channel_may_send(
	const struct weir_channel *channel, uint64_t elements, uint64_t bytes);

/** Send @batch, which may be sent; the consumer's from then on.  Returns 0, or
 *  what post() did, and nothing happened. */
int weir_channel_send(struct weir_channel *channel, struct weir_batch *batch);

/** Ask for CREDIT, and look again.  Returns whether more credit is known than
 *  before; if not, CREDIT will come once there is. */
bool weir_channel_ask(struct weir_channel *channel);

/** CREDIT came. */
void weir_channel_credited(struct weir_channel *channel);

/** End the channel, once, with @failure (NULL: complete) behind the data.
 *  Returns as post(). */
int weir_channel_end(struct weir_channel *channel, const void *failure);

/* -- the consumer's side -------------------------------------------------- */

/** @batch came.  Returns false when it is late: the caller releases it. */
bool weir_channel_arrived(
	struct weir_channel *channel, const struct weir_batch *batch);

/** Publish that @taken, in all, was taken. */
void weir_channel_take(
	struct weir_channel *channel, const struct weir_credit *taken);

/** Answer with CREDIT if that was asked for, and if half a window was taken
 *  since, or @idle: nothing more will be taken before something arrives.
 *  Returns as post(). */
int weir_channel_tell(struct weir_channel *channel, bool idle);

/** Cancel the channel, once, for @cause.  What was sent is released from now
 *  on.  Returns as post(). */
int weir_channel_cancel(struct weir_channel *channel, const void *cause);

/** END came.  Returns the failure; NULL: completed. */
const void *weir_channel_closed(struct weir_channel *channel);

#endif /* WEIR_STREAMS_CHANNEL_INTERNAL_H */
