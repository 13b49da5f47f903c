/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.h - all elements in the caller's array
 */
#ifndef WEIR_OPERATORS_COLLECT_H
#define WEIR_OPERATORS_COLLECT_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * A sink: moves all elements to the array @items of @capacity elements, and
 * writes to @ret_count how many there are when the run completes or is
 * drained.  The caller owns the elements then; those of a run that failed are
 * dropped.  Slices cannot be collected, since what they point to goes with
 * their batch: collect weir_kept instead.
 *
 * Emits when: it has no outlet.
 * Requests when: it runs, a window at a time (enum weir_demand).
 * Completes when: upstream does.
 * Fails when: more than @capacity elements come (-ENOBUFS).
 * Buffers at most: the array.
 */
WEIR_API void weir_to_collect(struct weir_flow in, void *items, size_t capacity,
	size_t *ret_count, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_COLLECT_H */
