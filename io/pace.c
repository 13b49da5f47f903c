/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.c - how many reads a source keeps in flight
 */
#include "pace_internal.h"

#define DEPTH_MIN 2u
#define CALM_READS 64u /* so many nobody waited for: read less far ahead */

void
weir_pace_init(struct weir_pace *pace)
{
	*pace = (struct weir_pace){.depth = DEPTH_MIN};
}

void
weir_pace_step(
	struct weir_pace *pace, const struct weir_stage *stage, bool busy)
{
	/* A read of this very turn may be busy in an idle step too, so it
	 * counts only if the step before waited for it. */
	if (pace->waits && busy && weir_stage_is_idle(stage) &&
		pace->depth < WEIR_DEPTH_MAX) {
		pace->depth *= 2;
		pace->calm = 0;
	}
	pace->waits = false;
}

void
weir_pace_wait(struct weir_pace *pace, struct weir_stage *stage)
{
	if (pace->depth == WEIR_DEPTH_MAX || weir_stage_is_idle(stage))
		return;
	pace->waits = true;
	weir_stage_when_idle(stage);
}

void
weir_pace_note(struct weir_pace *pace)
{
	if (++pace->calm < CALM_READS)
		return;
	pace->calm = 0;
	if (pace->depth > DEPTH_MIN)
		pace->depth /= 2;
}
