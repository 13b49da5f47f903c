/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - the elements of several flows as they come
 */
#ifndef WEIR_OPERATORS_MERGE_H
#define WEIR_OPERATORS_MERGE_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * The elements of the @n flows @in, in the order of each flow, interleaved as
 * they come, taking turns.  Flows of weir_bytes are refused: a cut of one
 * stream must not get between two cuts of another; frame them first.
 *
 * Emits when: an element waits in any flow and downstream has demand.
 * Requests when: downstream does, as much of each flow.
 * Completes when: all flows do.
 * Fails when: built with flows of different types, or of weir_bytes.
 * Buffers at most: what it asked for and was not emitted yet: of each flow as
 * much as downstream has demand.
 */
WEIR_API struct weir_flow weir_merge(const struct weir_flow *in, size_t n,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_MERGE_H */
