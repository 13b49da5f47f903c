/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_world_internal.h - what a simulated world consists of
 */
#ifndef WEIR_IO_SIM_WORLD_INTERNAL_H
#define WEIR_IO_SIM_WORLD_INTERNAL_H

#include "sim_internal.h"

#define WEIR_SIM_DESCRIPTORS 64
#define WEIR_SIM_FIRST_FD 1000 /* so that none is mistaken for a real one */

struct weir_sim_file {
	struct weir_sim_file *next;
	char *path, *data;
	size_t length, capacity, piece, limit;
	ino_t inode;
};

/* An open file, as long as its number or an operation refers to it. */
struct weir_sim_descriptor {
	struct weir_sim_file *file;
	int64_t at;
	bool append;
	unsigned references;
};

struct weir_sim {
	struct weir_io_backend backend;
	struct weir_sim_file *files;
	ino_t inodes;
	struct weir_sim_descriptor *descriptors[WEIR_SIM_DESCRIPTORS];
	struct weir_sim_fault faults[WEIR_IO_CODES];
	uint64_t counts[WEIR_IO_CODES];
	bool held[WEIR_IO_CODES];
	size_t short_bytes;
};

/** The file called @path; NULL: there is none. */
struct weir_sim_file *weir_sim_file_find(
	struct weir_sim *sim, const char *path);

/** As above, made if need be; NULL: out of memory. */
struct weir_sim_file *weir_sim_file_make(
	struct weir_sim *sim, const char *path);

/** Have room for @length bytes.  Returns 0 or -ENOMEM. */
int weir_sim_file_reserve(struct weir_sim_file *file, size_t length);

/** Give back one reference (NULL allowed). */
void weir_sim_descriptor_release(struct weir_sim_descriptor *descriptor);

#endif /* WEIR_IO_SIM_WORLD_INTERNAL_H */
