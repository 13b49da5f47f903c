/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - the signals that come while a pipeline runs
 *
 * The first SIGINT or SIGTERM drains the run, a second one stops it at once.
 * SIGPIPE and SIGXFSZ are ignored: a sink sees that its reader is gone, or that
 * its file may not grow.
 */
#ifndef WEIR_CLI_SIGNALS_H
#define WEIR_CLI_SIGNALS_H

#include <stdbool.h>

struct weir_run;

/** Catch the signals from now on. */
void cli_signals_catch(void);

/** Let them act on @run, those that came before too; NULL: on none any more,
 *  to be called before the run is destroyed. */
void cli_signals_watch(struct weir_run *run);

/** Whether a SIGINT or SIGTERM came. */
bool cli_signals_came(void);

#endif /* WEIR_CLI_SIGNALS_H */
