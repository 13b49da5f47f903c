/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c - what a run did, said at its end
 */
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "human.h"

#define COLUMNS (WEIR_TALLY_COUNT + 2) /* and bytes in, bytes out */

static const char *
outcome(enum cli_exit code)
{
	switch (code) {
	case CLI_DONE:
		return "done";
	case CLI_INTERRUPTED:
		return "interrupted";
	default:
		return "failed";
	}
}

/* -- as a table ---------------------------------------------------------- */

static const char *
column_name(int column)
{
	if (column < WEIR_TALLY_COUNT)
		return cli_tally_names[column];
	return column == WEIR_TALLY_COUNT ? "bytes in" : "bytes out";
}

static uint64_t
cell(const struct cli_row *row, int column)
{
	if (column < WEIR_TALLY_COUNT)
		return row->tally[column];
	return column == WEIR_TALLY_COUNT ? row->bytes_in : row->bytes_out;
}

/* How wide @column has to be; 0: it is left out. */
static int
column_width(const struct cli_rows *rows, int column)
{
	bool always = column == WEIR_IN || column == WEIR_OUT;
	int width = (int)strlen(column_name(column));
	uint64_t most = 0;
	char text[32];

	for (size_t i = 0; i < rows->count; i++)
		if (cell(&rows->rows[i], column) > most)
			most = cell(&rows->rows[i], column);
	if (most == 0 && !always)
		return 0;
	(void)snprintf(text, sizeof(text), "%" PRIu64, most);
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

static int
name_width(const struct cli_rows *rows)
{
	size_t width = strlen("stage");

	for (size_t i = 0; i < rows->count; i++) {
		size_t length = rows->rows[i].stage->name.length;

		width = length > width ? length : width;
	}
	return (int)width;
}

static void
print_head(const struct cli_rows *rows, enum cli_exit code, FILE *file)
{
	char in[CLI_HUMAN_BYTES], out[CLI_HUMAN_BYTES], rate[CLI_HUMAN_BYTES];
	double seconds = (double)rows->elapsed_ns * 1e-9;

	fprintf(file, "%s after %.3f s: %s in, %s out", outcome(code), seconds,
		cli_human_bytes(rows->bytes_in, in),
		cli_human_bytes(rows->bytes_out, out));
	if (rows->bytes_in > 0 && seconds > 0)
		fprintf(file, ", %s/s",
			cli_human_bytes(
				(uint64_t)((double)rows->bytes_in / seconds),
				rate));
	fputc('\n', file);
}

void
cli_report_text(const struct cli_rows *rows, enum cli_exit code, FILE *file)
{
	int names = name_width(rows), widths[COLUMNS];

	print_head(rows, code, file);
	fprintf(file, "%-*s", names, "stage");
	for (int c = 0; c < COLUMNS; c++) {
		widths[c] = column_width(rows, c);
		if (widths[c] > 0)
			fprintf(file, "  %*s", widths[c], column_name(c));
	}
	fputc('\n', file);
	for (size_t i = 0; i < rows->count; i++) {
		const struct cli_row *row = &rows->rows[i];

		fprintf(file, "%-*s", names, row->stage->name.text);
		for (int c = 0; c < COLUMNS; c++)
			if (widths[c] > 0)
				fprintf(file, "  %*" PRIu64, widths[c],
					cell(row, c));
		fputc('\n', file);
	}
}

/* -- as JSON ------------------------------------------------------------- */

/* Whether tally @t is left out where it is 0. */
static bool
is_rare(int t)
{
	return t == WEIR_CREATED || t == WEIR_ABSORBED || t == WEIR_CANCELLED;
}

static int
put(json_t *object, const char *key, uint64_t value)
{
	return json_object_set_new(
		object, key, json_integer((json_int_t)value));
}

/* The tallies, those that are always there first, and the bytes. */
static int
put_counts(json_t *object, const uint64_t *tally, uint64_t bytes_in,
	uint64_t bytes_out)
{
	int rc = 0;

	for (int t = 0; tally != NULL && t < WEIR_TALLY_COUNT; t++)
		if (!is_rare(t))
			rc |= put(object, cli_tally_names[t], tally[t]);
	rc |= put(object, "bytes_in", bytes_in);
	rc |= put(object, "bytes_out", bytes_out);
	for (int t = 0; tally != NULL && t < WEIR_TALLY_COUNT; t++)
		if (is_rare(t) && tally[t] != 0)
			rc |= put(object, cli_tally_names[t], tally[t]);
	return rc;
}

static json_t *
row_json(const struct cli_row *row)
{
	json_t *object = json_object();
	int rc = json_object_set_new(
		object, "stage", json_string(row->stage->entry->name));

	rc |= put_counts(object, row->tally, row->bytes_in, row->bytes_out);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

int
cli_report_json(const struct cli_rows *rows, enum cli_exit code, FILE *file)
{
	json_t *report = json_object(), *total = json_object();
	json_t *stages = json_array();
	int rc = put_counts(total, rows->one_unit ? rows->tally : NULL,
		rows->bytes_in, rows->bytes_out);

	for (size_t i = 0; i < rows->count; i++)
		rc |= json_array_append_new(stages, row_json(&rows->rows[i]));
	rc |= put(report, "exit", (uint64_t)code);
	rc |= json_object_set_new(
		report, "seconds", json_real((double)rows->elapsed_ns * 1e-9));
	rc |= json_object_set_new(report, "total", total);
	rc |= json_object_set_new(report, "stages", stages);
	if (rc == 0)
		rc = json_dumpf(
			report, file, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(report);
	if (rc == 0)
		fputc('\n', file);
	return rc == 0 ? 0 : -1;
}
