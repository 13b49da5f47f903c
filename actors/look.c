/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.c - what a worker does that has no cell to run: steal, spin, sleep
 *
 * One worker at a time looks for work, for a while, before it sleeps.  What it
 * takes from another's queue is half of it; but a lone cell stays with the
 * worker that woke it, unless it was seen waiting behind a long turn: moving a
 * lone one between cores costs more than it gains.
 */
#include "worker_internal.h"

#define LONE_NS 20000 /* a lone cell waits so long before it is taken */
#define SPIN_NS_MIN 6000
#define PAUSES 4

/* Whether something was made ready that this worker may do.  Sequentially
 * consistent loads: it has announced sleep. */
static bool
any_ready(const struct weir_worker *worker)
{
	if (worker->first != NULL ||
		weir_load(&worker->inbox, seq_cst) != NULL ||
		weir_load(&worker->interrupted, seq_cst) != 0)
		return true;
	return !worker->pinned &&
	       (weir_run_queue_count(&worker->queue) > 0 ||
		       !weir_injection_is_empty(&worker->system->injection));
}

/* Whether the one cell in the queue of @other waits there for long. */
static bool
is_stuck(struct weir_worker *worker, const struct weir_worker *other,
	int64_t now_ns)
{
	uint32_t head = weir_load(&other->queue.head, relaxed);

	if (worker->lone_of != other || worker->lone_head != head) {
		worker->lone_of = other;
		worker->lone_head = head;
		worker->lone_since_ns = now_ns;
		return false;
	}
	return now_ns - worker->lone_since_ns >= LONE_NS;
}

/* Whether cells may be taken from @other. */
static bool
has_surplus(
	struct weir_worker *worker, struct weir_worker *other, int64_t now_ns)
{
	uint32_t count = weir_run_queue_count(&other->queue);

	return count >= 2 ||
	       (count == 1 && (weir_load(&other->crowded, relaxed) ||
				      is_stuck(worker, other, now_ns)));
}

/* Take from the others, beginning with the next one. */
static bool
steal(struct weir_worker *worker, int64_t now_ns)
{
	struct weir_system *system = worker->system;
	uint32_t n = weir_load(&system->worker_count, acquire);

	for (uint32_t i = 1; i < n; i++) {
		struct weir_worker *other =
			system->workers[(worker->index + i) % n];
		uint32_t got;

		if (!has_surplus(worker, other, now_ns))
			continue;
		got = weir_run_queue_steal(&other->queue, &worker->queue, 1);
		if (got == 0)
			continue;
		weir_count_add(&worker->stolen, got);
		return true;
	}
	return false;
}

void
weir_worker_looks_no_more(struct weir_worker *worker)
{
	struct weir_system *system = worker->system;

	worker->looks = false;
	weir_idle_found(worker->idle);
	/* Who published work while we looked woke nobody: if there is more
	 * than we took, another one has to look. */
	if (!worker->pinned &&
		(weir_run_queue_count(&worker->queue) > 0 ||
			!weir_injection_is_empty(&system->injection)))
		weir_system_offer(system);
}

/* Look for work for a while.  True: there is some, or something else to do. */
static bool
spin(struct weir_worker *worker, int64_t until_ns)
{
	struct weir_system *system = worker->system;
	int64_t now_ns = weir_worker_now(worker);
	int64_t end_ns = now_ns + worker->spin_ns;

	if (!worker->looks && !weir_idle_look(worker->idle))
		return steal(worker, now_ns);
	worker->looks = true;
	while (now_ns < end_ns) {
		if (any_ready(worker) || steal(worker, now_ns)) {
			worker->spin_ns = system->spin_ns;
			return true;
		}
		if (worker->polls) {
			weir_worker_poll(worker);
			if (any_ready(worker))
				return true;
		}
		if (now_ns >= until_ns ||
			now_ns >= weir_load(&system->alarms.next_ns, relaxed))
			return true;
		for (int i = 0; i < PAUSES; i++)
			weir_pause();
		now_ns = weir_worker_now(worker);
	}
	/* In vain: shorter the next time. */
	worker->spin_ns /= 2;
	if (worker->spin_ns < SPIN_NS_MIN)
		worker->spin_ns = SPIN_NS_MIN;
	return false;
}

/* Until when to sleep: to the next alarm, if nobody else sleeps until then, so
 * that one wakes for it and not all. */
static int64_t
watch_alarms(struct weir_worker *worker, int64_t until_ns)
{
	struct weir_alarms *alarms = &worker->system->alarms;
	/* Pairs with the store in alarm.c. */
	int64_t next_ns = weir_load(&alarms->next_ns, seq_cst);

	worker->watches_ns = WEIR_ALARM_NEVER;
	if (worker->pinned ||
		next_ns >= weir_load(&alarms->watched_ns, seq_cst))
		return until_ns;
	weir_store(&alarms->watched_ns, next_ns, seq_cst);
	worker->watches_ns = next_ns;
	return next_ns < until_ns ? next_ns : until_ns;
}

static void
watch_no_more(struct weir_worker *worker)
{
	struct weir_alarms *alarms = &worker->system->alarms;
	int64_t mine = worker->watches_ns;

	if (mine != WEIR_ALARM_NEVER)
		(void)weir_compare_exchange(&alarms->watched_ns, &mine,
			WEIR_ALARM_NEVER, seq_cst, relaxed);
}

/* Sleep.  Work that came so soon (the wake itself takes half of that time) that
 * a full look would have met it: the next look is a full one again, else a
 * steady pace just slower than the shortest look would wake the worker each
 * time. */
static void
sleep_until_work(struct weir_worker *worker, int64_t timeout_ns)
{
	int64_t slept_ns = weir_worker_now(worker);

	weir_worker_sleep(worker, timeout_ns);
	if (any_ready(worker) &&
		weir_worker_now(worker) - slept_ns < 2 * WEIR_SPIN_NS)
		worker->spin_ns = worker->system->spin_ns;
}

/* Announce sleep, look again, sleep. */
static void
park(struct weir_worker *worker, int64_t until_ns)
{
	int64_t timeout_ns = -1;

	weir_idle_announce(worker->idle, worker->bit, worker->looks);
	worker->looks = false;
	until_ns = watch_alarms(worker, until_ns);
	if (until_ns != INT64_MAX) {
		timeout_ns = until_ns - weir_worker_now(worker);
		if (timeout_ns < 0)
			timeout_ns = 0;
	}
	if (!any_ready(worker))
		sleep_until_work(worker, timeout_ns);
	watch_no_more(worker);
	worker->looks = weir_idle_awake(worker->idle, worker->bit);
}

/* With nothing on its way the time of the next event is now.  -1: there will be
 * none; 0: time does not jump here. */
static int
time_jumps(struct weir_worker *worker, int64_t until_ns)
{
	struct weir_system *system = worker->system;
	int64_t next_ns = weir_load(&system->alarms.next_ns, relaxed), now_ns;

	if (!system->virtual_time || weir_system_pending(system) > 0)
		return 0;
	if (next_ns < until_ns)
		until_ns = next_ns;
	if (until_ns == INT64_MAX)
		return -1;
	now_ns = weir_worker_now(worker);
	if (until_ns > now_ns)
		weir_system_advance(system, (uint64_t)(until_ns - now_ns));
	return 1;
}

bool
weir_worker_rest(
	struct weir_worker *worker, const struct weir_worker_wait *wait)
{
	int jumped;

	if (any_ready(worker) || (wait->idle != NULL && wait->idle(wait->ctx)))
		return true;
	jumped = time_jumps(worker, wait->deadline_ns);
	if (jumped != 0)
		return jumped > 0;
	/* Alone there is nobody to take from, and who posts from outside can
	 * wait for a wake: the other programs get the time. */
	if (!worker->pinned &&
		weir_load(&worker->system->worker_count, relaxed) > 1 &&
		spin(worker, wait->deadline_ns))
		return true;
	park(worker, wait->deadline_ns);
	return true;
}

void
weir_system_park(struct weir_system *system, int64_t timeout_ns)
{
	struct weir_worker *worker = system->workers[0];
	int64_t until_ns = INT64_MAX;

	if (timeout_ns >= 0 && timeout_ns < INT64_MAX - weir_worker_now(worker))
		until_ns = weir_worker_now(worker) + timeout_ns;
	if (time_jumps(worker, until_ns) == 0)
		park(worker, until_ns);
	weir_system_poll(system);
}
