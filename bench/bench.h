/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench.h - time contestants side by side, say what came out
 *
 * A measure has several contestants, "weir" first, then peers and floors.
 * Each runs once untimed, then all run in rounds, each round beginning with
 * another, so that a mood of the machine meets all alike.  Each returns its
 * answer, which must be the same for all, so that none can be left out by the
 * compiler, or be wrong.  Figures are medians.
 *
 * One contestant is one line on standard output, fields between tabs:
 *
 *	measure  contestant  median  min  unit  times
 *
 * "times" is weir's figure as a multiple of the contestant's.  What is a bar
 * or a goal stands in targets.tsv alone, by the name of the measure.
 *
 * A bench is run as `bench_x [PART OF A MEASURE'S NAME]`; its environment:
 *
 *	BENCH_ROUNDS=9    rounds
 *	BENCH_QUICK=1     one round of a fiftieth: are the answers right?
 *	BENCH_COUNT=1     once, under callgrind: count instructions instead
 *	BENCH_FOLDER=DIR  distributions go there, as DIR/MEASURE.CONTESTANT.csv
 */
#ifndef WEIR_BENCH_BENCH_H
#define WEIR_BENCH_BENCH_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/histogram.h"

#define BENCH_CONTESTANTS_MAX 12
#define BENCH_LINE "a cache line" /* the contestant of BENCH_ACROSS */

/** Do the work, return the answer. */
typedef int64_t (*bench_fn)(void *ctx);

/** One with a NULL @run is left out: a peer that is not installed. */
struct bench_contestant {
	const char *name;
	bench_fn run;
	void *ctx;
};

enum {
	/* Two cores meet: a cache line's round trip between them is taken
	 * before and after each sample, a sample where the two differ by more
	 * than 15 % is dropped, and figures are compared as multiples of it.
	 * Left out on one core.  Where instructions are counted, only weir's
	 * contestants run. */
	BENCH_ACROSS = 1,
	/* Contestants call bench_latency(); p50, p99 and p99.9 of all rounds
	 * are a measure each: "NAME, p50". */
	BENCH_LATENCY = 2,
};

struct bench_measure {
	const char *name, *unit; /* of time; NULL: ns */
	int64_t per; /* operations in a call, before bench_ops(); 0: 1 */
	unsigned flags;
	struct bench_contestant contestants[BENCH_CONTESTANTS_MAX];
};

/** First thing in main(): arguments and environment. */
void bench_init(int argc, char **argv);

/** Whether a measure of that name is asked for. */
bool bench_wanted(const char *name);

/** How many operations to do where @n are meant: fewer when it must be quick,
 *  at least 1.  Divide fixed sizes by nothing else. */
int64_t bench_ops(int64_t n);

/** Run @measure, print its lines, if asked for.  A wrong answer ends the
 *  program with status 1. */
void bench_run(const struct bench_measure *measure);

/** Within a contestant: only what is between a start and a stop counts, all
 *  such spans together; without any, the whole call does.  The thread that
 *  called the contestant. */
void bench_start(void);
void bench_stop(void);

/** Within a contestant of a BENCH_LATENCY measure: one operation took @ns. */
void bench_latency(uint64_t ns);

/** Within a contestant: this run does not count (it cannot be done here, the
 *  reason is said once). */
void bench_skip(const char *why);

/** Print a line that was come by in another way; not while quick or counting
 *  instructions.  @times 0: unknown. */
void bench_row(const char *measure, const char *contestant, double median,
	double min, const char *unit, double times);

/** How many workers a system is to have: 0 (as many as cores), or 1 where
 *  instructions are counted. */
unsigned bench_workers(void);

/** How many rounds there are, and the median of so many values (sorted). */
int bench_rounds(void);
double bench_median(double *values, int n);

/** Whether times mean nothing now: quick, or instructions are counted. */
bool bench_untimed(void);

uint64_t bench_now_ns(void);

/* -- threads ------------------------------------------------------------- */

/** How many cores this process may use, at most 2 of which are told apart. */
int bench_cores(void);

/** Keep the calling thread on core @core (0 or 1 of those this process may
 *  use); negative: on any of them.  Threads it makes inherit that. */
void bench_pin(int core);

/** One of several that run together. */
struct bench_thread {
	bench_fn run;
	void *ctx;
	int core; /* as in bench_pin() */
};

/**
 * Run all @n (at most 8) from one moment on, each on a new thread, the time of
 * the contestant being from that moment to the end of the last one.  Returns
 * the sum of what they returned.
 */
int64_t bench_together(const struct bench_thread *threads, int n);

/** Median round trip of a cache line between the two cores, in ns, right now;
 *  takes a millisecond or a few.  0 with one core. */
double bench_line_ns(void);

#endif /* WEIR_BENCH_BENCH_H */
