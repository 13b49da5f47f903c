/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_operators.c - the table of operators, sources and sinks
 *
 * One entry here puts an operator through every case of tests/support/cases.c.
 */
#include "operators/operators.h"
#include "streams/kernel.h"

#include "support/expect.h"
#include "support/matrix.h"

#include <errno.h>
#include <inttypes.h>

/* Add the subject to the flows @in; leave in @out what it emits. */
#define ADD(name)                                                              \
	static void name(WEIR_UNUSED struct world *world,                      \
		WEIR_UNUSED const struct weir_flow *in,                        \
		WEIR_UNUSED struct weir_flow *out,                             \
		const struct weir_stage_opts *opts)

/* -- sources --------------------------------------------------------------- */

ADD(add_array)
{
	for (size_t i = 0; i < world->opts.n; i++)
		world->items[i] = live_make((int64_t)i + 1);
	world->item_count = world->opts.n;
	out[0] = weir_from_array(world->graph, &weir_type_live, world->items,
		world->opts.n, opts);
}

ADD(add_range)
{
	out[0] = weir_from_range(world->graph, 1, (int64_t)world->opts.n, opts);
}

/* -- maps ------------------------------------------------------------------ */

/* The code of a user's function for @value. */
static int
judge(struct user *user, int64_t value)
{
	user->calls++;
	return value == user->fails_at ? -EBADMSG : 0;
}

WEIR_MAP(triple_in_place, live, x, live)
{
	return (live){x.ticket, 3 * live_value(&x)};
}

WEIR_MAP_WITH(triple_fresh, struct user, user, live, x, int64_t)
{
	int64_t value = live_value(&x);

	(void)judge(user, value);
	live_drop(&x, 1);
	return 3 * value;
}

WEIR_TRY_MAP_WITH(try_triple, struct user, user, stage, live, x, live, ret)
{
	int rc = judge(user, live_value(&x));

	if (rc < 0)
		return weir_stage_fail(
			stage, rc, "%" PRId64 " is bad", x.value);
	*ret = (live){x.ticket, 3 * x.value};
	return 0;
}

static int
map_triple(void *ctx, const void *in, void *out)
{
	const live *element = in;
	int rc = judge(ctx, live_value(element));

	if (rc < 0)
		return rc;
	*(live *)out = (live){element->ticket, 3 * element->value};
	return 0;
}

ADD(add_map_in_place)
{
	out[0] = triple_in_place(in[0], opts);
}

ADD(add_map_fresh)
{
	out[0] = triple_fresh(in[0], &world->user, opts);
}

ADD(add_try_map)
{
	out[0] = try_triple(in[0], &world->user, opts);
}

ADD(add_map)
{
	out[0] = weir_map(
		in[0], &weir_type_live, map_triple, &world->user, opts);
}

/* -- what selects ---------------------------------------------------------- */

WEIR_FILTER(even_kernel, live, x)
{
	return live_value(&x) % 2 == 0;
}

static bool
is_even(void *ctx, const void *element)
{
	(void)judge(ctx, 0);
	return live_value(element) % 2 == 0;
}

static int
even_triple(void *ctx, const void *in, void *out)
{
	live element = *(const live *)in;
	int rc = judge(ctx, live_value(&element));

	if (rc < 0)
		return rc;
	if (element.value % 2 != 0) {
		live_drop(&element, 1);
		return 0;
	}
	*(live *)out = (live){element.ticket, 3 * element.value};
	return 1;
}

ADD(add_filter_kernel)
{
	out[0] = even_kernel(in[0], opts);
}

ADD(add_filter)
{
	out[0] = weir_filter(in[0], is_even, &world->user, opts);
}

ADD(add_filter_map)
{
	out[0] = weir_filter_map(
		in[0], &weir_type_live, even_triple, &world->user, opts);
}

ADD(add_take)
{
	out[0] = weir_take(in[0], EXPECT_TAKEN, opts);
}

ADD(add_skip)
{
	out[0] = weir_skip(in[0], EXPECT_SKIPPED, opts);
}

/* -- others ---------------------------------------------------------------- */

static void
look(void *ctx, const void *element)
{
	(void)judge(ctx, live_value(element));
}

ADD(add_tap)
{
	out[0] = weir_tap(in[0], look, &world->user, opts);
}

ADD(add_count)
{
	out[0] = weir_count(in[0], opts);
}

ADD(add_broadcast)
{
	weir_broadcast(in[0], out, 2, opts);
}

ADD(add_merge)
{
	out[0] = weir_merge(in, 2, opts);
}

ADD(add_async)
{
	out[0] = weir_async(
		in[0], &(struct weir_async_opts){.stage = *opts, .window = 16});
}

ADD(add_balance)
{
	weir_balance(in[0], out, 2, opts);
}

static struct weir_flow
even_then_triple(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return triple_in_place(even_kernel(in, NULL), NULL);
}

ADD(add_parallel)
{
	out[0] = weir_parallel(in[0], 2, even_then_triple, NULL,
		&(struct weir_parallel_opts){.stage = *opts, .window = 8});
}

ADD(add_parallel_unordered)
{
	out[0] = weir_parallel(in[0], 2, even_then_triple, NULL,
		&(struct weir_parallel_opts){
			.stage = *opts, .unordered = true, .window = 8});
}

ADD(add_decimal)
{
	out[0] = weir_decimal(in[0], opts);
}

/* -- text ------------------------------------------------------------------ */

ADD(add_lines)
{
	out[0] = weir_lines(in[0], &(struct weir_lines_opts){.stage = *opts});
}

ADD(add_grep)
{
	out[0] = weir_grep(
		in[0], "pear", &(struct weir_grep_opts){.stage = *opts});
}

ADD(add_grep_regex)
{
	out[0] = weir_grep(
		in[0], "p[e]ar", &(struct weir_grep_opts){.stage = *opts});
}

ADD(add_grep_invert)
{
	out[0] = weir_grep(in[0], "pear",
		&(struct weir_grep_opts){.stage = *opts, .invert = true});
}

ADD(add_upper)
{
	out[0] = weir_upper(in[0], opts);
}

ADD(add_lower)
{
	out[0] = weir_lower(in[0], opts);
}

ADD(add_trim)
{
	out[0] = weir_trim(in[0], opts);
}

ADD(add_prefix)
{
	out[0] = weir_prefix(in[0], EXPECT_ADDED, opts);
}

ADD(add_suffix)
{
	out[0] = weir_suffix(in[0], EXPECT_ADDED, opts);
}

/* -- sinks ----------------------------------------------------------------- */

WEIR_FOLD(sum_kernel, live, x, int64_t, sum)
{
	int64_t value = live_value(&x);

	live_drop(&x, 1);
	return sum + value;
}

static int
add_up(void *ctx, void *acc, const void *element)
{
	live x = *(const live *)element;
	int rc = judge(ctx, live_value(&x));

	if (rc < 0)
		return rc;
	*(int64_t *)acc += x.value;
	live_drop(&x, 1);
	return 0;
}

ADD(add_fold_kernel)
{
	sum_kernel(in[0], &world->sum, opts);
}

ADD(add_fold)
{
	weir_to_fold(in[0], add_up, &world->user, &world->sum,
		sizeof(world->sum), opts);
}

static void
show_sum(struct world *world, struct text *text)
{
	text_print(text, "%" PRId64 "\n", world->sum);
}

ADD(add_to_count)
{
	weir_to_count(in[0], &world->count, opts);
}

static void
show_count(struct world *world, struct text *text)
{
	text_print(text, "%" PRIu64 "\n", world->count);
}

ADD(add_collect)
{
	weir_to_collect(in[0], world->collected, ITEMS_MAX,
		&world->collected_count, opts);
}

static void
show_collected(struct world *world, struct text *text)
{
	for (size_t i = 0; i < world->collected_count; i++)
		text_add_element(text, KIND_LIVE, &world->collected[i]);
	live_drop(world->collected, world->collected_count);
	world->collected_count = 0;
}

ADD(add_null)
{
	weir_to_null(in[0], opts);
}

static void
show_nothing(struct world *world, struct text *text)
{
	(void)world;
	(void)text;
}

/* -- the table ------------------------------------------------------------- */

#define SELECTS TRAIT_SELECTS
#define FUNCTION TRAIT_FUNCTION

static const struct subject subjects[] = {
	{"array", KIND_NONE, KIND_LIVE, 0, 0, 0, add_array, expect_same, NULL},
	{"range", KIND_NONE, KIND_INT64, 0, 0, 0, add_range, expect_same, NULL},
	{"map-in-place", KIND_LIVE, KIND_LIVE, 0, 0, 0, add_map_in_place,
		expect_triple, NULL},
	{"map-fresh", KIND_LIVE, KIND_INT64, 0, 0, 0, add_map_fresh,
		expect_triple, NULL},
	{"map-try", KIND_LIVE, KIND_LIVE, 0, 0, FUNCTION, add_try_map,
		expect_triple, NULL},
	{"map", KIND_LIVE, KIND_LIVE, 0, 0, FUNCTION, add_map, expect_triple,
		NULL},
	{"filter-kernel", KIND_LIVE, KIND_LIVE, 0, 0, SELECTS,
		add_filter_kernel, expect_even, NULL},
	{"filter", KIND_LIVE, KIND_LIVE, 0, 0, SELECTS, add_filter, expect_even,
		NULL},
	{"filter_map", KIND_LIVE, KIND_LIVE, 0, 0, SELECTS | FUNCTION,
		add_filter_map, expect_even_triple, NULL},
	{"take", KIND_LIVE, KIND_LIVE, 0, 0, 0, add_take, expect_taken, NULL},
	{"skip", KIND_LIVE, KIND_LIVE, 0, 0, SELECTS, add_skip,
		expect_not_skipped, NULL},
	{"tap", KIND_LIVE, KIND_LIVE, 0, 0, 0, add_tap, expect_same, NULL},
	{"count", KIND_LIVE, KIND_UINT64, 0, 0, TRAIT_ABSORBS, add_count,
		expect_count, NULL},
	{"broadcast", KIND_LIVE, KIND_LIVE, 0, 2, 0, add_broadcast, expect_same,
		NULL},
	{"broadcast-records", KIND_RECORD, KIND_RECORD, 0, 2, 0, add_broadcast,
		expect_as_it_is, NULL},
	{"merge", KIND_LIVE, KIND_LIVE, 2, 0, TRAIT_UNORDERED, add_merge,
		expect_same, NULL},
	{"merge-records", KIND_RECORD, KIND_RECORD, 2, 0, TRAIT_UNORDERED,
		add_merge, expect_as_it_is, NULL},
	{"async", KIND_LIVE, KIND_LIVE, 0, 0, TRAIT_PREFETCHES, add_async,
		expect_same, NULL},
	{"balance", KIND_LIVE, KIND_LIVE, 0, 2, TRAIT_UNORDERED | TRAIT_SHARES,
		add_balance, expect_same, NULL},
	{"parallel", KIND_LIVE, KIND_LIVE, 0, 0, TRAIT_PREFETCHES, add_parallel,
		expect_even_triple, NULL},
	{"parallel-unordered", KIND_LIVE, KIND_LIVE, 0, 0,
		TRAIT_PREFETCHES | TRAIT_UNORDERED, add_parallel_unordered,
		expect_even_triple, NULL},
	{"decimal", KIND_INT64, KIND_RECORD, 0, 0, 0, add_decimal, expect_same,
		NULL},
	{"lines", KIND_BYTES, KIND_RECORD, 0, 0, TRAIT_REFRAMES, add_lines,
		expect_as_it_is, NULL},
	{"grep", KIND_RECORD, KIND_RECORD, 0, 0, SELECTS, add_grep,
		expect_pears, NULL},
	{"grep-regex", KIND_RECORD, KIND_RECORD, 0, 0, SELECTS, add_grep_regex,
		expect_pears, NULL},
	{"grep-invert", KIND_RECORD, KIND_RECORD, 0, 0, SELECTS,
		add_grep_invert, expect_others, NULL},
	{"upper", KIND_RECORD, KIND_RECORD, 0, 0, 0, add_upper,
		expect_as_capitals, NULL},
	{"lower", KIND_RECORD, KIND_RECORD, 0, 0, 0, add_lower, expect_as_small,
		NULL},
	{"trim", KIND_RECORD, KIND_RECORD, 0, 0, 0, add_trim, expect_as_trimmed,
		NULL},
	{"prefix", KIND_RECORD, KIND_RECORD, 0, 0, 0, add_prefix,
		expect_as_prefixed, NULL},
	{"suffix", KIND_RECORD, KIND_RECORD, 0, 0, 0, add_suffix,
		expect_as_suffixed, NULL},
	{"fold-kernel", KIND_LIVE, KIND_NONE, 0, 0, 0, add_fold_kernel,
		expect_sum, show_sum},
	{"fold", KIND_LIVE, KIND_NONE, 0, 0, FUNCTION | TRAIT_STATEFUL,
		add_fold, expect_sum, show_sum},
	{"to_count", KIND_LIVE, KIND_NONE, 0, 0, 0, add_to_count, expect_count,
		show_count},
	{"collect", KIND_LIVE, KIND_NONE, 0, 0, 0, add_collect, expect_same,
		show_collected},
	{"null", KIND_LIVE, KIND_NONE, 0, 0, 0, add_null, expect_nothing,
		show_nothing},
};

int
main(void)
{
	return matrix_run(subjects, sizeof(subjects) / sizeof(subjects[0]));
}
