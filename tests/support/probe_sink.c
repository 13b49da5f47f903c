/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_sink.c - a sink that asks for what a test lets it ask for
 */
#include "probe.h"

struct sink_args {
	struct weir_stage_opts opts;
	struct probe_sink *probe;
};

/* Let as much be on its way as the test allows. */
static void
ask(struct weir_stage *stage, const struct probe_sink *probe)
{
	uint64_t window = probe->window;
	uint64_t left = probe->want - probe->received;

	if (window == 0)
		window = weir_stage_batch_items(stage);
	weir_inlet_request(stage, 0, left < window ? left : window);
}

static int
sink_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct sink_args *args = arguments;
	struct probe_sink *probe = args->probe;

	(void)state;
	probe->received = probe->overrun = 0;
	text_clear(&probe->out);
	probe->system = weir_stage_system(stage);
	probe->waker = weir_stage_waker(stage);
	ask(stage, probe);
	return 0;
}

/* Take the first @n elements. */
static void
receive(struct weir_stage *stage, struct probe_sink *probe, const char *items,
	size_t n)
{
	const struct weir_type *type = weir_inlet_type(stage, 0);
	enum kind kind = kind_of(type);

	for (size_t i = 0; i < n; i++)
		text_add_element(&probe->out, kind, items + i * type->size);
	if (type->drop != NULL)
		type->drop((void *)(uintptr_t)items, n);
	weir_inlet_take(stage, 0, n);
	probe->received += n;
}

static int
sink_step(struct weir_stage *stage, void *state)
{
	const struct sink_args *args = weir_stage_args(stage);
	struct probe_sink *probe = args->probe;
	struct weir_span in;

	(void)state;
	if (probe->hook != NULL)
		probe->hook(probe->ctx);
	if (probe->cancel_at_once)
		return WEIR_DONE;
	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		size_t n = in.count;

		if (in.count > probe->want - probe->received)
			probe->overrun +=
				in.count - (probe->want - probe->received);
		if (probe->cancel_after != 0 &&
			n > probe->cancel_after - probe->received)
			n = probe->cancel_after - probe->received;
		receive(stage, probe, in.items, n);
		if (probe->cancel_after != 0 &&
			probe->received == probe->cancel_after)
			return WEIR_DONE;
	}
	ask(stage, probe);
	if (!weir_inlet_ended(stage, 0) && probe->received == probe->want)
		return WEIR_EVENT;
	return weir_stage_wait(stage);
}

static void
sink_finish(struct weir_stage *stage, void *state)
{
	const struct sink_args *args = weir_stage_args(stage);

	(void)state;
	args->probe->finished++;
}

static void
sink_close(struct weir_stage *stage, void *state)
{
	const struct sink_args *args = weir_stage_args(stage);

	(void)state;
	args->probe->closed++;
}

static const struct weir_operator op_probe_sink = {
	.name = "probe_sink",
	.summary = "takes what a test lets it ask for",
	.inlets = (const struct weir_port[]){{"elements", NULL, 0},
		{NULL, NULL, 0}},
	.outlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.args_bytes = sizeof(struct sink_args),
	.demand = WEIR_DEMAND_OWN,
	.open = sink_open,
	.step = sink_step,
	.finish = sink_finish,
	.close = sink_close,
};

void
probe_to(struct weir_flow in, struct probe_sink *probe,
	const struct weir_stage_opts *opts)
{
	struct sink_args args = {.probe = probe};

	if (opts != NULL)
		args.opts = *opts;
	weir_operator_add(&op_probe_sink, &in, 1, &args);
}

void
probe_request(struct probe_sink *probe, uint64_t n)
{
	probe->want += n;
	weir_wake(probe->system, probe->waker);
}

void
probe_sink_free(struct probe_sink *probe)
{
	text_free(&probe->out);
}
