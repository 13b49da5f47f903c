/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm.c - the heap of alarms
 */
#include "alarm_internal.h"

#include "worker_internal.h"

#include <string.h>

/* -- the heap ------------------------------------------------------------ */

/* Of two heaps one.  Neither has a neighbour. */
static struct weir_alarm *
meld(struct weir_alarm *a, struct weir_alarm *b)
{
	struct weir_alarm *later;

	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (b->at_ns < a->at_ns) {
		later = a;
		a = b;
	} else {
		later = b;
	}
	later->sibling = a->child;
	if (a->child != NULL)
		a->child->before = later;
	later->before = a;
	a->child = later;
	return a;
}

/* Of a list of heaps one: in pairs from the left, then all from the right. */
static struct weir_alarm *
meld_pairs(struct weir_alarm *list)
{
	struct weir_alarm *pairs = NULL, *heap = NULL;

	while (list != NULL) {
		struct weir_alarm *a = list, *b = a->sibling;

		list = b == NULL ? NULL : b->sibling;
		a->sibling = a->before = NULL;
		if (b != NULL)
			b->sibling = b->before = NULL;
		a = meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	while (pairs != NULL) {
		struct weir_alarm *next = pairs->sibling;

		pairs->sibling = NULL;
		heap = meld(heap, pairs);
		pairs = next;
	}
	return heap;
}

static void
insert(struct weir_alarms *alarms, struct weir_alarm *alarm)
{
	alarm->child = alarm->sibling = alarm->before = NULL;
	alarm->set = true;
	alarms->first = meld(alarms->first, alarm);
}

static void
take_out(struct weir_alarms *alarms, struct weir_alarm *alarm)
{
	struct weir_alarm *later = meld_pairs(alarm->child);

	alarm->set = false;
	if (alarm == alarms->first) {
		alarms->first = later;
		return;
	}
	if (alarm->before->child == alarm)
		alarm->before->child = alarm->sibling;
	else
		alarm->before->sibling = alarm->sibling;
	if (alarm->sibling != NULL)
		alarm->sibling->before = alarm->before;
	alarms->first = meld(alarms->first, later);
}

/* Publish the earliest.  Sequentially consistent: pairs with the load of a
 * worker that has announced sleep. */
static void
next_publish(struct weir_alarms *alarms)
{
	weir_store(&alarms->next_ns,
		alarms->first == NULL ? WEIR_ALARM_NEVER : alarms->first->at_ns,
		seq_cst);
}

/* -- alarms -------------------------------------------------------------- */

void
weir_alarms_init(struct weir_alarms *alarms)
{
	pthread_mutex_init(&alarms->lock, NULL);
	alarms->first = NULL;
	weir_store(&alarms->next_ns, WEIR_ALARM_NEVER, relaxed);
	weir_store(&alarms->watched_ns, WEIR_ALARM_NEVER, relaxed);
}

void
weir_alarms_finish(struct weir_alarms *alarms)
{
	pthread_mutex_destroy(&alarms->lock);
}

/* In a turn of the cell.  It may have been cleared since it expired, or set
 * anew. */
static void
alarm_run(struct weir_signal *signal, struct weir_cell *cell)
{
	struct weir_alarm *alarm = (struct weir_alarm *)(void *)signal;
	struct weir_alarms *alarms = &cell->system->alarms;
	bool due;

	pthread_mutex_lock(&alarms->lock);
	alarm->queued = false;
	due = alarm->due;
	alarm->due = false;
	pthread_mutex_unlock(&alarms->lock);
	if (due)
		alarm->ring(alarm);
}

void
weir_alarm_init(struct weir_alarm *alarm, struct weir_cell *cell,
	void (*ring)(struct weir_alarm *))
{
	memset(alarm, 0, sizeof(*alarm));
	alarm->signal.run = alarm_run;
	alarm->cell = cell;
	alarm->ring = ring;
}

void
weir_alarm_set(struct weir_alarm *alarm, int64_t at_ns)
{
	struct weir_system *system = alarm->cell->system;
	struct weir_alarms *alarms = &system->alarms;
	int64_t was_ns;

	pthread_mutex_lock(&alarms->lock);
	was_ns = weir_load(&alarms->next_ns, relaxed);
	if (alarm->set)
		take_out(alarms, alarm);
	alarm->due = false;
	alarm->at_ns = at_ns;
	if (at_ns != WEIR_ALARM_NEVER)
		insert(alarms, alarm);
	next_publish(alarms);
	pthread_mutex_unlock(&alarms->lock);
	/* A worker looks at the time itself, at the latest before it sleeps;
	 * other threads leave it to one that must be told. */
	if (at_ns < was_ns && weir_worker_self(system) == NULL)
		weir_system_offer(system);
}

void
weir_alarm_clear(struct weir_alarm *alarm)
{
	weir_alarm_set(alarm, WEIR_ALARM_NEVER);
}

bool
weir_alarm_is_free(struct weir_alarm *alarm)
{
	struct weir_alarms *alarms = &alarm->cell->system->alarms;
	bool free;

	pthread_mutex_lock(&alarms->lock);
	free = !alarm->set && !alarm->queued;
	pthread_mutex_unlock(&alarms->lock);
	return free;
}

bool
weir_alarms_expire(struct weir_alarms *alarms, int64_t now_ns)
{
	struct weir_alarm *alarm;
	bool any = false;

	if (weir_load(&alarms->next_ns, relaxed) > now_ns)
		return false;
	pthread_mutex_lock(&alarms->lock);
	while ((alarm = alarms->first) != NULL && alarm->at_ns <= now_ns) {
		take_out(alarms, alarm);
		alarm->due = any = true;
		if (!alarm->queued) {
			alarm->queued = true;
			/* Within the lock: it may be freed after it. */
			(void)weir_cell_signal(alarm->cell, &alarm->signal);
		}
	}
	next_publish(alarms);
	pthread_mutex_unlock(&alarms->lock);
	return any;
}
