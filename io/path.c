/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.c - what a file is called, and what is to be known before it is written
 */
#include "io_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

const char *
weir_io_name(const char *path, int fd, char text[WEIR_IO_NAME_BYTES])
{
	static const char *const standard[] = {
		"standard input", "standard output", "standard error"};

	if (path == NULL && fd >= 0 && fd <= 2)
		return standard[fd];
	if (path == NULL)
		(void)snprintf(text, WEIR_IO_NAME_BYTES, "descriptor %d", fd);
	else
		(void)snprintf(text, WEIR_IO_NAME_BYTES, "'%s'", path);
	return text;
}

int
weir_io_fail(struct weir_stage *stage, int code, const char *doing,
	const char *path, int fd)
{
	char text[WEIR_IO_NAME_BYTES];

	return weir_stage_fail(stage, code, "cannot %s %s: %s", doing,
		weir_io_name(path, fd, text), strerrordesc_np(-code));
}

bool
weir_io_is_fifo(const struct weir_io *io, const char *path)
{
	int fd = io->backend->open(io->impl, path, O_PATH, 0);
	struct stat st = {0};

	if (fd < 0)
		return false;
	(void)io->backend->stat(io->impl, fd, &st);
	io->backend->close(io->impl, fd);
	return S_ISFIFO(st.st_mode);
}

bool
weir_io_is_torn(const struct weir_io *io, const char *path, int64_t size)
{
	char last = '\n';
	int fd = io->backend->open(io->impl, path, O_RDONLY, 0);
	bool torn;

	if (fd < 0)
		return false;
	torn = io->backend->look(io->impl, fd, &last, 1, size - 1) == 1 &&
	       last != '\n';
	io->backend->close(io->impl, fd);
	return torn;
}
