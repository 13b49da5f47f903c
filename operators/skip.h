/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skip.h - all but the first elements
 */
#ifndef WEIR_OPERATORS_SKIP_H
#define WEIR_OPERATORS_SKIP_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * All elements but the first @n, which are dropped; 0 is allowed.
 *
 * Emits when: an element waits behind the first @n and downstream has demand.
 * Requests when: downstream does; while skipping, twice as many each time, up
 * to a batch.
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: what it asked for beyond downstream's demand, 255 elements.
 */
WEIR_API struct weir_flow weir_skip(
	struct weir_flow in, uint64_t n, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_SKIP_H */
