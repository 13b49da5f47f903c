/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - keep some elements, by a plain function
 *
 * The typed form, several times as fast, is WEIR_FILTER of streams/kernel.h.
 */
#ifndef WEIR_OPERATORS_FILTER_H
#define WEIR_OPERATORS_FILTER_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Whether to keep @element, which it borrows. */
typedef bool (*weir_filter_fn)(void *ctx, const void *element);

/**
 * The elements for which @fn(@ctx, ...) is true; the others are dropped.
 * @ctx is borrowed until the run ends.
 *
 * Emits when: an element is kept.
 * Requests when: downstream does; while nothing is kept, twice as many each
 * time, up to a batch.
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: what it asked for beyond downstream's demand, 255 elements.
 */
WEIR_API struct weir_flow weir_filter(struct weir_flow in, weir_filter_fn fn,
	void *ctx, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_FILTER_H */
