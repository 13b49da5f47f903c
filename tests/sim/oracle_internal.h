/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle_internal.h - what the parts of the oracle share
 */
#ifndef WEIR_TESTS_SIM_ORACLE_INTERNAL_H
#define WEIR_TESTS_SIM_ORACLE_INTERNAL_H

#include "oracle.h"

/** Memory until the next question. */
void *oracle_get(size_t bytes);

/** Let @flow fail with @errno_code. */
void flow_fails(struct flow *flow, enum maybe failed, int errno_code);

/** Count the elements anew. */
void flow_total(struct flow *flow);

/** What nodes of one kind make of @flow: lines, case and blanks and additions,
 *  grep. */
void flow_lines(const struct node *node, struct flow *flow);
void flow_text(const struct node *node, struct flow *flow);
void flow_grep(const struct node *node, struct flow *flow);

#endif /* WEIR_TESTS_SIM_ORACLE_INTERNAL_H */
