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
struct weir_turn;
struct weir_worker;

/* Of a system: which files its graphs read, and who writes to what others
 * write to as well. */
struct weir_io_files {
	pthread_mutex_t lock;
	struct weir_io_identity *inputs;
	struct weir_turn *turns;
};

/* The backend of one worker.  It belongs to the thread that made it. */
struct weir_io {
	struct weir_system *system;
	struct weir_worker *worker;
	struct weir_io_files *files;
	pthread_t owner;
	pid_t process; /* a child of it cannot use what it made */
	const struct weir_io_backend *backend;
	void *impl;
};

/** The I/O of the worker that steps @stage, made now if need be; its island
 *  stays on that worker.  Returns 0, or a negative errno having failed the
 *  stage with the backend's own words. */
int weir_io_of(struct weir_stage *stage, struct weir_io **ret);

/** Note that @graph reads the file that @st is of.  Returns 0 or -ENOMEM. */
int weir_io_input_add(struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st);

/** Forget the inputs of @graph. */
void weir_io_inputs_forget(struct weir_io *io, const struct weir_graph *graph);

/** Whether @graph reads the file that @st is of. */
bool weir_io_is_input(const struct weir_io *io, const struct weir_graph *graph,
	const struct stat *st);

/** What messages call a file: its @path in quotes, or, where that is NULL, its
 *  descriptor @fd by the name it goes by.  In @text, or a constant. */
#define WEIR_IO_NAME_BYTES ((size_t)4352)
const char *weir_io_name(
	const char *path, int fd, char text[WEIR_IO_NAME_BYTES]);

/** Fail @stage: it cannot do what @doing says ("read", "write to") with that
 *  file, for the reason @code.  Returns @code. */
int weir_io_fail(struct weir_stage *stage, int code, const char *doing,
	const char *path, int fd);

/** Whether @path is a FIFO. */
bool weir_io_is_fifo(const struct weir_io *io, const char *path);

/** Whether the last line of the file @path of @size bytes, not 0, has no
 *  newline.  One that may not be read counts as whole. */
bool weir_io_is_torn(const struct weir_io *io, const char *path, int64_t size);

extern const struct weir_operator weir_op_from_file, weir_op_from_fd,
	weir_op_stdin, weir_op_to_file, weir_op_to_fd, weir_op_stdout;

#endif /* WEIR_IO_IO_INTERNAL_H */
