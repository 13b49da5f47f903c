/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io_internal.h - the I/O of a system, made when first needed
 */
#ifndef WEIR_IO_IO_INTERNAL_H
#define WEIR_IO_IO_INTERNAL_H

#include "../streams/stage.h"
#include "backend.h"

#include <pthread.h>

struct weir_graph;
struct weir_io_identity;

/* The backend of a system, and which files its graphs read.  It belongs to
 * the thread that made it. */
struct weir_io {
	struct weir_system *system;
	pthread_t owner;
	pid_t process; /* a child of it cannot use what it made */
	const struct weir_io_backend *backend;
	void *impl;
	struct weir_io_identity *inputs;
};

/** The I/O of the stage's system, made now if need be.  Returns 0, or a
 *  negative errno having failed the stage with the backend's own words. */
int weir_io_of(struct weir_stage *stage, struct weir_io **ret);

/** Note that @graph reads the file that @st is of.  Returns 0 or -ENOMEM. */
int weir_io_input_add(struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st);

/** Forget the inputs of @graph. */
void weir_io_inputs_forget(struct weir_io *io, const struct weir_graph *graph);

/** Whether @graph reads the file that @st is of. */
bool weir_io_is_input(const struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st);

extern const struct weir_operator weir_op_from_file, weir_op_from_fd,
	weir_op_stdin, weir_op_to_file, weir_op_to_fd, weir_op_stdout;

#endif /* WEIR_IO_IO_INTERNAL_H */
