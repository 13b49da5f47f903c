/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the command weir
 */
#include <fcntl.h>
#include <stdio.h>

#include "commands.h"
#include "complain.h"

/* A standard stream that was closed must not become the next file opened, or
 * messages would go into data.  What stands in for it can be opened, and used
 * the wrong way only: the error is the one of a closed descriptor. */
static void
hold_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int
main(int argc, char **argv)
{
	struct cli_options options;
	int rc;

	hold_standard_streams();
	rc = cli_options_read(argc, argv, &options);
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
