/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count.h - how many elements
 */
#ifndef WEIR_OPERATORS_COUNT_H
#define WEIR_OPERATORS_COUNT_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * One uint64_t: how many elements of any type came, which are dropped.
 *
 * Emits when: upstream completed and downstream has demand.
 * Requests when: it runs, a window at a time (enum weir_demand).
 * Completes when: the count was emitted.
 * Fails when: never.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_count(
	struct weir_flow in, const struct weir_stage_opts *opts);

/**
 * A sink: writes to @ret how many elements of any type came, which are
 * dropped, when the run completes or is drained.
 *
 * Requests, completes, fails, buffers: as weir_count().
 */
WEIR_API void weir_to_count(
	struct weir_flow in, uint64_t *ret, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_COUNT_H */
