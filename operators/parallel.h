/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parallel.h - the same stages several times, side by side
 */
#ifndef WEIR_OPERATORS_PARALLEL_H
#define WEIR_OPERATORS_PARALLEL_H

#include "../streams/stage.h"

WEIR_BEGIN

#define WEIR_PARALLEL_MAX 1024u /* copies */

/** A part of a pipeline: adds its stages to @in and returns what they emit. */
typedef struct weir_flow (*weir_flow_fn)(void *ctx, struct weir_flow in);

struct weir_parallel_opts {
	struct weir_stage_opts stage;
	bool unordered;  /* elements may overtake each other */
	uint64_t window; /* elements before and behind each copy; the graph's */
};

/**
 * What @n copies make of the elements, each of which goes to one of them.
 * @copy(@ctx, flow) is called @n times, at once, to add the stages of a copy;
 * all must return flows of the same type.  Each copy is an island, so that
 * they may run on several workers at the same time.  Stages of a copy see its
 * share of the elements only: `take 3` in each of two copies passes six.
 *
 * In order (the default) a batch after the other goes to the copies in turn,
 * and what they make of it comes out in the same order; a copy works at one
 * batch at a time, and must be one island: async, or parallel, in it is an
 * error when the graph is built.  What a copy emits only at its end comes out
 * at the end, the first copy's first.  Unordered, a batch goes to the copy with
 * the least to do, and the order is kept within a copy alone.
 *
 * Emits when: a copy did and downstream has demand; in order: the copy whose
 * turn it is.
 * Requests when: it runs, so much that a window of each copy waits or is on
 * its way.
 * Completes when: all copies do.
 * Fails when: one of them does; in order: behind what came before.  Built with
 * a flow of weir_bytes, with no @copy, or @n is 0 or above WEIR_PARALLEL_MAX.
 * Buffers at most: two windows for each copy.
 */
WEIR_API struct weir_flow weir_parallel(struct weir_flow in, size_t n,
	weir_flow_fn copy, void *ctx, const struct weir_parallel_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_PARALLEL_H */
