/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators.c - the list of operators
 */
#include "operators.h"

#include "operators_internal.h"

const struct weir_operator *const weir_operators[] = {
	&weir_op_array,
	&weir_op_range,
	&weir_op_map,
	&weir_op_filter,
	&weir_op_filter_map,
	&weir_op_take,
	&weir_op_skip,
	&weir_op_tap,
	&weir_op_fold,
	&weir_op_count,
	&weir_op_to_count,
	&weir_op_collect,
	&weir_op_null,
	&weir_op_broadcast,
	&weir_op_balance,
	&weir_op_merge,
	&weir_op_parallel,
	&weir_op_async,
	&weir_op_decimal,
	&weir_op_lines,
	&weir_op_grep,
	&weir_op_text,
	&weir_op_prefix,
	&weir_op_suffix,
	NULL,
};
