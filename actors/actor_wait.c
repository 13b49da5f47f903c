/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_wait.c - senders that wait for room in a mailbox
 *
 * Who meets a full mailbox and wants to wait sends its owner a signal, which is
 * never refused.  The owner takes it in a turn of its own: if there is room by
 * then it answers at once, else it keeps the signal in a list and answers after
 * a turn that made room.  The answer is the same signal, sent back.  Nothing is
 * lost, since the question comes after the refusal, and the owner looks at its
 * mailbox after the question.
 *
 * A waiter is in one of three places, the owner's signal lane, its list, the
 * lane of who waits, and one exchange of its state decides who gives it back:
 *
 *	ASKED -> ANSWERED  by the owner: whoever waits gets it, and frees it
 *	ASKED -> LEFT      by who waits: the owner frees it where it finds it
 *
 * An owner that is released runs what is in its lane, and a signal that comes
 * after that is refused.
 */
#include "actor_internal.h"

#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <time.h>

enum waiter_state { ASKED, ANSWERED, LEFT };

struct weir_waiter {
	struct weir_signal signal;
	struct weir_waiter *next;
	_Atomic uint32_t state;
	struct weir_ref target;
	struct weir_cell *cell; /* the actor that waits; NULL: a thread */
	sem_t answer;           /* for a thread */
};

/* -- waiters --------------------------------------------------------------- */

static void
waiter_free(struct weir_waiter *waiter)
{
	weir_actor_memory_release(
		waiter->target.system, waiter, sizeof(*waiter));
}

/* The answer has come, in a turn of the actor that waits. */
static void
waiter_answered(struct weir_signal *signal, struct weir_cell *cell)
{
	struct weir_waiter *waiter = (struct weir_waiter *)signal;

	weir_actor_of(cell)->more->outbox->waiter = NULL;
	waiter_free(waiter);
}

static void
waiter_answer(struct weir_waiter *waiter)
{
	uint32_t state = ASKED;

	/* Acquire: the leaver is done with it; release: so are we. */
	if (!weir_compare_exchange(
		    &waiter->state, &state, ANSWERED, acq_rel, acquire)) {
		waiter_free(waiter);
		return;
	}
	if (waiter->cell == NULL) {
		sem_post(&waiter->answer);
		return;
	}
	/* It stays where it is until the answer has come. */
	waiter->signal.run = waiter_answered;
	(void)weir_cell_signal(waiter->cell, &waiter->signal);
}

/* How many messages there is room for, as far as can be said: where bytes are
 * bounded, for one if for any. */
static uint32_t
room_of(struct weir_cell *cell)
{
	struct weir_actor *actor = weir_actor_of(cell);
	const struct weir_mailbox_limits *limits =
		&weir_actor_kind_of(actor)->limits;
	uint32_t room = limits->bound - weir_mailbox_waiting(&cell->mailbox);

	if (limits->bytes_max == 0 || room == 0)
		return room;
	return weir_load(&actor->bytes, relaxed) < limits->bytes_max;
}

/* The question, in a turn of the mailbox's owner, or as it is released. */
static void
waiter_asked(struct weir_signal *signal, struct weir_cell *cell)
{
	struct weir_waiter *waiter = (struct weir_waiter *)signal;
	uint64_t state = weir_load(&cell->state, relaxed);
	struct weir_actor_more *more;

	if (!weir_state_is(state, waiter->target.id) ||
		weir_actor_of(cell)->phase == WEIR_ACTOR_ENDING ||
		room_of(cell) > 0 || (more = weir_actor_more(cell)) == NULL) {
		waiter_answer(waiter);
		return;
	}
	waiter->next = NULL;
	if (more->waiters == NULL)
		more->waiters = waiter;
	else
		more->waiters_last->next = waiter;
	more->waiters_last = waiter;
}

/* Give up waiting; false: the answer is on its way. */
static bool
waiter_leave(struct weir_waiter *waiter)
{
	uint32_t state = ASKED;

	return weir_compare_exchange(
		&waiter->state, &state, LEFT, acq_rel, acquire);
}

static struct weir_waiter *
waiter_new(struct weir_ref target, struct weir_cell *cell)
{
	struct weir_waiter *waiter =
		weir_actor_memory(target.system, sizeof(*waiter));

	if (waiter == NULL)
		return NULL;
	waiter->signal.run = waiter_asked;
	waiter->target = target;
	waiter->cell = cell;
	weir_store(&waiter->state, ASKED, relaxed);
	if (cell == NULL)
		sem_init(&waiter->answer, 0, 0);
	return waiter;
}

/* Ask for room.  False: there is nobody to answer, and the waiter is gone. */
static bool
waiter_ask(struct weir_waiter *waiter)
{
	if (weir_cell_signal_to(
		    waiter->target.system, waiter->target.id, &waiter->signal))
		return true;
	waiter_free(waiter);
	return false;
}

void
weir_waiters_wake(struct weir_cell *cell, bool all)
{
	struct weir_actor_more *more = weir_actor_of(cell)->more;
	uint32_t room;

	if (more == NULL || more->waiters == NULL)
		return;
	room = room_of(cell);
	while (more->waiters != NULL && (all || room-- > 0)) {
		struct weir_waiter *waiter = more->waiters;

		more->waiters = waiter->next;
		waiter_answer(waiter);
	}
}

/* -- threads --------------------------------------------------------------- */

static bool
answer_await(struct weir_waiter *waiter, int64_t deadline_ns)
{
	struct timespec until = {.tv_sec = deadline_ns / 1000000000,
		.tv_nsec = deadline_ns % 1000000000};
	int rc;

	do
		rc = deadline_ns == INT64_MAX
			     ? sem_wait(&waiter->answer)
			     : sem_clockwait(&waiter->answer, CLOCK_MONOTONIC,
				       &until);
	while (rc < 0 && errno == EINTR);
	return rc == 0;
}

int
weir_waiter_block(struct weir_ref to, int64_t deadline_ns)
{
	struct weir_waiter *waiter = waiter_new(to, NULL);

	if (waiter == NULL)
		return -ENOMEM;
	if (!waiter_ask(waiter))
		return 0;
	if (!answer_await(waiter, deadline_ns)) {
		if (waiter_leave(waiter))
			return -ETIMEDOUT;
		(void)answer_await(waiter, INT64_MAX);
	}
	waiter_free(waiter);
	return 0;
}

/* -- the outbox of an actor ------------------------------------------------ */

size_t
weir_outbox_bytes(const struct weir_actor_kind *kind)
{
	return sizeof(struct weir_outbox) +
	       kind->outbox_items * sizeof(struct weir_outbox_item);
}

static struct weir_outbox *
outbox_of(struct weir_cell *cell)
{
	struct weir_actor_more *more = weir_actor_more(cell);
	const struct weir_actor_kind *kind =
		weir_actor_kind_of(weir_actor_of(cell));
	struct weir_outbox *outbox;

	if (more == NULL || more->outbox != NULL)
		return more == NULL ? NULL : more->outbox;
	outbox = weir_actor_memory(cell->system, weir_outbox_bytes(kind));
	if (outbox == NULL)
		return NULL;
	outbox->waiter = NULL;
	outbox->first = outbox->count = 0;
	outbox->items_max = kind->outbox_items;
	more->outbox = outbox;
	return outbox;
}

static struct weir_outbox_item *
outbox_item(struct weir_outbox *outbox, uint32_t i)
{
	return &outbox->items[(outbox->first + i) % outbox->items_max];
}

int
weir_outbox_add(struct weir_worker *worker, const struct weir_actor_kind *kind,
	uint64_t id, uint64_t word)
{
	struct weir_outbox *outbox = outbox_of(worker->current);

	if (outbox == NULL)
		return -ENOMEM;
	if (outbox->count == outbox->items_max)
		return -EAGAIN;
	*outbox_item(outbox, outbox->count++) =
		(struct weir_outbox_item){kind, id, word};
	worker->outbox = outbox;
	return 0;
}

bool
weir_outbox_holds(struct weir_ref to)
{
	struct weir_outbox *outbox = weir_outbox_open();

	for (uint32_t i = 0; i < outbox->count; i++) {
		const struct weir_outbox_item *item = outbox_item(outbox, i);

		if (item->id == to.id && item->kind->system == to.system)
			return true;
	}
	return false;
}

static void
outbox_pop(struct weir_outbox *outbox)
{
	outbox->first = (outbox->first + 1) % outbox->items_max;
	outbox->count--;
}

static void
item_bury(const struct weir_outbox_item *item)
{
	struct weir_ref to = {item->kind->system, item->id};

	weir_dead_letter_bury(item->kind, to, item->word, WEIR_DEAD_GONE, 0);
}

/* Wait for room for the first one.  False: try again at once. */
static bool
outbox_ask(struct weir_cell *cell, struct weir_outbox *outbox)
{
	const struct weir_outbox_item *item = outbox_item(outbox, 0);
	struct weir_ref to = {item->kind->system, item->id};

	outbox->waiter = waiter_new(to, cell);
	if (outbox->waiter == NULL)
		return true; /* its next turn tries again */
	if (waiter_ask(outbox->waiter))
		return true;
	outbox->waiter = NULL;
	return false;
}

bool
weir_outbox_flush(struct weir_cell *cell)
{
	struct weir_actor_more *more = weir_actor_of(cell)->more;
	struct weir_outbox *outbox = more == NULL ? NULL : more->outbox;

	if (outbox == NULL)
		return true;
	if (outbox->waiter != NULL)
		return false;
	while (outbox->count > 0) {
		const struct weir_outbox_item *item = outbox_item(outbox, 0);
		int rc = weir_actor_post(item->kind, item->id, item->word);

		if (rc == -ESRCH)
			item_bury(item);
		if (rc == 0 || rc == -ESRCH)
			outbox_pop(outbox);
		else if (outbox_ask(cell, outbox))
			return false;
	}
	return true;
}

void
weir_outbox_bury(struct weir_cell *cell)
{
	struct weir_actor_more *more = weir_actor_of(cell)->more;
	struct weir_outbox *outbox = more == NULL ? NULL : more->outbox;

	for (; outbox != NULL && outbox->count > 0; outbox_pop(outbox))
		item_bury(outbox_item(outbox, 0));
}
