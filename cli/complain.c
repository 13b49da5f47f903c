/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complain.c - what the command says when it cannot do what it was told
 */
#include "complain.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int
cli_complain(const char *hint, const char *format, ...)
{
	va_list list;

	fputs("weir: ", stderr);
	va_start(list, format);
	(void)vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	if (hint != NULL)
		fprintf(stderr, "  %s\n", hint);
	return CLI_BAD;
}

int
cli_printed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_DONE;
	(void)cli_complain(
		NULL, "cannot write to standard output: %s", strerror(errno));
	return CLI_FAILED;
}
