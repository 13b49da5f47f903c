/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn_internal.h - sinks that write to the same file take turns
 */
#ifndef WEIR_IO_TURN_INTERNAL_H
#define WEIR_IO_TURN_INTERNAL_H

#include "../actors/atomic_internal.h"
#include "io_internal.h"

/*
 * The place of one sink among those that write to one file, each at the
 * position where the one before left off.  Of all with the same device and
 * inode one at most has the turn; it is lent for a whole gather, so that no
 * record is cut by another's.  They may be on several workers: all of it is
 * under the lock of the system's files.
 */
struct weir_turn {
	struct weir_turn *next; /* of the same system */
	dev_t device;
	ino_t inode;
	struct weir_waker waker;
	bool joined;
	bool alone; /* writes at offsets of its own, and takes no turns */
	/* Another worker may give the turn, and wakes the stage then; so its
	 * own step need not see it sooner. */
	_Atomic bool has, waits;
};

static inline bool
weir_turn_has(const struct weir_turn *turn)
{
	return weir_load(&turn->has, relaxed);
}

static inline bool
weir_turn_waits(const struct weir_turn *turn)
{
	return weir_load(&turn->waits, relaxed);
}

/** Take a place for @stage, in the file that @st is of.  Returns whether that
 *  is possible: one that writes @alone shares the file with no other. */
bool weir_turn_join(struct weir_io *io, struct weir_turn *turn,
	struct weir_stage *stage, const struct stat *st, bool alone);

/** Ask for the turn.  Returns whether @turn has it; if not, it waits, and its
 *  stage is woken once it has. */
bool weir_turn_take(struct weir_io *io, struct weir_turn *turn);

/** Pass the turn on, if @turn has it, to the next that waits. */
void weir_turn_give(struct weir_io *io, struct weir_turn *turn);

/** Pass the turn on and give up the place, if it was taken. */
void weir_turn_leave(struct weir_io *io, struct weir_turn *turn);

#endif /* WEIR_IO_TURN_INTERNAL_H */
