/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - a source and a sink that a test drives and looks into
 *
 * Both are written against the public step contract.  The source counts what
 * it was asked for and emits no more; the sink asks for what the test lets it
 * and notices when it gets more.
 */
#ifndef WEIR_TESTS_SUPPORT_PROBE_H
#define WEIR_TESTS_SUPPORT_PROBE_H

#include "streams/graph.h"
#include "text.h"

struct unit;

/** A source of elements first, first + 1, ...  To be cleared, filled in and
 *  kept until the graph is destroyed. */
struct probe_source {
	enum kind kind;
	int64_t first;       /* number of the first element */
	size_t n;            /* how many (KIND_BYTES: lines) */
	int code;            /* fail with it behind the last one; 0: complete */
	size_t cut;          /* KIND_BYTES: bytes in a chunk; 0: various */
	size_t origin_lines; /* KIND_BYTES: lines in an origin; 0: all */
	bool no_newline;     /* KIND_BYTES: none behind the last line */
	/* The line of a number, as line_of(), which is the default. */
	size_t (*line)(int64_t value, char line[LINE_MAX_BYTES]);
	void (*hook)(void *ctx); /* called in each step; may be NULL */
	void *ctx;

	uint64_t asked, put; /* elements, in all */
	int opened, closed;  /* how often */

	struct unit *units; /* slices to emit */
	size_t unit_count;
	struct text bytes;
};

struct weir_flow probe_from(struct weir_graph *graph,
	struct probe_source *probe, const struct weir_stage_opts *opts);

/** Free what probe_from() allocated, once the graph is destroyed. */
void probe_source_free(struct probe_source *probe);

#define PROBE_ALL UINT64_MAX

/** A sink.  To be cleared, filled in and kept as the source. */
struct probe_sink {
	uint64_t want;         /* elements to ask for in all; PROBE_ALL */
	uint64_t window;       /* of them on their way at most; 0: a batch */
	uint64_t cancel_after; /* done when it got so many; 0: never */
	bool cancel_at_once;   /* done in its first step */
	void (*hook)(void *ctx);
	void *ctx;

	uint64_t received;
	uint64_t overrun;     /* elements beyond what was asked for */
	int finished, closed; /* how often */
	struct text out;      /* a line an element */

	struct weir_system *system;
	struct weir_waker waker;
};

void probe_to(struct weir_flow in, struct probe_sink *probe,
	const struct weir_stage_opts *opts);

/** Let the sink ask for @n more, between waits of the run. */
void probe_request(struct probe_sink *probe, uint64_t n);

void probe_sink_free(struct probe_sink *probe);

#endif /* WEIR_TESTS_SUPPORT_PROBE_H */
