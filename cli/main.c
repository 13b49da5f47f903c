/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the command weir
 */
#include <stdio.h>

#include "commands.h"
#include "complain.h"

int
main(int argc, char **argv)
{
	struct cli_options options;
	int rc = cli_options_read(argc, argv, &options);

	if (rc != CLI_DONE)
		return rc;
	switch (options.verb) {
	case CLI_VERB_RUN:
		return cli_command_run(&options);
	case CLI_VERB_CHECK:
		return cli_command_check(&options);
	case CLI_VERB_GRAPH:
		return cli_command_graph(&options);
	case CLI_VERB_LIST:
		return cli_command_list(&options);
	case CLI_VERB_VERSION:
		return cli_command_version();
	case CLI_VERB_HELP:
		break;
	}
	(void)fputs(cli_options_usage(), stdout);
	return cli_printed();
}
