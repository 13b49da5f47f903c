/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_cell.h - a cell whose turns do nothing but run its signals
 */
#ifndef WEIR_TESTS_PLAIN_CELL_H
#define WEIR_TESTS_PLAIN_CELL_H

#include "actors/worker_internal.h"

/** A cell of @system that runs its signals, scheduled; NULL: out of memory. */
struct weir_cell *plain_cell(struct weir_system *system);

/** Run what is ready on worker 0, which the calling thread is. */
void plain_cells_run(struct weir_system *system);

#endif /* WEIR_TESTS_PLAIN_CELL_H */
