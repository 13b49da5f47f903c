/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null.h - take everything, keep nothing
 */
#ifndef WEIR_OPERATORS_NULL_H
#define WEIR_OPERATORS_NULL_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * A sink that drops all elements of any type.
 *
 * Emits when: it has no outlet.
 * Requests when: it runs, a window at a time (enum weir_demand).
 * Completes when: upstream does.
 * Fails when: never.
 * Buffers at most: nothing.
 */
WEIR_API void weir_to_null(
	struct weir_flow in, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_NULL_H */
