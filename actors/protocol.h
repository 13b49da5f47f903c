/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocol.h - actors and their messages with types
 *
 *	struct add { int64_t n; };
 *	struct account { int64_t total; };
 *
 *	WEIR_PROTOCOL(account, struct add);
 *
 *	WEIR_ACTOR(account, self, struct account, account, struct add, add)
 *	{
 *		account->total += add->n;
 *		return 0;
 *	}
 *
 *	struct account_ref to;
 *
 *	account_spawn(system, NULL, NULL, &to);
 *	account_send(to, (struct add){.n = 5});
 *
 * The protocol is what others need to know, and may stand in a header; the
 * actor is what it does.  Both are of one name, and of one message type: a
 * message or a reference of another kind is an error at the line that has it.
 * An actor that is to be told several things takes a struct with a kind and a
 * union in it.
 *
 * WEIR_PROTOCOL(NAME, M) defines
 *
 *	struct NAME_ref { struct weir_ref any; };
 *	int NAME_send(struct NAME_ref, M);
 *	int NAME_send_n(struct NAME_ref, const M *, size_t n);
 *	int NAME_send_wait(struct NAME_ref, M, int64_t timeout_ns);
 *	struct NAME_burst NAME_burst_begin(struct NAME_ref);
 *	int NAME_burst_send(struct NAME_burst *, M);
 *	int NAME_stop(struct NAME_ref);
 *	struct NAME_ref NAME_self(const struct weir_actor *self);
 *
 * and WEIR_ACTOR(NAME, self, S, state, M, message) defines
 *
 *	int NAME_spawn(struct weir_system *, const S *state,
 *		const struct weir_spawn_opts *, struct NAME_ref *ret);
 *
 * which return, and are called, as their like in actor.h.  The handler's
 * parameters are `struct weir_actor *self, S *state, M *message`; it returns 0
 * or a negative errno.  NAME_self() in the handler of another actor is nobody.
 *
 * WEIR_ACTOR_WITH(NAME, init, stop, drop, ...) is the same for an actor with
 * functions before its first message and after its last one, and with messages
 * that hold something; any of them may be NULL:
 *
 *	int init(struct weir_actor *self, S *state);
 *	void stop(struct weir_actor *self, S *state);
 *	void drop(M *message);
 */
#ifndef WEIR_ACTORS_PROTOCOL_H
#define WEIR_ACTORS_PROTOCOL_H

#include "actor.h"

#include <string.h>

/** What others need to know of actors called @name: they take M. */
#define WEIR_PROTOCOL(name, M)                                                 \
	WEIR_STRICT struct name##_ref {                                        \
		struct weir_ref any;                                           \
	};                                                                     \
	WEIR_STATIC_ASSERT(sizeof(M) <= WEIR_MESSAGE_MAX,                      \
		"a message this large goes by pointer");                       \
	WEIR_STATIC_ASSERT(WEIR_ALIGNOF(M) <= WEIR_MESSAGE_ALIGNED,            \
		"a message is aligned to 16 bytes at most");                   \
	WEIR_UNUSED static inline M *name##_message(void *message)             \
	{                                                                      \
		return (M *)message;                                           \
	}                                                                      \
	WEIR_UNUSED static inline int name##_send(                             \
		struct name##_ref to, M message)                               \
	{                                                                      \
		uint64_t word = 0;                                             \
                                                                               \
		if (sizeof(M) > sizeof(word))                                  \
			return weir_send(to.any, &message, sizeof(M));         \
		memcpy(&word, &message,                                        \
			sizeof(M) < sizeof(word) ? sizeof(M) : sizeof(word));  \
		return weir_send_word(to.any, word, sizeof(M));                \
	}                                                                      \
	WEIR_UNUSED static inline int name##_send_n(                           \
		struct name##_ref to, M const *messages, size_t n)             \
	{                                                                      \
		return weir_send_n(to.any, messages, sizeof(M), n);            \
	}                                                                      \
	struct name##_burst {                                                  \
		struct weir_burst any;                                         \
	};                                                                     \
	WEIR_UNUSED static inline struct name##_burst name##_burst_begin(      \
		struct name##_ref to)                                          \
	{                                                                      \
		struct name##_burst burst;                                     \
                                                                               \
		burst.any = weir_burst_begin(to.any, sizeof(M));               \
		return burst;                                                  \
	}                                                                      \
	WEIR_UNUSED static inline int name##_burst_send(                       \
		struct name##_burst *burst, M message)                         \
	{                                                                      \
		return weir_burst_send(&burst->any, &message);                 \
	}                                                                      \
	WEIR_UNUSED static inline int name##_send_wait(                        \
		struct name##_ref to, M message, int64_t timeout_ns)           \
	{                                                                      \
		return weir_send_wait(                                         \
			to.any, &message, sizeof(M), timeout_ns);              \
	}                                                                      \
	WEIR_UNUSED static inline int name##_stop(struct name##_ref actor)     \
	{                                                                      \
		return weir_stop(actor.any);                                   \
	}                                                                      \
	WEIR_UNUSED static inline struct name##_ref name##_self(               \
		const struct weir_actor *actor)                                \
	{                                                                      \
		struct name##_ref ref;                                         \
                                                                               \
		ref.any = weir_self_as(actor, #name);                          \
		return ref;                                                    \
	}                                                                      \
	struct name##_ref

/* The functions of an actor without their types, and what makes one of it. */
#define WEIR_ACTOR_PARTS(name, S, M, init, stop, drop)                         \
	static int name##_receive(                                             \
		struct weir_actor *actor, void *of, void *what)                \
	{                                                                      \
		return name##_handle(actor, (S *)of, name##_message(what));    \
	}                                                                      \
	static const struct weir_behaviour name##_behaviour = {#name,          \
		sizeof(M), sizeof(S), init, name##_receive, stop, drop, NULL}; \
	WEIR_UNUSED static int name##_spawn(struct weir_system *system,        \
		S const *state_at_first, const struct weir_spawn_opts *opts,   \
		struct name##_ref *ret)                                        \
	{                                                                      \
		return weir_spawn(system, &name##_behaviour, state_at_first,   \
			opts, &ret->any);                                      \
	}

/** The actor that @name's protocol is of: its state, and what it does with a
 *  message. */
#define WEIR_ACTOR(name, self, S, state, M, message)                           \
	WEIR_STRICT static inline int name##_handle(                           \
		struct weir_actor *self, S *state, M *message);                \
	WEIR_ACTOR_PARTS(name, S, M, NULL, NULL, NULL)                         \
	static inline int name##_handle(WEIR_UNUSED struct weir_actor *self,   \
		WEIR_UNUSED S *state, WEIR_UNUSED M *message)

/** As WEIR_ACTOR, with functions for its begin, its end and its messages. */
#define WEIR_ACTOR_WITH(name, init, stop, drop, self, S, state, M, message)    \
	WEIR_STRICT static inline int name##_handle(                           \
		struct weir_actor *self, S *state, M *message);                \
	static int name##_init(struct weir_actor *actor, void *of)             \
	{                                                                      \
		int (*typed)(struct weir_actor *, S *) = init;                 \
                                                                               \
		return typed != NULL ? typed(actor, (S *)of) : 0;              \
	}                                                                      \
	static void name##_end(struct weir_actor *actor, void *of)             \
	{                                                                      \
		void (*typed)(struct weir_actor *, S *) = stop;                \
                                                                               \
		if (typed != NULL)                                             \
			typed(actor, (S *)of);                                 \
	}                                                                      \
	static void name##_drop(void *what)                                    \
	{                                                                      \
		void (*typed)(M *) = drop;                                     \
                                                                               \
		if (typed != NULL)                                             \
			typed((M *)what);                                      \
	}                                                                      \
	WEIR_ACTOR_PARTS(name, S, M, name##_init, name##_end, name##_drop)     \
	static inline int name##_handle(WEIR_UNUSED struct weir_actor *self,   \
		WEIR_UNUSED S *state, WEIR_UNUSED M *message)

#endif /* WEIR_ACTORS_PROTOCOL_H */
