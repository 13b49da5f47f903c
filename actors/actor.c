/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor.c - an actor's turns: it attends to signals, then takes messages
 */
#include "actor.h"

#include "actor_internal.h"

#include <errno.h>
#include <string.h>

static bool
stop_is_asked(const struct weir_cell *cell)
{
	/* Relaxed: it comes with a notice in the mailbox's ticket. */
	return (weir_load(&cell->state, relaxed) & WEIR_ACTOR_STOP) != 0;
}

/* -- a turn ---------------------------------------------------------------- */

/* The handler returned @rc for @message. */
static __attribute__((noinline)) void
report_failed(struct weir_cell *cell, const struct weir_actor_kind *kind,
	const void *message, int rc)
{
	struct weir_dead_letter letter = {
		.to = weir_cell_ref(cell),
		.name = weir_actor_name(weir_actor_of(cell)),
		.message = message,
		.message_bytes = kind->behaviour->message_bytes,
		.reason = WEIR_DEAD_FAILED,
		.code = rc,
	};

	weir_dead_letter_report(kind->system, &letter);
}

/* Handle the message in @word.  Returns what the handler returned. */
static inline int
handle(struct weir_cell *cell, const struct weir_actor_kind *kind,
	struct weir_worker *worker, void *state, uint64_t word)
{
	const struct weir_behaviour *behaviour = kind->behaviour;
	void *message = weir_actor_message(kind, &word);
	int rc = behaviour->receive(weir_actor_of(cell), state, message);

	if (rc < 0)
		report_failed(cell, kind, message, rc);
	if (behaviour->drop != NULL)
		behaviour->drop(message);
	if (!kind->by_word)
		weir_message_put(&worker->messages, message);
	return rc;
}

/* Why no more messages were taken. */
enum pause { EMPTY, BUDGET, STOPPED, FAILED };

static inline enum pause
receive(struct weir_cell *cell, const struct weir_actor_kind *kind,
	struct weir_worker *worker, uint32_t *ret_n)
{
	struct weir_actor *actor = weir_actor_of(cell);
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(&cell->mailbox);
	void *state = weir_actor_state(cell, kind);
	enum pause pause = BUDGET;
	uint64_t word, bytes = 0;
	int64_t until_ns = 0;
	uint32_t n = 0;
	int rc = 0;

	while (n < kind->budget && weir_turn_lasts(worker, n, &until_ns)) {
		if (stop_is_asked(cell)) {
			pause = STOPPED;
			break;
		}
		if (!weir_mailbox_next(&cursor, &word)) {
			pause = EMPTY;
			break;
		}
		n++;
		if (kind->limits.bytes_max != 0)
			bytes += weir_actor_weigh(kind, &word);
		rc = handle(cell, kind, worker, state, word);
		if (rc < 0 || worker->outbox != NULL)
			break;
	}
	*ret_n = n;
	if (n == 0)
		return pause;
	weir_count_add(&actor->received, n);
	if (n > weir_load(&actor->depth_max, relaxed))
		weir_store(&actor->depth_max, n, relaxed);
	weir_mailbox_commit(&cell->mailbox, &cursor);
	if (bytes > 0)
		weir_mailbox_bytes_taken(&cell->mailbox, bytes);
	return rc < 0 ? FAILED : pause;
}

/* Run init, or deliver what waits.  False: it is not ready for messages. */
static bool
get_ready(struct weir_cell *cell, struct weir_worker *worker)
{
	struct weir_actor *actor = weir_actor_of(cell);
	int rc;

	if (actor->phase == WEIR_ACTOR_NEW) {
		const struct weir_actor_kind *kind = weir_actor_kind_of(actor);

		rc = kind->behaviour->init(actor, weir_actor_state(cell, kind));
		if (rc < 0) {
			weir_actor_fail(cell, rc);
			return false;
		}
	} else if (!weir_outbox_flush(cell)) {
		return false;
	}
	actor->phase =
		worker->outbox != NULL ? WEIR_ACTOR_WAITING : WEIR_ACTOR_READY;
	return actor->phase == WEIR_ACTOR_READY;
}

/* How a turn begins that is not just one more.  True: take messages; else
 * *@ret is what the turn returns. */
static __attribute__((noinline)) bool
begin(struct weir_cell *cell, struct weir_worker *worker, bool *ret)
{
	struct weir_actor *actor = weir_actor_of(cell);

	if (actor->phase != WEIR_ACTOR_ENDING && stop_is_asked(cell))
		weir_actor_end(cell);
	if (actor->phase == WEIR_ACTOR_READY)
		return true;
	if (actor->phase != WEIR_ACTOR_ENDING && get_ready(cell, worker))
		return true;
	if (actor->phase == WEIR_ACTOR_ENDING)
		*ret = weir_actor_end_turn(cell);
	else
		*ret = !weir_outbox_is_answered(cell) ||
		       !weir_mailbox_pause(&cell->mailbox);
	return false;
}

static void
depth_note(struct weir_cell *cell, struct weir_actor *actor, uint32_t taken)
{
	uint32_t depth = taken + weir_mailbox_waiting(&cell->mailbox);

	if (depth > weir_load(&actor->depth_max, relaxed))
		weir_store(&actor->depth_max, depth, relaxed);
}

/* What remains to do after messages were taken, if more than to rest. */
static __attribute__((noinline)) bool
settle(struct weir_cell *cell, struct weir_worker *worker, enum pause pause,
	uint32_t taken)
{
	struct weir_actor *actor = weir_actor_of(cell);

	if (pause == FAILED || pause == STOPPED) {
		weir_actor_end(cell);
		return weir_actor_end_turn(cell);
	}
	weir_waiters_wake(cell, false);
	if (worker->outbox != NULL) {
		actor->phase = WEIR_ACTOR_WAITING;
		return true;
	}
	if (weir_mailbox_notices(&cell->mailbox) & WEIR_TICKET_FULL) {
		weir_actor_fail(cell, -ENOBUFS);
		return weir_actor_end_turn(cell);
	}
	if (pause == EMPTY && weir_mailbox_rest(&cell->mailbox))
		return false;
	depth_note(cell, actor, taken);
	return true;
}

static bool
actor_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct weir_actor *actor = weir_actor_of(cell);
	enum pause pause;
	uint32_t taken;
	bool again;

	weir_count_add(&actor->turns, 1);
	weir_cell_attend(cell);
	if ((actor->phase != WEIR_ACTOR_READY || stop_is_asked(cell)) &&
		!begin(cell, worker, &again)) {
		worker->outbox = NULL;
		return again;
	}
	pause = receive(cell, weir_actor_kind_of(actor), worker, &taken);
	if (pause == EMPTY && actor->more == NULL &&
		weir_mailbox_rest(&cell->mailbox))
		return false;
	again = settle(cell, worker, pause, taken);
	worker->outbox = NULL;
	return again;
}

const struct weir_cell_ops weir_actor_ops = {actor_turn};

/* -- spawn ----------------------------------------------------------------- */

/* The state as it is at first: in *@owner, or in a block it points to. */
static int
state_make(const struct weir_actor_kind *kind, const void *from, void **owner)
{
	size_t bytes = kind->behaviour->state_bytes;
	void *state = owner;

	*owner = NULL;
	if (!kind->state_inside) {
		state = weir_actor_memory(kind->system, bytes);
		if (state == NULL)
			return -ENOMEM;
		*owner = state;
	}
	if (from != NULL)
		memcpy(state, from, bytes);
	else
		memset(state, 0, bytes);
	return 0;
}

/* How many messages were ever sent to the mailbox of @cell, modulo 2^32. */
static uint32_t
claimed_of(const struct weir_cell *cell)
{
	return (uint32_t)(weir_load(&cell->mailbox.ticket, relaxed) >>
			  WEIR_TICKET_SHIFT);
}

/* Where the oldest are dropped, they are those sent to this life of the cell
 * that were not handled and are not there. */
static uint32_t
dropped_of(struct weir_cell *cell, const struct weir_actor_stats *stats)
{
	struct weir_actor *actor = weir_actor_of(cell);
	uint32_t dropped = weir_load(&actor->dropped, relaxed);

	if (weir_actor_kind_of(actor)->overflow != WEIR_OVERFLOW_DROP_OLD)
		return dropped;
	return claimed_of(cell) - dropped - (uint32_t)stats->received -
	       (uint32_t)stats->depth;
}

/* Atomic stores: statistics of an earlier life may be being read.  The claimed
 * bytes stay as they are: they are given back by who claimed them or takes the
 * messages, and a sender of an earlier life may yet come to do so. */
static void
actor_init(struct weir_cell *cell, const struct weir_actor_kind *kind)
{
	struct weir_actor *actor = weir_actor_of(cell);
	uint64_t size = kind->behaviour->message_bytes;

	actor->more = NULL;
	weir_store(&actor->received, 0, relaxed);
	weir_store(&actor->turns, 0, relaxed);
	weir_store(&actor->dropped,
		kind->overflow == WEIR_OVERFLOW_DROP_OLD ? claimed_of(cell) : 0,
		relaxed);
	weir_store(&actor->depth_max, 0, relaxed);
	actor->phase = kind->behaviour->init != NULL ? WEIR_ACTOR_NEW
						     : WEIR_ACTOR_READY;
	/* Pairs with the acquire in kind_at(). */
	weir_store(&actor->kind, kind, release);
	weir_fetch_or(&cell->state, size << WEIR_ACTOR_SIZE_SHIFT, release);
}

/* Where it is to run. */
static int
place_choose(struct weir_cell *cell, const struct weir_actor_kind *kind)
{
	/* Once the threads are stopped, nobody would stop it either. */
	if (weir_load(&kind->system->stopping, relaxed) != 0)
		return -ESHUTDOWN;
	if (kind->dispatcher == WEIR_DISPATCH_PINNED)
		return weir_worker_pin(kind->system, &cell->home);
	return weir_workers_start(kind->system);
}

static int
name_set(struct weir_cell *cell, const char *name)
{
	struct weir_actor_more *more;

	if (name == NULL)
		return 0;
	more = weir_actor_more(cell);
	if (more == NULL)
		return -ENOMEM;
	strncpy(more->name, name, WEIR_ACTOR_NAME_MAX);
	return 0;
}

int
weir_spawn(struct weir_system *system, const struct weir_behaviour *behaviour,
	const void *state, const struct weir_spawn_opts *opts,
	struct weir_ref *ret)
{
	const struct weir_actor_kind *kind;
	struct weir_cell *cell;
	void *owner;
	int rc = weir_actor_kind_get(system, behaviour, opts, &kind);

	if (rc < 0)
		return rc;
	rc = state_make(kind, state, &owner);
	if (rc < 0)
		return rc;
	rc = weir_cell_acquire(
		system, &weir_actor_ops, owner, &kind->limits, &cell);
	if (rc < 0) {
		if (!kind->state_inside)
			weir_actor_memory_release(
				system, owner, behaviour->state_bytes);
		return rc;
	}
	actor_init(cell, kind);
	rc = name_set(cell, opts != NULL ? opts->name : NULL);
	if (rc == 0)
		rc = place_choose(cell, kind);
	if (rc < 0) {
		weir_actor_clear(cell);
		weir_cell_release(cell);
		return rc;
	}
	*ret = weir_cell_ref(cell);
	if (behaviour->init != NULL || !weir_mailbox_rest(&cell->mailbox))
		weir_cell_schedule(cell);
	return 0;
}

/* -- by name --------------------------------------------------------------- */

struct weir_ref
weir_self(const struct weir_actor *self)
{
	return weir_cell_ref(weir_actor_cell(self));
}

struct weir_ref
weir_self_as(const struct weir_actor *self, const char *name)
{
	const char *own = weir_actor_kind_of(self)->behaviour->name;

	if (own != name && strcmp(own, name) != 0)
		return (struct weir_ref){NULL, 0};
	return weir_self(self);
}

const char *
weir_actor_name(const struct weir_actor *actor)
{
	if (actor->more != NULL && actor->more->name[0] != '\0')
		return actor->more->name;
	return weir_actor_kind_of(actor)->behaviour->name;
}

int
weir_stop(struct weir_ref ref)
{
	struct weir_cell *cell = weir_ref_cell(ref);
	uint64_t state;

	if (cell == NULL)
		return -ESRCH;
	state = weir_load(&cell->state, acquire);
	do
		if (!weir_state_is(state, ref.id) ||
			(state & WEIR_ACTOR_SIZE) == 0)
			return -ESRCH;
	while (!weir_compare_exchange(&cell->state, &state,
		state | WEIR_ACTOR_STOP, acq_rel, acquire));
	/* If the cell has another owner by now, it is told to look for signals
	 * that are not there. */
	if (weir_mailbox_notify(&cell->mailbox))
		weir_cell_schedule(cell);
	return 0;
}

static bool
is_actor(struct weir_cell *cell, uint64_t id)
{
	/* Acquire: its kind, and what is read later is of this life or after,
	 * which a second look tells. */
	uint64_t state = weir_load(&cell->state, acquire);

	return weir_state_is(state, id) && (state & WEIR_ACTOR_SIZE) != 0;
}

int
weir_actor_stats_read(struct weir_ref ref, struct weir_actor_stats *ret)
{
	struct weir_cell *cell = weir_ref_cell(ref);
	struct weir_actor_stats stats;
	struct weir_actor *actor;

	if (cell == NULL || !is_actor(cell, ref.id))
		return -ESRCH;
	actor = weir_actor_of(cell);
	stats.turns = weir_load(&actor->turns, relaxed);
	stats.received = weir_load(&actor->received, relaxed);
	stats.depth_max = weir_load(&actor->depth_max, relaxed);
	stats.depth = weir_mailbox_waiting(&cell->mailbox);
	stats.dropped = dropped_of(cell, &stats);
	/* Orders the loads above before this look. */
	weir_fence(acquire);
	if (!is_actor(cell, ref.id))
		return -ESRCH;
	*ret = stats;
	return 0;
}
