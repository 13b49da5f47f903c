/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grep.h - the records that a pattern matches
 */
#ifndef WEIR_OPERATORS_GREP_H
#define WEIR_OPERATORS_GREP_H

#include "../streams/stage.h"

WEIR_BEGIN

struct weir_grep_opts {
	struct weir_stage_opts stage;
	bool invert;      /* the records that do not match */
	bool ignore_case; /* of ASCII letters */
	bool fixed;       /* the pattern is a plain string */
};

/**
 * The weir_record elements in which @pattern matches somewhere: a regular
 * expression as PCRE2 reads it, of bytes (not of UTF-8).  A pattern without
 * metacharacters is a plain string by itself.  The empty pattern matches
 * everything.  Neighbouring records are searched in one go.  After (*UTF) at
 * its beginning it is of UTF-8, and bytes that are none match nothing.
 *
 * A pattern that does not compile is -EINVAL when the graph is built, with the
 * place in it.
 *
 * Emits when: a record matches.
 * Requests when: downstream does; while nothing matches, twice as many each
 * time, up to a batch.
 * Completes when: upstream does.
 * Fails when: matching a record takes more than PCRE2 allows (-E2BIG); what
 * matched before it is emitted.
 * Buffers at most: what it asked for beyond downstream's demand, 255 records.
 */
WEIR_API struct weir_flow weir_grep(struct weir_flow in, const char *pattern,
	const struct weir_grep_opts *opts);

WEIR_END

#endif /* WEIR_OPERATORS_GREP_H */
