/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.c - let a run go on until nothing moves by itself
 */
#include "settle.h"

#include <errno.h>

static uint64_t
steps(const struct weir_run *run)
{
	struct weir_stage_stats stats;
	uint64_t n = 0;

	for (uint32_t i = 0; weir_run_stage_stats(run, i, &stats) == 0; i++)
		n += stats.steps;
	return n;
}

int
run_settle(struct weir_run *run, struct weir_error *ret)
{
	unsigned quiet = 0;
	int rc = -ETIMEDOUT;

	/* A wake is noticed at the end of one wait and served in the next. */
	while (quiet < 3 && rc == -ETIMEDOUT) {
		uint64_t before = steps(run);

		rc = weir_run_wait(run, 0, ret);
		quiet = steps(run) == before ? quiet + 1 : 0;
	}
	return rc;
}
