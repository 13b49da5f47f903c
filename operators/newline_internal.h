/* SPDX-License-Identifier: Apache-2.0 */
/*
 * newline_internal.h - find line ends, many at once
 */
#ifndef WEIR_OPERATORS_NEWLINE_INTERNAL_H
#define WEIR_OPERATORS_NEWLINE_INTERNAL_H

#include "../streams/type.h"

/**
 * Cut @length bytes at @data into lines, up to @room of them.  Reads nothing
 * behind the data.  Returns how many; *ret_used is the bytes they take up with
 * their newlines.  The lines are without them.
 */
size_t weir_newline_split(const char *data, size_t length, weir_record *lines,
	size_t room, size_t *ret_used);

#endif /* WEIR_OPERATORS_NEWLINE_INTERNAL_H */
