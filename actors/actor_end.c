/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_end.c - how an actor stops, and what becomes of what it leaves
 *
 * In this order: its mailbox closes, its stop function runs, what it sent is
 * delivered, who waits for room in it is told, what waits in its mailbox
 * becomes dead letters, its memory goes back, its cell is released.  It may
 * take turns in between, but handles nothing any more.
 */
#include "actor_internal.h"

#include <string.h>

/* Whose mailbox is drained on this thread: limits_drop() of its kind is told
 * no more than a word. */
static _Thread_local struct weir_cell *draining;

struct weir_cell *
weir_actor_draining(void)
{
	return draining;
}

void
weir_actor_fail(struct weir_cell *cell, int code)
{
	const struct weir_actor_kind *kind =
		weir_actor_kind_of(weir_actor_of(cell));
	struct weir_dead_letter letter = {
		.to = weir_cell_ref(cell),
		.name = weir_actor_name(weir_actor_of(cell)),
		.reason = WEIR_DEAD_ACTOR,
		.code = code,
	};

	weir_dead_letter_report(kind->system, &letter);
	weir_actor_end(cell);
}

void
weir_actor_end(struct weir_cell *cell)
{
	struct weir_actor *actor = weir_actor_of(cell);
	const struct weir_actor_kind *kind = weir_actor_kind_of(actor);
	const struct weir_behaviour *behaviour = kind->behaviour;
	bool begun = actor->phase != WEIR_ACTOR_NEW;

	/* We are its consumer, so there is no idle bit to take. */
	(void)weir_mailbox_close(&cell->mailbox);
	actor->phase = WEIR_ACTOR_ENDING;
	if (begun && behaviour->stop != NULL)
		behaviour->stop(actor, weir_actor_state(cell, kind));
}

static bool
mailbox_drain(struct weir_cell *cell)
{
	struct weir_cell *outer = draining;
	bool drained;

	draining = cell;
	drained = weir_mailbox_drain(&cell->mailbox);
	draining = outer;
	return drained;
}

void
weir_actor_clear(struct weir_cell *cell)
{
	struct weir_actor *actor = weir_actor_of(cell);
	const struct weir_actor_kind *kind = weir_actor_kind_of(actor);
	struct weir_actor_more *more = actor->more;

	if (kind->dispatcher == WEIR_DISPATCH_PINNED && cell->home != NULL)
		weir_worker_unpin(cell->home);
	actor->more = NULL;
	if (more != NULL) {
		weir_actor_memory_release(
			kind->system, more->outbox, weir_outbox_bytes(kind));
		weir_actor_memory_release(kind->system, more, sizeof(*more));
	}
	if (!kind->state_inside)
		weir_actor_memory_release(kind->system, cell->owner,
			kind->behaviour->state_bytes);
	cell->owner = NULL;
}

bool
weir_actor_end_turn(struct weir_cell *cell)
{
	weir_waiters_wake(cell, true);
	if (!weir_outbox_flush(cell))
		return !weir_outbox_is_answered(cell) ||
		       !weir_mailbox_pause(&cell->mailbox);
	if (!mailbox_drain(cell))
		return true; /* a sender is about to write */
	weir_actor_clear(cell);
	weir_cell_release(cell);
	return false;
}

/* The first pass: a stop function may send to those that have not stopped. */
static void
finish_stop(struct weir_cell *cell)
{
	if (weir_actor_of(cell)->phase != WEIR_ACTOR_ENDING)
		weir_actor_end(cell);
}

static void
finish_drain(struct weir_cell *cell)
{
	weir_outbox_bury(cell);
	(void)mailbox_drain(cell);
}

static void
each_actor(struct weir_system *system, void (*fn)(struct weir_cell *))
{
	uint32_t used = weir_load(&system->cells.used, acquire);

	for (uint32_t i = 0; i < used; i++) {
		struct weir_cell *cell = weir_table_at(&system->cells, i);

		if (cell->ops == &weir_actor_ops)
			fn(cell);
	}
}

void
weir_actors_finish(struct weir_system *system, bool own)
{
	if (own) {
		each_actor(system, finish_stop);
		each_actor(system, finish_drain);
	}
	each_actor(system, weir_actor_clear);
	weir_actor_kinds_finish(system);
}
