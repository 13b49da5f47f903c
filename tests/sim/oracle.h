/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.h - what must come out of a plan
 *
 * Worked out from the plan alone, node by node, in plain loops.  What comes
 * along one way is a strand: its elements arrive in this order, none twice and
 * none left out.  A join lets its strands come interleaved; behind it, how many
 * of each a `take` lets through is not known, only that it is a beginning.
 */
#ifndef WEIR_TESTS_SIM_ORACLE_H
#define WEIR_TESTS_SIM_ORACLE_H

#include "plan.h"

struct item {
	int64_t value;
	const char *text; /* as a sink shows it, without a line end */
	uint32_t length;
};

struct strand {
	struct item *items;
	uint32_t count;
};

enum maybe { NO, MAYBE, YES };

/** What a node emits. */
struct flow {
	struct strand *strands;
	uint32_t count;
	bool partial;   /* the end of strands may be missing */
	bool skips;     /* their beginning may be missing */
	bool holes;     /* any of them may be missing */
	bool unordered; /* they may come in any order */
	bool wild;      /* elements that are not known, total_max at most */
	bool total_known;
	uint64_t total_max; /* elements; as many if that is known */
	enum maybe failed;  /* it ends by a failure, if it is not cancelled */
	uint64_t codes;     /* with which, a bit each errno */
	const char *bytes;  /* KIND_BYTES: all of them */
	size_t length;
};

/** What became of the run that the plan does not say. */
struct happened {
	bool loose;   /* something failed at a moment not known */
	bool drained; /* sources emitted less than they have: */
	uint64_t created[PLAN_NODES]; /* elements, or bytes if it is bytes */
};

/** Work out what each node emits, and for sinks what they take: @flows has
 *  PLAN_NODES.  Valid until the next call. */
void oracle_ask(const struct plan *plan, const struct happened *happened,
	struct flow *flows);

/** Whether the whole of @flow is known. */
bool flow_is_exact(const struct flow *flow);

/** Whether @errno_code, above 0, may be how @flow failed. */
bool flow_has_code(const struct flow *flow, int errno_code);

/** The result of a fold: how many, and two sums of which one depends on the
 *  order. */
struct folded {
	uint64_t count, sum, chain;
};

void folded_add(struct folded *folded, int64_t value);

#endif /* WEIR_TESTS_SIM_ORACLE_H */
