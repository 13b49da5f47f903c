/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - one operator, source or sink between probes, in a world of its own
 *
 * A subject says how it is added and what it makes of its input; a world puts
 * probes around it, runs it, and checks what must hold for each of them at all
 * times: demand is obeyed, balances hold, nothing leaks.
 */
#ifndef WEIR_TESTS_SUPPORT_WORLD_H
#define WEIR_TESTS_SUPPORT_WORLD_H

#include "live.h"
#include "memory.h"
#include "probe.h"

#define PORTS_MAX 2u
#define ITEMS_MAX 1024u

enum traits {
	TRAIT_ABSORBS = 1,    /* emits only once upstream completed */
	TRAIT_SELECTS = 2,    /* may ask for more than downstream did */
	TRAIT_PREFETCHES = 4, /* asks ahead of downstream */
	TRAIT_FUNCTION = 8,   /* has a user's function that can fail */
	TRAIT_UNORDERED = 16, /* interleaves its inlets */
	TRAIT_REFRAMES = 32,  /* elements out are not elements in */
	TRAIT_STATEFUL = 64,  /* restart forgets what came before */
	TRAIT_SHARES = 128    /* each element goes to one of its outlets */
};

struct world;

/** Elements @first to @last, but for number @skip (0: all). */
struct input {
	int64_t first, last, skip;
};

struct subject {
	const char *name;
	enum kind in, out;        /* KIND_NONE: a source or sink */
	unsigned inlets, outlets; /* 0: one, where there is a kind */
	unsigned traits;
	void (*add)(struct world *world, const struct weir_flow *in,
		struct weir_flow *out, const struct weir_stage_opts *opts);
	/* What it emits, or its result, for @input. */
	void (*expect)(const struct input *input, struct text *text);
	/* Sinks: the result as text; gives back what it owns. */
	void (*result)(struct world *world, struct text *text);
};

struct world_opts {
	size_t n;           /* elements (lines); 0: 600 */
	size_t batch_items; /* 0: the default */
	size_t memory_bytes;
	uint64_t seed;
	int upstream_code;     /* the source fails with it at its end */
	int64_t user_fails_at; /* the user's function fails at this element */
	enum weir_on_error on_error;
	enum weir_on_failure on_failure;
	bool async;       /* across two boundaries */
	uint64_t window;  /* of these, in elements; 0: 16 */
	unsigned workers; /* 0: one, so that a turn after another can be seen */
	bool manual;      /* sinks ask for nothing by themselves */
	uint64_t cancel_after;
	bool cancel_at_once;
	size_t fail_at; /* allocation that fails; 0: none */
	bool and_after;
};

/** The context of users' functions. */
struct user {
	int64_t fails_at;
	uint64_t calls;
};

struct world {
	const struct subject *subject;
	struct world_opts opts;
	unsigned inlets, outlets;
	struct memory memory;
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_run *run;
	struct weir_error error;
	struct probe_source sources[PORTS_MAX];
	struct probe_sink sinks[PORTS_MAX];
	uint32_t subject_index; /* the stage */

	struct user user;
	live items[ITEMS_MAX]; /* for sources of an array */
	size_t item_count;
	int64_t sum; /* results of sinks */
	uint64_t count;
	live collected[ITEMS_MAX];
	size_t collected_count;
};

/** Build the graph.  Returns the first error (out of memory), or 0. */
int world_open(struct world *world, const struct subject *subject,
	const struct world_opts *opts);

/** Start the run. */
int world_start(struct world *world);

/** Go on with the run a little.  As weir_run_wait(). */
int world_step(struct world *world);

/** Go on until nothing moves, or the run ended. */
int world_settle(struct world *world);

/** Go on to the end. */
int world_run(struct world *world);

/** Check balances and edges of a run that ended, take everything down, and
 *  check that nothing is left. */
void world_close(struct world *world);

/** How many elements the sources emitted. */
uint64_t world_put(const struct world *world);

/** Whether each sink, or the subject's result, shows @expected. */
void world_check(struct world *world, const struct text *expected);

/** What sink 0 or the subject's result shows. */
void world_show(struct world *world, struct text *text);

/** Fail the test, naming the subject. */
_Noreturn void world_fail(const struct world *world, const char *format, ...)
	WEIR_PRINTF(2, 3);

#endif /* WEIR_TESTS_SUPPORT_WORLD_H */
