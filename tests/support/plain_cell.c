/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_cell.c - a cell whose turns do nothing but run its signals
 */
#include "plain_cell.h"

static bool
plain_turn(struct weir_cell *cell, struct weir_worker *worker)
{
	(void)worker;
	weir_cell_attend(cell);
	return !weir_mailbox_rest(&cell->mailbox);
}

struct weir_cell *
plain_cell(struct weir_system *system)
{
	static const struct weir_cell_ops ops = {plain_turn};
	static const struct weir_mailbox_limits limits = {.bound = 1};
	struct weir_cell *cell;

	if (weir_cell_acquire(system, &ops, NULL, &limits, &cell) < 0)
		return NULL;
	cell->home = system->workers[0];
	weir_cell_schedule(cell);
	return cell;
}

void
plain_cells_run(struct weir_system *system)
{
	while (weir_worker_round(system->workers[0]))
		;
}
