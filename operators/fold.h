/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.h - one result of all elements, by a plain function
 */
#ifndef WEIR_OPERATORS_FOLD_H
#define WEIR_OPERATORS_FOLD_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Work *element, which it owns, into *acc: 0, or a negative errno and
 *  *element stays with the library, which drops it. */
typedef int (*weir_fold_fn)(void *ctx, void *acc, const void *element);

/**
 * A sink: works all elements into @acc of @acc_bytes, whose content when the
 * run starts is the start value.  The result is written there when the run
 * completes, or is drained; a run that fails leaves it as it was.  @ctx and
 * @acc are borrowed until the run ends.  The typed form, several times as
 * fast, is WEIR_FOLD of streams/kernel.h.
 *
 * Emits when: it has no outlet.
 * Requests when: it runs, a window at a time (enum weir_demand).
 * Completes when: upstream does.
 * Fails when: @fn does and on_error is WEIR_STOP; RESUME drops the element and
 * counts it as dead; RESTART does, and begins anew with the start value.
 * Buffers at most: nothing.
 */
WEIR_API void weir_to_fold(struct weir_flow in, weir_fold_fn fn, void *ctx,
	void *acc, size_t acc_bytes, const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_FOLD_H */
