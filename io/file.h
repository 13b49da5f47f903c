/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files, pipes and standard streams as sources and sinks
 *
 * Through the system's I/O backend (io_uring).  Nothing is read that nobody
 * asked for: a sink that stops stops the source.
 */
#ifndef WEIR_IO_FILE_H
#define WEIR_IO_FILE_H

#include "../streams/stage.h"

WEIR_BEGIN

struct weir_from_file_opts {
	struct weir_stage_opts stage;
	size_t block_bytes; /* read at once; 4 KiB to 64 MiB; 256 KiB, or less
			     * where the run's memory is small */
	uint64_t repeat;    /* how often all files are read; 1 */
};

/**
 * Emits: weir_bytes, up to block_bytes each, as they are read.
 * Requests: reads ahead as far as downstream asks for, 16 blocks at most, and
 * none while 512 KiB wait downstream.
 * Completes: at the end of the file; of a FIFO, once a writer has been there.
 * Fails: with the error of open(2) or read(2), behind what was read before; a
 * folder is -EISDIR.
 * Buffers at most: 16 blocks and 512 KiB; half of the run's memory.
 */
WEIR_API struct weir_flow weir_from_file(struct weir_graph *, const char *path,
	const struct weir_from_file_opts *);

/** As weir_from_file(), for several files one after another, each a stream of
 *  its own; @paths ends with NULL. */
WEIR_API struct weir_flow weir_from_files(struct weir_graph *,
	const char *const *paths, const struct weir_from_file_opts *);

/** As weir_from_file(), from an open descriptor, which stays the caller's.  It
 *  is read from its present position, which is left behind what was emitted. */
WEIR_API struct weir_flow weir_from_fd(
	struct weir_graph *, int fd, const struct weir_from_file_opts *);

enum weir_sync { WEIR_SYNC_NONE, WEIR_SYNC_FSYNC };

struct weir_to_file_opts {
	struct weir_stage_opts stage;
	enum weir_sync sync; /* FSYNC: before the run ends */
	int64_t sync_ns;     /* not 0: fsync in groups, at most that long after
			      * an element arrived, which is counted as
			      * written only then */
	bool append;         /* behind what is there; records begin on a fresh
			      * line */
};

/**
 * A sink of weir_bytes, weir_record or weir_kept.  Bytes are written as they
 * are; behind each record that does not end in one goes a newline.
 *
 * Requests: a window (enum weir_demand); takes it while it has room.
 * Completes: when all is written, and synced if asked for.
 * Fails: with the error of open(2), write(2) or fsync(2); -ELOOP when the file
 * is also an input of the graph, -EBUSY when another sink writes it as well and
 * not both append.  A closed reader of a pipe (-EPIPE) cancels
 * upstream and completes; before Linux 6.18 a program that wants to live to
 * see it ignores SIGPIPE.  When upstream fails, what came before is written
 * first (with on_failure WEIR_FAST it is not).
 * Holds an element back for 50 ms at most, and not when nothing else is to do.
 * Buffers at most: two writes of 512 KiB, or a sixteenth of the run's memory.
 */
WEIR_API void weir_to_file(
	struct weir_flow, const char *path, const struct weir_to_file_opts *);

/** As weir_to_file(), to an open descriptor, which stays the caller's, from
 *  its present position.  Several sinks of one system may share it: they take
 *  turns, and no record is cut by another's. */
WEIR_API void weir_to_fd(
	struct weir_flow, int fd, const struct weir_to_file_opts *);

/** The descriptors of the stages in this folder, NULL at the end. */
WEIR_API extern const struct weir_operator *const weir_io_operators[];

WEIR_END

#endif /* WEIR_IO_FILE_H */
