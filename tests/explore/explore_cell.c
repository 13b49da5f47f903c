/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_cell.c - a whole system: threads that send, wake and signal, and
 * worker 0, which sleeps in between
 *
 * The worker runs the loop as shipped.  Only its parker is ours: a flag.
 */
#include "explore.h"

#include <errno.h>

#include "actors/cell_internal.h"
#include "actors/worker_internal.h"

struct note {
	struct weir_signal signal;
	unsigned runs;
};

static struct stage {
	struct weir_system *system;
	struct weir_cell *cell;
	uint64_t id;
	struct weir_mailbox_limits limits;
	_Atomic int kicked;
	/* The cell's. */
	unsigned got, expected;
	unsigned data[8]; /* written by senders before they send */
	struct note notes[3];
	struct weir_waker waker;
	unsigned woken, woken_late;
	bool released;
	_Atomic int asked;
	_Atomic unsigned refused;
} * stage;

/* -- the world --------------------------------------------------------------
 */

static void
park_poll(void *ctx)
{
	(void)ctx;
}

static void
park_park(void *ctx, int64_t timeout_ns)
{
	struct stage *of = ctx;

	explore_assert(timeout_ns < 0);
	explore_wait(&of->kicked);
	weir_store(&of->kicked, 0, relaxed);
}

static void
park_wake(void *ctx)
{
	struct stage *of = ctx;

	weir_store(&of->kicked, 1, release);
}

static uint64_t
no_time(void *ctx)
{
	(void)ctx;
	return 1;
}

/* Sleep until all that is expected has come. */
static bool
is_done(void *ctx)
{
	(void)ctx;
	return stage->got == stage->expected;
}

static void
work(void)
{
	struct weir_worker_wait wait = {
		.done = is_done, .deadline_ns = INT64_MAX};

	explore_assert(weir_system_enter(stage->system) == 0);
	weir_worker_run(stage->system->workers[0], &wait);
	weir_system_leave(stage->system);
}

/* A word is the number of what its sender wrote before. */
static bool
turn(struct weir_cell *cell, struct weir_worker *worker)
{
	uint64_t word;

	(void)worker;
	explore_assert(cell == stage->cell);
	weir_cell_attend(cell);
	while (weir_mailbox_receive(&cell->mailbox, &word, 1) == 1) {
		explore_assert(weir_plain_load(&stage->data[word]) == 7);
		weir_plain_store(&stage->got, weir_plain_load(&stage->got) + 1);
	}
	if (weir_mailbox_rest(&cell->mailbox))
		return false;
	/* It is scheduled again, to look later. */
	weir_pause();
	return true;
}

static const struct weir_cell_ops ops = {turn};

static void
stage_create(unsigned expected)
{
	static const struct weir_park_ops park = {
		park_poll, park_park, park_wake};
	struct weir_allocator allocator = explore_allocator();
	struct weir_clock clock = {no_time, NULL};
	struct weir_system_opts opts = {
		.allocator = &allocator, .clock = &clock, .park = &park};

	stage = explore_allocate(sizeof(*stage));
	stage->limits.bound = 64;
	stage->expected = expected;
	opts.park_ctx = stage;
	explore_assert(weir_system_create(&opts, &stage->system) == 0);
	explore_assert(weir_cell_acquire(stage->system, &ops, stage,
			       &stage->limits, &stage->cell) == 0);
	stage->id = weir_cell_id(stage->cell);
	explore_assert(weir_mailbox_rest(&stage->cell->mailbox));
}

static void
stage_check(void)
{
	explore_assert(stage->got == stage->expected);
	if (!stage->released)
		weir_cell_abandon(stage->cell);
	weir_system_destroy(stage->system);
	explore_free(stage);
}

/* -- messages ----------------------------------------------------------------
 */

static void
send(unsigned i)
{
	weir_plain_store(&stage->data[i], 7);
	explore_assert(weir_cell_post(stage->cell, i) == 0);
}

static void
send_first(void)
{
	send(explore_self());
}

static void
send_two(void)
{
	send(3);
	send(4);
}

static void
three_messages(void)
{
	stage_create(3);
}

static void
three_messages_home(void)
{
	stage_create(3);
	stage->cell->home = stage->system->workers[0];
}

/* -- signals -----------------------------------------------------------------
 */

static void
note_run(struct weir_signal *signal, struct weir_cell *cell)
{
	struct note *note = (struct note *)(void *)signal;
	unsigned i = (unsigned)(note - stage->notes);

	explore_assert(cell == stage->cell);
	explore_assert(weir_plain_load(&stage->data[i]) == 7);
	weir_plain_store(&note->runs, note->runs + 1);
	weir_plain_store(&stage->got, weir_plain_load(&stage->got) + 1);
}

static void
signal_first(void)
{
	unsigned i = explore_self();

	weir_plain_store(&stage->data[i], 7);
	stage->notes[i].signal.run = note_run;
	explore_assert(weir_cell_signal(stage->cell, &stage->notes[i].signal));
}

static void
two_signals(void)
{
	stage_create(2);
}

/* A signal by a name that may be of yesterday. */
static void
signal_by_id(void)
{
	unsigned i = explore_self();

	weir_plain_store(&stage->data[i], 7);
	stage->notes[i].signal.run = note_run;
	if (!weir_cell_signal_to(
		    stage->system, stage->id, &stage->notes[i].signal)) {
		weir_fetch_add(&stage->refused, 1, relaxed);
		/* It is ours again. */
		weir_plain_store(&stage->notes[i].runs, 0);
	}
}

/* The cell ends in its first turn. */
static bool
last_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	weir_cell_attend(cell);
	stage->released = true;
	weir_cell_release(cell);
	/* Signals that came in time have run by now. */
	weir_plain_store(&stage->expected, weir_plain_load(&stage->got));
	return false;
}

static const struct weir_cell_ops last_ops = {last_turn};

static void
released_beside_signals(void)
{
	stage_create(99);
	stage->cell->ops = &last_ops;
	/* It has its turn whatever happens. */
	explore_assert(weir_mailbox_seize(&stage->cell->mailbox));
	weir_cell_schedule(stage->cell);
}

static void
released_check(void)
{
	explore_assert(stage->got + weir_load(&stage->refused, relaxed) == 2);
	stage_check();
}

/* -- wakers ------------------------------------------------------------------
 */

static void
wake_first(void *target)
{
	explore_assert(target == stage);
	weir_plain_store(&stage->woken, weir_plain_load(&stage->woken) + 1);
}

static void
wake_second(void *target)
{
	(void)target;
	stage->woken_late++;
}

static void
wake_twice(void)
{
	weir_wake(stage->system, stage->waker);
	weir_wake(stage->system, stage->waker);
	send(1);
}

/* Takes the waker back with the first message; who has it then is not to be
 * woken by the old name. */
static bool
waker_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	struct weir_waker other;
	uint64_t word;

	(void)worker;
	weir_cell_attend(cell);
	while (weir_mailbox_receive(&cell->mailbox, &word, 1) == 1) {
		if (stage->got++ != 0)
			continue;
		weir_waker_release(stage->system, stage->waker);
		explore_assert(weir_waker_acquire(stage->system, cell,
				       wake_second, stage, &other) == 0);
	}
	if (weir_mailbox_rest(&cell->mailbox))
		return false;
	weir_pause();
	return true;
}

static const struct weir_cell_ops waker_ops = {waker_turn};

static void
wakers_create(unsigned expected)
{
	stage_create(expected);
	stage->cell->ops = &waker_ops;
	explore_assert(weir_waker_acquire(stage->system, stage->cell,
			       wake_first, stage, &stage->waker) == 0);
}

static void
waker_of_one(void)
{
	wakers_create(1);
}

static void
waker_of_two(void)
{
	wakers_create(2);
}

static void
send_second(void)
{
	send(2);
}

static void
wakers_check(void)
{
	explore_assert(stage->woken_late == 0);
	stage_check();
}

/* One wake, and it is not lost. */
static bool
woken_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	weir_cell_attend(cell);
	explore_assert(
		stage->woken == 0 || weir_plain_load(&stage->data[1]) == 7);
	stage->got = stage->woken > 0;
	return !weir_mailbox_rest(&cell->mailbox);
}

static const struct weir_cell_ops woken_ops = {woken_turn};

static void
waker_alone(void)
{
	wakers_create(1);
	stage->cell->ops = &woken_ops;
}

static void
write_and_wake(void)
{
	weir_plain_store(&stage->data[1], 7);
	weir_wake(stage->system, stage->waker);
}

/* A wake while the one before is being served. */
static void
wake_asked(void *target)
{
	(void)target;
	stage->woken = weir_load(&stage->asked, acquire) != 0;
	if (stage->woken)
		weir_plain_store(&stage->data[1], 7);
}

static void
waker_that_looks(void)
{
	stage_create(1);
	stage->cell->ops = &woken_ops;
	explore_assert(weir_waker_acquire(stage->system, stage->cell,
			       wake_asked, stage, &stage->waker) == 0);
}

static void
wake_and_ask_and_wake(void)
{
	weir_wake(stage->system, stage->waker);
	weir_fetch_add(&stage->asked, 1, release);
	weir_wake(stage->system, stage->waker);
}

static void
only_wake(void)
{
	weir_wake(stage->system, stage->waker);
}

/* -- an interrupt -------------------------------------------------------- */

static bool
was_asked(void *ctx)
{
	(void)ctx;
	return weir_load(&stage->asked, acquire) == 2;
}

static void
work_until_asked(void)
{
	struct weir_worker_wait wait = {
		.done = was_asked, .deadline_ns = INT64_MAX};

	explore_assert(weir_system_enter(stage->system) == 0);
	weir_worker_run(stage->system->workers[0], &wait);
	weir_system_leave(stage->system);
}

static void
ask(void)
{
	weir_fetch_add(&stage->asked, 1, release);
	weir_system_interrupt(stage->system);
}

static void
nothing(void)
{
	stage_create(0);
}

static const struct explore_scenario table[] = {
	{.name = "messages",
		.setup = three_messages,
		.check = stage_check,
		.threads = {send_first, send_two, work}},
	{.name = "messages_to_a_home_cell",
		.setup = three_messages_home,
		.check = stage_check,
		.threads = {send_first, send_two, work}},
	{.name = "signals",
		.setup = two_signals,
		.check = stage_check,
		.threads = {signal_first, signal_first, work}},
	{.name = "signals_and_a_message",
		.setup = three_messages,
		.check = stage_check,
		.threads = {signal_first, signal_first, work, send_first}},
	{.name = "signals_beside_a_release",
		.setup = released_beside_signals,
		.check = released_check,
		.threads = {signal_by_id, signal_by_id, work}},
	{.name = "a_wake",
		.setup = waker_alone,
		.check = wakers_check,
		.threads = {write_and_wake, work}},
	{.name = "a_wake_during_a_wake",
		.setup = waker_that_looks,
		.check = wakers_check,
		.threads = {wake_and_ask_and_wake, work}},
	{.name = "wakes_beside_a_release",
		.setup = waker_of_one,
		.check = wakers_check,
		.threads = {wake_twice, work}},
	{.name = "wakes_of_two_beside_a_release",
		.setup = waker_of_two,
		.check = wakers_check,
		.threads = {wake_twice, send_second, work, only_wake}},
	{.name = "interrupts",
		.setup = nothing,
		.check = stage_check,
		.threads = {ask, ask, work_until_asked}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
