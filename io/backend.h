/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend.h - the seam between the I/O stages and what does the I/O
 *
 * A backend starts operations on descriptors and reports each one's end by one
 * call of done().  The real one is an io_uring; the simulated one holds its
 * files in memory, and chooses order, lengths and faults by a seed.  It is
 * given when a system is created and made by the thread that runs the system,
 * when it is first needed.
 *
 * What is lent to an operation (the buffer, the vector, the operation itself)
 * belongs to the backend until done() was called, whatever became of the
 * stage, the descriptor or the run in the meantime.
 */
#ifndef WEIR_IO_BACKEND_H
#define WEIR_IO_BACKEND_H

#include <sys/stat.h>
#include <sys/uio.h>

#include "../actors/system.h"

WEIR_BEGIN

enum weir_io_code {
	WEIR_IO_READ,  /* data, length, offset (-1: the file's position) */
	WEIR_IO_WRITE, /* vector, vector_count, offset (-1: as above) */
	WEIR_IO_FSYNC,
	WEIR_IO_POLL, /* until ready: length holds the poll(2) events */
	WEIR_IO_OPEN, /* a FIFO, once somebody opened its other end: data is
		       * the path, length the flags; gives a descriptor */
	WEIR_IO_CODES
};

/**
 * One operation.  The caller embeds it, fills in the first part and leaves the
 * rest alone.  done() is called exactly once, on the worker's thread, from
 * poll, park or destroy, never from within submit or cancel; @result is a count
 * or a negative errno (-ECANCELED: cancelled before it did anything).
 */
struct weir_io_op {
	enum weir_io_code code;
	int fd;
	void *data;
	size_t length;
	const struct iovec *vector;
	unsigned vector_count;
	int64_t offset;
	void (*done)(struct weir_io_op *, int64_t result);

	/* The backend's. */
	uint32_t token, generation;
	struct weir_io_op *next;
	void *target;
};

/**
 * A backend.  create() makes one for @system, or says in @text (a sentence for
 * the user: what was refused, why, and what to do) why it cannot.  All other
 * functions: the worker's thread only.
 */
struct weir_io_backend {
	const char *name;
	int (*create)(struct weir_system *, const void *ctx, void **ret,
		char *text, size_t text_bytes);
	/* Cancels what is in flight and waits for its end. */
	void (*destroy)(void *io);
	/* Start @op.  Never fails: an error comes by done(). */
	void (*submit)(void *io, struct weir_io_op *op);
	/* Ask for the early end of @op, which still ends by done(). */
	void (*cancel)(void *io, struct weir_io_op *op);
	/* As struct weir_park_ops. */
	struct weir_park_ops park;
	/* How many operations are in flight. */
	size_t (*in_flight)(const void *io);
	/* open(2), fstat(2), close(2), lseek(2), ftruncate(2) to nothing and a
	 * short pread(2), of the backend's own files.  A count, a descriptor
	 * or 0; or a negative errno.  open() does not wait for the other end
	 * of a FIFO: to be read it is open at once, to be written and without
	 * a reader -ENXIO. */
	int (*open)(void *io, const char *path, int flags, mode_t mode);
	int (*stat)(void *io, int fd, struct stat *ret);
	int (*close)(void *io, int fd);
	int64_t (*seek)(void *io, int fd, int64_t offset, int whence);
	int (*truncate)(void *io, int fd);
	int64_t (*look)(
		void *io, int fd, void *data, size_t length, int64_t offset);
	const void *ctx; /* given to create() */
};

/** The io_uring backend. */
WEIR_API extern const struct weir_io_backend weir_io_uring;

WEIR_END

#endif /* WEIR_IO_BACKEND_H */
