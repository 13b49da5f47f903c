/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_boundary.c - what an element costs that crosses between islands
 *
 * One operation is one int64 of the source, through all of the graph, on a
 * system of as many workers as there are cores, which lives as long as the
 * bench; making the graph is included, and nothing beside millions of
 * elements.  Floors do the same work in the same kernels, between bare threads
 * (support/frames.h).
 *
 *	bench_boundary [PART OF A MEASURE'S NAME]
 */
#include <weir/weir.h>

#include "bench.h"
#include "support/frames.h"

#define ELEMENTS INT64_C(20000000)
#define WORKED INT64_C(2000000) /* of 24 ns each */
#define WORK_ROUNDS 40
#define FRAMES 16 /* in flight: as many elements as the default window */

static struct weir_system *the_system;

WEIR_MAP(triple_one, int64_t, x, int64_t)
{
	return x * 3 + 1;
}
WEIR_MAP(five_one, int64_t, x, int64_t)
{
	return x * 5 + 1;
}
WEIR_FILTER(odd, int64_t, x)
{
	return (x & 1) != 0;
}
WEIR_FOLD(sum, int64_t, x, int64_t, total)
{
	return total + x;
}

static struct weir_graph *
graph_new(void)
{
	const struct weir_graph_opts opts = {.system = the_system};

	return weir_graph_create(&opts);
}

static void
graph_run(struct weir_graph *graph)
{
	struct weir_error error;

	if (weir_graph_run(graph, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
		exit(1);
	}
	weir_graph_destroy(graph);
}

/* -- what the floors share ------------------------------------------------- */

static struct frame frames[FRAMES];
static struct frame_ring rings[4]; /* the last one brings frames back */
#define BACK (&rings[3])

static void
frames_reset(void)
{
	memset(rings, 0, sizeof(rings));
	memset(frames, 0, sizeof(frames));
	for (size_t i = 0; i < FRAMES; i++)
		frame_ring_push(BACK, &frames[i]);
}

WEIR_KERNEL void
count_up(int64_t *items, int64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		items[i] = from + (int64_t)i;
}

WEIR_KERNEL int64_t
add_up(const int64_t *items, size_t n)
{
	int64_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += items[i];
	return total;
}

/* The next numbers up to @n, from *at on, in @frame. */
static void
frame_fill(struct frame *frame, int64_t *at, int64_t n)
{
	int64_t left = n - *at;

	frame->n = left < FRAME_ITEMS ? (size_t)left : FRAME_ITEMS;
	count_up(frame->items, *at + 1, frame->n);
	*at += (int64_t)frame->n;
}

/* -- one boundary ---------------------------------------------------------- */

static int64_t
boundary_sum(bool cut)
{
	struct weir_graph *g = graph_new();
	struct weir_flow f = weir_from_range(g, 1, bench_ops(ELEMENTS), NULL);
	int64_t total = 0;

	if (cut)
		f = weir_async(f, NULL);
	sum(triple_one(f, NULL), &total, NULL);
	graph_run(g);
	return total;
}

static int64_t
one_boundary(void *ctx)
{
	(void)ctx;
	return boundary_sum(true);
}

static int64_t
no_boundary(void *ctx)
{
	(void)ctx;
	return boundary_sum(false);
}

static int64_t
boundary_from(void *ctx)
{
	int64_t at = 0, n = bench_ops(ELEMENTS);

	(void)ctx;
	while (at < n) {
		struct frame *frame = frame_ring_pop(BACK);

		frame_fill(frame, &at, n);
		frame_ring_push(&rings[0], frame);
	}
	return 0;
}

static int64_t
boundary_to(void *ctx)
{
	int64_t got = 0, n = bench_ops(ELEMENTS), total = 0;

	(void)ctx;
	while (got < n) {
		struct frame *frame = frame_ring_pop(&rings[0]);

		triple_one_batch(NULL, frame->items, frame->items, frame->n);
		total += add_up(frame->items, frame->n);
		got += (int64_t)frame->n;
		frame_ring_push(BACK, frame);
	}
	return total;
}

static int64_t
one_boundary_floor(void *ctx)
{
	const struct bench_thread both[] = {
		{boundary_from, NULL, 0}, {boundary_to, NULL, 1}};

	(void)ctx;
	frames_reset();
	return bench_together(both, 2);
}

/* -- four islands ---------------------------------------------------------- */

static int64_t
four_islands(void *ctx)
{
	struct weir_graph *g = graph_new();
	struct weir_flow f = weir_from_range(g, 1, bench_ops(ELEMENTS), NULL);
	int64_t total = 0;

	(void)ctx;
	f = triple_one(weir_async(f, NULL), NULL);
	f = odd(weir_async(f, NULL), NULL);
	sum(weir_async(f, NULL), &total, NULL);
	graph_run(g);
	return total;
}

/* The four as actors of a bare loop: each does what there is to do. */
struct bare {
	int64_t at, n, total;
};

static void
bare_from(struct bare *bare)
{
	while (bare->at < bare->n && !frame_ring_empty(BACK)) {
		struct frame *frame = frame_ring_pop(BACK);

		frame_fill(frame, &bare->at, bare->n);
		frame_ring_push(&rings[0], frame);
	}
}

static void
bare_map(void)
{
	while (!frame_ring_empty(&rings[0])) {
		struct frame *frame = frame_ring_pop(&rings[0]);

		triple_one_batch(NULL, frame->items, frame->items, frame->n);
		frame_ring_push(&rings[1], frame);
	}
}

static void
bare_filter(void)
{
	while (!frame_ring_empty(&rings[1])) {
		struct frame *frame = frame_ring_pop(&rings[1]);
		size_t kept = 0;

		for (size_t i = 0; i < frame->n; i++) {
			int64_t x = frame->items[i];

			frame->items[kept] = x;
			kept += (size_t)(x & 1);
		}
		/* What the numbers stood for is counted at the end. */
		frame->sum = (int64_t)frame->n;
		frame->n = kept;
		frame_ring_push(&rings[2], frame);
	}
}

/* Returns how many of the source's elements came to their end. */
static int64_t
bare_sum(struct bare *bare)
{
	int64_t ended = 0;

	while (!frame_ring_empty(&rings[2])) {
		struct frame *frame = frame_ring_pop(&rings[2]);

		bare->total += add_up(frame->items, frame->n);
		ended += frame->sum;
		frame_ring_push(BACK, frame);
	}
	return ended;
}

static int64_t
four_in_a_loop(void *ctx)
{
	struct bare bare = {0, bench_ops(ELEMENTS), 0};
	int64_t ended = 0;

	(void)ctx;
	frames_reset();
	while (ended < bare.n) {
		bare_from(&bare);
		bare_map();
		bare_filter();
		ended += bare_sum(&bare);
	}
	return bare.total;
}

static _Atomic bool halves_done;

static int64_t
first_half(void *ctx)
{
	struct bare bare = {0, bench_ops(ELEMENTS), 0};

	(void)ctx;
	/* Pairs with the release in second_half(). */
	while (!atomic_load_explicit(&halves_done, memory_order_acquire)) {
		bare_from(&bare);
		bare_map();
	}
	return 0;
}

static int64_t
second_half(void *ctx)
{
	struct bare bare = {0, bench_ops(ELEMENTS), 0};
	int64_t ended = 0;

	(void)ctx;
	while (ended < bare.n) {
		bare_filter();
		ended += bare_sum(&bare);
	}
	atomic_store_explicit(&halves_done, true, memory_order_release);
	return bare.total;
}

static int64_t
four_on_two(void *ctx)
{
	const struct bench_thread both[] = {
		{first_half, NULL, 0}, {second_half, NULL, 1}};

	(void)ctx;
	frames_reset();
	atomic_store_explicit(&halves_done, false, memory_order_relaxed);
	return bench_together(both, 2);
}

/* -- broadcast and merge --------------------------------------------------- */

/* Both branches are cut off the source; with merge and sum they are one
 * island. */
static int64_t
branches(void *ctx)
{
	struct weir_graph *g = graph_new();
	struct weir_flow f[2];
	int64_t total = 0;

	(void)ctx;
	weir_broadcast(
		weir_from_range(g, 1, bench_ops(ELEMENTS), NULL), f, 2, NULL);
	f[0] = triple_one(weir_async(f[0], NULL), NULL);
	f[1] = five_one(weir_async(f[1], NULL), NULL);
	sum(weir_merge(f, 2, NULL), &total, NULL);
	graph_run(g);
	return total;
}

static int64_t
branches_from(void *ctx)
{
	int64_t at = 0, n = bench_ops(ELEMENTS);

	(void)ctx;
	while (at < n) {
		struct frame *frame = frame_ring_pop(BACK);

		frame_fill(frame, &at, n);
		atomic_store_explicit(&frame->holders, 2, memory_order_relaxed);
		frame_ring_push(&rings[0], frame);
		frame_ring_push(&rings[1], frame);
	}
	return 0;
}

static int64_t
branches_to(void *ctx)
{
	int64_t items[FRAME_ITEMS], got = 0, total = 0;
	int64_t n = 2 * bench_ops(ELEMENTS);

	(void)ctx;
	for (size_t k = 0; got < n; k = !k) {
		struct frame *frame;

		if (frame_ring_empty(&rings[k]))
			continue;
		frame = frame_ring_pop(&rings[k]);
		(k == 0 ? triple_one_batch : five_one_batch)(
			NULL, frame->items, items, frame->n);
		total += add_up(items, frame->n);
		got += (int64_t)frame->n;
		if (atomic_fetch_sub_explicit(
			    &frame->holders, 1, memory_order_relaxed) == 1)
			frame_ring_push(BACK, frame);
	}
	return total;
}

static int64_t
branches_floor(void *ctx)
{
	const struct bench_thread both[] = {
		{branches_from, NULL, 0}, {branches_to, NULL, 1}};

	(void)ctx;
	frames_reset();
	return bench_together(both, 2);
}

/* -- work over two workers ------------------------------------------------- */

/* About 24 ns for one of a batch. */
WEIR_MAP(work, int64_t, x, int64_t)
{
	uint64_t z = (uint64_t)x;

	for (int i = 0; i < WORK_ROUNDS; i++) {
		z ^= z >> 29;
		z *= UINT64_C(0x9e3779b97f4a7c15);
	}
	return (int64_t)(z & 0xffff);
}

static int64_t
balanced(void *ctx)
{
	struct weir_graph *g = graph_new();
	struct weir_flow f[2];
	int64_t total = 0;

	(void)ctx;
	weir_balance(
		weir_from_range(g, 1, bench_ops(WORKED), NULL), f, 2, NULL);
	for (int i = 0; i < 2; i++) {
		f[i] = work(weir_async(f[i], NULL), NULL);
		f[i] = weir_async(f[i], NULL);
	}
	sum(weir_merge(f, 2, NULL), &total, NULL);
	graph_run(g);
	return total;
}

static struct weir_flow
work_copy(void *ctx, struct weir_flow in)
{
	(void)ctx;
	return work(in, NULL);
}

static int64_t
parallel(void *ctx)
{
	struct weir_graph *g = graph_new();
	struct weir_flow f = weir_from_range(g, 1, bench_ops(WORKED), NULL);
	int64_t total = 0;

	f = weir_parallel(f, 2, work_copy, NULL, ctx);
	sum(f, &total, NULL);
	graph_run(g);
	return total;
}

static int64_t
work_alone(void *ctx)
{
	int64_t at = 0, n = bench_ops(WORKED), total = 0;

	(void)ctx;
	while (at < n) {
		frame_fill(&frames[0], &at, n);
		work_batch(NULL, frames[0].items, frames[0].items, frames[0].n);
		total += add_up(frames[0].items, frames[0].n);
	}
	return total;
}

/* Takes frames, gives them back worked on, until one is empty. */
static int64_t
work_help(void *ctx)
{
	(void)ctx;
	for (;;) {
		struct frame *frame = frame_ring_pop(&rings[0]);

		if (frame->n == 0)
			return 0;
		work_batch(NULL, frame->items, frame->items, frame->n);
		frame_ring_push(&rings[1], frame);
	}
}

/* Gives frames to the helper as long as it has less than two to do, and does
 * the next one itself. */
static int64_t
work_share(void *ctx)
{
	int64_t at = 0, n = bench_ops(WORKED), total = 0;
	int out = 0;

	(void)ctx;
	while (at < n || out > 0) {
		struct frame *frame = NULL;

		if (at < n && out < 2) {
			frame = frame_ring_pop(BACK);
			frame_fill(frame, &at, n);
			frame_ring_push(&rings[0], frame);
			out++;
		} else if (!frame_ring_empty(&rings[1])) {
			frame = frame_ring_pop(&rings[1]);
			total += add_up(frame->items, frame->n);
			frame_ring_push(BACK, frame);
			out--;
		} else if (at < n) {
			frame = frame_ring_pop(BACK);
			frame_fill(frame, &at, n);
			work_batch(NULL, frame->items, frame->items, frame->n);
			total += add_up(frame->items, frame->n);
			frame_ring_push(BACK, frame);
		}
	}
	frames[0].n = 0;
	frame_ring_push(&rings[0], &frames[0]);
	return total;
}

static int64_t
work_on_two(void *ctx)
{
	const struct bench_thread both[] = {
		{work_share, NULL, 0}, {work_help, NULL, 1}};

	(void)ctx;
	frames_reset();
	return bench_together(both, 2);
}

int
main(int argc, char **argv)
{
	struct weir_system_opts opts = {0};
	struct weir_parallel_opts unordered = {.unordered = true};

	bench_init(argc, argv);
	opts.workers = bench_workers();
	if (weir_system_create(&opts, &the_system) < 0)
		return 1;
	bench_run(&(struct bench_measure){
		.name = "one async boundary, two cores",
		.per = ELEMENTS,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", one_boundary, NULL},
			{"frames, two threads", one_boundary_floor, NULL},
			{"weir, fused", no_boundary, NULL}}});
	bench_run(&(struct bench_measure){.name = "four islands",
		.per = ELEMENTS,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", four_islands, NULL},
			{"frames, one thread", four_in_a_loop, NULL},
			{"frames, two threads", four_on_two, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "broadcast to 2 and merge, across islands",
		.per = ELEMENTS,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", branches, NULL},
			{"frames, two threads", branches_floor, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "24 ns of work, balanced over two workers",
		.per = WORKED,
		.contestants = {{"weir", balanced, NULL},
			{"one thread", work_alone, NULL},
			{"frames, two threads", work_on_two, NULL},
			{"weir, parallel, unordered", parallel, &unordered},
			{"weir, parallel, in order", parallel, NULL}}});
	weir_system_destroy(the_system);
	return 0;
}
