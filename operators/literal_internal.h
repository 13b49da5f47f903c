/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal_internal.h - the plain string that a pattern cannot match without
 */
#ifndef WEIR_OPERATORS_LITERAL_INTERNAL_H
#define WEIR_OPERATORS_LITERAL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/** Whether @pattern is a plain string: without metacharacters. */
bool weir_literal_is_plain(const char *pattern);

/**
 * The longest string that is part of whatever the regular expression @pattern
 * matches, as far as can be told easily; its length is 0 where none is found.
 * It is a part of @pattern itself: *ret_at is where it begins.
 */
size_t weir_literal_of(const char *pattern, const char **ret_at);

#endif /* WEIR_OPERATORS_LITERAL_INTERNAL_H */
