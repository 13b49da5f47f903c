/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.c - cores, threads that start together, and a cache line's way
 *
 * Hosts move virtual cores about, so a line's round trip between two of them
 * has moods a factor of ten apart.  Figures across cores are multiples of it.
 */
#include "../bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 8
#define TRIPS 2000 /* of a sample */
#define SAMPLES 7

static cpu_set_t cores_allowed;
static size_t cores[2]; /* the first two */
static int cores_count; /* of all */

/* Before any thread is pinned. */
static void
cores_find(void)
{
	if (cores_count > 0)
		return;
	if (sched_getaffinity(0, sizeof(cores_allowed), &cores_allowed) < 0)
		abort();
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &cores_allowed))
			continue;
		if (cores_count < 2)
			cores[cores_count] = i;
		cores_count++;
	}
}

int
bench_cores(void)
{
	cores_find();
	return cores_count;
}

void
bench_pin(int core)
{
	cpu_set_t one;

	cores_find();
	CPU_ZERO(&one);
	if (core >= 0)
		CPU_SET(cores[core < cores_count ? core : 0], &one);
	if (sched_setaffinity(
		    0, sizeof(one), core < 0 ? &cores_allowed : &one) < 0)
		abort();
}

/* -- threads that start together ------------------------------------------- */

struct start {
	_Atomic int ready;
	_Atomic bool go;
};

struct runner {
	const struct bench_thread *thread;
	struct start *start;
	pthread_t id;
	int64_t answer;
};

static void *
runner_main(void *ctx)
{
	struct runner *runner = ctx;
	struct start *start = runner->start;

	bench_pin(runner->thread->core);
	atomic_fetch_add_explicit(&start->ready, 1, memory_order_relaxed);
	/* Pairs with the release in bench_together(). */
	while (!atomic_load_explicit(&start->go, memory_order_acquire))
		sched_yield();
	runner->answer = runner->thread->run(runner->thread->ctx);
	return NULL;
}

int64_t
bench_together(const struct bench_thread *threads, int n)
{
	struct runner runners[THREADS_MAX];
	struct start start = {0};
	int64_t answer = 0;

	if (n > THREADS_MAX)
		abort();
	bench_cores();
	for (int i = 0; i < n; i++) {
		runners[i] = (struct runner){&threads[i], &start, 0, 0};
		if (pthread_create(&runners[i].id, NULL, runner_main,
			    &runners[i]) != 0)
			abort();
	}
	while (atomic_load_explicit(&start.ready, memory_order_relaxed) < n)
		sched_yield();
	bench_start();
	/* Pairs with the acquire in runner_main(). */
	atomic_store_explicit(&start.go, true, memory_order_release);
	for (int i = 0; i < n; i++) {
		pthread_join(runners[i].id, NULL);
		answer += runners[i].answer;
	}
	bench_stop();
	return answer;
}

/* -- a line's round trip --------------------------------------------------- */

/* One line each way, so that none is written by both. */
struct trips {
	alignas(128) _Atomic uint32_t there;
	alignas(128) _Atomic uint32_t back;
	alignas(128) double median_ns;
};

static int64_t
trips_echo(void *ctx)
{
	struct trips *trips = ctx;

	for (uint32_t i = 1; i <= (SAMPLES + 1) * TRIPS; i++) {
		/* Pairs with the release in trips_go(), and back. */
		while (atomic_load_explicit(
			       &trips->there, memory_order_acquire) != i)
			;
		atomic_store_explicit(&trips->back, i, memory_order_release);
	}
	return 0;
}

static int64_t
trips_go(void *ctx)
{
	struct trips *trips = ctx;
	double ns[SAMPLES];
	uint32_t i = 0;

	for (int sample = -1; sample < SAMPLES; sample++) {
		uint64_t start_ns = bench_now_ns();

		for (int trip = 0; trip < TRIPS; trip++) {
			atomic_store_explicit(
				&trips->there, ++i, memory_order_release);
			while (atomic_load_explicit(
				       &trips->back, memory_order_acquire) != i)
				;
		}
		if (sample >= 0)
			ns[sample] =
				(double)(bench_now_ns() - start_ns) / TRIPS;
	}
	trips->median_ns = bench_median(ns, SAMPLES);
	return 0;
}

double
bench_line_ns(void)
{
	struct trips trips = {0};
	struct bench_thread both[] = {
		{trips_go, &trips, 0}, {trips_echo, &trips, 1}};

	if (bench_cores() < 2)
		return 0;
	bench_together(both, 2);
	return trips.median_ns;
}
