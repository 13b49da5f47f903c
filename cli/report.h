/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - what a run did, said at its end
 *
 * In every row, in elements: in + created = out + absorbed + filtered +
 * dropped + dead + cancelled + unacked.
 */
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include <stdio.h>

#include "boundaries.h"
#include "problem.h"
#include "rows.h"

struct cli_report {
	struct cli_rows rows;
	struct cli_boundaries boundaries;
	enum cli_exit code;
};

/** As tables; columns in which all is 0 are left out. */
void cli_report_text(const struct cli_report *report, FILE *file);

/** As one line of JSON.  Returns 0, or -1 when out of memory. */
int cli_report_json(const struct cli_report *report, FILE *file);

#endif /* WEIR_CLI_REPORT_H */
