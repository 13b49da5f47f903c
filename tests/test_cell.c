/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cell.c - cells, their ids, signals, alarms and turns, on one worker
 */
#include "support/plain_cell.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int
world_setup(void **state)
{
	struct weir_system *system;

	/* With a seed: on virtual time. */
	if (weir_system_create(&(struct weir_system_opts){.seed = 1}, &system) <
			0 ||
		weir_system_enter(system) < 0)
		return -1;
	*state = system;
	return 0;
}

static int
world_teardown(void **state)
{
	weir_system_leave(*state);
	weir_system_destroy(*state);
	return 0;
}

/* -- ids ------------------------------------------------------------------- */

static void
an_id_finds_its_cell_until_that_is_released(void **state)
{
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system), *next;
	uint64_t id = weir_cell_id(cell);

	assert_ptr_equal(weir_cell_find(system, id), cell);
	plain_cells_run(system);
	weir_cell_abandon(cell);
	assert_null(weir_cell_find(system, id));

	next = plain_cell(system);
	assert_ptr_equal(next, cell); /* the same place */
	assert_null(weir_cell_find(system, id));
	assert_ptr_equal(weir_cell_find(system, weir_cell_id(next)), next);
	weir_cell_abandon(next);
}

static void
an_id_of_no_cell_finds_none(void **state)
{
	assert_null(weir_cell_find(*state, 0));
	assert_null(weir_cell_find(*state, UINT64_MAX));
	assert_null(weir_cell_find(*state, (uint64_t)1 << 26));
}

/* -- signals --------------------------------------------------------------- */

struct note {
	struct weir_signal signal;
	int *at;
	int number;
};

static void
note_down(struct weir_signal *signal, struct weir_cell *cell)
{
	struct note *note = (struct note *)(void *)signal;

	(void)cell;
	*note->at = *note->at * 10 + note->number;
}

static struct note
note(int *at, int number)
{
	return (struct note){{NULL, note_down}, at, number};
}

static void
signals_run_in_the_order_they_came_in(void **state)
{
	struct weir_cell *cell = plain_cell(*state);
	int read = 0;
	struct note notes[] = {note(&read, 1), note(&read, 2), note(&read, 3)};

	for (int i = 0; i < 3; i++)
		assert_true(weir_cell_signal(cell, &notes[i].signal));
	assert_int_equal(read, 0);
	plain_cells_run(*state);
	assert_int_equal(read, 123);
	weir_cell_abandon(cell);
}

static void
a_signal_by_a_stale_id_stays_the_senders(void **state)
{
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system);
	uint64_t old = weir_cell_id(cell);
	int read = 0;
	struct note one = note(&read, 1), two = note(&read, 2);

	plain_cells_run(system);
	weir_cell_abandon(cell);
	assert_false(weir_cell_signal(cell, &one.signal));
	assert_false(weir_cell_signal_to(system, old, &one.signal));
	cell = plain_cell(system);
	assert_false(weir_cell_signal_to(system, old, &one.signal));
	assert_true(
		weir_cell_signal_to(system, weir_cell_id(cell), &two.signal));
	plain_cells_run(system);
	assert_int_equal(read, 2);
	weir_cell_abandon(cell);
}

static void
signals_left_in_a_released_cell_run(void **state)
{
	struct weir_cell *cell = plain_cell(*state);
	int read = 0;
	struct note one = note(&read, 1);

	plain_cells_run(*state);
	assert_true(weir_mailbox_seize(&cell->mailbox));
	assert_true(weir_cell_signal(cell, &one.signal));
	weir_cell_release(cell);
	assert_int_equal(read, 1);
}

/* -- turns ----------------------------------------------------------------- */

struct taker {
	uint64_t sum;
	int turns;
	bool again;
};

static bool
taker_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct taker *taker = cell->owner;
	uint64_t word;

	assert_ptr_equal(worker->current, cell);
	weir_cell_attend(cell);
	taker->turns++;
	while (weir_mailbox_receive(&cell->mailbox, &word, 1) == 1) {
		taker->sum += word;
		if (taker->again)
			return true;
	}
	return !weir_mailbox_rest(&cell->mailbox);
}

static struct weir_cell *
taker_cell(struct weir_system *system, struct taker *taker)
{
	static const struct weir_cell_ops ops = {taker_turn};
	static const struct weir_mailbox_limits limits = {.bound = 100};
	struct weir_cell *cell;

	memset(taker, 0, sizeof(*taker));
	assert_int_equal(
		weir_cell_acquire(system, &ops, taker, &limits, &cell), 0);
	weir_cell_schedule(cell);
	plain_cells_run(system);
	assert_int_equal(taker->turns, 1);
	return cell;
}

static void
posts_to_an_idle_cell_make_one_turn(void **state)
{
	struct weir_system *system = *state;
	struct taker taker;
	struct weir_cell *cell = taker_cell(system, &taker);

	for (uint64_t n = 1; n <= 2; n++)
		assert_int_equal(weir_cell_post(cell, n), 0);
	plain_cells_run(system);
	assert_int_equal(taker.sum, 3);
	assert_int_equal(taker.turns, 2);
	weir_cell_abandon(cell);
}

static void
a_turn_that_asks_for_another_gets_it(void **state)
{
	struct weir_system *system = *state;
	struct taker taker;
	struct weir_cell *cell = taker_cell(system, &taker);

	taker.again = true;
	for (uint64_t n = 1; n <= 2; n++)
		assert_int_equal(weir_cell_post(cell, n), 0);
	plain_cells_run(system);
	assert_int_equal(taker.sum, 3);
	assert_int_equal(taker.turns, 1 + 2 + 1);
	weir_cell_abandon(cell);
}

static void
posts_by_no_worker_wait_for_one(void **state)
{
	struct weir_system *system = *state;
	struct taker taker;
	struct weir_cell *cell = taker_cell(system, &taker);

	weir_system_leave(system);
	assert_int_equal(weir_cell_post(cell, 5), 0);
	assert_int_equal(taker.sum, 0);
	assert_int_equal(weir_system_enter(system), 0);
	plain_cells_run(system);
	assert_int_equal(taker.sum, 5);
	weir_cell_abandon(cell);
}

static void
cells_queued_when_the_worker_leaves_run_when_it_is_back(void **state)
{
	struct weir_system *system = *state;
	struct taker first, second;
	struct weir_cell *home = taker_cell(system, &first);
	struct weir_cell *away = taker_cell(system, &second);

	home->home = system->workers[0];
	assert_int_equal(weir_cell_post(home, 1), 0);
	assert_int_equal(weir_cell_post(away, 2), 0);
	weir_system_leave(system);
	assert_int_equal(weir_system_enter(system), 0);
	plain_cells_run(system);
	assert_int_equal(first.sum, 1);
	assert_int_equal(second.sum, 2);
	weir_cell_abandon(home);
	weir_cell_abandon(away);
}

/* More than the queue of a worker holds: the others wait elsewhere. */
static void
a_thousand_ready_cells_all_run(void **state)
{
	enum { MANY = 1000 };
	struct weir_system *system = *state;
	static struct taker takers[MANY];
	static struct weir_cell *cells[MANY];

	for (int i = 0; i < MANY; i++)
		cells[i] = taker_cell(system, &takers[i]);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(weir_cell_post(cells[i], (uint64_t)i + 1), 0);
	plain_cells_run(system);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(takers[i].sum, (uint64_t)i + 1);
		weir_cell_abandon(cells[i]);
	}
}

/* A clock of our own. */
static uint64_t
read_clock(void *ctx)
{
	return *(uint64_t *)ctx;
}

static void
a_turn_ends_when_its_time_is_over_and_reads_the_clock_seldom(void **state)
{
	uint64_t now_ns = 1000;
	struct weir_clock clock = {read_clock, &now_ns};
	struct weir_system *system;
	const struct weir_worker *worker;
	int64_t until_ns = 0;

	(void)state;
	assert_int_equal(
		weir_system_create(&(struct weir_system_opts){.clock = &clock,
					   .workers = 1},
			&system),
		0);
	worker = system->workers[0];
	assert_true(weir_turn_lasts(worker, 0, &until_ns));
	assert_true(weir_turn_lasts(worker, 1, &until_ns));
	assert_int_equal(until_ns, 0); /* not looked at yet */
	assert_true(weir_turn_lasts(worker, 2, &until_ns));
	assert_int_equal(until_ns, 1000 + WEIR_TURN_NS);
	now_ns += WEIR_TURN_NS;
	assert_true(weir_turn_lasts(worker, 3, &until_ns));
	assert_false(weir_turn_lasts(worker, 4, &until_ns));
	weir_system_destroy(system);
}

static void
with_a_seed_time_ends_no_turn(void **state)
{
	struct weir_system *system = *state;
	int64_t until_ns = 0;

	assert_true(weir_turn_lasts(system->workers[0], 2, &until_ns));
	weir_system_advance(system, 10 * WEIR_TURN_NS);
	assert_true(weir_turn_lasts(system->workers[0], 4, &until_ns));
}

/* -- seeds ----------------------------------------------------------------- */

#define DRAWN 20

/* The order in which cells that are all ready have their turns. */
static uint64_t
order_with(uint64_t seed, uint64_t *ret_trace)
{
	static struct taker takers[DRAWN];
	struct weir_cell *cells[DRAWN];
	struct weir_system *system;
	uint64_t order = 0;

	assert_int_equal(
		weir_system_create(
			&(struct weir_system_opts){.seed = seed}, &system),
		0);
	assert_int_equal(weir_system_enter(system), 0);
	for (int i = 0; i < DRAWN; i++)
		cells[i] = taker_cell(system, &takers[i]);
	for (int i = 0; i < DRAWN; i++) {
		cells[i]->home = i % 3 == 0 ? system->workers[0] : NULL;
		assert_int_equal(weir_cell_post(cells[i], 1), 0);
	}
	for (int i = 0; i < DRAWN; i++) {
		assert_true(weir_worker_round(system->workers[0]));
		for (unsigned k = 0; k < DRAWN; k++)
			if (takers[k].turns == 2) {
				order = order * 31 + k;
				takers[k].turns = 0;
			}
	}
	*ret_trace = weir_system_trace(system);
	for (int i = 0; i < DRAWN; i++)
		weir_cell_abandon(cells[i]);
	weir_system_leave(system);
	weir_system_destroy(system);
	return order;
}

static void
the_seed_decides_who_is_next_and_the_trace_tells(void **state)
{
	uint64_t first, again, other, trace, trace_again, trace_other;

	(void)state;
	first = order_with(7, &trace);
	again = order_with(7, &trace_again);
	other = order_with(8, &trace_other);
	assert_int_equal(first, again);
	assert_int_equal(trace, trace_again);
	assert_int_not_equal(first, other);
	assert_int_not_equal(trace, trace_other);
}

/* -- waits ----------------------------------------------------------------- */

static bool
sum_is_three(void *ctx)
{
	return ((struct taker *)ctx)->sum == 3;
}

static void
a_wait_ends_when_it_is_done(void **state)
{
	struct weir_system *system = *state;
	struct taker taker;
	struct weir_cell *cell = taker_cell(system, &taker);
	struct weir_worker_wait wait = {
		.done = sum_is_three, .ctx = &taker, .deadline_ns = INT64_MAX};

	assert_int_equal(weir_cell_post(cell, 3), 0);
	weir_worker_run(system->workers[0], &wait);
	assert_int_equal(taker.sum, 3);
	weir_cell_abandon(cell);
}

static void
a_wait_ends_at_its_deadline(void **state)
{
	struct weir_system *system = *state;
	struct taker taker;
	struct weir_cell *cell = taker_cell(system, &taker);
	int64_t deadline_ns = (int64_t)weir_system_now_ns(system) + 1000;
	struct weir_worker_wait wait = {.done = sum_is_three,
		.ctx = &taker,
		.deadline_ns = deadline_ns};

	weir_worker_run(system->workers[0], &wait);
	assert_int_equal(weir_system_now_ns(system), deadline_ns);
	weir_cell_abandon(cell);
}

struct idler {
	struct weir_cell *cell;
	struct taker taker;
	int calls;
};

static bool
post_the_next(void *ctx)
{
	struct idler *idler = ctx;

	idler->calls++;
	return weir_cell_post(idler->cell, 1) == 0;
}

static bool
idler_is_done(void *ctx)
{
	return ((struct idler *)ctx)->taker.sum == 3;
}

static void
a_wait_says_when_there_is_nothing_to_run(void **state)
{
	struct weir_system *system = *state;
	struct idler idler = {0};
	struct weir_worker_wait wait = {.done = idler_is_done,
		.idle = post_the_next,
		.ctx = &idler,
		.deadline_ns = INT64_MAX};

	idler.cell = taker_cell(system, &idler.taker);
	weir_worker_run(system->workers[0], &wait);
	assert_int_equal(idler.calls, 3);
	weir_cell_abandon(idler.cell);
}

/* -- alarms ---------------------------------------------------------------- */

struct clocked {
	struct weir_alarm alarm;
	struct weir_system *system;
	int number;
	uint64_t rung_ns;
};

static struct clocked *last_rung;
static int rung_order, rung;

static void
ring(struct weir_alarm *alarm)
{
	struct clocked *clocked = (struct clocked *)(void *)alarm;

	clocked->rung_ns = weir_system_now_ns(clocked->system);
	rung_order = rung_order * 10 + clocked->number;
	rung++;
	last_rung = clocked;
}

static bool
all_rung(void *ctx)
{
	return rung >= *(int *)ctx;
}

static void
wait_for(struct weir_system *system, int rings)
{
	struct weir_worker_wait wait = {
		.done = all_rung, .ctx = &rings, .deadline_ns = INT64_MAX};

	weir_worker_run(system->workers[0], &wait);
}

static void
alarms_ring_in_the_order_of_their_times(void **state)
{
	static const int64_t after_ns[] = {40, 10, 30, 20, 50};
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system);
	int64_t now_ns = (int64_t)weir_system_now_ns(system);
	struct clocked all[5];

	rung_order = rung = 0;
	for (int i = 0; i < 5; i++) {
		all[i].system = system;
		all[i].number = i + 1;
		weir_alarm_init(&all[i].alarm, cell, ring);
		weir_alarm_set(&all[i].alarm, now_ns + after_ns[i]);
	}
	wait_for(system, 5);
	assert_int_equal(rung_order, 24315);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(all[i].rung_ns, now_ns + after_ns[i]);
		assert_true(weir_alarm_is_free(&all[i].alarm));
	}
	weir_cell_abandon(cell);
}

static void
an_alarm_that_is_set_anew_or_cleared_rings_no_more_at_its_old_time(void **state)
{
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system);
	int64_t now_ns = (int64_t)weir_system_now_ns(system);
	struct clocked all[3];

	rung_order = rung = 0;
	for (int i = 0; i < 3; i++) {
		all[i].system = system;
		all[i].number = i + 1;
		weir_alarm_init(&all[i].alarm, cell, ring);
		weir_alarm_set(&all[i].alarm, now_ns + 10 * (i + 1));
	}
	weir_alarm_set(&all[0].alarm, now_ns + 100);
	weir_alarm_clear(&all[1].alarm);
	wait_for(system, 2);
	assert_int_equal(rung_order, 31);
	assert_int_equal(all[0].rung_ns, now_ns + 100);
	weir_cell_abandon(cell);
}

static void
an_alarm_cleared_after_it_expired_does_not_ring(void **state)
{
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system);
	struct clocked one = {.system = system, .number = 1};
	int64_t now_ns = (int64_t)weir_system_now_ns(system);

	rung_order = rung = 0;
	weir_alarm_init(&one.alarm, cell, ring);
	weir_alarm_set(&one.alarm, now_ns);
	assert_true(weir_alarms_expire(&system->alarms, now_ns));
	weir_alarm_clear(&one.alarm);
	assert_false(weir_alarm_is_free(&one.alarm));
	plain_cells_run(system);
	assert_int_equal(rung, 0);
	assert_true(weir_alarm_is_free(&one.alarm));
	weir_cell_abandon(cell);
}

/* Against a sorted array: the heap in all its shapes. */
static void
a_thousand_alarms_set_cleared_and_moved_ring_in_order(void **state)
{
	enum { MANY = 1000 };
	struct weir_system *system = *state;
	struct weir_cell *cell = plain_cell(system);
	int64_t now_ns = (int64_t)weir_system_now_ns(system), last_ns = 0;
	static struct clocked all[MANY];
	int set = 0;

	rung = 0;
	for (int i = 0; i < MANY; i++) {
		all[i] = (struct clocked){.system = system};
		weir_alarm_init(&all[i].alarm, cell, ring);
	}
	for (int i = 0; i < 5 * MANY; i++) {
		uint64_t r = weir_system_random(system);
		struct clocked *one = &all[r % MANY];

		if (r >> 32 & 1)
			weir_alarm_set(&one->alarm,
				now_ns + 1 + (int64_t)(r >> 40) % 100000);
		else
			weir_alarm_clear(&one->alarm);
	}
	for (int i = 0; i < MANY; i++)
		set += all[i].alarm.set;
	for (int i = 1; i <= set; i++) {
		wait_for(system, i);
		assert_true(last_rung->alarm.at_ns >= last_ns);
		assert_int_equal(last_rung->rung_ns, last_rung->alarm.at_ns);
		last_ns = last_rung->alarm.at_ns;
	}
	assert_int_equal(
		weir_load(&system->alarms.next_ns, relaxed), WEIR_ALARM_NEVER);
	weir_cell_abandon(cell);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_finds_its_cell_until_that_is_released),
		cmocka_unit_test(an_id_of_no_cell_finds_none),
		cmocka_unit_test(signals_run_in_the_order_they_came_in),
		cmocka_unit_test(a_signal_by_a_stale_id_stays_the_senders),
		cmocka_unit_test(signals_left_in_a_released_cell_run),
		cmocka_unit_test(posts_to_an_idle_cell_make_one_turn),
		cmocka_unit_test(a_turn_that_asks_for_another_gets_it),
		cmocka_unit_test(posts_by_no_worker_wait_for_one),
		cmocka_unit_test(
			cells_queued_when_the_worker_leaves_run_when_it_is_back),
		cmocka_unit_test(a_thousand_ready_cells_all_run),
		cmocka_unit_test(
			a_turn_ends_when_its_time_is_over_and_reads_the_clock_seldom),
		cmocka_unit_test(with_a_seed_time_ends_no_turn),
		cmocka_unit_test(
			the_seed_decides_who_is_next_and_the_trace_tells),
		cmocka_unit_test(a_wait_ends_when_it_is_done),
		cmocka_unit_test(a_wait_ends_at_its_deadline),
		cmocka_unit_test(a_wait_says_when_there_is_nothing_to_run),
		cmocka_unit_test(alarms_ring_in_the_order_of_their_times),
		cmocka_unit_test(
			an_alarm_that_is_set_anew_or_cleared_rings_no_more_at_its_old_time),
		cmocka_unit_test(
			an_alarm_cleared_after_it_expired_does_not_ring),
		cmocka_unit_test(
			a_thousand_alarms_set_cleared_and_moved_ring_in_order),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
