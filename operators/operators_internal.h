/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators_internal.h - what the operators share among themselves
 */
#ifndef WEIR_OPERATORS_OPERATORS_INTERNAL_H
#define WEIR_OPERATORS_OPERATORS_INTERNAL_H

#include "../streams/kernel.h"
#include "../streams/stage.h"

/** No ports: the inlets of a source, the outlets of a sink. */
extern const struct weir_port weir_no_ports[];

/** One port of any type. */
extern const struct weir_port weir_any_port[];

/** One port of weir_record. */
extern const struct weir_port weir_record_port[];

/** The options given, or the defaults. */
static inline struct weir_stage_opts
weir_opts(const struct weir_stage_opts *opts)
{
	const struct weir_stage_opts none = {NULL, WEIR_STOP, WEIR_DRAIN};

	return opts == NULL ? none : *opts;
}

/** Judge a mandatory function at build: 0, or -EINVAL with a sentence. */
int weir_check_function(bool given, char *text, size_t text_bytes);

/**
 * A user's function failed with @code at element @element (from 1).  By
 * on_error either the stage fails (returns the code) or goes on (returns 0,
 * the element counted as dead; *ret_restart says whether state starts anew).
 */
int weir_user_failed(struct weir_stage *stage, int code, uint64_t element,
	bool *ret_restart);

/** Drop and take the first element of @inlet, which weir_user_failed() counted
 *  as dead. */
void weir_drop_dead(struct weir_stage *stage, uint32_t inlet);

/** Move the elements marked in @keep (as by weir_keep_fn) to the front of
 *  @items, elements of @size bytes.  Returns how many. */
size_t weir_compact(void *items, const void *keep, size_t n, size_t size);

extern const struct weir_operator weir_op_array, weir_op_range, weir_op_map,
	weir_op_map_in_place, weir_op_try_map, weir_op_filter,
	weir_op_filter_map, weir_op_take, weir_op_skip, weir_op_tap,
	weir_op_fold, weir_op_count, weir_op_to_count, weir_op_collect,
	weir_op_null, weir_op_broadcast, weir_op_merge, weir_op_async,
	weir_op_decimal, weir_op_balance, weir_op_parallel;
extern const struct weir_operator weir_op_lines, weir_op_grep, weir_op_text,
	weir_op_prefix, weir_op_suffix;

#endif /* WEIR_OPERATORS_OPERATORS_INTERNAL_H */
