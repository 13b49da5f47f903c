/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broadcast.h - every element to several flows
 */
#ifndef WEIR_OPERATORS_BROADCAST_H
#define WEIR_OPERATORS_BROADCAST_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * Every element to each of the @n flows stored in @ret: one is moved, the
 * others are copies made by memcpy and share.  The slowest sets the pace.
 * What slices point to is shared from then on: no branch changes it in place.
 *
 * Emits when: an element waits and every flow that is not cancelled has demand.
 * Requests when: all of them do, as much as the least.
 * Completes when: upstream does.  A flow that is cancelled is left out; when
 * all are, upstream is cancelled.
 * Fails when: built with a type that has a drop and no share, or @n is 0.
 * Buffers at most: nothing.
 */
WEIR_API void weir_broadcast(struct weir_flow in, struct weir_flow *ret,
	size_t n, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_BROADCAST_H */
