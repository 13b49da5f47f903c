/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h - bytes cut into lines
 */
#ifndef WEIR_OPERATORS_LINES_H
#define WEIR_OPERATORS_LINES_H

#include "../streams/stage.h"

WEIR_BEGIN

struct weir_lines_opts {
	struct weir_stage_opts stage;
	uint64_t line_bytes_max; /* without the newline; 1 MiB */
	bool keep;               /* leave the newline at the line's end */
};

/**
 * The lines of a stream of weir_bytes as weir_record, without their newline
 * (\n); a carriage return and NUL bytes are part of the line.  The last line
 * of each origin (file) needs no newline.  A line lies in one piece: what is
 * left of one at the end of a block is carried in front of the next block, or,
 * where there is no room for it, both are brought together in a block of their
 * own.
 *
 * Emits when: a line is complete, or its stream has ended.
 * Requests when: downstream does: a block at a time, and one ahead once
 * downstream took more than one.
 * Completes when: upstream does, behind the last line.
 * Fails when: a line is longer than line_bytes_max (-EMSGSIZE), or than the
 * run's memory (-ENOBUFS).
 * Buffers at most: one unfinished line.
 */
WEIR_API struct weir_flow weir_lines(
	struct weir_flow in, const struct weir_lines_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_LINES_H */
