/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boundaries.h - where a pipeline is cut over workers, and what waited there
 *
 * A row for each pair of stages of the text with a boundary between them:
 * those of copies within `parallel` are one row.
 */
#ifndef WEIR_CLI_BOUNDARIES_H
#define WEIR_CLI_BOUNDARIES_H

#include "builder.h"

struct cli_boundary {
	const struct cli_stage *from, *to;
	uint64_t copies;      /* how many there are of it */
	uint64_t window;      /* elements one of them may hold */
	uint64_t waiting_max; /* the most that one of them held */
	/* How often the stage behind it had nothing, the one before no room. */
	uint64_t waits_for_input, waits_for_room;
};

struct cli_boundaries {
	struct cli_boundary *rows;
	size_t count;
};

/** The boundaries of @run (NULL: one that never began, and had none) in memory
 *  of @arena, in the order of the text. */
struct cli_boundaries cli_boundaries_make(struct cli_arena *arena,
	const struct cli_built *built, const struct weir_run *run);

#endif /* WEIR_CLI_BOUNDARIES_H */
