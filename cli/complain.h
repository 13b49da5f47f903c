/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complain.h - what the command says when it cannot do what it was told
 *
 * One sentence on standard error, begun by "weir: ".  What is wrong with a
 * pipeline's text is a problem (problem.h) and is shown with its place.
 */
#ifndef WEIR_CLI_COMPLAIN_H
#define WEIR_CLI_COMPLAIN_H

#include "../actors/export.h"
#include "problem.h"

/** Print "weir: ", the sentence and, on a line of its own, @hint (NULL: none).
 *  Returns CLI_BAD, what most complaints end in. */
int cli_complain(const char *hint, const char *format, ...) WEIR_PRINTF(2, 3);

/** Flush standard output.  Returns CLI_DONE, or CLI_FAILED having said why
 *  what was printed could not be written. */
int cli_printed(void);

#endif /* WEIR_CLI_COMPLAIN_H */
