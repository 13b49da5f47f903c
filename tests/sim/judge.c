/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.c - compare what came out with what the oracle says
 */
#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define STRANDS_MAX 512u

/* How far each strand of one sink has come. */
struct matching {
	const struct sim *sim;
	const struct node *node;
	const struct flow *flow;
	uint32_t next[STRANDS_MAX]; /* the element expected */
	/* Those that came, where they may come in any order. */
	uint64_t came[STRANDS_MAX][(PLAN_ITEMS_MAX + 64) / 64];
	uint64_t seen, wild;
};

static bool
is_item(const struct item *item, const char *line, size_t length)
{
	return item->length == length &&
	       (length == 0 || memcmp(item->text, line, length) == 0);
}

/* Whether @line is an element of strand @s that did not come yet. */
static bool
is_new(struct matching *m, uint32_t s, const char *line, size_t length)
{
	const struct strand *strand = &m->flow->strands[s];

	for (uint32_t i = 0; i < strand->count; i++) {
		uint64_t bit = UINT64_C(1) << (i % 64);

		if (!is_item(&strand->items[i], line, length) ||
			(m->came[s][i / 64] & bit) != 0)
			continue;
		m->came[s][i / 64] |= bit;
		m->next[s]++;
		return true;
	}
	return false;
}

/* Whether @line goes on with strand @s; where strands may lack a beginning it
 * may begin anywhere. */
static bool
goes_on(struct matching *m, uint32_t s, const char *line, size_t length)
{
	const struct strand *strand = &m->flow->strands[s];
	bool jumps = m->flow->holes || (m->flow->skips && m->next[s] == 0);
	uint32_t i = m->next[s];

	if (m->flow->unordered)
		return is_new(m, s, line, length);
	if (i < strand->count && is_item(&strand->items[i], line, length)) {
		m->next[s] = i + 1;
		return true;
	}
	for (; jumps && i < strand->count; i++)
		if (is_item(&strand->items[i], line, length)) {
			m->next[s] = i + 1;
			return true;
		}
	return false;
}

/* What is wrong with @line, which is not what comes next. */
static _Noreturn void
out_of_place(const struct matching *m, const char *line, size_t length)
{
	for (uint32_t s = 0; s < m->flow->count; s++)
		for (uint32_t i = 0; i < m->flow->strands[s].count; i++) {
			if (!is_item(&m->flow->strands[s].items[i], line,
				    length))
				continue;
			sim_violation(m->sim,
				"%s: '%.*s', number %u of its strand, came "
				"where number %u was next: %s",
				m->node->name, (int)length, line, i, m->next[s],
				i < m->next[s] ? "twice, or late"
					       : "one before it is lost");
		}
	sim_violation(m->sim, "%s: '%.*s' is nothing that should come",
		m->node->name, (int)length, line);
}

static void
line_match(struct matching *m, const char *line, size_t length)
{
	m->seen++;
	for (uint32_t s = 0; s < m->flow->count; s++)
		if (goes_on(m, s, line, length))
			return;
	if (m->flow->wild && m->wild < m->flow->total_max) {
		m->wild++;
		return;
	}
	out_of_place(m, line, length);
}

/* Whether all came that had to. */
static void
match_end(const struct matching *m)
{
	const struct flow *flow = m->flow;

	if (m->seen > flow->total_max)
		sim_violation(m->sim,
			"%s: %" PRIu64 " elements came, of at most %" PRIu64,
			m->node->name, m->seen, flow->total_max);
	if (flow->total_known && m->seen != flow->total_max)
		sim_violation(m->sim,
			"%s: %" PRIu64 " elements came, not %" PRIu64,
			m->node->name, m->seen, flow->total_max);
	for (uint32_t s = 0; !flow->partial && s < flow->count; s++) {
		/* One without a beginning may lack all of it. */
		if (m->next[s] == flow->strands[s].count ||
			(flow->skips && m->next[s] == 0))
			continue;
		sim_violation(m->sim, "%s: %u of %u elements of a strand came",
			m->node->name, m->next[s], flow->strands[s].count);
	}
}

/* Lines of text, each with its end. */
static void
text_judge(struct matching *m, const char *data, size_t length)
{
	size_t at = 0;

	while (at < length) {
		const char *end = memchr(data + at, '\n', length - at);
		size_t n =
			end == NULL ? length - at : (size_t)(end - data) - at;

		/* A write may have been cut short. */
		if (end == NULL && m->flow->partial)
			break;
		line_match(m, data + at, n);
		at += n + 1;
	}
	match_end(m);
}

static void
bytes_judge(const struct matching *m, const char *data, size_t length)
{
	const struct flow *flow = m->flow;

	if (length > flow->length ||
		(length > 0 && memcmp(data, flow->bytes, length) != 0))
		sim_violation(m->sim, "%s: the bytes are others than were sent",
			m->node->name);
	if (!flow->partial && length < flow->length)
		sim_violation(m->sim, "%s: %zu of %zu bytes came",
			m->node->name, length, flow->length);
}

static void
shown_judge(struct matching *m, const char *data, size_t length)
{
	if (m->node->in == KIND_BYTES)
		bytes_judge(m, data, length);
	else
		text_judge(m, data, length);
}

/* -- sinks with a result --------------------------------------------------- */

/* A result is there when the flow completed, and only then. */
static void
result_judge(const struct matching *m, bool written)
{
	if (written && m->flow->failed == YES)
		sim_violation(m->sim, "%s has a result, though it failed",
			m->node->name);
	if (!written && m->flow->failed == NO)
		sim_violation(m->sim, "%s has no result", m->node->name);
}

static void
count_judge(const struct matching *m, uint64_t counted)
{
	const struct flow *flow = m->flow;

	result_judge(m, counted != UINT64_MAX);
	if (counted == UINT64_MAX)
		return;
	if (counted > flow->total_max ||
		(flow->total_known && counted != flow->total_max))
		sim_violation(m->sim, "%s: counted %" PRIu64 " of %" PRIu64,
			m->node->name, counted, flow->total_max);
}

static void
collect_judge(struct matching *m, const struct subject_state *state)
{
	enum kind kind = m->node->in;
	size_t size = kind_type(kind)->size;
	struct text text = {0};

	result_judge(m, state->collected != SIZE_MAX);
	if (state->collected == SIZE_MAX)
		return;
	for (size_t i = 0; i < state->collected; i++)
		text_add_element(
			&text, kind, (const char *)state->items + i * size);
	text_judge(m, text.data, text.length);
	text_free(&text);
}

/* What the fold of all strands of @flow is. */
static struct folded
fold_expect(const struct node *node, const struct flow *flow)
{
	struct folded folded = {.chain = 1};

	for (uint32_t s = 0; s < flow->count; s++)
		for (uint32_t i = 0; i < flow->strands[s].count; i++) {
			int64_t value = flow->strands[s].items[i].value;

			if (!node_refuses(node, value))
				folded_add(&folded, value);
			else if (node->opts.on_error == WEIR_RESTART)
				folded = (struct folded){.chain = 1};
		}
	return folded;
}

static void
fold_judge(const struct matching *m, const struct folded *folded)
{
	const struct folded expected = fold_expect(m->node, m->flow);
	bool restarts = m->node->opts.on_error == WEIR_RESTART &&
			m->node->fails_at != 0;

	/* Nothing and the start value look the same. */
	if (folded->count > 0 && m->flow->failed == YES)
		result_judge(m, true);
	if (!flow_is_exact(m->flow) || m->flow->failed != NO ||
		(restarts && (m->flow->count > 1 || m->flow->unordered)))
		return;
	if (folded->count != expected.count || folded->sum != expected.sum ||
		(m->flow->count <= 1 && !m->flow->unordered &&
			folded->chain != expected.chain))
		sim_violation(m->sim,
			"%s: folded %" PRIu64 " elements, expected %" PRIu64
			" or another order",
			m->node->name, folded->count, expected.count);
}

static void
file_judge(struct matching *m)
{
	size_t length = 0;
	const char *data;
	char name[16];

	sim_file_name(name, m->node->index);
	data = weir_sim_file_get(m->sim->world, name, &length);
	shown_judge(m, data, length);
}

static void
probe_judge(struct matching *m, const struct subject_state *state)
{
	result_judge(m, state->sink.finished > 0);
	shown_judge(m, state->sink.out.data, state->sink.out.length);
}

static void
sink_judge(
	const struct sim *sim, const struct node *node, const struct flow *flow)
{
	const struct subject_state *state = &sim->states[node->index];
	static struct matching m;

	if (flow->count > STRANDS_MAX)
		sim_violation(sim, "%u strands are too many", flow->count);
	m.sim = sim;
	m.node = node;
	m.flow = flow;
	m.seen = m.wild = 0;
	memset(m.next, 0, flow->count * sizeof(m.next[0]));
	memset(m.came, 0, flow->count * sizeof(m.came[0]));
	switch (node->op) {
	case OP_TO_COUNT:
		count_judge(&m, state->counted);
		break;
	case OP_TO_FOLD:
		fold_judge(&m, &state->folded);
		break;
	case OP_TO_COLLECT:
		collect_judge(&m, state);
		break;
	case OP_TO_FILE:
		file_judge(&m);
		break;
	case OP_TO_PROBE:
		probe_judge(&m, state);
		break;
	default:
		break;
	}
}

/* -- the result of the run ------------------------------------------------- */

/* Whether the faults of the plan explain @code, below 0. */
static bool
is_fault(const struct sim *sim, int code)
{
	const struct plan *plan = sim->plan;

	if (code == -ECANCELED)
		return sim->event_served && (plan->event == EVENT_CANCEL ||
						    plan->event == EVENT_ABORT);
	if (code == -ENOMEM)
		return sim->memory.failed;
	if (code == -ENOBUFS && plan->memory_bytes != 0)
		return true;
	return plan->io_fails != 0 && code == plan->io_result;
}

static void
code_judge(const struct sim *sim, const struct flow *flows)
{
	enum maybe failed = NO;
	bool explained = false;

	for (uint32_t i = 0; i < sim->plan->count; i++) {
		if (!op_is_sink(sim->plan->nodes[i].op))
			continue;
		if (flows[i].failed > failed)
			failed = flows[i].failed;
		explained |= sim->rc < 0 && flow_has_code(&flows[i], -sim->rc);
	}
	if (sim->rc < 0 && !explained && !is_fault(sim, sim->rc))
		sim_violation(sim, "the run failed with %d: %s: %s", sim->rc,
			sim->error.stage == NULL ? "" : sim->error.stage,
			sim->error.text == NULL ? "" : sim->error.text);
	if (sim->rc == 0 && failed == YES)
		sim_violation(sim, "the run completed, and a failure is lost");
}

void
sim_judge(const struct sim *sim)
{
	static struct flow flows[PLAN_NODES];

	oracle_ask(sim->plan, &sim->happened, flows);
	code_judge(sim, flows);
	for (uint32_t i = 0; i < sim->plan->count; i++)
		if (op_is_sink(sim->plan->nodes[i].op))
			sink_judge(sim, &sim->plan->nodes[i], &flows[i]);
}
