/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - the bytes of records changed: case, blanks at the ends, additions
 *
 * Letters and blanks are those of ASCII; all other bytes stay as they are.
 * Each of these takes and emits weir_record.
 *
 * Emits when: a record waits and downstream has demand.
 * Requests when: downstream does.
 * Completes when: upstream does.
 * Fails when: a block of memory cannot be had.
 * Buffers at most: nothing.
 */
#ifndef WEIR_OPERATORS_TEXT_H
#define WEIR_OPERATORS_TEXT_H

#include "../streams/stage.h"

WEIR_BEGIN

/** Letters as capitals, or small.  In place where nobody else sees the bytes,
 *  else in a copy. */
WEIR_API struct weir_flow weir_upper(
	struct weir_flow in, const struct weir_stage_opts *opts);
WEIR_API struct weir_flow weir_lower(
	struct weir_flow in, const struct weir_stage_opts *opts);

/** Without the blanks (space, \t \n \v \f \r) at both ends. */
WEIR_API struct weir_flow weir_trim(
	struct weir_flow in, const struct weir_stage_opts *opts);

/** With @text (copied) in front of each record, or behind it. */
WEIR_API struct weir_flow weir_prefix(struct weir_flow in, const char *text,
	const struct weir_stage_opts *opts);
WEIR_API struct weir_flow weir_suffix(struct weir_flow in, const char *text,
	const struct weir_stage_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_TEXT_H */
