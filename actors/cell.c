/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cell.c - cells, their ids, and their signals
 *
 * The signal lane is R. K. Treiber's stack (IBM RJ 5118, 1986), emptied as a
 * whole by one consumer, so its nodes are never mistaken for reused ones.
 */
#include "cell_internal.h"

#include "worker_internal.h"

#define INDEX_MASK ((1u << WEIR_CELL_INDEX_BITS) - 1)
#define GENERATION_MASK ((1u << WEIR_CELL_GENERATION_BITS) - 1)

/* A lane without signals, of the owner of that generation: so a stale push
 * does not meet what it expects. */
#define LANE_EMPTY(generation) ((uintptr_t)(generation) << 2 | 1)
#define LANE_CLOSED(generation) ((uintptr_t)(generation) << 2 | 3)
#define LANE_MARK ((uintptr_t)3)

static uint32_t
generation_of(const struct weir_cell *cell)
{
	return (uint32_t)(weir_load(&cell->state, relaxed) >> 32);
}

/* Generations are never 0, so that no id is. */
static void
generation_next(struct weir_cell *cell)
{
	uint64_t next = (generation_of(cell) + 1) & GENERATION_MASK;

	if (next == 0)
		next = 1;
	/* Pairs with the acquire in find, and with the one of a guard. */
	weir_store(&cell->state, next << 32, release);
}

static int
mailbox_open(struct weir_cell *cell, const struct weir_mailbox_limits *limits)
{
	struct weir_mailbox *mb = &cell->mailbox;
	int rc;

	if (mb->pool != NULL)
		return weir_mailbox_reopen(mb, limits);
	rc = weir_mailbox_init(mb, &cell->system->rings, limits);
	if (rc < 0)
		mb->pool = NULL; /* it has never been opened */
	return rc;
}

int
weir_cell_acquire(struct weir_system *system, const struct weir_cell_ops *ops,
	void *owner, const struct weir_mailbox_limits *limits,
	struct weir_cell **ret)
{
	struct weir_cell *cell;
	uint32_t index;
	int rc = weir_table_take(&system->cells, &index);

	if (rc < 0)
		return rc;
	cell = weir_table_at(&system->cells, index);
	cell->index = index;
	cell->system = system;
	cell->home = NULL;
	rc = mailbox_open(cell, limits);
	if (rc < 0) {
		weir_table_give(&system->cells, index);
		return rc;
	}
	/* From here on it counts as one of theirs. */
	cell->ops = ops;
	cell->owner = owner;
	if (generation_of(cell) == 0)
		generation_next(cell);
	/* Pairs with the acquire in lane_push. */
	weir_store(&cell->signals, LANE_EMPTY(generation_of(cell)), release);
	*ret = cell;
	return 0;
}

uint64_t
weir_cell_id(const struct weir_cell *cell)
{
	return (uint64_t)generation_of(cell) << WEIR_CELL_INDEX_BITS |
	       cell->index;
}

struct weir_cell *
weir_cell_find(struct weir_system *system, uint64_t id)
{
	struct weir_cell *cell =
		weir_table_at(&system->cells, (uint32_t)id & INDEX_MASK);

	/* Pairs with release: what its owner did before is seen. */
	if (cell == NULL || weir_load(&cell->state, acquire) >> 32 !=
				    id >> WEIR_CELL_INDEX_BITS)
		return NULL;
	return cell;
}

static void
schedule_slow(struct weir_cell *cell)
{
	struct weir_system *system = cell->system;
	struct weir_worker *self = weir_worker_self(system);

	if (self != NULL) {
		weir_worker_push(self, cell);
	} else if (cell->home != NULL) {
		weir_worker_post(cell->home, cell);
	} else {
		weir_injection_push(&system->injection, cell);
		weir_system_offer(system);
	}
}

void
weir_cell_schedule(struct weir_cell *cell)
{
	struct weir_worker *current = weir_worker_current;

	/* On a worker of its own system, with a place in the queue. */
	if (current == NULL || current->system != cell->system ||
		cell->home != NULL || current->pinned ||
		!weir_run_queue_push(&current->queue, cell))
		schedule_slow(cell);
}

/* -- signals ------------------------------------------------------------- */

/* Push @signal, if the cell is of that @generation (0: of any). */
static bool
lane_push(
	struct weir_cell *cell, uint32_t generation, struct weir_signal *signal)
{
	/* Pairs with the release in acquire: an empty lane of the next owner
	 * shows the next generation. */
	uintptr_t head = weir_load(&cell->signals, acquire);

	do {
		bool empty = (head & LANE_MARK) != 0;

		if ((head & LANE_MARK) == LANE_MARK ||
			(generation != 0 && generation != generation_of(cell)))
			return false;
		weir_plain_store(&signal->next,
			empty ? NULL : (struct weir_signal *)head);
		/* Release: pairs with the exchange in lane_take. */
	} while (!weir_compare_exchange(
		&cell->signals, &head, (uintptr_t)signal, acq_rel, acquire));
	if (weir_mailbox_notify(&cell->mailbox))
		weir_cell_schedule(cell);
	return true;
}

/* All signals, the oldest first; the lane becomes @mark. */
static struct weir_signal *
lane_take(struct weir_cell *cell, uintptr_t mark)
{
	/* Pairs with the push: each signal and its next are written. */
	uintptr_t head = weir_exchange(&cell->signals, mark, acq_rel);
	struct weir_signal *signal, *first = NULL;

	if ((head & LANE_MARK) != 0)
		return NULL;
	signal = (struct weir_signal *)head;
	while (signal != NULL) {
		struct weir_signal *next = weir_plain_load(&signal->next);

		weir_plain_store(&signal->next, first);
		first = signal;
		signal = next;
	}
	return first;
}

static void
lane_run(struct weir_cell *cell, struct weir_signal *signal)
{
	while (signal != NULL) {
		struct weir_signal *next = weir_plain_load(&signal->next);

		/* It may be sent again, or freed, by this. */
		signal->run(signal, cell);
		signal = next;
	}
}

bool
weir_cell_signal(struct weir_cell *cell, struct weir_signal *signal)
{
	return lane_push(cell, 0, signal);
}

bool
weir_cell_signal_to(
	struct weir_system *system, uint64_t id, struct weir_signal *signal)
{
	struct weir_cell *cell = weir_cell_find(system, id);

	return cell != NULL &&
	       lane_push(cell, weir_cell_id_generation(id), signal);
}

struct weir_signal *
weir_cell_signals_take(struct weir_cell *cell)
{
	/* A hint: what is pushed meanwhile is announced again. */
	if ((weir_load(&cell->signals, relaxed) & LANE_MARK) != 0)
		return NULL;
	return lane_take(cell, LANE_EMPTY(generation_of(cell)));
}

void
weir_cell_signals_run(struct weir_cell *cell)
{
	lane_run(cell, weir_cell_signals_take(cell));
}

/* -- release ------------------------------------------------------------- */

/* A turn of a cell that was released while a sender was about to write. */
static bool
released_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	if (!weir_mailbox_drain(&cell->mailbox))
		return true;
	weir_table_give(&cell->system->cells, cell->index);
	return false;
}

void
weir_cell_release(struct weir_cell *cell)
{
	static const struct weir_cell_ops released = {released_turn};
	struct weir_signal *left = lane_take(cell, LANE_CLOSED(0));

	generation_next(cell);
	/* Whoever it was idle for: its consumer is here. */
	(void)weir_mailbox_close(&cell->mailbox);
	lane_run(cell, left);
	cell->ops = &released;
	cell->home = NULL;
	if (released_turn(cell, NULL))
		weir_cell_schedule(cell);
}

/* A turn of a cell that was abandoned in a queue. */
static bool
abandoned_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	weir_cell_release(cell);
	return false;
}

void
weir_cell_abandon(struct weir_cell *cell)
{
	static const struct weir_cell_ops abandoned = {abandoned_turn};

	if (weir_mailbox_seize(&cell->mailbox))
		weir_cell_release(cell);
	else
		cell->ops = &abandoned;
}
