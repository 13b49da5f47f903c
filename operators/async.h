/* SPDX-License-Identifier: Apache-2.0 */
/*
 * async.h - a window of elements between two parts of a pipeline
 */
#ifndef WEIR_OPERATORS_ASYNC_H
#define WEIR_OPERATORS_ASYNC_H

#include "../streams/stage.h"

WEIR_BEGIN

struct weir_async_opts {
	struct weir_stage_opts stage;
	uint64_t window; /* elements asked for ahead; 4096 */
};

/**
 * All elements, up to a window of them asked for ahead of downstream.  It is
 * the place where a pipeline may be cut over workers; on one worker it is the
 * window alone.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: it runs, so much that a window waits or is on its way.
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: the window.
 */
WEIR_API struct weir_flow weir_async(
	struct weir_flow in, const struct weir_async_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_ASYNC_H */
