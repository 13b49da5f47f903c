/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_map.h - change some elements and leave out the others
 */
#ifndef WEIR_OPERATORS_FILTER_MAP_H
#define WEIR_OPERATORS_FILTER_MAP_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Make *out of *in, which it owns: 1 to emit it, 0 to leave it out, or a
 *  negative errno and *in stays with the library, which drops it. */
typedef int (*weir_filter_map_fn)(void *ctx, const void *in, void *out);

/**
 * Elements of type @out for those elements @fn(@ctx, ...) makes one of.
 * @ctx is borrowed until the run ends.
 *
 * Emits when: @fn returns 1.
 * Requests when: downstream does; while nothing is emitted, twice as many each
 * time, up to a batch.
 * Completes when: upstream does.
 * Fails when: @fn does and on_error is WEIR_STOP; RESUME and RESTART drop the
 * element and count it as dead.
 * Buffers at most: what it asked for beyond downstream's demand, 255 elements.
 */
WEIR_API struct weir_flow weir_filter_map(struct weir_flow in,
	const struct weir_type *out, weir_filter_map_fn fn, void *ctx,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_FILTER_MAP_H */
