/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd.h - actors that send to each other at random
 *
 * Mailboxes of every policy and of a few messages, small messages and large
 * ones, handlers that fail, actors that stop each other.  What was sent is
 * handled, dropped by policy or a dead letter, each message once; messages of
 * one sender to one receiver keep their order.
 */
#ifndef WEIR_TESTS_SIM_CROWD_H
#define WEIR_TESTS_SIM_CROWD_H

#include <stdint.h>
#include <stdio.h>

#define CROWD_POLICIES 5

/** What many crowds did, by the policy of the receiver. */
struct crowd_counts {
	uint64_t sent[CROWD_POLICIES], refused[CROWD_POLICIES];
	uint64_t handled[CROWD_POLICIES], dropped[CROWD_POLICIES];
	uint64_t dead[CROWD_POLICIES];
};

/** Run the crowd of @seed, on @workers threads (1: by the seed, twice, to see
 *  that the same happens).  Ends the program at a violation. */
void crowd_try(uint64_t seed, unsigned workers, struct crowd_counts *counts);

/** Print the table.  Returns 1 if every policy was met in every way it has,
 *  else 0. */
int crowd_print(const struct crowd_counts *counts, FILE *file);

#endif /* WEIR_TESTS_SIM_CROWD_H */
