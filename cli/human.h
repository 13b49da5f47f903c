/* SPDX-License-Identifier: Apache-2.0 */
/*
 * human.h - amounts as people read them: rounded, in a fitting unit
 *
 * All write at most CLI_HUMAN_BYTES bytes to @text and return it.
 */
#ifndef WEIR_CLI_HUMAN_H
#define WEIR_CLI_HUMAN_H

#include <stdint.h>

#define CLI_HUMAN_BYTES 32

/** "512 B", "47.8 MiB". */
char *cli_human_bytes(uint64_t bytes, char *text);

/** "512", "47.8 k", "1.2 M". */
char *cli_human_count(uint64_t count, char *text);

/** "0:07", "1:02:07", from @ns rounded to the second. */
char *cli_human_clock(uint64_t ns, char *text);

#endif /* WEIR_CLI_HUMAN_H */
