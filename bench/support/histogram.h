/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histogram.h - counts of values of any size, in constant memory
 *
 * A log-linear histogram: values below 256 have a bucket each, every further
 * power of two is cut into 128.  What is read back is the middle of a bucket,
 * so it is at most 1/256 (0.4 %) from a value that was recorded; the least and
 * the greatest are kept exactly.  7,424 buckets, 58 KiB, for all of uint64_t.
 *
 * It stands apart from the library, which has no use for it, and knows neither
 * it nor the benches, so that tests and the command can share it.  One thread
 * at a time may touch a histogram: give each its own, and merge.
 *
 * The idea is that of HdrHistogram (G. Tene); the code is not.
 */
#ifndef WEIR_BENCH_SUPPORT_HISTOGRAM_H
#define WEIR_BENCH_SUPPORT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_HISTOGRAM_BUCKETS 7424

/* All 0 bytes is an empty one. */
struct bench_histogram {
	uint64_t count, min, max;
	uint64_t buckets[BENCH_HISTOGRAM_BUCKETS];
};

/** Forget everything. */
void bench_histogram_reset(struct bench_histogram *histogram);

/** Count @value. */
void bench_histogram_record(struct bench_histogram *histogram, uint64_t value);

/** Add what @from counted to @histogram, as if each had been recorded. */
void bench_histogram_merge(
	struct bench_histogram *histogram, const struct bench_histogram *from);

/**
 * The value at @millionths of the whole (500000: the median; 999000: p99.9) by
 * nearest rank: the smallest such that so many are not greater.  0: the least,
 * from 1000000 on: the greatest, both exact.  Of an empty histogram 0.
 */
uint64_t bench_histogram_quantile(
	const struct bench_histogram *histogram, uint32_t millionths);

/** One line: the count, the least, p50 to p99.99 and the greatest. */
void bench_histogram_print(
	const struct bench_histogram *histogram, const char *unit, FILE *file);

/**
 * The cumulative distribution, a line for each bucket that is not empty:
 * value,count,cumulative,one_in, the last being in how many values one is as
 * great: 2 at the median, 1000 at p99.9.
 */
void bench_histogram_write_csv(
	const struct bench_histogram *histogram, FILE *file);

#endif /* WEIR_BENCH_SUPPORT_HISTOGRAM_H */
