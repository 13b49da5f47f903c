/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.c - what the operators share among themselves
 */
#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>

const struct weir_port weir_no_ports[] = {{NULL, NULL, 0}};

const struct weir_port weir_any_port[] = {
	{"elements", NULL, 0}, {NULL, NULL, 0}};

const struct weir_port weir_record_port[] = {
	{"records", &weir_type_weir_record, 0}, {NULL, NULL, 0}};

int
weir_check_function(bool given, char *text, size_t text_bytes)
{
	if (given)
		return 0;
	snprintf(text, text_bytes, "is given no function: NULL");
	return -EINVAL;
}

int
weir_user_failed(
	struct weir_stage *stage, int code, uint64_t element, bool *ret_restart)
{
	const struct weir_stage_opts *opts = weir_stage_args(stage);

	if (opts->on_error == WEIR_STOP)
		return weir_stage_fail_at(stage, code, element,
			"its function failed with code %d", code);
	weir_stage_forgive(stage);
	weir_stage_tally(stage, WEIR_DEAD, 1);
	if (ret_restart != NULL)
		*ret_restart = opts->on_error == WEIR_RESTART;
	return 0;
}

void
weir_drop_dead(struct weir_stage *stage, uint32_t inlet)
{
	const struct weir_type *type = weir_inlet_type(stage, inlet);

	if (type->drop != NULL)
		type->drop(weir_inlet_peek(stage, inlet).items, 1);
	weir_inlet_take(stage, inlet, 1);
}
