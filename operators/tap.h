/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.h - look at each element as it passes
 */
#ifndef WEIR_OPERATORS_TAP_H
#define WEIR_OPERATORS_TAP_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Look at @element, which it borrows. */
typedef void (*weir_tap_fn)(void *ctx, const void *element);

/**
 * All elements, after @fn(@ctx, ...) has looked at each.  @ctx is borrowed
 * until the run ends.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: downstream does, as much.
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_tap(struct weir_flow in, weir_tap_fn fn,
	void *ctx, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_TAP_H */
