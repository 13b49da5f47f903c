/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c - run cells until there is nothing to do, then sleep
 */
#include "worker_internal.h"

#include <errno.h>

#define FAIR_ROUNDS 64u /* of the own queue to one look elsewhere */
#define CLOCK_ROUNDS 8u /* to one look at the clock, if an alarm is set */
#define TAKE_MOST 64u   /* cells of the injection list at once */

_Thread_local struct weir_worker *weir_worker_current;

bool
weir_system_on_worker(struct weir_system *system)
{
	return weir_worker_self(system) != NULL;
}

int
weir_system_enter(struct weir_system *system)
{
	struct weir_worker *worker = system->workers[0];
	int nobody = 0;

	if (weir_system_on_worker(system))
		return -EBUSY;
	/* Pairs with the release in leave: what the last one did is seen. */
	if (!weir_compare_exchange(
		    &system->entered, &nobody, 1, acquire, relaxed))
		return -EBUSY;
	worker->outer = weir_worker_current;
	weir_worker_current = worker;
	return 0;
}

/* -- what is ready --------------------------------------------------------- */

static void
home_append(struct weir_worker *worker, struct weir_cell *cell)
{
	cell->next = NULL;
	if (worker->first == NULL)
		worker->first = cell;
	else
		worker->last->next = cell;
	worker->last = cell;
}

void
weir_worker_push(struct weir_worker *worker, struct weir_cell *cell)
{
	if (cell->home == worker) {
		home_append(worker, cell);
	} else if (cell->home != NULL) {
		weir_worker_post(cell->home, cell);
	} else if (worker->pinned ||
		   !weir_run_queue_push(&worker->queue, cell)) {
		weir_injection_push(&worker->system->injection, cell);
		weir_system_offer(worker->system);
	}
}

void
weir_worker_post(struct weir_worker *worker, struct weir_cell *cell)
{
	struct weir_cell *head = weir_load(&worker->inbox, relaxed);

	/* Sequentially consistent: the look at the sleeper comes after it.
	 * Also the release of the cell; pairs with the exchange below. */
	do
		weir_plain_store(&cell->next, head);
	while (!weir_compare_exchange(
		&worker->inbox, &head, cell, seq_cst, relaxed));
	weir_worker_notify(worker);
}

static void
inbox_take(struct weir_worker *worker)
{
	struct weir_cell *cell, *first = NULL;

	/* Pairs with the push in post: each cell and its next are written. */
	cell = weir_exchange(&worker->inbox, NULL, acq_rel);
	while (cell != NULL) {
		struct weir_cell *next = weir_plain_load(&cell->next);

		weir_plain_store(&cell->next, first);
		first = cell;
		cell = next;
	}
	while (first != NULL) {
		struct weir_cell *next = weir_plain_load(&first->next);

		weir_worker_push(worker, first);
		first = next;
	}
}

static void
injection_take(struct weir_worker *worker)
{
	uint32_t room =
		WEIR_RUN_QUEUE_SLOTS - weir_run_queue_count(&worker->queue);
	struct weir_cell *cell;

	if (room == 0)
		return;
	cell = weir_injection_take(&worker->system->injection,
		room < TAKE_MOST ? room : TAKE_MOST);
	while (cell != NULL) {
		struct weir_cell *next = weir_plain_load(&cell->next);

		weir_worker_push(worker, cell);
		cell = next;
	}
}

/* Its thread goes: what any worker may run is for the others. */
static void
flush(struct weir_worker *worker)
{
	struct weir_cell *cell;
	bool any = false;

	while ((cell = weir_run_queue_pop(&worker->queue)) != NULL) {
		weir_injection_push(&worker->system->injection, cell);
		any = true;
	}
	if (any)
		weir_system_offer(worker->system);
}

void
weir_system_leave(struct weir_system *system)
{
	struct weir_worker *worker = system->workers[0];

	flush(worker);
	weir_worker_current = worker->outer;
	weir_store(&system->entered, 0, release);
}

static struct weir_cell *
home_pop(struct weir_worker *worker)
{
	struct weir_cell *cell = worker->first;

	if (cell != NULL)
		worker->first = cell->next;
	return cell;
}

/* As next_cell(), any of them by the system's seed. */
static struct weir_cell *
random_cell(struct weir_worker *worker)
{
	uint32_t count = weir_run_queue_count(&worker->queue), pick;
	struct weir_cell *cell = NULL;
	uint64_t all = count;

	for (cell = worker->first; cell != NULL; cell = cell->next)
		all++;
	if (all == 0)
		return NULL;
	pick = all == 1 ? 0
			: (uint32_t)weir_system_random_below(
				  worker->system, all);
	if (pick < count) {
		weir_run_queue_prefer(&worker->queue, pick);
		return weir_run_queue_pop(&worker->queue);
	}
	for (pick -= count; pick > 0; pick--)
		home_append(worker, home_pop(worker));
	return home_pop(worker);
}

/* Who has two ready cells at the end of a turn may give one away, and wakes a
 * sleeper for it.  A glance without fences: what is missed now is seen at the
 * end of the next turn. */
static void
crowd_look(struct weir_worker *worker, bool crowded)
{
	if (crowded != weir_load(&worker->crowded, relaxed))
		weir_store(&worker->crowded, crowded, relaxed);
	if (crowded && weir_idle_wants_work(worker->idle))
		weir_system_offer(worker->system);
}

/* The oldest of the queue. */
static inline struct weir_cell *
queue_next(struct weir_worker *worker)
{
	bool crowded;

	if (worker->alone)
		return weir_run_queue_pop_alone(&worker->queue);
	crowded = weir_run_queue_count(&worker->queue) >= 2;
	if (crowded || weir_load(&worker->crowded, relaxed))
		crowd_look(worker, crowded);
	return weir_run_queue_pop(&worker->queue);
}

/* The cell to run next, where it is not simply the next of the queue; NULL:
 * none is ready. */
static struct weir_cell *
next_cell(struct weir_worker *worker)
{
	struct weir_cell *cell;

	if (weir_load(&worker->inbox, relaxed) != NULL)
		inbox_take(worker);
	if (worker->seeded) {
		injection_take(worker);
		return random_cell(worker);
	}
	if (worker->pinned)
		return home_pop(worker);
	if (worker->rounds % FAIR_ROUNDS == 0 &&
		!weir_injection_seems_empty(&worker->system->injection))
		injection_take(worker);
	/* Home cells and others in turn. */
	if (worker->rounds % 2 == 0 && (cell = home_pop(worker)) != NULL)
		return cell;
	cell = queue_next(worker);
	if (cell == NULL)
		cell = home_pop(worker);
	if (cell == NULL &&
		!weir_injection_seems_empty(&worker->system->injection)) {
		injection_take(worker);
		cell = queue_next(worker);
	}
	return cell;
}

static inline void
cell_run(struct weir_worker *worker, struct weir_cell *cell)
{
	weir_count_add(&worker->turns, 1);
	worker->current = cell;
	if (cell->ops->turn(cell, worker))
		weir_worker_push(worker, cell);
	worker->current = NULL;
}

bool
weir_turn_looks(const struct weir_worker *worker, int64_t *until_ns)
{
	int64_t now_ns;

	if (worker->seeded)
		return true;
	now_ns = weir_worker_now(worker);
	if (*until_ns == 0)
		*until_ns = now_ns + WEIR_TURN_NS;
	return now_ns < *until_ns;
}

/* -- the loop -------------------------------------------------------------- */

/* Ring what is due. */
static bool
alarms_look(struct weir_worker *worker)
{
	struct weir_alarms *alarms = &worker->system->alarms;

	return weir_load(&alarms->next_ns, relaxed) != WEIR_ALARM_NEVER &&
	       weir_alarms_expire(alarms, weir_worker_now(worker));
}

/* Whether it is enough to look into the queue: in each eighth round it is
 * not. */
static inline bool
is_plain(const struct weir_worker *worker)
{
	return worker->rounds % CLOCK_ROUNDS != 0 && worker->first == NULL &&
	       !worker->unlike && weir_load(&worker->inbox, relaxed) == NULL;
}

/* A round that looks beyond the queue, having found nothing there or not
 * looked yet. */
static bool
round_around(struct weir_worker *worker)
{
	struct weir_cell *cell = next_cell(worker);

	if (cell != NULL) {
		if (worker->looks)
			weir_worker_looks_no_more(worker);
		if (worker->seeded)
			weir_system_trace_add(worker->system, cell->index);
		cell_run(worker, cell);
	}
	weir_worker_poll(worker);
	return alarms_look(worker) || cell != NULL;
}

static inline bool
round_once(struct weir_worker *worker)
{
	struct weir_cell *cell;

	worker->rounds++;
	if (!is_plain(worker) || (cell = queue_next(worker)) == NULL)
		return round_around(worker);
	if (worker->looks)
		weir_worker_looks_no_more(worker);
	cell_run(worker, cell);
	weir_worker_poll(worker);
	return true;
}

bool
weir_worker_round(struct weir_worker *worker)
{
	return round_once(worker);
}

/* Who interrupted has written what done() looks at before. */
static bool
is_done(struct weir_worker *worker, const struct weir_worker_wait *wait)
{
	/* Taken, not cleared: pairs with the store in weir_worker_interrupt. */
	if (weir_load(&worker->interrupted, relaxed) != 0)
		(void)weir_exchange(&worker->interrupted, 0, seq_cst);
	return wait->done(wait->ctx);
}

static int
run_until(struct weir_worker *worker, const struct weir_worker_wait *wait)
{
	bool limited = wait->deadline_ns != INT64_MAX;

	while (!is_done(worker, wait)) {
		if (!round_once(worker)) {
			if (!weir_worker_rest(worker, wait))
				return -EDEADLK;
		} else if (worker->rounds % CLOCK_ROUNDS != 0) {
			continue;
		}
		if (limited && weir_worker_now(worker) >= wait->deadline_ns)
			return -ETIMEDOUT;
	}
	return 0;
}

int
weir_worker_run(struct weir_worker *worker, const struct weir_worker_wait *wait)
{
	int rc = run_until(worker, wait);

	if (worker->looks)
		weir_worker_looks_no_more(worker);
	return rc;
}

/* -- what a wait of its own uses ------------------------------------------- */

void
weir_system_poll(struct weir_system *system)
{
	struct weir_worker *worker = system->workers[0];

	weir_worker_poll(worker);
	while (worker->first != NULL || weir_load(&worker->inbox, relaxed) ||
		weir_run_queue_count(&worker->queue) > 0 ||
		!weir_injection_seems_empty(&system->injection))
		weir_worker_round(worker);
}
