/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kernel.c - what the typed macros define, at every length of a batch
 *
 * Kernels work on whole vectors and then on what is left, so each is tried on
 * 0 to 70 elements, in place and from one array to another.
 */
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_MAX 70u
#define GUARD 0x5a

typedef struct pair {
	int64_t a, b;
} pair;

typedef struct triple_t {
	int64_t a, b, c;
} triple_t;

WEIR_TYPE(uint8_t, "uint8", NULL, NULL);
WEIR_TYPE(uint16_t, "uint16", NULL, NULL);
WEIR_TYPE(int32_t, "int32", NULL, NULL);
WEIR_TYPE(pair, "pair", NULL, NULL);
WEIR_TYPE(triple_t, "triple", NULL, NULL);

struct rule {
	int64_t factor, least;
	int calls;
};

/* -- maps ------------------------------------------------------------------ */

WEIR_MAP(thrice, int64_t, x, int64_t)
{
	return 3 * x;
}

WEIR_MAP(to_double, int64_t, x, double)
{
	return (double)x / 2;
}

WEIR_MAP(to_pair, int64_t, x, pair)
{
	return (pair){x, -x};
}

WEIR_MAP(byte_plus, uint8_t, x, uint8_t)
{
	return (uint8_t)(x + 1);
}

WEIR_MAP_WITH(scale, struct rule, rule, int64_t, x, int64_t)
{
	return x * rule->factor;
}

WEIR_TRY_MAP(halve, stage, int64_t, x, int64_t, ret)
{
	if (x % 2 != 0)
		return weir_stage_fail(stage, -EDOM, "is odd");
	*ret = x / 2;
	return 0;
}

WEIR_TRY_MAP_WITH(divide, struct rule, rule, stage, int64_t, x, int64_t, ret)
{
	(void)stage;
	rule->calls++;
	if (x < rule->least)
		return -ERANGE;
	*ret = x / rule->factor;
	return 0;
}

static void
numbers_fill(int64_t *items)
{
	for (unsigned i = 0; i < N_MAX; i++)
		items[i] = (int64_t)i * 7 - 100;
}

static void
a_map_kernel_maps_each_element_and_no_more(void **state)
{
	int64_t in[N_MAX], out[N_MAX + 1];

	(void)state;
	numbers_fill(in);
	for (unsigned n = 0; n <= N_MAX; n++) {
		memset(out, GUARD, sizeof(out));
		thrice_batch(NULL, in, out, n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(out[i], 3 * in[i]);
		for (size_t i = n * sizeof(*out); i < sizeof(out); i++)
			assert_int_equal(((char *)out)[i], GUARD);
	}
}

static void
a_map_kernel_works_in_place(void **state)
{
	int64_t in[N_MAX], items[N_MAX];

	(void)state;
	numbers_fill(in);
	for (unsigned n = 0; n <= N_MAX; n++) {
		memcpy(items, in, sizeof(items));
		thrice_batch(NULL, items, items, n);
		for (unsigned i = 0; i < N_MAX; i++)
			assert_int_equal(items[i], i < n ? 3 * in[i] : in[i]);
	}
}

static void
a_map_kernel_changes_the_size_of_elements(void **state)
{
	int64_t in[N_MAX];
	double doubles[N_MAX];
	pair pairs[N_MAX];

	(void)state;
	numbers_fill(in);
	for (unsigned n = 0; n <= N_MAX; n++) {
		to_double_batch(NULL, in, doubles, n);
		to_pair_batch(NULL, in, pairs, n);
		for (unsigned i = 0; i < n; i++) {
			assert_true(doubles[i] == (double)in[i] / 2);
			assert_int_equal(pairs[i].a, in[i]);
			assert_int_equal(pairs[i].b, -in[i]);
		}
	}
}

static void
a_map_kernel_maps_bytes(void **state)
{
	uint8_t items[N_MAX];

	(void)state;
	for (unsigned n = 0; n <= N_MAX; n++) {
		for (unsigned i = 0; i < N_MAX; i++)
			items[i] = (uint8_t)(i + 200);
		byte_plus_batch(NULL, items, items, n);
		for (unsigned i = 0; i < N_MAX; i++)
			assert_int_equal(
				items[i], (uint8_t)(i + 200 + (i < n ? 1 : 0)));
	}
}

static void
a_map_with_a_context_sees_it(void **state)
{
	struct rule rule = {.factor = -4};
	int64_t in[N_MAX], out[N_MAX];

	(void)state;
	numbers_fill(in);
	for (unsigned n = 0; n <= N_MAX; n++) {
		scale_batch(&rule, in, out, n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(out[i], -4 * in[i]);
	}
}

static void
a_try_map_stops_at_the_first_failure(void **state)
{
	struct rule rule = {.factor = 2, .least = 0};
	int64_t in[] = {4, 6, -1, 8}, out[4] = {0};
	int rc = 0;

	(void)state;
	assert_int_equal(divide_batch(NULL, &rule, in, out, 4, &rc), 2);
	assert_int_equal(rc, -ERANGE);
	assert_int_equal(rule.calls, 3);
	assert_int_equal(out[1], 3);
	assert_int_equal(out[2], 0);
	assert_int_equal(divide_batch(NULL, &rule, in, out, 2, &rc), 2);
	assert_int_equal(rc, 0);
	assert_int_equal(divide_batch(NULL, &rule, in, out, 0, &rc), 0);
}

static void
a_try_map_says_why_and_where_it_failed(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_error error = {0};

	(void)state;
	weir_to_null(halve(weir_from_range(graph, 4, 9, NULL), NULL), NULL);
	assert_int_equal(weir_graph_run(graph, &error), -EDOM);
	assert_string_equal(error.stage, "halve");
	assert_string_equal(error.text, "is odd");
	assert_int_equal(error.element, 2);
	weir_graph_destroy(graph);
}

/* -- filters, for elements of each width ----------------------------------- */

WEIR_FILTER(keep_8, uint8_t, x)
{
	return x % 3 != 0;
}

WEIR_FILTER(keep_16, uint16_t, x)
{
	return x % 3 != 0;
}

WEIR_FILTER(keep_32, int32_t, x)
{
	return x % 3 != 0;
}

WEIR_FILTER(keep_64, int64_t, x)
{
	return x % 3 != 0;
}

WEIR_FILTER(keep_pair, pair, x)
{
	return x.b % 3 != 0;
}

WEIR_FILTER(keep_triple, triple_t, x)
{
	return x.c % 3 != 0;
}

WEIR_FILTER_WITH(keep_least, struct rule, rule, int64_t, x)
{
	return x >= rule->least;
}

/* Filter numbers 0 to n - 1 as elements of T, and find those kept. */
#define FILTER_TEST(name, T, filter, make, value)                              \
	static void name(void **state)                                         \
	{                                                                      \
		T in[N_MAX], out[N_MAX];                                       \
                                                                               \
		(void)state;                                                   \
		for (unsigned i = 0; i < N_MAX; i++)                           \
			in[i] = make;                                          \
		for (unsigned n = 0; n <= N_MAX; n++) {                        \
			struct weir_graph *graph = weir_graph_create(NULL);    \
			size_t kept = 0, count = 0;                            \
                                                                               \
			weir_to_collect(                                       \
				filter(weir_from_array(graph, &weir_type_##T,  \
					       in, n, NULL),                   \
					NULL),                                 \
				out, N_MAX, &count, NULL);                     \
			assert_int_equal(weir_graph_run(graph, NULL), 0);      \
			for (unsigned i = 0; i < n; i++)                       \
				if (i % 3 != 0)                                \
					assert_int_equal(                      \
						out[kept++] value, i);         \
			assert_int_equal(count, kept);                         \
			weir_graph_destroy(graph);                             \
		}                                                              \
	}

FILTER_TEST(filters_elements_of_1_byte, uint8_t, keep_8, (uint8_t)i, )
FILTER_TEST(filters_elements_of_2_bytes, uint16_t, keep_16, (uint16_t)i, )
FILTER_TEST(filters_elements_of_4_bytes, int32_t, keep_32, (int32_t)i, )
FILTER_TEST(filters_elements_of_8_bytes, int64_t, keep_64, (int64_t)i, )
FILTER_TEST(filters_elements_of_16_bytes, pair, keep_pair,
	((pair){.b = (int64_t)i}), .b)
FILTER_TEST(filters_elements_of_24_bytes, triple_t, keep_triple,
	((triple_t){.c = (int64_t)i}), .c)

static void
a_filter_keeps_any_pattern(void **state)
{
	int64_t in[N_MAX], out[N_MAX];

	(void)state;
	numbers_fill(in);
	for (int64_t least = -110; least < 400; least += 7) {
		struct weir_graph *graph = weir_graph_create(NULL);
		struct rule rule = {.least = least};
		size_t kept = 0, count = 0;

		weir_to_collect(
			keep_least(weir_from_array(graph, &weir_type_int64_t,
					   in, N_MAX, NULL),
				&rule, NULL),
			out, N_MAX, &count, NULL);
		assert_int_equal(weir_graph_run(graph, NULL), 0);
		for (unsigned i = 0; i < N_MAX; i++)
			if (in[i] >= least)
				assert_int_equal(out[kept++], in[i]);
		assert_int_equal(count, kept);
		weir_graph_destroy(graph);
	}
}

/* -- folds ----------------------------------------------------------------- */

WEIR_FOLD(sum, int64_t, x, int64_t, acc)
{
	return acc + x;
}

WEIR_FOLD(bounds, int64_t, x, pair, acc)
{
	return (pair){x < acc.a ? x : acc.a, x > acc.b ? x : acc.b};
}

WEIR_FOLD_WITH(weighted, struct rule, rule, int64_t, x, int64_t, acc)
{
	return acc + rule->factor * x;
}

static void
a_fold_kernel_takes_each_element_in_order(void **state)
{
	int64_t in[N_MAX], expected = 5;
	struct rule rule = {.factor = 3};

	(void)state;
	numbers_fill(in);
	for (unsigned n = 0; n <= N_MAX; n++) {
		int64_t acc = 5, with = 0;
		pair range = {INT64_MAX, INT64_MIN};

		sum_batch(NULL, &acc, in, n);
		weighted_batch(&rule, &with, in, n);
		bounds_batch(NULL, &range, in, n);
		assert_int_equal(acc, expected);
		assert_int_equal(with, 3 * (expected - 5));
		if (n > 0) {
			assert_int_equal(range.a, in[0]);
			assert_int_equal(range.b, in[n - 1]);
		}
		expected += n < N_MAX ? in[n] : 0;
	}
}

typedef struct wide {
	_Alignas(64) int64_t sum;
} wide;

static int
add_wide(void *ctx, void *acc, const void *item)
{
	wide *to = acc;

	(void)ctx;
	assert_int_equal((uintptr_t)acc % _Alignof(wide), 0);
	to->sum += *(const int64_t *)item;
	return 0;
}

static void
an_accumulator_is_aligned_as_its_type_asks_for(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	wide total = {0};

	(void)state;
	weir_to_fold(weir_from_range(graph, 1, 4, NULL), add_wide, NULL, &total,
		sizeof(total), NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(total.sum, 10);
	weir_graph_destroy(graph);
}

static void
a_typed_chain_runs_as_it_reads(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct rule rule = {.factor = 2, .least = 10};
	int64_t total = 0, expected = 0;
	struct weir_flow f = weir_from_range(graph, -1000, 1000, NULL);

	(void)state;
	f = keep_least(scale(f, &rule, NULL), &rule, NULL);
	sum(halve(thrice(f, NULL), NULL), &total, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	for (int64_t x = 5; x <= 1000; x++)
		expected += 3 * x;
	assert_int_equal(total, expected);
	weir_graph_destroy(graph);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_kernel_maps_each_element_and_no_more),
		cmocka_unit_test(a_map_kernel_works_in_place),
		cmocka_unit_test(a_map_kernel_changes_the_size_of_elements),
		cmocka_unit_test(a_map_kernel_maps_bytes),
		cmocka_unit_test(a_map_with_a_context_sees_it),
		cmocka_unit_test(a_try_map_stops_at_the_first_failure),
		cmocka_unit_test(a_try_map_says_why_and_where_it_failed),
		cmocka_unit_test(filters_elements_of_1_byte),
		cmocka_unit_test(filters_elements_of_2_bytes),
		cmocka_unit_test(filters_elements_of_4_bytes),
		cmocka_unit_test(filters_elements_of_8_bytes),
		cmocka_unit_test(filters_elements_of_16_bytes),
		cmocka_unit_test(filters_elements_of_24_bytes),
		cmocka_unit_test(a_filter_keeps_any_pattern),
		cmocka_unit_test(a_fold_kernel_takes_each_element_in_order),
		cmocka_unit_test(
			an_accumulator_is_aligned_as_its_type_asks_for),
		cmocka_unit_test(a_typed_chain_runs_as_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
