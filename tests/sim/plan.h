/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - one simulated run as data: a graph, and what goes wrong in it
 *
 * A plan is drawn from dice, printed as text, built as a graph and executed,
 * and says by itself what must come out of it (oracle.h).  Elements are
 * numbers that carry their identity:
 *
 *	source (6 bits) | stamps (45 bits) | sequence number (12 bits)
 *
 * A map leaves a stamp, so that what came along two ways is told apart.  A
 * record is the decimal number with a word around it.
 */
#ifndef WEIR_TESTS_SIM_PLAN_H
#define WEIR_TESTS_SIM_PLAN_H

#include <stdio.h>

#include "dice.h"

#include "io/backend.h"
#include "streams/stage.h"
#include "tests/support/text.h"

#define PLAN_NODES 56u
#define PLAN_PORTS 4u
#define PLAN_ITEMS_MAX 700u
#define PLAN_NAME_BYTES 24u

enum node_op {
	OP_PROBE, /* sources */
	OP_ARRAY,
	OP_RANGE,
	OP_FILE,
	OP_MAP, /* a total kernel */
	OP_TRY_MAP,
	OP_MAP_EACH, /* a plain function */
	OP_FILTER,
	OP_FILTER_EACH,
	OP_FILTER_MAP,
	OP_TAKE,
	OP_SKIP,
	OP_TAP,
	OP_COUNT,
	OP_DECIMAL,
	OP_LINES,
	OP_GREP,
	OP_UPPER,
	OP_LOWER,
	OP_TRIM,
	OP_PREFIX,
	OP_SUFFIX,
	OP_WITNESS, /* a user's operator that looks at the protocol */
	OP_ASYNC,
	OP_TEE,
	OP_BALANCE,
	OP_MERGE,
	OP_PARALLEL, /* what is between it and its join, several times */
	OP_JOIN,
	OP_TO_PROBE, /* sinks */
	OP_TO_NULL,
	OP_TO_COUNT,
	OP_TO_FOLD,
	OP_TO_COLLECT,
	OP_TO_FILE,
	OP_COUNT_OF_ALL
};

/** A node, and its parameters: which of them mean something depends on op. */
struct node {
	enum node_op op;
	enum kind in, out;
	char name[PLAN_NAME_BYTES];
	uint32_t index;
	uint32_t from[PLAN_PORTS], from_outlet[PLAN_PORTS]; /* its inlets */
	uint32_t inlets, outlets;
	uint32_t to[PLAN_PORTS]; /* who took each outlet */
	struct weir_stage_opts opts;

	uint32_t n;           /* elements of a source; n of take and skip */
	uint32_t source;      /* number of a source */
	uint32_t code_at_end; /* a source fails with ESTALE at its end */
	uint32_t window;      /* of async, of a parallel and of a probe */
	uint32_t partner;     /* a parallel's join; the balance a merge undoes,
			       * + 1; 0: none */
	uint32_t copies;      /* of a parallel */
	bool unordered;       /* it is */
	uint32_t window_bytes, window_batches; /* of async; 0: the default */
	bool no_newline;     /* none behind the last line of a source */
	uint32_t modulus;    /* of a filter: which it leaves out */
	bool few;            /* of a filter: those are all it keeps */
	int64_t fails_at;    /* the element its function refuses; 0: none */
	uint32_t stop_after; /* a sink stops, + 1; 0: never */
	uint32_t capacity;   /* of collect; longest line of lines; 0: large */
	uint32_t piece;      /* a file is a pipe of such pieces; 0: is none */
	uint32_t limit;      /* bytes that fit into a file; 0: all */
	const char *pattern;
};

/** What is asked of a run from outside. */
enum plan_event { EVENT_NONE, EVENT_DRAIN, EVENT_CANCEL, EVENT_ABORT };

struct plan {
	uint64_t seed; /* of the whole plan; 0: it came from a fuzzer */
	struct node nodes[PLAN_NODES];
	uint32_t count, sources;

	uint64_t system_seed; /* 0: in order, and fused */
	uint32_t workers;     /* threads; 0: one, and the rest is simulated */
	uint32_t batch_items;
	uint32_t memory_bytes; /* 0: plenty */
	uint32_t alloc_fails;  /* which; 0: none */
	bool alloc_and_after;
	enum weir_io_code io_code;
	uint32_t io_fails, io_count; /* which operation, and how many more */
	int io_result;
	uint32_t io_short; /* bytes an operation moves at most; 0: all */
	enum plan_event event;
	uint32_t event_at; /* after so many waits */
};

/** Draw a plan. */
void plan_draw(struct plan *plan, struct dice *dice);

/** Print the graph, a node a line, and what goes wrong. */
void plan_print(const struct plan *plan, FILE *file);

/** Whether @op is a source; a sink. */
bool op_is_source(enum node_op op);
bool op_is_sink(enum node_op op);

/** The word for @op. */
const char *op_name(enum node_op op);

/* -- elements -------------------------------------------------------------- */

/** The first element of source number @source, less one. */
int64_t value_base(uint32_t source);

/** Who an element is, whatever stamps are on it. */
int64_t value_identity(int64_t value);

/** @value with one more stamp. */
int64_t value_stamp(int64_t value, uint32_t stamp);

/** How often an element can be stamped. */
#define VALUE_STAMPS 7u

/** The record that stands for @value, as struct probe_source wants it. */
size_t value_line(int64_t value, char line[LINE_MAX_BYTES]);

/** The number in a record; 0: there is none. */
int64_t value_of_line(const char *line, size_t length);

#define NODE_MARK_BYTES 8u

/** What the node @node adds to records; ends with a NUL.  Returns its length.
 */
size_t node_mark(const struct node *node, char mark[NODE_MARK_BYTES]);

/** Whether the filter @node keeps @value. */
bool node_keeps(const struct node *node, int64_t value);

/** Whether the function of @node refuses @value. */
static inline bool
node_refuses(const struct node *node, int64_t value)
{
	return node->fails_at != 0 && value_identity(value) == node->fails_at;
}

#endif /* WEIR_TESTS_SIM_PLAN_H */
