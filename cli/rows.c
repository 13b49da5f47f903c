/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.c - what became of the elements, a row for each stage of the text
 */
#include "rows.h"

const char *const cli_tally_names[WEIR_TALLY_COUNT] = {"in", "created", "out",
	"absorbed", "filtered", "dropped", "dead", "cancelled", "unacked"};

/* The row of @stage, a new one if there is none. */
static struct cli_row *
row_of(struct cli_rows *rows, const struct cli_stage *stage)
{
	/* Most likely one of the last: stages are added from left to right. */
	for (size_t i = rows->count; i-- > 0;)
		if (rows->rows[i].stage == stage)
			return &rows->rows[i];
	rows->rows[rows->count].stage = stage;
	return &rows->rows[rows->count++];
}

/* @last is of the stage before, which feeds one that goes on. */
static void
row_add(struct cli_row *row, enum cli_share share,
	const struct weir_stage_stats *stats,
	const struct weir_stage_stats *last)
{
	const uint64_t *tally = stats->tally;

	switch (share) {
	case CLI_BEGINS:
		row->tally[WEIR_IN] += tally[WEIR_IN];
		row->tally[WEIR_OUT] += tally[WEIR_OUT];
		row->bytes_in += stats->bytes_in;
		row->bytes_out += stats->bytes_out;
		row->is_source = stats->is_source;
		break;
	case CLI_GOES_ON:
		row->tally[WEIR_OUT] += tally[WEIR_OUT] - last->tally[WEIR_OUT];
		row->bytes_out += stats->bytes_out - last->bytes_out;
		break;
	case CLI_DEALS:
		row->tally[WEIR_OUT] += tally[WEIR_OUT] - tally[WEIR_IN];
		row->bytes_out += stats->bytes_out - stats->bytes_in;
		break;
	case CLI_RETURNS:
		row->tally[WEIR_IN] += tally[WEIR_IN] - tally[WEIR_OUT];
		break;
	}
	row->is_sink = stats->is_sink;
	for (int t = 0; t < WEIR_TALLY_COUNT; t++)
		if (t != WEIR_IN && t != WEIR_OUT)
			row->tally[t] += tally[t];
}

/* Pieces of a stream of bytes are one unit, all else is another. */
static bool
is_one_unit(const struct weir_run *run)
{
	struct weir_edge_stats edge;
	bool bytes = false, others = false;

	for (uint32_t e = 0; weir_run_edge_stats(run, e, &edge) == 0; e++)
		if (weir_type_equal(edge.type, &weir_type_weir_bytes))
			bytes = true;
		else
			others = true;
	return !(bytes && others);
}

/* The pipeline as one stage, which balances as each row does: in is what its
 * sources brought, out what its sinks wrote, and created what comes in between:
 * a number by count, a copy for each outlet of a tee but the first. */
static void
rows_total(struct cli_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct cli_row *row = &rows->rows[i];
		uint64_t brought =
			row->tally[WEIR_IN] + row->tally[WEIR_CREATED];

		rows->tally[row->is_source ? WEIR_IN : WEIR_CREATED] += brought;
		if (row->is_source)
			rows->bytes_in += row->bytes_out;
		if (row->is_sink) {
			rows->bytes_out += row->bytes_out;
			rows->tally[WEIR_OUT] += row->tally[WEIR_OUT];
		} else { /* counted by the stage behind as well */
			rows->tally[WEIR_CREATED] -= row->tally[WEIR_OUT];
		}
		for (int t = WEIR_ABSORBED; t < WEIR_TALLY_COUNT; t++)
			rows->tally[t] += row->tally[t];
	}
}

struct cli_rows
cli_rows_make(struct cli_arena *arena, const struct cli_built *built,
	const struct weir_run *run)
{
	struct cli_rows rows = {.one_unit = true};
	struct weir_stage_stats stats = {0}, last;
	struct weir_totals all;

	rows.rows = cli_arena_get(arena, built->count * sizeof(*rows.rows));
	for (uint32_t s = 0; s < built->count; s++) {
		const struct cli_owner *owner = &built->owners[s];
		struct cli_row *row = row_of(&rows, owner->stage);

		last = stats;
		row->copies += owner->share == CLI_BEGINS;
		if (run != NULL && weir_run_stage_stats(run, s, &stats) == 0)
			row_add(row, owner->share, &stats, &last);
	}
	if (run == NULL)
		return rows;
	weir_run_totals(run, &all);
	rows.elapsed_ns = all.elapsed_ns;
	rows.one_unit = is_one_unit(run);
	rows_total(&rows);
	return rows;
}
