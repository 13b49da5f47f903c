/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - what the command does, one function each
 *
 * Each prints what it has to say and returns what to exit with, an enum
 * cli_exit.
 */
#ifndef WEIR_CLI_COMMANDS_H
#define WEIR_CLI_COMMANDS_H

#include "options.h"

int cli_command_run(const struct cli_options *);
int cli_command_check(const struct cli_options *);
int cli_command_graph(const struct cli_options *);
int cli_command_list(const struct cli_options *);
int cli_command_version(void);

#endif /* WEIR_CLI_COMMANDS_H */
