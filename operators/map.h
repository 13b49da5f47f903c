/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - change each element, by a plain function
 *
 * The typed forms, several times as fast, are WEIR_MAP and WEIR_TRY_MAP of
 * streams/kernel.h.
 */
#ifndef WEIR_OPERATORS_MAP_H
#define WEIR_OPERATORS_MAP_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Make *out of *in, which it owns: 0, or a negative errno and *in stays with
 *  the library, which drops it. */
typedef int (*weir_map_each_fn)(void *ctx, const void *in, void *out);

/**
 * Elements of type @out, made by @fn(@ctx, ...) from each element.  @ctx is
 * borrowed until the run ends.  One call an element costs about 1 ns; a typed
 * kernel a tenth of that.
 *
 * Emits when: an element waits and downstream has demand.
 * Requests when: downstream does, as much.
 * Completes when: upstream does.
 * Fails when: @fn does and on_error is WEIR_STOP; RESUME and RESTART drop the
 * element and count it as dead.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_map(struct weir_flow in,
	const struct weir_type *out, weir_map_each_fn fn, void *ctx,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_MAP_H */
