/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histogram.c - counts of values of any size, in constant memory
 */
#include "histogram.h"

#include <inttypes.h>
#include <string.h>

#define SUB_BITS 7 /* a power of two is cut into 2^7 buckets */
#define SUBS (UINT64_C(1) << SUB_BITS)

/* Bucket i of the first 2 * SUBS holds i; from there on the buckets of each
 * power of two are twice as wide as those before. */
static size_t
bucket_of(uint64_t value)
{
	unsigned top, shift;

	if (value < 2 * SUBS)
		return (size_t)value;
	top = 63 - (unsigned)__builtin_clzll(value);
	shift = top - SUB_BITS;
	return (size_t)((shift << SUB_BITS) + (value >> shift));
}

/* The middle of a bucket: from there the value is at most half a width away,
 * and a width is at most 1/SUBS of the value. */
static uint64_t
middle_of(size_t bucket)
{
	uint64_t shift, low;

	if (bucket < 2 * SUBS)
		return bucket;
	shift = (bucket >> SUB_BITS) - 1;
	low = ((bucket & (SUBS - 1)) | SUBS) << shift;
	return low + ((UINT64_C(1) << shift) >> 1);
}

void
bench_histogram_reset(struct bench_histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

void
bench_histogram_record(struct bench_histogram *histogram, uint64_t value)
{
	if (histogram->count == 0 || value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	histogram->count++;
	histogram->buckets[bucket_of(value)]++;
}

void
bench_histogram_merge(
	struct bench_histogram *histogram, const struct bench_histogram *from)
{
	if (from->count == 0)
		return;
	if (histogram->count == 0 || from->min < histogram->min)
		histogram->min = from->min;
	if (from->max > histogram->max)
		histogram->max = from->max;
	histogram->count += from->count;
	for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] += from->buckets[i];
}

/* ceil(count * millionths / 1000000), without overflow. */
static uint64_t
rank_of(uint64_t count, uint32_t millionths)
{
	uint64_t whole = count / 1000000, rest = count % 1000000;

	return whole * millionths + (rest * millionths + 999999) / 1000000;
}

/* The middle of @bucket, or the nearest value that can have been there. */
static uint64_t
value_at(const struct bench_histogram *histogram, size_t bucket)
{
	uint64_t value = middle_of(bucket);

	if (value < histogram->min)
		return histogram->min;
	return value > histogram->max ? histogram->max : value;
}

uint64_t
bench_histogram_quantile(
	const struct bench_histogram *histogram, uint32_t millionths)
{
	uint64_t rank = rank_of(histogram->count, millionths), seen = 0;

	if (rank <= 1)
		return histogram->min;
	if (rank >= histogram->count)
		return histogram->max;
	for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank)
			return value_at(histogram, i);
	}
	return histogram->max;
}

void
bench_histogram_print(
	const struct bench_histogram *histogram, const char *unit, FILE *file)
{
	static const struct {
		const char *name;
		uint32_t millionths;
	} points[] = {{"min", 0}, {"p50", 500000}, {"p90", 900000},
		{"p99", 990000}, {"p99.9", 999000}, {"p99.99", 999900},
		{"max", 1000000}};

	fprintf(file, "%" PRIu64 " values", histogram->count);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		fprintf(file, ", %s %" PRIu64, points[i].name,
			bench_histogram_quantile(
				histogram, points[i].millionths));
	fprintf(file, " %s\n", unit);
}

void
bench_histogram_write_csv(const struct bench_histogram *histogram, FILE *file)
{
	uint64_t before = 0;

	fprintf(file, "value,count,cumulative,one_in\n");
	for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
		uint64_t n = histogram->buckets[i];

		if (n == 0)
			continue;
		fprintf(file, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f\n",
			value_at(histogram, i), n, before + n,
			(double)histogram->count /
				(double)(histogram->count - before));
		before += n;
	}
}
