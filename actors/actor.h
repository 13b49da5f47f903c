/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor.h - state that is changed by one message at a time
 *
 * An actor is private state, a bounded mailbox and a function that receives.
 * Any thread may send to it; it runs on one worker at a time and handles its
 * messages in the order in which each sender sent them.  Messages of different
 * senders have no order.  protocol.h puts types around all of this: begin
 * there, and use what is here for what has no type.
 *
 * Bounded: a mailbox holds as many messages as its actor was given, and the
 * policy says what happens to one more.  Messages of up to eight bytes travel
 * in the mailbox itself, larger ones in blocks of pools that each worker has;
 * after a while neither asks the allocator for anything.
 *
 * Every message is released exactly once, by the behaviour's drop function if
 * it has one: after it was handled, when it is dropped by policy, when its
 * actor stops before it came to it, and when the system is destroyed.  A
 * message that was refused stays the sender's.
 *
 * A message to an actor that is gone is refused, and never reaches another one
 * that took its place: ids carry a generation of 22 bits.  The model is C.
 * Hewitt's (IJCAI 1973); ids with generations are those of slot maps.
 */
#ifndef WEIR_ACTORS_ACTOR_H
#define WEIR_ACTORS_ACTOR_H

#include "mailbox.h"
#include "system.h"

#ifndef __cplusplus
#include <stdbool.h>
#endif

WEIR_BEGIN

/** The actor a handler runs for; valid within the handler only. */
struct weir_actor;

/** The name of an actor, a value that may be kept as long as its system lives.
 *  All zero names nobody. */
struct weir_ref {
	struct weir_system *system;
	uint64_t id; /* node 16 bits, generation 22, index 26 */
};

/** Largest message, in bytes, and its alignment; what is larger goes by
 *  pointer. */
#define WEIR_MESSAGE_MAX 4080
#define WEIR_MESSAGE_ALIGNED 16

/** Where an actor runs. */
enum weir_dispatcher {
	WEIR_DISPATCH_DEFAULT = 0, /* on whichever worker is near */
	WEIR_DISPATCH_PINNED,      /* on a thread of its own */
};

/**
 * What actors of one kind do: usually written by the macros of protocol.h.
 * It must live as long as the system.  Every function is called on the
 * worker that runs the actor at that time, and should not block.
 */
struct weir_behaviour {
	const char *name;
	size_t message_bytes; /* of each message, at most WEIR_MESSAGE_MAX */
	size_t state_bytes;   /* may be 0 */

	/* Before the first message; a negative errno fails the actor.  NULL:
	 * the state is ready as it was given. */
	int (*init)(struct weir_actor *self, void *state);

	/* Handles *message, which is valid until the return.  What is still
	 * in it then is dropped: whoever takes something out clears it there.
	 * Returns 0, or a negative errno, which fails the actor. */
	int (*receive)(struct weir_actor *self, void *state, void *message);

	/* Once, when it stops or fails, or its system is destroyed: then on
	 * the destroying thread.  Messages it sends are sent.  May be NULL. */
	void (*stop)(struct weir_actor *self, void *state);

	/* Releases what *message holds, not its memory; any thread.  NULL:
	 * plain data. */
	void (*drop)(void *message);

	/* How many bytes a message counts for where a mailbox is bounded in
	 * bytes; the sender's thread, and the actor's.  NULL: message_bytes. */
	size_t (*weigh)(const void *message);
};

/** Zero or NULL in any field means the default. */
struct weir_spawn_opts {
	const char *name; /* in statistics, copied; the behaviour's */
	/* Messages its mailbox holds, up to 2^30; 1024.  Where the oldest are
	 * dropped: a power of two from 2 to 16384. */
	size_t mailbox_items;
	/* Bytes of all messages in it together; no bound.  One that is larger
	 * is taken when there is no other.  Not where the oldest are dropped.
	 */
	size_t mailbox_bytes;
	size_t outbox_items; /* its own messages that may wait; 64, max. 128 */
	enum weir_overflow overflow;
	enum weir_dispatcher dispatcher;
	unsigned budget; /* messages in one turn; 128 */
};

/**
 * Make an actor of @behaviour whose state is a copy of the @behaviour's
 * state_bytes at @state (NULL: zeroed).  Its init runs later, as its first
 * turn.  Starts the other workers of @system if it has any; a system of one
 * worker runs its actors inside weir_system_run().
 *
 * Returns 0 with its name in *@ret, -EINVAL (a bound too large, a message too
 * large, an unknown policy), -ENOMEM, -ESHUTDOWN (@system is being
 * destroyed), or the error of pthread_create().  Any thread, handlers too.
 */
WEIR_API int weir_spawn(struct weir_system *system,
	const struct weir_behaviour *behaviour, const void *state,
	const struct weir_spawn_opts *opts, struct weir_ref *ret);

/**
 * Send the @bytes at @message, which are copied; what they hold belongs to the
 * receiver if this returns 0, and else stays the caller's.  Any thread; never
 * blocks, and allocates at most a slab of message blocks.
 *
 * Returns 0;
 * -EAGAIN: the mailbox is full (policy reject or fail, or wait from a thread
 *   that is no actor, or with a full outbox);
 * -EDEADLK: it is full, its policy is wait, and it is the caller's own;
 * -ESRCH: there is no such actor (any more); the dead letter hook is called;
 * -EMSGSIZE: its messages have another size;
 * -ENOMEM.
 */
WEIR_API int weir_send(struct weir_ref to, const void *message, size_t bytes);

/** As weir_send() for a message of @bytes, at most 8, that lie in @word as
 *  memcpy() puts them there, the rest zero. */
WEIR_API int weir_send_word(struct weir_ref to, uint64_t word, size_t bytes);

/**
 * Send @n messages of @bytes each that lie at @messages one after another, as
 * many as there is room for.  Returns how many were sent, from the first on,
 * if any; else as weir_send().
 */
WEIR_API int weir_send_n(
	struct weir_ref to, const void *messages, size_t bytes, size_t n);

/** Several sends in a row of one thread to one actor, which cost less than
 *  single ones: see weir_burst_begin().  A value; nothing is to be finished. */
struct weir_burst {
	struct weir_ref to;
	size_t bytes;
	/* The library's. */
	struct weir_mailbox_burst mailbox;
	uint64_t state;
};

/** A burst of messages of @bytes each to @to.  Any thread. */
WEIR_API struct weir_burst weir_burst_begin(struct weir_ref to, size_t bytes);

/** As weir_send() and weir_send_word(), by the thread that has @burst. */
WEIR_API int weir_burst_send(struct weir_burst *burst, const void *message);
WEIR_API int weir_burst_send_word(struct weir_burst *burst, uint64_t word);

/**
 * As weir_send(), but from a thread that is no worker: where the mailbox is
 * full and its policy is wait, block until there is room, for @timeout_ns at
 * most (negative: no limit).  -ETIMEDOUT: there was none, and the message
 * stays the caller's.  On a worker it is weir_send().
 */
WEIR_API int weir_send_wait(struct weir_ref to, const void *message,
	size_t bytes, int64_t timeout_ns);

/**
 * Ask the actor to stop after the message in hand, if any.  Its stop function
 * runs, what waits in its mailbox becomes dead letters, and its name is free.
 * Returns 0, or -ESRCH if it is gone.  Any thread; never blocks, never
 * allocates, is never refused; a second time does nothing.
 */
WEIR_API int weir_stop(struct weir_ref actor);

/** The actor's own name.  Within a handler. */
WEIR_API struct weir_ref weir_self(const struct weir_actor *self);

/** The name of @self if its behaviour is called @name, else nobody's. */
WEIR_API struct weir_ref weir_self_as(
	const struct weir_actor *self, const char *name);

/** Whether both name the same actor. */
static inline bool
weir_ref_is(struct weir_ref a, struct weir_ref b)
{
	return a.system == b.system && a.id == b.id;
}

/** What an actor has done so far; each figure is right by itself. */
struct weir_actor_stats {
	uint64_t depth;     /* messages in its mailbox */
	uint64_t depth_max; /* the most it had to take in one turn */
	uint64_t received;  /* messages handled */
	uint32_t turns;     /* modulo 2^32, as the next */
	uint32_t dropped;   /* messages, by its policy */
};

/** Read the statistics of @actor.  Returns 0, or -ESRCH if it is gone.  Any
 *  thread; never blocks. */
WEIR_API int weir_actor_stats_read(
	struct weir_ref actor, struct weir_actor_stats *ret);

/** Why nobody handled a message. */
enum weir_dead_reason {
	WEIR_DEAD_GONE,    /* there was no such actor; the sender kept it */
	WEIR_DEAD_STOPPED, /* its actor stopped before it came to it */
	WEIR_DEAD_FAILED,  /* its actor failed at it */
	WEIR_DEAD_DROPPED, /* by the policy of a full mailbox */
	/* No message: the actor failed before the first one, or because its
	 * mailbox was full. */
	WEIR_DEAD_ACTOR,
};

/** A message that nobody handled: from whom, to whom, what and why. */
struct weir_dead_letter {
	/* Nobody where it is not known: from of what had been sent before, to
	 * where the oldest message is dropped. */
	struct weir_ref to, from;
	const char *name;    /* the receiver's, NULL where not known */
	const void *message; /* dropped after the call; may be NULL */
	size_t message_bytes;
	enum weir_dead_reason reason;
	int code; /* what the handler returned, else 0 */
};

/** How many dead letters there were in @system.  Any thread. */
WEIR_API uint64_t weir_system_dead_letters(const struct weir_system *system);

WEIR_END

#endif /* WEIR_ACTORS_ACTOR_H */
