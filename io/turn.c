/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.c - sinks that write to the same file take turns
 *
 * Two writes at once to one descriptor would go over each other where it has a
 * position, since io_uring reads it first and moves it last, and would cut each
 * other's records where it is a pipe that takes a part of them.
 */
#include "turn_internal.h"

static bool
is_same(const struct weir_turn *turn, const struct weir_turn *other)
{
	return turn->device == other->device && turn->inode == other->inode;
}

bool
weir_turn_join(struct weir_io *io, struct weir_turn *turn,
	struct weir_stage *stage, const struct stat *st, bool alone)
{
	const struct weir_turn *other = io->turns;

	*turn = (struct weir_turn){.next = io->turns,
		.device = st->st_dev,
		.inode = st->st_ino,
		.waker = weir_stage_waker(stage),
		.alone = alone};
	while (other != NULL &&
		!((alone || other->alone) && is_same(turn, other)))
		other = other->next;
	if (other != NULL)
		return false;
	turn->joined = true;
	io->turns = turn;
	return true;
}

bool
weir_turn_take(struct weir_io *io, struct weir_turn *turn)
{
	const struct weir_turn *other = io->turns;

	while (other != NULL && !(other->has && is_same(turn, other)))
		other = other->next;
	turn->has = other == NULL || other == turn;
	turn->waits = !turn->has;
	return turn->has;
}

/* The one behind @turn in the circle of all. */
static struct weir_turn *
behind(const struct weir_io *io, const struct weir_turn *turn)
{
	return turn->next == NULL ? io->turns : turn->next;
}

void
weir_turn_give(struct weir_io *io, struct weir_turn *turn)
{
	struct weir_turn *next;

	if (!turn->has)
		return;
	turn->has = false;
	for (next = behind(io, turn); next != turn; next = behind(io, next))
		if (next->waits && is_same(turn, next)) {
			next->waits = false;
			next->has = true;
			weir_wake(io->system, next->waker);
			return;
		}
}

void
weir_turn_leave(struct weir_io *io, struct weir_turn *turn)
{
	struct weir_turn **at = &io->turns;

	if (!turn->joined)
		return;
	weir_turn_give(io, turn);
	while (*at != turn)
		at = &(*at)->next;
	*at = turn->next;
	turn->joined = false;
}
