/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_histogram.c - the benches' histogram, against exact sorting
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/support/histogram.h"

#define VALUES 20000
#define SEEDS 8

static struct bench_histogram histogram, other;
static uint64_t values[VALUES];

static uint64_t
random_next(uint64_t *state)
{
	uint64_t x = (*state += UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* In (0, 1]. */
static double
random_fraction(uint64_t *state)
{
	return (double)((random_next(state) >> 11) + 1) * 0x1p-53;
}

/* -- distributions --------------------------------------------------------- */

static uint64_t
draw_small(uint64_t *state)
{
	return random_next(state) % 300;
}

static uint64_t
draw_uniform(uint64_t *state)
{
	return random_next(state) % 1000000;
}

static uint64_t
draw_log_normal(uint64_t *state)
{
	double u = random_fraction(state), v = random_fraction(state);
	double normal = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);

	return (uint64_t)exp(7 + 1.5 * normal);
}

static uint64_t
draw_pareto(uint64_t *state)
{
	return (uint64_t)(100 / pow(random_fraction(state), 1.2));
}

static uint64_t
draw_two_humps(uint64_t *state)
{
	uint64_t x = random_next(state);

	return x % 100 < 97 ? 90 + x % 41 : 25000 + x % 9000;
}

static uint64_t
draw_any_magnitude(uint64_t *state)
{
	uint64_t x = random_next(state);

	return x >> (random_next(state) % 64);
}

static uint64_t
draw_powers_and_neighbours(uint64_t *state)
{
	uint64_t power = UINT64_C(1) << (random_next(state) % 64);

	return power + random_next(state) % 3 - 1;
}

typedef uint64_t (*draw_fn)(uint64_t *state);

static const draw_fn draws[] = {draw_small, draw_uniform, draw_log_normal,
	draw_pareto, draw_two_humps, draw_any_magnitude,
	draw_powers_and_neighbours};

#define DRAWS (sizeof(draws) / sizeof(draws[0]))

/* -- comparing ------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The bound of the header: at most 1/256 from the value itself. */
static void
assert_near(uint64_t value, uint64_t exact)
{
	uint64_t apart = value > exact ? value - exact : exact - value;

	assert_true(apart <= exact / 256);
}

/* Each quantile is what sorting says.  Sorts @sorted. */
static void
assert_agrees(const struct bench_histogram *h, uint64_t *sorted, uint64_t n)
{
	static const uint32_t millionths[] = {0, 1, 10, 1000, 10000, 100000,
		250000, 333333, 500000, 666667, 750000, 900000, 990000, 999000,
		999900, 999990, 999999, 1000000};

	qsort(sorted, n, sizeof(*sorted), compare);
	assert_int_equal(h->count, n);
	for (size_t i = 0; i < sizeof(millionths) / sizeof(*millionths); i++) {
		uint64_t rank = (n * millionths[i] + 999999) / 1000000;
		uint64_t exact = sorted[rank == 0 ? 0 : rank - 1];

		assert_near(bench_histogram_quantile(h, millionths[i]), exact);
	}
	assert_int_equal(bench_histogram_quantile(h, 0), sorted[0]);
	assert_int_equal(bench_histogram_quantile(h, 1000000), sorted[n - 1]);
}

static void
draw_all(draw_fn draw, uint64_t seed, size_t from, size_t to,
	struct bench_histogram *into)
{
	for (size_t i = from; i < to; i++) {
		values[i] = draw(&seed);
		bench_histogram_record(into, values[i]);
	}
}

/* -- tests ----------------------------------------------------------------- */

static void
an_empty_histogram_has_zero_everywhere(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	assert_int_equal(bench_histogram_quantile(&histogram, 0), 0);
	assert_int_equal(bench_histogram_quantile(&histogram, 500000), 0);
	assert_int_equal(bench_histogram_quantile(&histogram, 1000000), 0);
}

static void
a_single_value_is_every_quantile_exactly(void **state)
{
	static const uint64_t singles[] = {
		0, 1, 255, 256, 257, 1000000007, UINT64_MAX - 1, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(singles) / sizeof(*singles); i++) {
		bench_histogram_reset(&histogram);
		bench_histogram_record(&histogram, singles[i]);
		for (uint32_t at = 0; at <= 1000000; at += 50000)
			assert_int_equal(
				bench_histogram_quantile(&histogram, at),
				singles[i]);
	}
}

static void
constants_are_exact_however_many(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	for (int i = 0; i < VALUES; i++)
		bench_histogram_record(&histogram, 123456789);
	for (uint32_t at = 0; at <= 1000000; at += 1000)
		assert_int_equal(
			bench_histogram_quantile(&histogram, at), 123456789);
}

static void
values_below_256_are_exact(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	for (uint64_t i = 0; i < 256; i++)
		bench_histogram_record(&histogram, i);
	for (uint64_t i = 1; i <= 256; i++)
		assert_int_equal(bench_histogram_quantile(&histogram,
					 (uint32_t)(i * 1000000 / 256)),
			i - 1);
}

static void
quantiles_agree_with_sorting_on_many_distributions(void **state)
{
	(void)state;
	for (size_t d = 0; d < DRAWS; d++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			bench_histogram_reset(&histogram);
			draw_all(draws[d], seed, 0, VALUES, &histogram);
			assert_agrees(&histogram, values, VALUES);
		}
	}
}

static void
few_values_agree_with_sorting_too(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 40; n++) {
		for (size_t d = 0; d < DRAWS; d++) {
			bench_histogram_reset(&histogram);
			draw_all(draws[d], n, 0, n, &histogram);
			assert_agrees(&histogram, values, n);
		}
	}
}

static void
the_extremes_of_64_bits_have_a_bucket(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	for (size_t i = 0; i < 3; i++) {
		bench_histogram_record(&histogram, 0);
		bench_histogram_record(&histogram, UINT64_MAX);
	}
	assert_int_equal(bench_histogram_quantile(&histogram, 500000), 0);
	assert_near(bench_histogram_quantile(&histogram, 666000), UINT64_MAX);
	assert_int_equal(
		bench_histogram_quantile(&histogram, 1000000), UINT64_MAX);
}

static void
a_merge_is_as_if_all_had_been_recorded_in_one(void **state)
{
	(void)state;
	for (size_t d = 0; d < DRAWS; d++) {
		for (size_t cut = 0; cut <= VALUES; cut += VALUES / 4) {
			bench_histogram_reset(&histogram);
			bench_histogram_reset(&other);
			draw_all(draws[d], 3, 0, cut, &histogram);
			draw_all(
				draws[(d + 1) % DRAWS], 4, cut, VALUES, &other);
			bench_histogram_merge(&histogram, &other);
			bench_histogram_reset(&other);
			for (size_t i = 0; i < VALUES; i++)
				bench_histogram_record(&other, values[i]);
			assert_memory_equal(
				&histogram, &other, sizeof(histogram));
		}
	}
}

static void
merging_an_empty_one_changes_nothing(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	bench_histogram_reset(&other);
	bench_histogram_record(&histogram, 77);
	bench_histogram_merge(&histogram, &other);
	assert_int_equal(histogram.count, 1);
	assert_int_equal(histogram.min, 77);
	assert_int_equal(histogram.max, 77);
}

static void
counts_beyond_32_bits_keep_their_ranks(void **state)
{
	(void)state;
	bench_histogram_reset(&histogram);
	bench_histogram_record(&histogram, 10);
	for (int i = 0; i < 40; i++) { /* doubles each time: 2^40 tens */
		other = histogram;
		bench_histogram_merge(&histogram, &other);
	}
	bench_histogram_record(&histogram, 20);
	assert_int_equal(histogram.count, (UINT64_C(1) << 40) + 1);
	assert_int_equal(bench_histogram_quantile(&histogram, 999999), 10);
	assert_int_equal(bench_histogram_quantile(&histogram, 1000000), 20);
}

static void
the_csv_accumulates_to_the_count_and_one_in_to_the_rarest(void **state)
{
	char text[512];
	FILE *file = fmemopen(text, sizeof(text), "w");

	(void)state;
	bench_histogram_reset(&histogram);
	for (int i = 0; i < 3; i++)
		bench_histogram_record(&histogram, 5);
	bench_histogram_record(&histogram, 1000);
	bench_histogram_write_csv(&histogram, file);
	fclose(file);
	assert_string_equal(text, "value,count,cumulative,one_in\n"
				  "5,3,3,1.000000\n"
				  "1000,1,4,4.000000\n");
}

static void
the_text_names_the_percentiles_and_the_unit(void **state)
{
	char text[512];
	FILE *file = fmemopen(text, sizeof(text), "w");

	(void)state;
	bench_histogram_reset(&histogram);
	for (uint64_t i = 1; i <= 200; i++)
		bench_histogram_record(&histogram, i);
	bench_histogram_print(&histogram, "ns", file);
	fclose(file);
	assert_string_equal(text,
		"200 values, min 1, p50 100, p90 180, p99 198, p99.9 200, "
		"p99.99 200, max 200 ns\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_histogram_has_zero_everywhere),
		cmocka_unit_test(a_single_value_is_every_quantile_exactly),
		cmocka_unit_test(constants_are_exact_however_many),
		cmocka_unit_test(values_below_256_are_exact),
		cmocka_unit_test(
			quantiles_agree_with_sorting_on_many_distributions),
		cmocka_unit_test(few_values_agree_with_sorting_too),
		cmocka_unit_test(the_extremes_of_64_bits_have_a_bucket),
		cmocka_unit_test(a_merge_is_as_if_all_had_been_recorded_in_one),
		cmocka_unit_test(merging_an_empty_one_changes_nothing),
		cmocka_unit_test(counts_beyond_32_bits_keep_their_ranks),
		cmocka_unit_test(
			the_csv_accumulates_to_the_count_and_one_in_to_the_rarest),
		cmocka_unit_test(the_text_names_the_percentiles_and_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
