/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c - what a run did, said at its end
 */
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "human.h"

/* The columns: copies, the tallies, bytes in and out. */
enum {
	COPIES,
	TALLIES,
	BYTES_IN = TALLIES + WEIR_TALLY_COUNT,
	BYTES_OUT,
	COLUMNS
};

/* "lines -> async". */
#define PAIR_BYTES ((size_t)64)
#define PAIR_COLUMNS 24

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
	switch (column) {
	case COPIES:
		return "copies";
	case BYTES_IN:
		return "bytes in";
	case BYTES_OUT:
		return "bytes out";
	default:
		return cli_tally_names[column - TALLIES];
	}
}

static uint64_t
cell(const struct cli_row *row, int column)
{
	switch (column) {
	case COPIES:
		return row->copies;
	case BYTES_IN:
		return row->bytes_in;
	case BYTES_OUT:
		return row->bytes_out;
	default:
		return row->tally[column - TALLIES];
	}
}

/* Whether @column is of use where it holds no more than @most. */
static bool
is_shown(int column, uint64_t most)
{
	if (column == COPIES)
		return most > 1;
	return most > 0 || column == TALLIES + WEIR_IN ||
	       column == TALLIES + WEIR_OUT;
}

/* How wide @column has to be; 0: it is left out. */
static int
column_width(const struct cli_rows *rows, int column)
{
	int width = (int)strlen(column_name(column));
	uint64_t most = 0;
	char text[32];

	for (size_t i = 0; i < rows->count; i++)
		if (cell(&rows->rows[i], column) > most)
			most = cell(&rows->rows[i], column);
	if (!is_shown(column, most))
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

static void
print_rows(const struct cli_rows *rows, FILE *file)
{
	int names = name_width(rows), widths[COLUMNS];

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

/* "lines -> async", in PAIR_BYTES of @text. */
static char *
pair_of(const struct cli_boundary *row, char *text)
{
	(void)snprintf(text, PAIR_BYTES, "%s -> %s", row->from->entry->name,
		row->to->entry->name);
	return text;
}

static void
print_boundaries(const struct cli_boundaries *boundaries, FILE *file)
{
	char pair[PAIR_BYTES];

	if (boundaries->count == 0)
		return;
	fprintf(file, "%-*s %6s %10s %10s %12s %11s\n", PAIR_COLUMNS,
		"boundary", "copies", "window", "most in it", "lacked input",
		"lacked room");
	for (size_t i = 0; i < boundaries->count; i++) {
		const struct cli_boundary *row = &boundaries->rows[i];

		fprintf(file,
			"%-*s %6" PRIu64 " %10" PRIu64 " %10" PRIu64
			" %12" PRIu64 " %11" PRIu64 "\n",
			PAIR_COLUMNS, pair_of(row, pair), row->copies,
			row->window, row->waiting_max, row->waits_for_input,
			row->waits_for_room);
	}
}

void
cli_report_text(const struct cli_report *report, FILE *file)
{
	print_head(&report->rows, report->code, file);
	print_rows(&report->rows, file);
	print_boundaries(&report->boundaries, file);
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
	if (row->copies > 1)
		rc |= put(object, "copies", row->copies);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *
boundary_json(const struct cli_boundary *row)
{
	json_t *object = json_object();
	int rc = json_object_set_new(
		object, "from", json_string(row->from->entry->name));

	rc |= json_object_set_new(
		object, "to", json_string(row->to->entry->name));
	rc |= put(object, "copies", row->copies);
	rc |= put(object, "window", row->window);
	rc |= put(object, "waiting_max", row->waiting_max);
	rc |= put(object, "waits_for_input", row->waits_for_input);
	rc |= put(object, "waits_for_room", row->waits_for_room);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Only where there are some. */
static int
put_boundaries(json_t *object, const struct cli_boundaries *boundaries)
{
	json_t *array;
	int rc = 0;

	if (boundaries->count == 0)
		return 0;
	array = json_array();
	for (size_t i = 0; i < boundaries->count; i++)
		rc |= json_array_append_new(
			array, boundary_json(&boundaries->rows[i]));
	return rc | json_object_set_new(object, "boundaries", array);
}

int
cli_report_json(const struct cli_report *report, FILE *file)
{
	const struct cli_rows *rows = &report->rows;
	json_t *object = json_object(), *total = json_object();
	json_t *stages = json_array();
	int rc = put_counts(total, rows->one_unit ? rows->tally : NULL,
		rows->bytes_in, rows->bytes_out);

	for (size_t i = 0; i < rows->count; i++)
		rc |= json_array_append_new(stages, row_json(&rows->rows[i]));
	rc |= put(object, "exit", (uint64_t)report->code);
	rc |= json_object_set_new(
		object, "seconds", json_real((double)rows->elapsed_ns * 1e-9));
	rc |= json_object_set_new(object, "total", total);
	rc |= json_object_set_new(object, "stages", stages);
	rc |= put_boundaries(object, &report->boundaries);
	if (rc == 0)
		rc = json_dumpf(
			object, file, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(object);
	if (rc == 0)
		fputc('\n', file);
	return rc == 0 ? 0 : -1;
}
