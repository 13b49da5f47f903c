/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace_internal.h - how many reads a source keeps in flight
 *
 * As few as keep the worker busy.  A file in the page cache is read by the
 * submission itself, and few blocks that stay in the processor's cache beat
 * many; so the depth grows when the worker would have to sleep for a read, and
 * falls again when nobody waited for many.
 */
#ifndef WEIR_IO_PACE_INTERNAL_H
#define WEIR_IO_PACE_INTERNAL_H

#include "../streams/stage.h"

#define WEIR_DEPTH_MAX 16u

struct weir_pace {
	uint32_t depth; /* reads in flight; 0: not begun */
	uint32_t calm;  /* ended since somebody waited */
	bool waits;     /* the last step ended for want of a read */
};

void weir_pace_init(struct weir_pace *pace);

/** The step begins; @busy: the oldest read has not ended. */
void weir_pace_step(
	struct weir_pace *pace, const struct weir_stage *stage, bool busy);

/** The step can do no more until the oldest read ends. */
void weir_pace_wait(struct weir_pace *pace, struct weir_stage *stage);

/** A read has ended and was delivered. */
void weir_pace_note(struct weir_pace *pace);

#endif /* WEIR_IO_PACE_INTERNAL_H */
