/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimal.h - numbers as text
 */
#ifndef WEIR_OPERATORS_DECIMAL_H
#define WEIR_OPERATORS_DECIMAL_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * A weir_record of the decimal digits of each element, an int64_t or uint64_t.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: downstream does, as much.
 * Completes when: upstream does.
 * Fails when: elements have another type (-EINVAL, when built).
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_decimal(
	struct weir_flow in, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_DECIMAL_H */
