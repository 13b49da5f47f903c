/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_stream.c - what an element costs in fused stages
 *
 * One operation is one int64 through range, map, filter, sum, with the making
 * of the graph, which is nothing beside millions of them; of one measure it is
 * a graph made, run over one element, and destroyed.  Peers: the same work as a
 * loop the compiler may not vectorise, and, of plain callbacks, the same calls
 * from bare loops.
 *
 *	bench_stream [PART OF A MEASURE'S NAME]
 */
#include <weir/weir.h>

#include "bench.h"

#include <stdatomic.h>

#define ELEMENTS INT64_C(20000000)
#define CALLED INT64_C(5000000) /* through plain callbacks */
#define BATCH 256
#define GRAPHS 2000
#define MAPS 9 /* of the long chain; the short one has one */

/* clang has neither noclone nor optimize: its scalar loop may be a vector one,
 * a faster peer. */
#if defined(__clang__)
#define NOINLINE __attribute__((noinline))
#define SCALAR
#else
#define NOINLINE __attribute__((noinline, noclone))
#define SCALAR __attribute__((optimize("no-tree-vectorize")))
#endif

WEIR_MAP(triple_one, int64_t, x, int64_t)
{
	return x * 3 + 1;
}
WEIR_FILTER(odd, int64_t, x)
{
	return (x & 1) != 0;
}
WEIR_FOLD(sum, int64_t, x, int64_t, total)
{
	return total + x;
}
WEIR_MAP(add_one, int64_t, x, int64_t)
{
	return x + 1;
}

static int64_t
run(struct weir_graph *graph, const int64_t *result)
{
	struct weir_error error;

	if (weir_graph_run(graph, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
		exit(1);
	}
	weir_graph_destroy(graph);
	return *result;
}

/* -- range, map, filter, sum ----------------------------------------------- */

static int64_t
typed(void *ctx)
{
	struct weir_graph *g = weir_graph_create(NULL);
	int64_t total = 0;

	(void)ctx;
	sum(odd(triple_one(
			weir_from_range(g, 1, bench_ops(ELEMENTS), NULL), NULL),
		    NULL),
		&total, NULL);
	return run(g, &total);
}

SCALAR NOINLINE static int64_t
loop_of(int64_t n)
{
	int64_t total = 0;

	for (int64_t i = 1; i <= n; i++) {
		int64_t x = i * 3 + 1;

		if (x & 1)
			total += x;
	}
	return total;
}

static int64_t
loop(void *ctx)
{
	(void)ctx;
	return loop_of(bench_ops(ELEMENTS));
}

/* -- plain callbacks ------------------------------------------------------- */

static int
each_triple_one(void *ctx, const void *in, void *out)
{
	(void)ctx;
	*(int64_t *)out = *(const int64_t *)in * 3 + 1;
	return 0;
}

static bool
each_odd(void *ctx, const void *element)
{
	(void)ctx;
	return (*(const int64_t *)element & 1) != 0;
}

static int
each_add(void *ctx, void *acc, const void *element)
{
	(void)ctx;
	*(int64_t *)acc += *(const int64_t *)element;
	return 0;
}

static int64_t
called(void *ctx)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(g, 1, bench_ops(CALLED), NULL);
	int64_t total = 0;

	(void)ctx;
	f = weir_map(f, &weir_type_int64_t, each_triple_one, NULL, NULL);
	f = weir_filter(f, each_odd, NULL, NULL);
	weir_to_fold(f, each_add, NULL, &total, sizeof(total), NULL);
	return run(g, &total);
}

/* The same calls from loops over arrays of a batch, with nothing around them:
 * what calling costs here. */

NOINLINE static void
map_loop(weir_map_each_fn fn, const int64_t *in, int64_t *out, size_t n)
{
	for (size_t i = 0; i < n && fn(NULL, &in[i], &out[i]) == 0; i++)
		;
}

NOINLINE static size_t
filter_loop(weir_filter_fn fn, int64_t *items, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool keep = fn(NULL, &items[i]);

		items[kept] = items[i];
		kept += keep;
	}
	return kept;
}

NOINLINE static void
fold_loop(weir_fold_fn fn, int64_t *acc, const int64_t *items, size_t n)
{
	for (size_t i = 0; i < n && fn(NULL, acc, &items[i]) >= 0; i++)
		;
}

static int64_t
bare_calls(void *ctx)
{
	weir_map_each_fn volatile map = each_triple_one;
	weir_filter_fn volatile filter = each_odd;
	weir_fold_fn volatile fold = each_add;
	int64_t next = 1, last = bench_ops(CALLED), total = 0;

	(void)ctx;
	while (next <= last) {
		int64_t in[BATCH], out[BATCH];
		size_t n = 0;

		while (n < BATCH && next <= last)
			in[n++] = next++;
		map_loop(map, in, out, n);
		fold_loop(fold, &total, out, filter_loop(filter, out, n));
	}
	return total;
}

/* -- one more map ---------------------------------------------------------- */

static int64_t
maps_of(int maps)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_flow f = weir_from_range(g, 1, bench_ops(ELEMENTS), NULL);
	int64_t total = 0;

	for (int i = 0; i < maps; i++)
		f = add_one(f, NULL);
	sum(f, &total, NULL);
	return run(g, &total);
}

static int64_t
many_maps(void *ctx)
{
	(void)ctx;
	return maps_of(MAPS);
}

/* The same sum with one map, brought to the same answer. */
static int64_t
one_map(void *ctx)
{
	(void)ctx;
	return maps_of(1) + (MAPS - 1) * bench_ops(ELEMENTS);
}

static void
further_map_print(const char *name, double *ns, double *one_ns)
{
	int n = bench_rounds();
	double further = bench_median(ns, n), one = bench_median(one_ns, n);

	bench_row(name, "weir", further, ns[0], "ns", 1);
	bench_row(name, "the whole chain of one", one, one_ns[0], "ns",
		further / one);
}

/* The difference of the two, for each map: a line of its own. */
static void
further_map(void)
{
	const char *name = "each further fused map";
	double ns[31], one_ns[31];
	int64_t wanted = one_map(NULL);

	if (!bench_wanted(name) || bench_untimed())
		return;
	for (int i = 0; i < bench_rounds(); i++) {
		uint64_t start_ns = bench_now_ns(), middle_ns, end_ns;
		bool right = many_maps(NULL) == wanted;

		middle_ns = bench_now_ns();
		right = one_map(NULL) == wanted && right;
		end_ns = bench_now_ns();
		if (!right)
			exit(1);
		one_ns[i] = (double)(end_ns - middle_ns) / ELEMENTS;
		ns[i] = ((double)(middle_ns - start_ns) / ELEMENTS -
				one_ns[i]) /
			(MAPS - 1);
	}
	further_map_print(name, ns, one_ns);
}

/* -- start and end --------------------------------------------------------- */

static int64_t
short_runs_of(struct weir_system *system, bool cut)
{
	const struct weir_graph_opts opts = {.system = system};
	int64_t all = 0;

	for (int64_t i = bench_ops(GRAPHS); i > 0; i--) {
		struct weir_graph *g = weir_graph_create(&opts);
		struct weir_flow f = weir_from_range(g, 1, 1, NULL);
		int64_t total = 0;

		if (cut)
			f = weir_async(f, NULL);
		sum(triple_one(f, NULL), &total, NULL);
		all += run(g, &total);
	}
	return all;
}

static int64_t
short_runs(void *ctx)
{
	return short_runs_of(ctx, false);
}

static int64_t
short_cut_runs(void *ctx)
{
	return short_runs_of(ctx, true);
}

/* Twenty small allocations and a call: what a graph cannot do without. */
static int64_t
short_floor(void *ctx)
{
	int64_t all = 0;

	(void)ctx;
	for (int64_t i = bench_ops(GRAPHS); i > 0; i--) {
		void *volatile parts[20];

		for (int k = 0; k < 20; k++)
			parts[k] = malloc(256);
		all += 4;
		for (int k = 0; k < 20; k++)
			free(parts[k]);
	}
	return all;
}

/* -- memory ---------------------------------------------------------------- */

static _Atomic uint64_t allocations; /* by any worker */

static void *
counting_allocate(void *ctx, size_t bytes, size_t align)
{
	(void)ctx;
	atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
	return aligned_alloc(align, (bytes + align - 1) / align * align);
}

static void
counting_release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

/* How many allocations a run over @n elements makes, a boundary in it or
 * not. */
static uint64_t
allocations_of(int64_t n, bool cut)
{
	static const struct weir_allocator allocator = {
		counting_allocate, counting_release, NULL};
	struct weir_system_opts opts = {.allocator = &allocator};
	struct weir_system *system;
	struct weir_graph *g;
	struct weir_flow f;
	int64_t total = 0;

	allocations = 0;
	if (weir_system_create(&opts, &system) < 0)
		exit(1);
	g = weir_graph_create(&(struct weir_graph_opts){.system = system});
	f = weir_from_range(g, 1, n, NULL);
	if (cut)
		f = weir_async(f, NULL);
	sum(odd(triple_one(f, NULL), NULL), &total, NULL);
	run(g, &total);
	weir_system_destroy(system);
	return allocations;
}

/* What twice as many elements take more. */
static void
allocations_per_element(const char *name, bool cut)
{
	double more;

	if (!bench_wanted(name) || bench_untimed())
		return;
	more = (double)allocations_of(2 * CALLED, cut) -
	       (double)allocations_of(CALLED, cut);
	more = more > 0 ? more / (double)CALLED : 0;
	bench_row(name, "weir", more, more, "count", 1);
}

int
main(int argc, char **argv)
{
	struct weir_system_opts opts = {0};
	struct weir_system *system;

	bench_init(argc, argv);
	opts.workers = bench_workers();
	if (weir_system_create(&opts, &system) < 0)
		return 1;
	bench_run(&(struct bench_measure){
		.name = "range, map, filter, sum, fused, typed",
		.per = ELEMENTS,
		.contestants = {
			{"weir", typed, NULL}, {"a scalar loop", loop, NULL}}});
	further_map();
	bench_run(
		&(struct bench_measure){.name = "the same with plain callbacks",
			.per = CALLED,
			.contestants = {{"weir", called, NULL},
				{"bare loops that call", bare_calls, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "start a graph, pass one element, end",
		.per = GRAPHS,
		.contestants = {{"weir", short_runs, system},
			{"20 x malloc, free", short_floor, NULL},
			{"weir, two islands", short_cut_runs, system}}});
	weir_system_destroy(system);
	allocations_per_element("allocations an element", false);
	allocations_per_element(
		"allocations an element, across a boundary", true);
	return 0;
}
