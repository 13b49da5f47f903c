/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.c - sinks that write to the same file take turns
 *
 * Two writes at once to one descriptor would go over each other where it has a
 * position, since io_uring reads it first and moves it last, and would cut each
 * other's records where it is a pipe that takes a part of them.
 */
#include "turn_internal.h"

#include <string.h>

static bool
is_same(const struct weir_turn *turn, const struct weir_turn *other)
{
	return turn->device == other->device && turn->inode == other->inode;
}

bool
weir_turn_join(struct weir_io *io, struct weir_turn *turn,
	struct weir_stage *stage, const struct stat *st, bool alone)
{
	struct weir_io_files *files = io->files;
	const struct weir_turn *other;

	memset(turn, 0, sizeof(*turn));
	turn->device = st->st_dev;
	turn->inode = st->st_ino;
	turn->waker = weir_stage_waker(stage);
	turn->alone = alone;
	pthread_mutex_lock(&files->lock);
	other = files->turns;
	while (other != NULL &&
		!((alone || other->alone) && is_same(turn, other)))
		other = other->next;
	if (other == NULL) {
		turn->joined = true;
		turn->next = files->turns;
		files->turns = turn;
	}
	pthread_mutex_unlock(&files->lock);
	return other == NULL;
}

bool
weir_turn_take(struct weir_io *io, struct weir_turn *turn)
{
	const struct weir_turn *other;
	bool has;

	pthread_mutex_lock(&io->files->lock);
	other = io->files->turns;
	while (other != NULL && !(weir_turn_has(other) && is_same(turn, other)))
		other = other->next;
	has = other == NULL || other == turn;
	weir_store(&turn->has, has, relaxed);
	weir_store(&turn->waits, !has, relaxed);
	pthread_mutex_unlock(&io->files->lock);
	return has;
}

/* The one behind @turn in the circle of all. */
static struct weir_turn *
behind(const struct weir_io_files *files, const struct weir_turn *turn)
{
	return turn->next == NULL ? files->turns : turn->next;
}

/* Pass the turn on, with the lock held. */
static void
pass_on(struct weir_io *io, struct weir_turn *turn)
{
	struct weir_io_files *files = io->files;
	struct weir_turn *next;

	if (!weir_turn_has(turn))
		return;
	weir_store(&turn->has, false, relaxed);
	for (next = behind(files, turn); next != turn;
		next = behind(files, next))
		if (weir_turn_waits(next) && is_same(turn, next)) {
			weir_store(&next->waits, false, relaxed);
			weir_store(&next->has, true, relaxed);
			/* Within the lock: its stage may go otherwise. */
			weir_wake(io->system, next->waker);
			return;
		}
}

void
weir_turn_give(struct weir_io *io, struct weir_turn *turn)
{
	/* Nobody else takes it away. */
	if (!weir_turn_has(turn))
		return;
	pthread_mutex_lock(&io->files->lock);
	pass_on(io, turn);
	pthread_mutex_unlock(&io->files->lock);
}

void
weir_turn_leave(struct weir_io *io, struct weir_turn *turn)
{
	struct weir_turn **at = &io->files->turns;

	if (!turn->joined)
		return;
	pthread_mutex_lock(&io->files->lock);
	pass_on(io, turn);
	while (*at != turn)
		at = &(*at)->next;
	*at = turn->next;
	turn->joined = false;
	pthread_mutex_unlock(&io->files->lock);
}
