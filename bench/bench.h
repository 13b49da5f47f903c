/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench.h - time candidates side by side, say what came out
 *
 * A measure has two candidates, ours and a peer or floor, run in turns: once
 * untimed each, then ROUNDS rounds of both, so that a mood of the machine
 * meets both alike.  Each returns its answer, which must be the same, so that
 * none can be left out by the compiler, or be wrong.  The figure is the
 * median of the rounds.
 *
 * One measure is one line on standard output, fields between tabs:
 *
 *	measure  unit  ours  peer's name  peer  bar  goal  what bar and goal are
 *
 * bar and goal are of "ours" (in its unit) or of "ratio": ours to the peer.
 */
#ifndef WEIR_BENCH_BENCH_H
#define WEIR_BENCH_BENCH_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUNDS 9

typedef int64_t (*bench_fn)(void *ctx);

struct bench_measure {
	const char *name, *unit;
	double per; /* the time is divided by that: elements, lines */
	bench_fn ours;
	const char *peer_name;
	bench_fn peer;
	void *ctx;
	double bar, goal;
	const char *judged; /* "ours" or "ratio" */
};

static inline uint64_t
bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double
bench_median(double *values)
{
	qsort(values, BENCH_ROUNDS, sizeof(*values), bench_compare);
	return values[BENCH_ROUNDS / 2];
}

/* Time one call of @fn in ns for each of @measure->per. */
static inline double
bench_time(const struct bench_measure *measure, bench_fn fn, int64_t expected)
{
	uint64_t start_ns = bench_now_ns();
	int64_t answer = fn(measure->ctx);
	uint64_t end_ns = bench_now_ns();

	if (answer != expected) {
		fprintf(stderr,
			"%s: the answer is %" PRId64 ", not %" PRId64 "\n",
			measure->name, answer, expected);
		exit(1);
	}
	return (double)(end_ns - start_ns) / measure->per;
}

/* Run @measure unless its name lacks the word @filter (NULL: any will do). */
static inline void
bench_run(const struct bench_measure *measure, const char *filter)
{
	double ours[BENCH_ROUNDS], peer[BENCH_ROUNDS];
	int64_t expected;

	if (filter != NULL && strstr(measure->name, filter) == NULL)
		return;
	expected = measure->peer(measure->ctx);

	(void)bench_time(measure, measure->ours, expected);
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		ours[i] = bench_time(measure, measure->ours, expected);
		peer[i] = bench_time(measure, measure->peer, expected);
	}
	printf("%s\t%s\t%.3f\t%s\t%.3f\t%g\t%g\t%s\n", measure->name,
		measure->unit, bench_median(ours), measure->peer_name,
		bench_median(peer), measure->bar, measure->goal,
		measure->judged);
	fflush(stdout);
}

#endif /* WEIR_BENCH_BENCH_H */
