/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range.h - a source of consecutive numbers
 */
#ifndef WEIR_OPERATORS_RANGE_H
#define WEIR_OPERATORS_RANGE_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * A source of int64_t from @first to @last, both included; nothing when @first
 * is above @last.
 *
 * Emits when: downstream has demand.
 * Requests when: it has no inlet.
 * Completes when: @last was emitted.
 * Fails when: never.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_from_range(struct weir_graph *graph,
	int64_t first, int64_t last, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_RANGE_H */
