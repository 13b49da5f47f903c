/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take.h - the first elements, and no more
 */
#ifndef WEIR_OPERATORS_TAKE_H
#define WEIR_OPERATORS_TAKE_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * The first @n elements of any type; 0 is allowed.  Exact: the source is asked
 * for no more than @n.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: downstream does, @n in all.
 * Completes when: @n were emitted, or upstream does; cancels upstream then.
 * Fails when: never.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_take(
	struct weir_flow in, uint64_t n, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_TAKE_H */
