/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm_internal.h - to be woken at a time
 *
 * An alarm is embedded in what it wakes, and rings in a turn of its cell, as a
 * signal.  All alarms of a system are in one heap under a mutex; workers look
 * at the time of the earliest only.
 *
 * Algorithm: the pairing heap (M. Fredman, R. Sedgewick, D. Sleator, R. Tarjan,
 * Algorithmica 1, 1986), whose nodes need no memory but their own.
 */
#ifndef WEIR_ACTORS_ALARM_INTERNAL_H
#define WEIR_ACTORS_ALARM_INTERNAL_H

#include "cell_internal.h"

#include <pthread.h>

#define WEIR_ALARM_NEVER INT64_MAX

struct weir_alarm {
	struct weir_signal signal;
	struct weir_cell *cell;
	void (*ring)(struct weir_alarm *);
	int64_t at_ns;
	/* The first of those later than it; its neighbour; what points to it:
	 * the one before, or the parent if it is the first. */
	struct weir_alarm *child, *sibling, *before;
	bool set;    /* in the heap */
	bool due;    /* it expired, and has not rung */
	bool queued; /* its signal is in the lane */
};

struct weir_alarms {
	pthread_mutex_t lock;
	struct weir_alarm *first;
	_Atomic int64_t next_ns; /* of the first; WEIR_ALARM_NEVER: none */
	/* The earliest that a worker sleeps until; WEIR_ALARM_NEVER: none. */
	_Atomic int64_t watched_ns;
};

void weir_alarms_init(struct weir_alarms *alarms);
void weir_alarms_finish(struct weir_alarms *alarms);

/** Signal the cells whose alarm has come by @now_ns.  Returns whether there
 *  was one.  Any worker. */
bool weir_alarms_expire(struct weir_alarms *alarms, int64_t now_ns);

/** Make @alarm ring by @ring(alarm) in turns of @cell.  It is not set. */
void weir_alarm_init(struct weir_alarm *alarm, struct weir_cell *cell,
	void (*ring)(struct weir_alarm *));

/** Let @alarm ring at @at_ns and no longer at an earlier set time.  Any
 *  thread. */
void weir_alarm_set(struct weir_alarm *alarm, int64_t at_ns);

/** Let @alarm not ring.  In a turn of its cell: it will not.  Elsewhere: it may
 *  be ringing.  Its signal may still be in the lane, so it must not be freed
 *  before weir_alarm_is_free(). */
void weir_alarm_clear(struct weir_alarm *alarm);

/** Whether @alarm, which is cleared, is nowhere any more.  In a turn of its
 *  cell. */
bool weir_alarm_is_free(struct weir_alarm *alarm);

#endif /* WEIR_ACTORS_ALARM_INTERNAL_H */
