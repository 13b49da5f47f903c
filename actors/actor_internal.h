/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_internal.h - what makes a cell an actor
 *
 * A struct weir_actor lies in its cell's place, so it is never unmapped and a
 * stale id may be looked up at any time.  The cell's owner points to the state,
 * or is the state where that fits into a pointer.
 * What few actors need (a name, an outbox, senders that wait for room) is in
 * a block of its own that is made when it is needed.
 *
 * The lower half of the cell's state word: message size << 8 | flags.
 */
#ifndef WEIR_ACTORS_ACTOR_INTERNAL_H
#define WEIR_ACTORS_ACTOR_INTERNAL_H

#include "actor.h"
#include "cell_internal.h"
#include "message_internal.h"
#include "worker_internal.h"

#define WEIR_ACTOR_STOP UINT64_C(1) /* somebody asked it to stop */
#define WEIR_ACTOR_SIZE_SHIFT 8u
#define WEIR_ACTOR_SIZE (UINT64_C(0xffff) << WEIR_ACTOR_SIZE_SHIFT)

#define WEIR_ACTOR_NAME_MAX 63u
#define WEIR_OUTBOX_MAX 128u

/* Actors that were spawned alike share one, which lives as long as their
 * system. */
struct weir_actor_kind {
	struct weir_actor_kind *next;
	struct weir_system *system;
	const struct weir_behaviour *behaviour;
	struct weir_mailbox_limits limits;
	enum weir_overflow overflow;
	enum weir_dispatcher dispatcher;
	uint32_t budget, outbox_items;
	bool by_word; /* messages are in the word, else it is their address */
	bool state_inside; /* the state is in the cell's owner */
};

enum weir_actor_phase {
	WEIR_ACTOR_NEW,     /* init is still to run */
	WEIR_ACTOR_READY,   /* takes messages */
	WEIR_ACTOR_WAITING, /* takes none until its outbox is empty */
	WEIR_ACTOR_ENDING,  /* stop has run; the outbox, the mailbox drain */
};

struct weir_actor_more;

struct weir_actor {
	_Atomic(const struct weir_actor_kind *) kind;
	struct weir_actor_more *more; /* NULL: nothing of that */
	_Atomic uint64_t received;    /* the actor's; read by anybody */
	_Atomic uint64_t bytes;       /* claimed in the mailbox, if bounded */
	_Atomic uint32_t turns, depth_max; /* as received */
	/* Counted by senders; where the oldest are dropped, the position at
	 * which the mailbox was opened. */
	_Atomic uint32_t dropped;
	uint32_t phase;
};

_Static_assert(
	sizeof(struct weir_actor) <= sizeof(((struct weir_cell *)NULL)->place),
	"an actor fits into its cell");

/* A message that waits for room in another's mailbox. */
struct weir_outbox_item {
	const struct weir_actor_kind *kind; /* the receiver's */
	uint64_t id, word;
};

/* Of one actor; its own thread's. */
struct weir_outbox {
	struct weir_waiter *waiter; /* registered with the first one's target */
	uint32_t first, count, items_max;
	struct weir_outbox_item items[];
};

/* Waits for room in a mailbox, in its signal lane and then in its list, and
 * comes back as a signal, or by its semaphore.  See actor_wait.c. */
struct weir_waiter;

struct weir_actor_more {
	struct weir_outbox *outbox;
	struct weir_waiter *waiters, *waiters_last; /* for room here */
	/* For what is to come: whom it is linked to, who looks after it, what
	 * it put aside, and its timers. */
	void *links, *supervision, *stash, *timers;
	char name[WEIR_ACTOR_NAME_MAX + 1];
};

static inline struct weir_actor *
weir_actor_of(struct weir_cell *cell)
{
	return (struct weir_actor *)(void *)cell->place;
}

static inline struct weir_cell *
weir_actor_cell(const struct weir_actor *actor)
{
	return (struct weir_cell *)((char *)(uintptr_t)actor -
				    offsetof(struct weir_cell, place));
}

/* Relaxed: whoever has the consumer's side, or a name of it, got both after it
 * was written. */
static inline const struct weir_actor_kind *
weir_actor_kind_of(const struct weir_actor *actor)
{
	return weir_load(&actor->kind, relaxed);
}

static inline struct weir_ref
weir_cell_ref(const struct weir_cell *cell)
{
	return (struct weir_ref){cell->system, weir_cell_id(cell)};
}

/** Where the state of @cell's actor lies. */
static inline void *
weir_actor_state(struct weir_cell *cell, const struct weir_actor_kind *kind)
{
	return kind->state_inside ? (void *)&cell->owner : cell->owner;
}

/* -- actor_kind.c ---------------------------------------------------------- */

/** The kind of actors of @behaviour with @opts.  Returns 0, -EINVAL or
 *  -ENOMEM.  Any thread. */
int weir_actor_kind_get(struct weir_system *system,
	const struct weir_behaviour *behaviour,
	const struct weir_spawn_opts *opts, const struct weir_actor_kind **ret);

void weir_actor_kinds_finish(struct weir_system *system);

/* -- actor_memory.c -------------------------------------------------------- */

/** Memory of the calling thread's pool, or of the shared one, for messages of
 *  @system; larger than a message: of its allocator.  NULL: there is none. */
void *weir_actor_memory(struct weir_system *system, size_t bytes);
void weir_actor_memory_release(
	struct weir_system *system, void *memory, size_t bytes);

/** Drop the message in @word, and give its block back. */
void weir_actor_message_release(
	const struct weir_actor_kind *kind, uint64_t word);

/** Where the message in *@word lies. */
static inline void *
weir_actor_message(const struct weir_actor_kind *kind, uint64_t *word)
{
	return kind->by_word ? (void *)word : (void *)(uintptr_t)*word;
}

/** How many bytes the message in *@word counts for. */
static inline size_t
weir_actor_weigh(const struct weir_actor_kind *kind, uint64_t *word)
{
	const struct weir_behaviour *behaviour = kind->behaviour;

	return behaviour->weigh == NULL
		       ? behaviour->message_bytes
		       : behaviour->weigh(weir_actor_message(kind, word));
}

/** What @cell's actor has of its own, made when it has none; NULL: no
 *  memory.  Its thread. */
struct weir_actor_more *weir_actor_more(struct weir_cell *cell);

/* -- dead_letter.c --------------------------------------------------------- */

/** Count a dead letter, and tell the hook if there is one. */
void weir_dead_letter_report(
	struct weir_system *system, struct weir_dead_letter *letter);

/** A message of @kind in @word, to @to (its cell, or NULL), which nobody
 *  handles: report it and release it. */
void weir_dead_letter_bury(const struct weir_actor_kind *kind,
	struct weir_ref to, uint64_t word, enum weir_dead_reason reason,
	int code);

/* -- actor_send.c ---------------------------------------------------------- */

/** Put @word, from an outbox, into the mailbox of the actor @id of @kind.  0,
 *  -EAGAIN (full), -ESRCH (gone) or -ENOMEM. */
int weir_actor_post(
	const struct weir_actor_kind *kind, uint64_t id, uint64_t word);

/** The cell of @to, of whatever life; NULL: there never was one. */
static inline struct weir_cell *
weir_ref_cell(struct weir_ref to)
{
	if (to.system == NULL)
		return NULL;
	return weir_table_at(&to.system->cells,
		(uint32_t)to.id & ((1u << WEIR_CELL_INDEX_BITS) - 1));
}

/** Whether @state is that of the life that @id names. */
static inline bool
weir_state_is(uint64_t state, uint64_t id)
{
	return id >> WEIR_CELL_INDEX_BITS ==
	       (state >> 32 & ((1u << WEIR_CELL_GENERATION_BITS) - 1));
}

/** The same, and messages have @bytes. */
static inline bool
weir_state_is_meant(uint64_t state, uint64_t id, size_t bytes)
{
	return weir_state_is(state, id) &&
	       (state & WEIR_ACTOR_SIZE) >> WEIR_ACTOR_SIZE_SHIFT == bytes;
}

/* -- actor_wait.c ---------------------------------------------------------- */

/** The outbox of the actor whose handler runs on this thread, if something
 *  waits in it. */
static inline struct weir_outbox *
weir_outbox_open(void)
{
	const struct weir_worker *worker = weir_worker_current;

	return worker != NULL ? worker->outbox : NULL;
}

/** Put @word for the actor @id of @kind into the outbox of the actor whose
 *  handler runs on @worker.  Returns 0, -EAGAIN (full) or -ENOMEM. */
int weir_outbox_add(struct weir_worker *worker,
	const struct weir_actor_kind *kind, uint64_t id, uint64_t word);

/** Whether something for @to waits in the open outbox. */
bool weir_outbox_holds(struct weir_ref to);

/** Block the calling thread, no worker, until there may be room in the mailbox
 *  of @to, or until @deadline_ns of CLOCK_MONOTONIC.  0, -ETIMEDOUT, -ENOMEM.
 */
int weir_waiter_block(struct weir_ref to, int64_t deadline_ns);

size_t weir_outbox_bytes(const struct weir_actor_kind *kind);

/** Send what waits in the outbox of @cell.  True: it is empty.  False: it has
 *  asked to be called again.  Its turn. */
bool weir_outbox_flush(struct weir_cell *cell);

/** Whether the outbox of @cell waits for an answer, which gives it a turn; else
 *  it must have one anyway.  Its turn. */
static inline bool
weir_outbox_is_answered(struct weir_cell *cell)
{
	const struct weir_actor_more *more = weir_actor_of(cell)->more;

	return more != NULL && more->outbox != NULL &&
	       more->outbox->waiter != NULL;
}

/** Bury what is left in the outbox of @cell, which nobody runs any more. */
void weir_outbox_bury(struct weir_cell *cell);

/** Wake senders that wait for room in @cell: as many as there is room for, or
 *  all of them.  Its turn. */
void weir_waiters_wake(struct weir_cell *cell, bool all);

/* -- actor_end.c ----------------------------------------------------------- */

/** The actor of @cell has failed with @code, at no message: say so, and stop
 *  it. */
void weir_actor_fail(struct weir_cell *cell, int code);

/** Run its stop function; from now on it takes no message. */
void weir_actor_end(struct weir_cell *cell);

/** Give back its state, and all that the actor of @cell has beside its cell. */
void weir_actor_clear(struct weir_cell *cell);

/** Go on ending: outbox, mailbox, cell.  What a turn returns. */
bool weir_actor_end_turn(struct weir_cell *cell);

/** Release what the actors of @system hold, no worker runs; if they are @own,
 *  stop them before. */
void weir_actors_finish(struct weir_system *system, bool own);

/** The cell whose mailbox is drained on this thread; NULL: none is. */
struct weir_cell *weir_actor_draining(void);

/* -- actor.c --------------------------------------------------------------- */

extern const struct weir_cell_ops weir_actor_ops;

/** What it was called at spawn, or its behaviour is.  Its turn. */
const char *weir_actor_name(const struct weir_actor *actor);

#endif /* WEIR_ACTORS_ACTOR_INTERNAL_H */
