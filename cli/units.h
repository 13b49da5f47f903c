/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.h - numbers with units, as options are written and printed
 *
 * Counts take k, M, G; sizes take KiB, MiB, GiB, and k, M, G as powers of ten;
 * times take ns, us, ms, s, m, h and must have one of them.
 */
#ifndef WEIR_CLI_UNITS_H
#define WEIR_CLI_UNITS_H

#include "../streams/stage.h"

/** A whole number, kept with its sign apart, so that every uint64_t and every
 *  int64_t has its place. */
struct cli_number {
	uint64_t magnitude;
	bool negative;
};

/** What is wrong with a number that is one, but has no place. */
extern const char cli_number_too_large[];

/** Read @text as a value of @kind: COUNT, NUMBER, SIZE or TIME.  Returns NULL,
 *  or what is wrong with it, as "is not a size" or "is too large". */
const char *cli_number_read(
	enum weir_option_kind kind, const char *text, struct cli_number *ret);

/** How a value of @kind is written: "as 4096, 64KiB, 1GiB, 10M". */
const char *cli_number_usage(enum weir_option_kind kind);

/** Write @value of @kind in the largest unit that divides it.  @text has room
 *  for 32 bytes; returns it. */
char *cli_number_write(enum weir_option_kind kind, int64_t value, char *text);

#endif /* WEIR_CLI_UNITS_H */
