/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_rally.c - how long one element takes across a boundary and back
 *
 * One operation is an element put by a source, through a boundary to a map on
 * another island, and through a second boundary to a sink beside the source,
 * which wakes the source for the next.  Only one is under way, so nothing is
 * batched and nobody sleeps: it is what a boundary adds to a lone element.
 * Peers: a word through two rings of bare spinning threads; a mutex and a
 * condition variable, where both sleep.
 *
 *	bench_rally [PART OF A MEASURE'S NAME]
 */
#include <weir/weir.h>

#include "bench.h"
#include "support/frames.h"
#include "support/queues.h"

#define RALLIES INT64_C(200000)

static struct weir_system *the_system;

/* -- source and sink, on one island ---------------------------------------- */

/* Between serve and strike, which an edge that carries nothing holds on one
 * island: only one thread at a time steps either. */
struct rally {
	int64_t left;
	uint64_t served_ns;
	bool away;
	struct weir_waker server;
};

struct rally_args {
	struct weir_stage_opts opts;
	struct rally *rally;
};

static int
serve_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct rally_args *args = arguments;

	(void)state;
	args->rally->server = weir_stage_waker(stage);
	return 0;
}

static int
serve_step(struct weir_stage *stage, void *state)
{
	const struct rally_args *args = weir_stage_args(stage);
	struct rally *rally = args->rally;
	struct weir_span room;

	(void)state;
	if (rally->away)
		return WEIR_EVENT;
	if (rally->left == 0)
		return WEIR_DONE;
	room = weir_outlet_room(stage, 0);
	if (room.count == 0)
		return WEIR_ROOM;
	*(int64_t *)room.items = rally->left--;
	rally->away = true;
	rally->served_ns = bench_now_ns();
	weir_outlet_put(stage, 0, 1);
	return WEIR_EVENT;
}

static int
strike_step(struct weir_stage *stage, void *state)
{
	const struct rally_args *args = weir_stage_args(stage);
	struct rally *rally = args->rally;

	(void)state;
	if (weir_inlet_peek(stage, 0).count > 0) {
		bench_latency(bench_now_ns() - rally->served_ns);
		weir_inlet_take(stage, 0, 1);
		rally->away = false;
		weir_wake(weir_stage_system(stage), rally->server);
	}
	return weir_stage_wait(stage);
}

static const struct weir_port no_ports[] = {{NULL, NULL, 0}};
static const struct weir_port one_port[] = {
	{"unused", &weir_type_int64_t, 0}, {NULL, NULL, 0}};
static const struct weir_port two_ports[] = {{"ball", &weir_type_int64_t, 0},
	{"tie", &weir_type_int64_t, 0}, {NULL, NULL, 0}};

static const struct weir_operator serve_operator = {
	.name = "serve",
	.summary = "emits one element at a time",
	.inlets = one_port,
	.outlets = two_ports,
	.args_bytes = sizeof(struct rally_args),
	.demand = WEIR_DEMAND_OWN,
	.open = serve_open,
	.step = serve_step,
};

static const struct weir_operator strike_operator = {
	.name = "strike",
	.summary = "takes one element and wakes who serves",
	.inlets = two_ports,
	.outlets = no_ports,
	.args_bytes = sizeof(struct rally_args),
	.step = strike_step,
};

WEIR_MAP(return_it, int64_t, x, int64_t)
{
	return x;
}

static int64_t
weir_rally(void *ctx)
{
	struct rally rally = {.left = bench_ops(RALLIES)};
	const struct rally_args args = {.rally = &rally};
	const struct weir_graph_opts opts = {.system = the_system};
	struct weir_graph *g = weir_graph_create(&opts);
	struct weir_flow both[2];
	struct weir_error error;

	(void)ctx;
	/* A source has one outlet; this is a fan-out that asks for nothing. */
	weir_fan_out_add(&serve_operator, weir_from_range(g, 1, 1, NULL), &args,
		both, 2);
	both[0] = return_it(weir_async(both[0], NULL), NULL);
	both[0] = weir_async(both[0], NULL);
	weir_operator_add(&strike_operator, both, 2, &args);
	if (weir_graph_run(g, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
		exit(1);
	}
	weir_graph_destroy(g);
	return bench_ops(RALLIES) - rally.left;
}

/* -- bare threads ---------------------------------------------------------- */

static struct frame_ring there, back;

static int64_t
ring_echo(void *ctx)
{
	(void)ctx;
	for (int64_t i = bench_ops(RALLIES); i > 0; i--)
		frame_ring_push(&back, frame_ring_pop(&there));
	return 0;
}

static int64_t
ring_serve(void *ctx)
{
	static struct frame ball;
	int64_t n = bench_ops(RALLIES);

	(void)ctx;
	for (int64_t i = 0; i < n; i++) {
		uint64_t served_ns = bench_now_ns();

		frame_ring_push(&there, &ball);
		(void)frame_ring_pop(&back);
		bench_latency(bench_now_ns() - served_ns);
	}
	return n;
}

static int64_t
ring_rally(void *ctx)
{
	const struct bench_thread both[] = {
		{ring_serve, NULL, 0}, {ring_echo, NULL, 1}};

	(void)ctx;
	memset(&there, 0, sizeof(there));
	memset(&back, 0, sizeof(back));
	return bench_together(both, 2);
}

static struct locked locked_there, locked_back;

/* Each takes 50 us or more, so fewer will do. */
#define LOCKED_SHARE 50

static int64_t
locked_echo(void *ctx)
{
	(void)ctx;
	for (int64_t i = bench_ops(RALLIES) / LOCKED_SHARE; i > 0; i--) {
		uint64_t ball;

		locked_receive(&locked_there, &ball);
		locked_send(&locked_back, ball);
	}
	return 0;
}

static int64_t
locked_serve(void *ctx)
{
	(void)ctx;
	for (int64_t i = bench_ops(RALLIES) / LOCKED_SHARE; i > 0; i--) {
		uint64_t served_ns = bench_now_ns(), ball;

		locked_send(&locked_there, 1);
		locked_receive(&locked_back, &ball);
		bench_latency(bench_now_ns() - served_ns);
	}
	return bench_ops(RALLIES);
}

static int64_t
locked_rally(void *ctx)
{
	const struct bench_thread both[] = {
		{locked_serve, NULL, 0}, {locked_echo, NULL, 1}};

	(void)ctx;
	locked_init(&locked_there);
	locked_init(&locked_back);
	return bench_together(both, 2);
}

int
main(int argc, char **argv)
{
	struct weir_system_opts opts = {0};

	bench_init(argc, argv);
	opts.workers = bench_workers();
	if (weir_system_create(&opts, &the_system) < 0)
		return 1;
	bench_run(&(struct bench_measure){
		.name = "an element across a boundary and back",
		.per = RALLIES,
		.flags = BENCH_ACROSS | BENCH_LATENCY,
		.contestants = {{"weir", weir_rally, NULL},
			{"rings, two threads", ring_rally, NULL},
			{"mutex, condvar", locked_rally, NULL}}});
	weir_system_destroy(the_system);
	return 0;
}
