/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix.h - every subject through every case, and a table of what was tested
 */
#ifndef WEIR_TESTS_SUPPORT_MATRIX_H
#define WEIR_TESTS_SUPPORT_MATRIX_H

#include "world.h"

/** Run each case that applies for each of the @n subjects as a test, print the
 *  coverage, and require that it is full and that each operator of
 *  weir_operators[] has a subject.  Returns how many tests failed. */
int matrix_run(const struct subject *subjects, size_t n);

#endif /* WEIR_TESTS_SUPPORT_MATRIX_H */
