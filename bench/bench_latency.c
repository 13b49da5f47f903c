/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_latency.c - how long a message to a worker and its answer take
 *
 * One operation is a message from a thread that is no worker to a cell, which
 * is what an actor is to the scheduler, and its answer, a word that the thread
 * spins on: back to back; one every 20 us, which a worker's spinning bridges by
 * default; one a millisecond, for which it sleeps.  Peers: a thread that spins
 * on a word, and one that waits for a condition variable.  And how often a
 * sleeping worker is woken for a burst of messages.
 *
 *	bench_latency [PART OF A MEASURE'S NAME]
 */
#include "actors/worker_internal.h"

#include "bench.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <time.h>

#define EPISODES 200
#define BURST 1000

/* How often, and at which pace, 0: at once. */
struct pace {
	int64_t trips;
	uint64_t every_ns;
};

static const struct pace at_once = {200000, 0};
static const struct pace every_20_us = {5000, 20000};
static const struct pace every_ms = {150, 1000000};

/* Where the answers come, and the questions of the spinning thread. */
static alignas(128) _Atomic uint64_t answer;
static alignas(128) _Atomic uint64_t question;

/* Spin for @ns: from the last answer on, so that one that was late is not made
 * up for by others without a pause. */
static void
spin_for(uint64_t ns)
{
	uint64_t until_ns = bench_now_ns() + ns;

	while (bench_now_ns() < until_ns)
		;
}

/* Ask so often at that pace, by @ask, and count how long the answers took. */
static int64_t
trips_make(const struct pace *pace, void (*ask)(uint64_t question))
{
	int64_t trips = bench_ops(pace->trips);

	for (int64_t i = 1; i <= trips; i++) {
		uint64_t asked_ns;

		if (pace->every_ns > 0)
			spin_for(pace->every_ns);
		asked_ns = bench_now_ns();
		ask((uint64_t)i);
		/* Pairs with the release of who answers. */
		while (atomic_load_explicit(&answer, memory_order_acquire) !=
			(uint64_t)i)
			;
		bench_latency(bench_now_ns() - asked_ns);
	}
	return trips;
}

/* -- a cell ---------------------------------------------------------------- */

static struct weir_cell *echo;

/* Answers with the last word of what came. */
static bool
echo_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	uint64_t words[64];
	size_t n;

	(void)worker;
	weir_cell_attend(cell);
	n = weir_mailbox_receive(&cell->mailbox, words, 64);
	if (n > 0)
		/* Pairs with the acquire of who asked. */
		atomic_store_explicit(
			&answer, words[n - 1], memory_order_release);
	return n == 64 || !weir_mailbox_rest(&cell->mailbox);
}

static int
echo_open(struct weir_system *system)
{
	static const struct weir_cell_ops ops = {echo_turn};
	static const struct weir_mailbox_limits limits = {.bound = 1024};
	int rc = weir_workers_start(system);

	if (rc == 0)
		rc = weir_cell_acquire(system, &ops, NULL, &limits, &echo);
	if (rc == 0)
		weir_cell_schedule(echo); /* which finds nothing, and rests */
	return rc;
}

static void
ask_cell(uint64_t i)
{
	if (weir_cell_post(echo, i) < 0)
		abort();
}

static int64_t
ask_weir(void *ctx)
{
	atomic_store_explicit(&answer, 0, memory_order_relaxed);
	return trips_make(ctx, ask_cell);
}

/* -- a thread that spins --------------------------------------------------- */

static int64_t
spin_answer(void *ctx)
{
	const struct pace *pace = ctx;
	uint64_t last = (uint64_t)bench_ops(pace->trips);

	for (uint64_t i = 1; i <= last; i++) {
		/* Pairs with the release in ask_spinner(). */
		while (atomic_load_explicit(&question, memory_order_acquire) !=
			i)
			;
		atomic_store_explicit(&answer, i, memory_order_release);
	}
	return 0;
}

static void
ask_spinner(uint64_t i)
{
	atomic_store_explicit(&question, i, memory_order_release);
}

static int64_t
spin_ask(void *ctx)
{
	return trips_make(ctx, ask_spinner);
}

static int64_t
ask_thread(void *ctx)
{
	const struct bench_thread both[] = {
		{spin_ask, ctx, 0}, {spin_answer, ctx, 1}};

	atomic_store_explicit(&answer, 0, memory_order_relaxed);
	atomic_store_explicit(&question, 0, memory_order_relaxed);
	return bench_together(both, 2);
}

/* -- a thread that sleeps -------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked = PTHREAD_COND_INITIALIZER;
static uint64_t locked_question;

static int64_t
sleep_answer(void *ctx)
{
	const struct pace *pace = ctx;
	uint64_t last = (uint64_t)bench_ops(pace->trips);

	for (uint64_t i = 1; i <= last; i++) {
		pthread_mutex_lock(&mutex);
		while (locked_question != i)
			pthread_cond_wait(&asked, &mutex);
		pthread_mutex_unlock(&mutex);
		atomic_store_explicit(&answer, i, memory_order_release);
	}
	return 0;
}

static void
ask_sleeper(uint64_t i)
{
	pthread_mutex_lock(&mutex);
	locked_question = i;
	pthread_cond_signal(&asked);
	pthread_mutex_unlock(&mutex);
}

static int64_t
sleep_ask(void *ctx)
{
	return trips_make(ctx, ask_sleeper);
}

static int64_t
ask_condvar(void *ctx)
{
	const struct bench_thread both[] = {
		{sleep_ask, ctx, 0}, {sleep_answer, ctx, 1}};

	atomic_store_explicit(&answer, 0, memory_order_relaxed);
	locked_question = 0;
	return bench_together(both, 2);
}

/* -- wakes ----------------------------------------------------------------- */

/* Bursts to a system whose workers sleep: a wake for the first message, none
 * for the others. */
static void
wakes_count(struct weir_system *system)
{
	const char *name = "futex or ring wakes in one idle episode";
	const struct timespec pause = {.tv_nsec = 2000000};
	uint64_t before = 0;
	double each;

	if (!bench_wanted(name) || bench_untimed())
		return;
	for (int i = -1; i < EPISODES; i++) {
		nanosleep(&pause, NULL);
		if (i == 0)
			before = weir_system_wakes(system);
		for (uint64_t k = 1; k <= BURST; k++)
			ask_cell(k);
		while (atomic_load_explicit(&answer, memory_order_acquire) !=
			BURST)
			;
		atomic_store_explicit(&answer, 0, memory_order_relaxed);
	}
	each = (double)(weir_system_wakes(system) - before) / EPISODES;
	bench_row(name, "weir", each, each, "count", 1);
}

static void
measure(const char *name, const struct pace *pace)
{
	void *ctx = (void *)(uintptr_t)pace;

	bench_run(&(struct bench_measure){.name = name,
		.per = pace->trips,
		.flags = BENCH_ACROSS | BENCH_LATENCY,
		.contestants = {{"weir", ask_weir, ctx},
			{"a spinning thread", ask_thread, ctx},
			{"mutex, condvar", ask_condvar, ctx}}});
}

int
main(int argc, char **argv)
{
	struct weir_system *system;

	bench_init(argc, argv);
	if (weir_system_create(
		    &(struct weir_system_opts){.workers = 2}, &system) < 0 ||
		echo_open(system) < 0)
		return 1;
	measure("round trip to a worker, back to back", &at_once);
	measure("round trip, one every 20 us", &every_20_us);
	measure("round trip, one every ms, asleep", &every_ms);
	wakes_count(system);
	if (weir_mailbox_seize(&echo->mailbox))
		weir_cell_release(echo);
	weir_system_destroy(system);
	return 0;
}
