/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_check.c - whether a pipeline would run, as far as its text says
 */
#include "commands.h"
#include "program.h"

int
cli_command_check(const struct cli_options *options)
{
	struct cli_program program;
	int rc = cli_program_make(options, 0, &program);

	cli_program_finish(&program);
	return rc;
}
