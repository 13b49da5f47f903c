/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix.c - every subject through every case
 */
#include "matrix.h"

#include "cases.h"
#include "operators/operators.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One test: a subject and a case. */
struct cell {
	const struct subject *subject;
	const struct subject_case *of;
	bool passed;
	char name[128];
};

struct matrix {
	const struct subject *subjects;
	size_t subject_count, case_count, cell_count;
	struct cell *cells; /* a row a subject, one for each case */
};

static struct matrix matrix;

static void
cell_test(void **state)
{
	struct cell *cell = *state;

	cell->of->run(cell->subject);
	cell->passed = true;
}

static bool
applies(const struct cell *cell)
{
	return cell->of->applies(cell->subject);
}

/* The descriptor of the stage that @subject adds. */
static const struct weir_operator *
operator_of(const struct subject *subject)
{
	static struct world world;
	const struct weir_operator *op = NULL;

	if (world_open(&world, subject, &(struct world_opts){.n = 10}) == 0)
		weir_graph_stage(
			world.graph, world.subject_index, &op, NULL, NULL, 0);
	world_close(&world);
	return op;
}

static void
every_operator_has_a_subject(void **state)
{
	(void)state;
	for (size_t i = 0; weir_operators[i] != NULL; i++) {
		bool found = false;

		for (size_t k = 0; k < matrix.subject_count && !found; k++)
			found = operator_of(&matrix.subjects[k]) ==
				weir_operators[i];
		if (!found)
			fail_msg("operator '%s' (number %zu) is in no subject",
				weir_operators[i]->name, i);
	}
}

static void
row_print(const struct cell *row, const char *name)
{
	printf("%-22s", name);
	for (size_t c = 0; c < matrix.case_count; c++)
		printf(" %2s", !applies(&row[c]) ? "-"
			       : row[c].passed   ? "x"
						 : "!");
	printf("\n");
}

static void
the_coverage_is_full(void **state)
{
	size_t missing = 0;

	(void)state;
	printf("\nCoverage: x tested, - does not apply, ! missing\n\n");
	for (size_t c = 0; c < matrix.case_count; c++)
		printf("%4zu %s\n", c + 1, subject_cases[c].name);
	printf("\n%-22s", "");
	for (size_t c = 0; c < matrix.case_count; c++)
		printf(" %2zu", c + 1);
	printf("\n");
	for (size_t s = 0; s < matrix.subject_count; s++)
		row_print(&matrix.cells[s * matrix.case_count],
			matrix.subjects[s].name);
	(void)fflush(stdout);
	for (size_t i = 0; i < matrix.cell_count; i++)
		missing += applies(&matrix.cells[i]) && !matrix.cells[i].passed;
	assert_int_equal(missing, 0);
}

static void
cells_make(void)
{
	struct cell *cell;

	while (subject_cases[matrix.case_count].name != NULL)
		matrix.case_count++;
	matrix.cell_count = matrix.subject_count * matrix.case_count;
	matrix.cells = calloc(matrix.cell_count, sizeof(*matrix.cells));
	if (matrix.cells == NULL)
		abort();
	cell = matrix.cells;
	for (size_t s = 0; s < matrix.subject_count; s++)
		for (size_t c = 0; c < matrix.case_count; c++, cell++) {
			cell->subject = &matrix.subjects[s];
			cell->of = &subject_cases[c];
			snprintf(cell->name, sizeof(cell->name), "%s: %s",
				cell->subject->name, cell->of->name);
		}
}

int
matrix_run(const struct subject *subjects, size_t n)
{
	struct CMUnitTest *tests;
	size_t count = 0;
	int failed;

	matrix.subjects = subjects;
	matrix.subject_count = n;
	cells_make();
	tests = calloc(matrix.cell_count + 2, sizeof(*tests));
	if (tests == NULL)
		abort();
	for (size_t i = 0; i < matrix.cell_count; i++)
		if (applies(&matrix.cells[i]))
			tests[count++] = (struct CMUnitTest){
				matrix.cells[i].name, cell_test, NULL, NULL,
				&matrix.cells[i]};
	tests[count++] = (struct CMUnitTest){"every operator has a subject",
		every_operator_has_a_subject, NULL, NULL, NULL};
	tests[count++] = (struct CMUnitTest){
		"the coverage is full", the_coverage_is_full, NULL, NULL, NULL};
	failed = _cmocka_run_group_tests("operators", tests, count, NULL, NULL);
	free(tests);
	free(matrix.cells);
	return failed;
}
