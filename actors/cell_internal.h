/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cell_internal.h - what the scheduler runs: a mailbox and a turn function
 *
 * An actor is a cell, and so is an island of a graph.  One worker at a time
 * runs a cell; whoever takes the idle bit out of its mailbox's ticket schedules
 * it, so it waits in one queue at most.  Beside its messages a cell gets
 * signals: a lane that never allocates and is never refused.
 *
 * Cells live in a table of the system and are never unmapped before it, so a
 * stale id is safe to look up.
 */
#ifndef WEIR_ACTORS_CELL_INTERNAL_H
#define WEIR_ACTORS_CELL_INTERNAL_H

#include "atomic_internal.h"
#include "mailbox_internal.h"

#include <stdbool.h>
#include <stdint.h>

struct weir_cell;
struct weir_system;
struct weir_worker;

/* An id: node (16 bits, 0 here) | generation (22) | index (26).  0 is none. */
#define WEIR_CELL_INDEX_BITS 26u
#define WEIR_CELL_GENERATION_BITS 22u

/* Something in a cell's signal lane.  It belongs to the lane from
 * weir_cell_signal() on until run() is called, in a turn of the cell; run() may
 * free it or send it again. */
struct weir_signal {
	struct weir_signal *next;
	void (*run)(struct weir_signal *, struct weir_cell *);
};

struct weir_cell_ops {
	/* One turn.  True: schedule the cell again.  False: it has gone idle by
	 * weir_mailbox_rest(), or was released, and is not touched any more. */
	bool (*turn)(struct weir_cell *, struct weir_worker *);
};

struct weir_cell {
	_Alignas(64) struct weir_mailbox mailbox;
	const struct weir_cell_ops *ops; /* who has the consumer side */
	void *owner;
	/* The lane: the newest signal, or an odd mark that says which owner's
	 * lane is empty or closed. */
	_Atomic uintptr_t signals;
	struct weir_cell *next; /* in an inbox, a home list, the injection */
	/* Where alone it runs; NULL: anywhere.  Changed in its own turn. */
	struct weir_worker *home;
	/* generation << 32 | what the owner keeps there.  The generation, of 22
	 * bits and never 0, moves on when the cell is released. */
	_Atomic uint64_t state;
	struct weir_system *system;
	uint32_t index;
	_Atomic uint32_t next_free; /* of the table */
	/* The owner's; as the last one left it, at first zero. */
	_Alignas(8) unsigned char place[48];
};

_Static_assert(sizeof(struct weir_cell) == 192, "three lines");

/**
 * A cell for @owner whose turns are @ops.  The caller has its consumer side:
 * it is not idle, and is to be scheduled or to rest.  Returns 0 or -ENOMEM.
 * Any thread.
 */
int weir_cell_acquire(struct weir_system *system,
	const struct weir_cell_ops *ops, void *owner,
	const struct weir_mailbox_limits *limits, struct weir_cell **ret);

/**
 * Give @cell back, by who has its consumer side: within its turn, or having
 * seized its mailbox.  Its ids are stale from now on, and @owner is not touched
 * any more.  Messages left in it are dropped as its limits say, perhaps in a
 * later turn, when their sender has written them; so the limits must live on.
 * Signals left are run now.
 */
void weir_cell_release(struct weir_cell *cell);

/** The same for a cell that is idle or waits in a queue, while no worker can
 *  run it. */
void weir_cell_abandon(struct weir_cell *cell);

/** The id of @cell. */
uint64_t weir_cell_id(const struct weir_cell *cell);

/** The cell with this id; NULL: it was released, or never was.  Any thread. */
struct weir_cell *weir_cell_find(struct weir_system *system, uint64_t id);

/** The generation that an id names. */
static inline uint32_t
weir_cell_id_generation(uint64_t id)
{
	return (uint32_t)(id >> WEIR_CELL_INDEX_BITS) &
	       ((1u << WEIR_CELL_GENERATION_BITS) - 1);
}

/** Let @cell have a turn: by who took its idle bit, or for a fresh one. */
void weir_cell_schedule(struct weir_cell *cell);

/** Put @signal, which is in no lane, in the lane of @cell.  False: the cell was
 *  released, and the signal is still the caller's.  Any thread. */
bool weir_cell_signal(struct weir_cell *cell, struct weir_signal *signal);

/** As weir_cell_signal(), if the cell with that @id still is the same. */
bool weir_cell_signal_to(
	struct weir_system *system, uint64_t id, struct weir_signal *signal);

/** All signals of @cell, the oldest first; NULL: none.  Consumer's side. */
struct weir_signal *weir_cell_signals_take(struct weir_cell *cell);

/** Run all signals of @cell.  Consumer's side. */
void weir_cell_signals_run(struct weir_cell *cell);

/** How a turn begins: run the signals that were announced. */
static inline void
weir_cell_attend(struct weir_cell *cell)
{
	if (weir_mailbox_take_notice(&cell->mailbox))
		weir_cell_signals_run(cell);
}

/** Send one message word to @cell.  Any thread.  Returns 0 or what
 *  weir_mailbox_post() refused it with. */
static inline int
weir_cell_post(struct weir_cell *cell, uint64_t word)
{
	int rc = weir_mailbox_post(&cell->mailbox, word);

	if (rc <= 0)
		return rc;
	weir_cell_schedule(cell);
	return 0;
}

#endif /* WEIR_ACTORS_CELL_INTERNAL_H */
