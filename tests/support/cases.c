/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.c - the table of cases, and which subjects each is for
 */
#include "cases.h"

static bool
all(const struct subject *subject)
{
	(void)subject;
	return true;
}

static bool
has_inlet(const struct subject *subject)
{
	return subject->in != KIND_NONE;
}

static bool
has_outlet(const struct subject *subject)
{
	return subject->out != KIND_NONE;
}

static bool
has_function(const struct subject *subject)
{
	return (subject->traits & TRAIT_FUNCTION) != 0;
}

const struct subject_case subject_cases[] = {
	{"emits", all, case_emits},
	{"no demand, nothing emitted", has_outlet, case_no_demand},
	{"exactly the demand", has_outlet, case_exact_demand},
	{"a slow sink bounds it", has_outlet, case_slow_sink},
	{"upstream completes at once", all, case_completes_empty},
	{"upstream fails behind data", has_inlet, case_upstream_fails},
	{"upstream fails fast", has_inlet, case_upstream_fails_fast},
	{"downstream cancels", has_outlet, case_cancels},
	{"its function fails: stop", has_function, case_function_stops},
	{"its function fails: resume", has_function, case_function_resumes},
	{"its function fails: restart", has_function, case_function_restarts},
	{"batches of 1", all, case_batches_of_1},
	{"batches of 7", all, case_batches_of_7},
	{"batches of 256", all, case_batches_of_256},
	{"across async boundaries", all, case_async},
	{"across boundaries, seeded", all, case_async_seeds},
	{"across boundaries, on workers", all, case_async_workers},
	{"out of memory at each allocation", all, case_no_memory},
	{"few blocks for all", all, case_tight_memory},
	{"seeded: same trace, same output", all, case_seeds},
	{"aborted half-way", all, case_aborts},
	{"drained half-way", all, case_drains},
	{"runs again", all, case_runs_again},
	{"dump and dot", all, case_shows},
	{NULL, NULL, NULL},
};
