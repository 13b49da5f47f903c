/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.h - which operators came to which end in simulated runs
 */
#ifndef WEIR_TESTS_SIM_COVERAGE_H
#define WEIR_TESTS_SIM_COVERAGE_H

#include "sim.h"

#define COVERAGE_OPERATORS 64u

enum ending { ENDS_COMPLETE, ENDS_FAILED, ENDS_CANCELLED, ENDS_CUT, ENDINGS };

struct coverage {
	uint64_t seen[OP_COUNT_OF_ALL][ENDINGS];
	/* Descriptors that were part of a graph. */
	const struct weir_operator *operators[COVERAGE_OPERATORS];
	uint64_t runs, elements, faults, cuts;
};

/** Count how the stages of a run that ended came to their end. */
void coverage_add(struct coverage *coverage, const struct sim *sim);

/** Print the table.  Returns whether no place in it is empty and no operator
 *  of the library is left out. */
bool coverage_print(const struct coverage *coverage, FILE *file);

#endif /* WEIR_TESTS_SIM_COVERAGE_H */
