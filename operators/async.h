/* SPDX-License-Identifier: Apache-2.0 */
/*
 * async.h - a boundary between two parts of a pipeline
 */
#ifndef WEIR_OPERATORS_ASYNC_H
#define WEIR_OPERATORS_ASYNC_H

#include "../streams/stage.h"

WEIR_BEGIN

struct weir_async_opts {
	struct weir_stage_opts stage;
	uint64_t window;       /* elements asked for ahead; the graph's */
	size_t window_bytes;   /* of slices; 1 MiB */
	size_t window_batches; /* see struct weir_window */
};

/**
 * All elements, up to a window of them asked for ahead of downstream.  What is
 * before it and what is behind it are two islands, which may run on two workers
 * at the same time.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: from the start, so much that a window waits or is on its way,
 * in elements and in bytes; a larger element crosses alone.
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: the window.
 */
WEIR_API struct weir_flow weir_async(
	struct weir_flow in, const struct weir_async_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_ASYNC_H */
