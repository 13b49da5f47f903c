/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - one line on a terminal while a pipeline runs
 *
 *	47.8 MiB, 113.5 MiB/s, 37 %, 0:12 left
 *
 * Drawn anew at most four times a second, erased at the end.
 */
#ifndef WEIR_CLI_PROGRESS_H
#define WEIR_CLI_PROGRESS_H

#include <stdio.h>

#include "builder.h"

#define CLI_PROGRESS_NS ((int64_t)250000000) /* between two lines */
#define CLI_PROGRESS_BYTES ((size_t)128)     /* of a line */

/** How far a run is. */
struct cli_reached {
	uint64_t bytes, elements; /* that the sources emitted so far */
	uint64_t bytes_all;       /* that they will; 0: unknown */
	uint64_t elapsed_ns;
};

struct cli_progress {
	FILE *file;         /* a terminal; NULL: say nothing */
	uint64_t bytes_all; /* that the inputs hold; 0: unknown */
	struct cli_reached last;
	bool drawn;
};

/** Begin, on @file if it is a terminal and @wanted. */
void cli_progress_begin(struct cli_progress *progress, FILE *file, bool wanted,
	const struct cli_pipeline *pipeline);

/** How long to wait until the next line, in ns; negative: there is none. */
int64_t cli_progress_wait_ns(const struct cli_progress *progress);

/** Draw the line anew. */
void cli_progress_draw(
	struct cli_progress *progress, const struct weir_run *run);

/** Erase the line. */
void cli_progress_end(struct cli_progress *progress);

/** The line for a run that reached @now, and @before when it was drawn last,
 *  in CLI_PROGRESS_BYTES of @text; returns it. */
char *cli_progress_line(const struct cli_reached *before,
	const struct cli_reached *now, char *text);

#endif /* WEIR_CLI_PROGRESS_H */
