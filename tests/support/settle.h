/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.h - let a run go on until nothing moves by itself
 */
#ifndef WEIR_TESTS_SUPPORT_SETTLE_H
#define WEIR_TESTS_SUPPORT_SETTLE_H

#include "streams/graph.h"

/** Wait, without sleeping, until no stage steps any more.  Returns as
 *  weir_run_wait(): -ETIMEDOUT when the run has not ended. */
int run_settle(struct weir_run *run, struct weir_error *ret);

#endif /* WEIR_TESTS_SUPPORT_SETTLE_H */
