/* SPDX-License-Identifier: Apache-2.0 */
/*
 * average.h - the mean of the last numbers, as an operator
 */
#ifndef AVERAGE_H
#define AVERAGE_H

#include <weir/weir.h>

#define AVERAGE_MOST 64

/** Zero or NULL in any field means the default. */
struct average_opts {
	struct weir_stage_opts stage;
	int64_t over; /* how many numbers, 1 to AVERAGE_MOST; 8 */
};

/** A flow of doubles, one for each int64 of @in: the mean of it and of those
 *  before it, at most opts->over of them.  Buffers nothing else. */
struct weir_flow average(struct weir_flow in, const struct average_opts *opts);

#endif /* AVERAGE_H */
