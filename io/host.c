/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.c - the machine's own files, for backends that work on these
 */
#include "host_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
weir_host_open(void *io, const char *path, int flags, mode_t mode)
{
	int fd;

	(void)io;
	/* Not to wait for the other end of a FIFO, and only for that: reads
	 * and writes are to wait, in the kernel. */
	do
		fd = open(
			path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	if ((flags & O_PATH) == 0)
		(void)fcntl(fd, F_SETFL, flags & O_APPEND);
	return fd;
}

int
weir_host_stat(void *io, int fd, struct stat *ret)
{
	(void)io;
	return fstat(fd, ret) < 0 ? -errno : 0;
}

int
weir_host_close(void *io, int fd)
{
	(void)io;
	return close(fd) < 0 ? -errno : 0;
}

int64_t
weir_host_seek(void *io, int fd, int64_t offset, int whence)
{
	int64_t at = lseek(fd, offset, whence);

	(void)io;
	return at < 0 ? -errno : at;
}

int
weir_host_truncate(void *io, int fd)
{
	(void)io;
	return ftruncate(fd, 0) < 0 ? -errno : 0;
}

int64_t
weir_host_look(void *io, int fd, void *data, size_t length, int64_t offset)
{
	int64_t n = pread(fd, data, length, offset);

	(void)io;
	return n < 0 ? -errno : n;
}
