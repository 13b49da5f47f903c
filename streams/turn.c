/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.c - an island as a cell of the scheduler
 *
 * Words of other islands and signals (wakes, alarms) come through the cell; a
 * turn serves them, steps stages under a budget, and goes idle when none is
 * ready.  What is idle is touched by nobody until somebody posts to it, or
 * seizes it as a poster would: so a run comes to rest, is judged when it stands
 * still, and is taken down.
 *
 * run->active counts islands that are not idle, as far as that is known: who
 * takes the idle bit by a word counts the island before it schedules it, a turn
 * counts one that was woken by a signal.
 */
#include "run_internal.h"

#include "../actors/worker_internal.h"

static void
count_active(struct weir_island *island)
{
	if (island->counted)
		return;
	island->counted = true;
	weir_fetch_add(&island->run->active, 1, relaxed);
}

int
weir_island_post(void *end, uint64_t word)
{
	struct weir_island *island = end;
	int rc = weir_mailbox_post(&island->cell->mailbox, word);

	if (rc <= 0)
		return rc;
	count_active(island);
	weir_cell_schedule(island->cell);
	return 0;
}

/* -- a turn ---------------------------------------------------------------- */

void
weir_island_words(struct weir_island *island)
{
	struct weir_mailbox *mailbox = &island->cell->mailbox;
	struct weir_mailbox_cursor cursor = weir_mailbox_begin(mailbox);
	uint64_t word;

	while (weir_mailbox_next(&cursor, &word)) {
		island->moved = island->stirred = true;
		weir_boundary_word(island, word);
	}
	weir_mailbox_commit(mailbox, &cursor);
}

/* What was asked of the run. */
static void
requests_serve(struct weir_island *island)
{
	struct weir_run *run = island->run;

	/* Pairs with the release in drain. */
	if (weir_load(&run->drain_asked, acquire) != 0 && !island->drained) {
		island->drained = true;
		weir_island_drain(island);
	}
	if (weir_island_must_abort(island)) {
		island->aborted = true;
		weir_island_abort(island, &run->abort_cause);
	}
	if (weir_load(&run->broken, acquire) != 0 && island->aborted)
		weir_fars_close(island);
}

/* Let an alarm of the cell ring when the next one of a stage is due. */
static void
alarm_adjust(struct weir_island *island)
{
	if (island->next_alarm_ns == island->alarm_set_ns)
		return;
	island->alarm_set_ns = island->next_alarm_ns;
	weir_alarm_set(&island->alarm, island->next_alarm_ns);
}

static void
alarm_ring(struct weir_alarm *alarm)
{
	struct weir_island *island =
		(void *)((char *)alarm - offsetof(struct weir_island, alarm));

	island->alarm_set_ns = INT64_MAX;
	weir_island_alarms(island);
}

/* Go idle, unless something came meanwhile: returns whether the island is to
 * have another turn. */
static bool
rest(struct weir_island *island)
{
	/* Not to be touched once it is idle: the run may be gone. */
	struct weir_system *system = island->run->system;
	struct weir_mailbox *mailbox = &island->cell->mailbox;
	bool last;

	island->counted = false;
	/* Pairs with the acquire in weir_run_judge(): what this turn did. */
	last = weir_fetch_sub(&island->run->active, 1, release) == 1;
	if (!weir_mailbox_rest(mailbox)) {
		count_active(island);
		return true;
	}
	/* Who waits for the run looks whether it has ended, or stands still. */
	if (last && weir_worker_self(system) != system->workers[0])
		weir_system_interrupt(system);
	return false;
}

static bool
island_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct weir_island *island = cell->owner;
	bool late = island->resting;

	count_active(island);
	weir_cell_attend(cell);
	weir_island_words(island);
	requests_serve(island);
	/* The stages that asked for it step when a whole round, in which
	 * finished I/O was looked at, brought nothing. */
	island->resting = false;
	if (late && !weir_island_is_ready(island))
		weir_island_idle(island);
	weir_island_turn(island, worker);
	requests_serve(island);
	alarm_adjust(island);
	if (weir_island_is_ready(island))
		return true;
	weir_fars_idle(island);
	if (weir_island_wants_idle(island)) {
		island->resting = true;
		return true;
	}
	return rest(island);
}

/* Memory came back. */
static void
memory_wake(void *target)
{
	struct weir_island *island = target;

	for (uint32_t i = 0; i < island->stage_count; i++)
		if (island->stages[i]->waits_for_memory &&
			!island->stages[i]->ended)
			weir_stage_ready(island->stages[i]);
}

/* -- from outside ---------------------------------------------------------- */

int
weir_island_acquire(struct weir_island *island)
{
	static const struct weir_cell_ops ops = {island_turn};
	/* What the windows of its channels allow is the bound. */
	static const struct weir_mailbox_limits limits = {
		.bound = WEIR_MAILBOX_BOUND_MAX};
	struct weir_run *run = island->run;
	int rc = weir_cell_acquire(
		run->system, &ops, island, &limits, &island->cell);

	if (rc < 0)
		return rc;
	island->held = true;
	weir_alarm_init(&island->alarm, island->cell, alarm_ring);
	island->alarm_set_ns = INT64_MAX;
	/* A single island has nobody to run beside. */
	if (island->stays_home || run->island_count == 1)
		island->cell->home = run->system->workers[0];
	rc = weir_waker_acquire(run->system, island->cell, memory_wake, island,
		&island->memory_waker);
	island->has_waker = rc == 0;
	return rc;
}

void
weir_island_schedule(struct weir_island *island)
{
	island->held = false;
	count_active(island);
	weir_cell_schedule(island->cell);
}

void
weir_island_notify(struct weir_island *island)
{
	if (!weir_mailbox_notify(&island->cell->mailbox))
		return;
	count_active(island);
	weir_cell_schedule(island->cell);
}

bool
weir_island_seize(struct weir_island *island)
{
	if (!island->held)
		island->held = weir_mailbox_seize(&island->cell->mailbox);
	return island->held;
}

bool
weir_island_has_mail(const struct weir_island *island)
{
	const struct weir_mailbox *mailbox = &island->cell->mailbox;

	return weir_mailbox_waiting(mailbox) > 0 ||
	       weir_mailbox_notices(mailbox) != 0;
}

bool
weir_island_inherit(struct weir_island *island)
{
	if (weir_island_seize(island))
		return true;
	island->queued = island->cell->home == island->run->system->workers[0];
	island->held = island->queued;
	return island->held;
}

void
weir_island_let_go(struct weir_island *island)
{
	island->held = false;
	if (weir_mailbox_rest(&island->cell->mailbox))
		return;
	count_active(island);
	weir_cell_schedule(island->cell);
}

void
weir_island_release(struct weir_island *island)
{
	if (island->cell == NULL)
		return;
	weir_island_words(island);
	weir_alarm_clear(&island->alarm);
	if (island->has_waker)
		weir_waker_release(island->run->system, island->memory_waker);
	if (island->queued)
		weir_cell_abandon(island->cell);
	else
		weir_cell_release(island->cell);
	island->cell = NULL;
}
