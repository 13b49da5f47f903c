/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_operator.c - an operator of your own, by the contract of streams/stage.h
 *
 * `changes` passes a reading that differs from the last one passed by at least
 * so much.  It is written as the operators of the library are: options, state,
 * a step, a constant descriptor, and a function that adds it to a flow.
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* What the caller may choose.  The stage's own options come first. */
struct changes_opts {
	struct weir_stage_opts stage;
	int64_t by; /* at least that much; 1 */
};

/* What the stage keeps between steps.  It starts zeroed. */
struct changes {
	int64_t last;
	bool any;
};

static bool
is_change(const struct changes *changes, int64_t by, int64_t reading)
{
	return !changes->any || reading - changes->last >= by ||
	       changes->last - reading >= by;
}

/* Take what waits as far as there is room, keep some of it at the front, pass
 * that on, and say why no more could be done. */
static int
changes_step(struct weir_stage *stage, void *state)
{
	const struct changes_opts *opts = weir_stage_args(stage);
	struct changes *changes = state;
	struct weir_span span;

	while ((span = weir_stage_edit(stage)).count > 0) {
		int64_t *readings = span.items;
		size_t kept = 0;

		for (size_t i = 0; i < span.count; i++) {
			if (!is_change(changes, opts->by, readings[i]))
				continue;
			changes->last = readings[i];
			changes->any = true;
			readings[kept++] = readings[i];
		}
		weir_stage_pass(stage, span.count, kept);
	}
	return weir_stage_wait(stage);
}

/* A zero in the options becomes 1; what is below is refused at build. */
static const struct weir_option changes_options[] = {
	{.key = "by",
		.kind = WEIR_OPTION_NUMBER,
		.place = WEIR_PLACE_KEY,
		.offset = offsetof(struct changes_opts, by),
		.min = 1,
		.max = INT64_MAX,
		.fallback = 1,
		.help = "the least difference that passes"},
	{.key = NULL},
};

static const struct weir_port changes_ports[] = {
	{"readings", &weir_type_int64_t, 0}, {NULL, NULL, 0}};

static const struct weir_operator changes_operator = {
	.name = "changes",
	.summary = "passes readings that differ from the last one",
	.inlets = changes_ports,
	.outlets = changes_ports,
	.options = changes_options,
	.args_bytes = sizeof(struct changes_opts),
	.state_bytes = sizeof(struct changes),
	.demand = WEIR_DEMAND_SELECT, /* it passes few of those it takes */
	.step = changes_step,
};

static struct weir_flow
changes(struct weir_flow in, const struct changes_opts *opts)
{
	return weir_operator_add(&changes_operator, &in, 1, opts);
}

int
main(void)
{
	static const int64_t readings[] = {
		20, 20, 21, 20, 23, 23, 24, 19, 19, 20};
	const size_t n = sizeof(readings) / sizeof(readings[0]);
	const struct changes_opts by_3 = {.by = 3};
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	int64_t found[10];
	size_t count = 0;
	struct weir_flow f;
	int rc;

	f = weir_from_array(g, &weir_type_int64_t, readings, n, NULL);
	f = changes(f, &by_3);
	weir_to_collect(f, found, 10, &count, NULL);

	rc = weir_graph_run(g, &error);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	for (size_t i = 0; i < count; i++)
		printf("%" PRId64 "\n", found[i]);
	weir_graph_destroy(g);
	/* 20, then 23, then 19. */
	return rc == 0 && count == 3 ? 0 : 1;
}
