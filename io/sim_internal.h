/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_internal.h - the simulated I/O backend: files in memory, faults by script
 *
 * For tests.  A world holds named files; a system that is given a backend of
 * it reads and writes these.  Operations end in an order, after a time and in
 * pieces drawn from the system's seed (without a seed: in order, at once,
 * whole), and fail where a fault was planted.  One thread.
 */
#ifndef WEIR_IO_SIM_INTERNAL_H
#define WEIR_IO_SIM_INTERNAL_H

#include <stdbool.h>

#include "backend.h"

struct weir_sim;

/** An operation of @code that fails: the @nth of its kind from now (1: the
 *  next) ends with @result, a negative errno; with @count more behind it. */
struct weir_sim_fault {
	enum weir_io_code code;
	uint64_t nth, count;
	int result;
};

/** The simulated backend on files of its own: what a deterministic system gets
 *  that was given none.  It has no files. */
extern const struct weir_io_backend weir_io_sim;

/** Make a world without files.  Returns 0 or -ENOMEM. */
int weir_sim_create(struct weir_sim **ret);
void weir_sim_destroy(struct weir_sim *sim);

/** A backend that works on @sim, which owns it. */
const struct weir_io_backend *weir_sim_backend(struct weir_sim *sim);

/** Put a file there, or replace its content.  Returns 0 or -ENOMEM. */
int weir_sim_file_set(struct weir_sim *sim, const char *path, const void *data,
	size_t length);

/** The content of a file; NULL: there is none of that name. */
const void *weir_sim_file_get(
	struct weir_sim *sim, const char *path, size_t *ret_length);

/** Read a file as a pipe is read: in pieces of up to @piece bytes, at no
 *  offset.  Written, it takes up to @piece bytes at a time. */
int weir_sim_file_pipe(struct weir_sim *sim, const char *path, size_t piece);

/** No write makes a file longer than @bytes: -ENOSPC. */
int weir_sim_file_limit(struct weir_sim *sim, const char *path, size_t bytes);

/** Plant a fault; the last one of a kind counts. */
void weir_sim_fault(struct weir_sim *sim, const struct weir_sim_fault *fault);

/** Let reads and writes move at most @bytes each, 0: no limit. */
void weir_sim_short(struct weir_sim *sim, size_t bytes);

/** Hold operations of @code back: they do not end until let go. */
void weir_sim_hold(struct weir_sim *sim, enum weir_io_code code, bool held);

/** How many files are open. */
unsigned weir_sim_open_files(const struct weir_sim *sim);

/** How many operations of @code were started. */
uint64_t weir_sim_count(const struct weir_sim *sim, enum weir_io_code code);

#endif /* WEIR_IO_SIM_INTERNAL_H */
