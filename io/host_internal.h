/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host_internal.h - the machine's own files, for backends that work on these
 *
 * As struct weir_io_backend says; @io is not looked at.
 */
#ifndef WEIR_IO_HOST_INTERNAL_H
#define WEIR_IO_HOST_INTERNAL_H

#include "backend.h"

int weir_host_open(void *io, const char *path, int flags, mode_t mode);
int weir_host_stat(void *io, int fd, struct stat *ret);
int weir_host_close(void *io, int fd);
int64_t weir_host_seek(void *io, int fd, int64_t offset, int whence);
int weir_host_truncate(void *io, int fd);
int64_t weir_host_look(
	void *io, int fd, void *data, size_t length, int64_t offset);

#endif /* WEIR_IO_HOST_INTERNAL_H */
