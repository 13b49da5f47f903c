/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h - bounded queue of many senders and one consumer
 *
 * Every actor has one inside; here is the same one for programs that want just
 * the queue.  A message is a word of 64 bits, a pointer or a small value, and
 * any value will do.  Any thread may send.  One thread at a time receives: the
 * one that created the mailbox, until it hands it over.
 *
 * It is bounded in messages and, if asked for, in bytes; what a send at the
 * bound does is chosen when it is created.  FIFO per sender; no order between
 * senders.  A few messages live in the mailbox itself, more of them in rings of
 * its system's pool, which go back when the mailbox is asleep or destroyed.
 *
 * A sender that is stopped half-way hides the messages behind its own until it
 * goes on; nobody waits in a loop for it.
 *
 * Algorithm: after D. Vyukov, "Bounded MPMC queue" (1024cores.net), with one
 * consumer, and with the ring's name and an idle bit in the position's word.
 */
#ifndef WEIR_ACTORS_MAILBOX_H
#define WEIR_ACTORS_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export.h"

WEIR_BEGIN

struct weir_mailbox;
struct weir_system;

/** What happens to a message that meets a mailbox at its bound. */
enum weir_overflow {
	WEIR_OVERFLOW_REJECT,   /* -EAGAIN: its sender keeps it */
	WEIR_OVERFLOW_WAIT,     /* -EAGAIN, or the sender waits for room */
	WEIR_OVERFLOW_DROP_NEW, /* it is released and counted */
	WEIR_OVERFLOW_DROP_OLD, /* the oldest one is released and counted */
	WEIR_OVERFLOW_FAIL,     /* -EAGAIN, and the receiver is told */
};

/** Zero or NULL in any field means the default. */
struct weir_mailbox_opts {
	/* Messages, up to 2^30 (1024).  Where the oldest are dropped: a power
	 * of two from 2 to 16384. */
	uint32_t bound;
	enum weir_overflow overflow; /* WEIR_OVERFLOW_REJECT */
	/* Bytes of all messages in it together (no bound), and how many a
	 * message has, called by the sender and by the consumer.  A message
	 * above the bound is taken when there is no other.  Not where the
	 * oldest are dropped. */
	uint64_t bytes_max;
	size_t (*bytes_of)(void *ctx, uint64_t word);
	/* Releases a message that is dropped, or left when the mailbox is
	 * destroyed; once each.  The thread that sends, or destroys (nothing
	 * to release). */
	void (*drop)(void *ctx, uint64_t word);
	/* The mailbox was asleep, and is awake: receive.  The thread that
	 * sends, or shuts down; it must not block (nobody is told). */
	void (*wake)(void *ctx);
	void *ctx; /* of the three above */
};

/** What a mailbox counted; 36 bits of sent, then from 0 again. */
struct weir_mailbox_stats {
	uint64_t sent;    /* taken in, those dropped as the oldest included */
	uint64_t refused; /* left with their senders, shut down or not */
	uint64_t dropped; /* released by the policy */
	uint32_t waiting; /* sent and not received */
	uint32_t high;    /* the most waiting that a send which looked saw */
};

/**
 * Create a mailbox on @system, which must outlive it.  On success *@ret is
 * owned by the caller, to be passed to weir_mailbox_destroy(); it is awake, and
 * the caller is its consumer.  Returns 0, -EINVAL (a bound that is not allowed,
 * bytes_max without bytes_of) or -ENOMEM.  Any thread.
 */
WEIR_API int weir_mailbox_create(struct weir_system *system,
	const struct weir_mailbox_opts *opts, struct weir_mailbox **ret);

/** Free @mb (NULL allowed), which no other thread may be using.  Messages left
 *  in it are dropped. */
WEIR_API void weir_mailbox_destroy(struct weir_mailbox *mb);

/**
 * Send @word.  Returns 0: it is the mailbox's (and was dropped, if that is the
 * policy and it stood at its bound); else the caller keeps it: -EAGAIN (at the
 * bound), -ESHUTDOWN, or -ENOMEM (no memory for a ring, below the bound).  Any
 * thread.  Never blocks; senders do not wait for each other.
 */
WEIR_API int weir_mailbox_send(struct weir_mailbox *mb, uint64_t word);

/**
 * Send @n (above 0) of @words, as many as there is room for, with one claim.
 * Returns 0, and in *@ret_n how many were sent, in front, at least 1; else an
 * error as weir_mailbox_send(), and none was sent.  Any thread.  Never blocks.
 */
WEIR_API int weir_mailbox_send_n(struct weir_mailbox *mb, const uint64_t *words,
	size_t n, size_t *ret_n);

/**
 * Send @word, and while the mailbox stands at its bound, wait for room, at most
 * @timeout_ns (negative: no limit).  Only where overflow is WEIR_OVERFLOW_WAIT.
 * Returns as weir_mailbox_send(), -EINVAL (another policy), and -ETIMEDOUT
 * instead of -EAGAIN.  Not the consumer, which would wait for itself.  Who
 * waits is woken when the consumer has made room for half of the bound, finds
 * the mailbox empty, or shuts it down; no order among those who wait.  Blocks.
 */
WEIR_API int weir_mailbox_send_wait(
	struct weir_mailbox *mb, uint64_t word, int64_t timeout_ns);

/**
 * A thread's burst of sends: it predicts from its last send where the mailbox
 * stands, which saves a load that would wait for it.  For a thread that sends
 * many, alone for the time being; else as dear as weir_mailbox_send().  To be
 * written by weir_mailbox_burst_start() alone, used by one thread, and left
 * when no longer used; it holds nothing.
 */
struct weir_mailbox_burst {
	struct weir_mailbox *mailbox;
	uint64_t ticket, limit;
};

/** Begin a burst of sends to @mb. */
WEIR_API void weir_mailbox_burst_start(
	struct weir_mailbox_burst *burst, struct weir_mailbox *mb);

/** As weir_mailbox_send(), to the mailbox of @burst. */
WEIR_API int weir_mailbox_burst_send(
	struct weir_mailbox_burst *burst, uint64_t word);

/**
 * Receive up to @max of the oldest messages into @words, now the caller's;
 * returns how many.  0: there is none, or a sender is half-way.  Consumer.
 * Never blocks.
 */
WEIR_API size_t weir_mailbox_recv(
	struct weir_mailbox *mb, uint64_t *words, size_t max);

/**
 * Put an empty mailbox to sleep, so that the next send calls wake().  True: it
 * is asleep, and the caller is no longer its consumer: who is called wake() is,
 * or hands it on.  False: there is something to look at, or a sender is
 * half-way: receive again, or later.  Consumer.  Never blocks.
 */
WEIR_API bool weir_mailbox_sleep(struct weir_mailbox *mb);

/** Whether a send met the bound since this was asked last; where overflow is
 *  WEIR_OVERFLOW_FAIL.  A mailbox does not sleep before.  Consumer. */
WEIR_API bool weir_mailbox_overflowed(struct weir_mailbox *mb);

/**
 * Let later sends return -ESHUTDOWN; who waits for room is woken for it, and so
 * is a consumer that sleeps, once.  What was sent before can be received.  Any
 * thread.
 */
WEIR_API void weir_mailbox_shutdown(struct weir_mailbox *mb);

/** Whether weir_mailbox_shutdown() was called.  Any thread. */
WEIR_API bool weir_mailbox_is_shut_down(const struct weir_mailbox *mb);

/** Write what @mb counted into *@ret, each figure as of some moment. */
WEIR_API void weir_mailbox_statistics(
	const struct weir_mailbox *mb, struct weir_mailbox_stats *ret);

WEIR_END

#endif /* WEIR_ACTORS_MAILBOX_H */
