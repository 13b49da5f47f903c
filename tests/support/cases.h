/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.h - what is tested of each operator, source and sink
 */
#ifndef WEIR_TESTS_SUPPORT_CASES_H
#define WEIR_TESTS_SUPPORT_CASES_H

#include "world.h"

struct subject_case {
	const char *name;
	/* Whether it makes sense for @subject, by its shape and traits. */
	bool (*applies)(const struct subject *subject);
	void (*run)(const struct subject *subject);
};

/** All cases, NULL named at the end. */
extern const struct subject_case subject_cases[];

/* cases_demand.c, cases_end.c, cases_fault.c: the parts of the table. */
void case_emits(const struct subject *subject);
void case_no_demand(const struct subject *subject);
void case_exact_demand(const struct subject *subject);
void case_slow_sink(const struct subject *subject);
void case_batches_of_1(const struct subject *subject);
void case_batches_of_7(const struct subject *subject);
void case_batches_of_256(const struct subject *subject);
void case_async(const struct subject *subject);
void case_async_seeds(const struct subject *subject);
void case_async_workers(const struct subject *subject);
void case_seeds(const struct subject *subject);

void case_completes_empty(const struct subject *subject);
void case_upstream_fails(const struct subject *subject);
void case_upstream_fails_fast(const struct subject *subject);
void case_cancels(const struct subject *subject);
void case_aborts(const struct subject *subject);
void case_drains(const struct subject *subject);
void case_runs_again(const struct subject *subject);
void case_shows(const struct subject *subject);

void case_function_stops(const struct subject *subject);
void case_function_resumes(const struct subject *subject);
void case_function_restarts(const struct subject *subject);
void case_no_memory(const struct subject *subject);
void case_tight_memory(const struct subject *subject);

/** Run @subject by @opts to its end, which must be a success that shows
 *  elements 1 to n. */
void case_run_whole(
	const struct subject *subject, const struct world_opts *opts);

#endif /* WEIR_TESTS_SUPPORT_CASES_H */
