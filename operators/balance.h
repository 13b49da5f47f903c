/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balance.h - each element to one of several flows, whichever has room
 */
#ifndef WEIR_OPERATORS_BALANCE_H
#define WEIR_OPERATORS_BALANCE_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * Each element to one of the @n flows stored in @ret: a batch at a time to the
 * one that has room and the least outstanding.  Elements of one flow keep their
 * order.  Behind boundaries (async) the flows are worked at
 * side by side.  A flow of weir_bytes is refused: one stream would be torn
 * apart; frame it first.
 *
 * Emits when: an element waits and a flow has demand.
 * Requests when: any of them does, as much as all together.
 * Completes when: upstream does.  A flow that is cancelled is left out; when
 * all are, upstream is cancelled.
 * Fails when: built with flows of weir_bytes, or @n is 0.
 * Buffers at most: nothing.
 */
WEIR_API void weir_balance(struct weir_flow in, struct weir_flow *ret, size_t n,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_BALANCE_H */
