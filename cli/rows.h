/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - what became of the elements, a row for each stage of the text
 *
 * One stage of the text may be several of the graph, one behind another, as
 * `count` at the end is three: its row has what went into the first and came
 * out of the last, and what all of them dropped, made or took.  So it balances
 * as they do.  Copies within `parallel` are summed.  The row of `parallel`
 * itself has what the copies got; of what it takes back, the last row within
 * has the number, and here is only what was lost then.
 */
#ifndef WEIR_CLI_ROWS_H
#define WEIR_CLI_ROWS_H

#include "builder.h"

struct cli_row {
	const struct cli_stage *stage;
	uint64_t tally[WEIR_TALLY_COUNT]; /* elements */
	uint64_t bytes_in, bytes_out;
	uint64_t copies; /* how many chains there are of it */
	bool is_source, is_sink;
};

struct cli_rows {
	struct cli_row *rows;
	size_t count;
	bool one_unit; /* all stages count the same kind of element */
	/* In all, where they do: the pipeline as one stage. */
	uint64_t tally[WEIR_TALLY_COUNT];
	uint64_t bytes_in, bytes_out; /* of sources and sinks */
	uint64_t elapsed_ns;
};

/** Names of the tallies, by enum weir_tally. */
extern const char *const cli_tally_names[WEIR_TALLY_COUNT];

/** Rows in memory of @arena; @run NULL: of a run that never began. */
struct cli_rows cli_rows_make(struct cli_arena *arena,
	const struct cli_built *built, const struct weir_run *run);

#endif /* WEIR_CLI_ROWS_H */
