/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array.h - a source of the caller's elements
 */
#ifndef WEIR_OPERATORS_ARRAY_H
#define WEIR_OPERATORS_ARRAY_H

#include "../streams/stage.h"

WEIR_BEGIN

/**
 * A source of the @n elements of @type at @items, borrowed until the run ends.
 * They are copied out by memcpy and share; the array keeps its own.
 *
 * Emits when: downstream has demand.
 * Requests when: it has no inlet.
 * Completes when: the last one was emitted.
 * Fails when: built with a type that has a drop and no share, or NULL items.
 * Buffers at most: nothing.
 */
WEIR_API struct weir_flow weir_from_array(struct weir_graph *graph,
	const struct weir_type *type, const void *items, size_t n,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_ARRAY_H */
