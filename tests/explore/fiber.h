/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fiber.h - stacks that take turns on one thread
 */
#ifndef WEIR_TESTS_EXPLORE_FIBER_H
#define WEIR_TESTS_EXPLORE_FIBER_H

#define FIBERS 8

/** Fiber @i (from 1) shall run @entry when it is first switched to.  Entry
 *  never returns.  Whatever the fiber did before is forgotten. */
void fiber_prepare(unsigned i, void (*entry)(void));

/** Leave fiber @from, go on with @to; 0 is the thread's own stack.  The bytes
 *  of thread-local variables change too. */
void fiber_switch(unsigned from, unsigned to);

#endif /* WEIR_TESTS_EXPLORE_FIBER_H */
