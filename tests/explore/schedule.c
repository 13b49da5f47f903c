/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.c - who goes on, and one execution after the other
 *
 * An execution is told by its choices alone, so the next one is had by taking
 * another at the last choice that has one left, and replaying what was before
 * (P. Godefroid, "Model checking for programming languages using VeriSoft",
 * POPL 1997).  Taking the processor from a thread that could go on is bounded
 * (M. Musuvathi, S. Qadeer, PLDI 2007), and so is keeping stores back.
 */
#include "engine.h"

#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world world;
static jmp_buf from_main; /* where a violation in set-up or check ends */

/* Thread 0 stands for no thread: go on. */
struct option {
	unsigned thread;
	bool flush;
};

static uint64_t
random_next(void)
{
	/* SplitMix64, as in actors/system.c. */
	uint64_t z = world.random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* One of @n ways; 0 is the usual one, if @sticky. */
static unsigned
choose(unsigned n, bool sticky)
{
	struct choice *choice = &world.trail[world.depth];

	if (n == 1)
		return 0;
	if (world.depth == TRAIL_MAX)
		explore_broken("too many choices");
	if (world.depth++ >= world.replay) {
		*choice = (struct choice){0, (uint16_t)n};
		if (world.left.walk &&
			(!sticky || random_next() % world.stickiness == 0))
			choice->taken = (uint16_t)(random_next() % n);
	} else if (choice->of == 0) {
		choice->of = (uint16_t)n; /* a trail that was typed in */
	}
	if (choice->of != n || choice->taken >= n)
		explore_broken("this schedule does not fit");
	return choice->taken;
}

static bool
runnable(unsigned i)
{
	const struct thread *thread = &world.threads[i];

	return !thread->ended && (!thread->paused || thread->news);
}

static uint64_t
filter_of(const volatile void *object)
{
	return UINT64_C(1) << ((uintptr_t)object / 4 * 0x9e3779b97f4a7c15u >>
			       58);
}

void
schedule_looked(const volatile void *object)
{
	world.threads[world.current].looked |= filter_of(object);
}

void
schedule_changed(const volatile void *object)
{
	for (unsigned i = 1; i <= world.n_threads; i++)
		if (world.threads[i].looked & filter_of(object))
			world.threads[i].news = true;
}

static bool
holds(const struct thread *thread, const volatile void *object)
{
	for (unsigned i = 0; i < thread->n_held; i++)
		if (thread->held[i].address == object)
			return true;
	return false;
}

/* Who may go on, the current thread first if it can; it is about to touch
 * @object.  That others hold a store back matters only where one is to it, or
 * where somebody waits. */
static unsigned
options_collect(
	struct option *options, bool can_go_on, const volatile void *object)
{
	bool others =
		!can_go_on || world.left.walk || world.left.preemptions > 0;
	unsigned n = 0;

	if (can_go_on)
		options[n++] = (struct option){MAIN, false};
	for (unsigned i = 1; others && i <= world.n_threads; i++)
		if (i != world.current && runnable(i))
			options[n++] = (struct option){i, false};
	if (n == 0)
		return 0;
	for (unsigned i = 1; i <= world.n_threads; i++)
		if (i != world.current && world.threads[i].n_held > 0 &&
			(!can_go_on || holds(&world.threads[i], object)))
			options[n++] = (struct option){i, true};
	return n;
}

/* Choose how many of the latest stores stay unseen while others go on. */
static void
hold(struct thread *thread)
{
	bool may = world.left.walk || world.left.holds > 0;
	unsigned n = thread->n_held, kept;

	if (n == 0)
		return;
	kept = choose(may ? n + 1 : 1, true);
	if (kept > 0)
		world.left.holds--;
	if (kept > 0)
		explore_trace("keeps back %u stores", kept);
	while (thread->n_held > kept)
		access_flush(thread);
}

static void
go_to(unsigned to)
{
	unsigned from = world.current;

	if (from == to)
		return;
	hold(&world.threads[from]);
	world.current = to;
	fiber_switch(from, to);
}

static bool
flush_all(void)
{
	bool some = false;

	for (unsigned i = 1; i <= world.n_threads; i++)
		while (world.threads[i].n_held > 0) {
			access_flush(&world.threads[i]);
			some = true;
		}
	return some;
}

static void
nobody_left(void)
{
	for (unsigned i = 1; i <= world.n_threads; i++)
		if (!world.threads[i].ended)
			explore_fail(
				"thread %u waits, and nobody can end it", i);
	go_to(MAIN);
}

/* Let stores of @thread be seen, up to the one to @object. */
static void
flush(unsigned i, const volatile void *object, bool one)
{
	struct thread *thread = &world.threads[i];
	const volatile void *address;

	do {
		address = thread->held[0].address;
		explore_trace("a store of thread %u is seen", i);
		access_flush(thread);
	} while (!one && address != object);
}

static void
reschedule(bool can_go_on, const volatile void *object)
{
	struct option options[2 * FIBERS];

	for (;;) {
		unsigned n = options_collect(options, can_go_on, object);
		struct option option;

		/* Nobody else: what is kept back is seen sooner or later. */
		if (n == 0 && flush_all())
			continue;
		if (n == 0 && runnable(world.current))
			return;
		if (n == 0)
			nobody_left();
		option = options[choose(n, can_go_on)];
		if (option.flush) {
			flush(option.thread, object, !can_go_on);
			continue;
		}
		if (can_go_on && option.thread != MAIN)
			world.left.preemptions--;
		if (option.thread != MAIN)
			go_to(option.thread);
		return;
	}
}

void
schedule_point(const volatile void *object, bool write, const char *site)
{
	if (++world.steps > STEPS_MAX)
		explore_fail("%s: no end in sight", site);
	if (world.current == MAIN)
		return;
	if (object != NULL && !sharing_matters(object, write) &&
		!world.left.walk)
		return;
	if (world.depth >= world.replay)
		world.states++;
	reschedule(true, object);
}

void
explore_pause(const char *site)
{
	struct thread *thread = &world.threads[world.current];

	if (world.current == MAIN)
		explore_fail("%s: pauses, and is alone", site);
	if (++world.steps > STEPS_MAX)
		explore_fail("%s: no end in sight", site);
	explore_trace("%s pauses", site);
	thread->paused = true;
	reschedule(false, NULL);
	thread->paused = thread->news = false;
	thread->looked = 0;
}

static void
thread_main(void)
{
	world.threads[world.current].run();
	explore_trace("ends");
	world.threads[world.current].ended = true;
	reschedule(false, NULL);
	explore_broken("an ended thread goes on");
}

void
explore_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(world.problem, sizeof(world.problem), format, arguments);
	va_end(arguments);
	explore_trace("%s", world.problem);
	world.violated = true;
	if (world.current == MAIN)
		longjmp(from_main, 1);
	for (;;) {
		unsigned from = world.current;

		world.current = MAIN;
		fiber_switch(from, MAIN); /* never comes back */
	}
}

void
explore_broken(const char *why)
{
	fprintf(stderr, "the explorer itself: %s\n", why);
	exit(2);
}

static void
threads_prepare(void)
{
	const struct explore_scenario *scenario = world.scenario;

	for (unsigned i = 1; i <= EXPLORE_THREADS; i++) {
		struct thread *thread = &world.threads[i];

		thread->run = scenario->threads[i - 1];
		if (thread->run == NULL)
			break;
		world.n_threads = i;
		thread->clock = world.threads[MAIN].clock;
		thread->clock.at[i] = 1;
		fiber_prepare(i, thread_main);
	}
	world.threads[MAIN].clock.at[MAIN]++;
}

static void
threads_run(void)
{
	struct option options[2 * FIBERS];
	unsigned n = options_collect(options, false, NULL);

	go_to(options[choose(n, false)].thread);
	if (world.violated)
		longjmp(from_main, 1);
	for (unsigned i = 1; i <= world.n_threads; i++)
		clock_join(&world.threads[MAIN].clock, &world.threads[i].clock);
}

static void
execution_reset(const struct leash *leash, unsigned replay)
{
	memset(world.threads, 0, sizeof(world.threads));
	world.threads[MAIN].ended = true;
	world.threads[MAIN].clock.at[MAIN] = 1;
	world.n_threads = world.current = world.depth = 0;
	world.left = *leash;
	world.replay = replay;
	world.steps = 0;
	world.execution++;
	world.violated = false;
	world.stickiness = 1u << (random_next() % 5 + 1);
	race_reset();
	memory_reset();
}

bool
schedule_execute(const struct leash *leash, unsigned replay)
{
	execution_reset(leash, replay);
	if (setjmp(from_main) != 0)
		return false;
	if (world.scenario->setup != NULL)
		world.scenario->setup();
	threads_prepare();
	threads_run();
	flush_all();
	if (world.scenario->check != NULL)
		world.scenario->check();
	memory_check_leaks();
	return true;
}

bool
schedule_next(void)
{
	struct choice *trail = world.trail;

	while (world.depth > 0 &&
		trail[world.depth - 1].taken + 1 == trail[world.depth - 1].of)
		world.depth--;
	if (world.depth == 0)
		return false;
	trail[world.depth - 1].taken++;
	return true;
}

unsigned
explore_self(void)
{
	return world.current;
}

void
explore_wait(_Atomic int *flag)
{
	while (weir_load(flag, acquire) == 0)
		weir_pause();
}

void
explore_trace(const char *format, ...)
{
	va_list arguments;

	if (!world.tracing)
		return;
	printf("  thread %u: ", world.current);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

pthread_t
explore_thread(void)
{
	return (pthread_t)world.current + 1;
}

/* The first word of a mutex is 0 when it is free. */
int
explore_mutex_lock(pthread_mutex_t *mutex)
{
	_Atomic int *word = (_Atomic int *)(void *)mutex;

	while (weir_exchange(word, 1, acquire) != 0)
		weir_pause();
	return 0;
}

int
explore_mutex_unlock(pthread_mutex_t *mutex)
{
	weir_store((_Atomic int *)(void *)mutex, 0, release);
	return 0;
}
