/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_type.c - when element types are the same, and kept bytes
 */
#include "operators/operators.h"
#include "streams/batch_internal.h"
#include "streams/graph.h"
#include "streams/kernel.h"

#include "support/live.h"
#include "support/probe.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
types_of_two_files_are_the_same_by_content(void **state)
{
	struct weir_type copy = weir_type_live;
	char name[] = "live";

	(void)state;
	copy.name = name;
	assert_true(weir_type_equal(&copy, &weir_type_live));
	assert_true(weir_type_equal(&copy, &copy));
}

static void
each_field_tells_types_apart(void **state)
{
	struct weir_type other[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		other[i] = weir_type_live;
	other[0].name = "alive";
	other[1].size++;
	other[2].align = 1;
	other[3].drop = NULL;
	other[4].share = NULL;
	for (int i = 0; i < 5; i++)
		assert_false(weir_type_equal(&other[i], &weir_type_live));
	assert_false(weir_type_equal(NULL, &weir_type_live));
	assert_false(weir_type_equal(&weir_type_live, NULL));
}

static void
bytes_and_records_are_two_types(void **state)
{
	(void)state;
	assert_false(
		weir_type_equal(&weir_type_weir_bytes, &weir_type_weir_record));
	assert_true(weir_type_is_slice(&weir_type_weir_bytes));
	assert_true(weir_type_is_slice(&weir_type_weir_record));
	assert_false(weir_type_is_slice(&weir_type_weir_kept));
}

/* -- kept bytes ------------------------------------------------------------ */

/* What the stage below keeps. */
struct keeping {
	struct weir_kept kept[16];
	size_t count;
};

static int
keep_record(struct keeping *keeping, struct weir_stage *stage, weir_record x,
	int64_t *ret)
{
	*ret = (int64_t)x.length;
	return weir_bytes_keep(
		stage, x.data, x.length, &keeping->kept[keeping->count++]);
}

WEIR_TRY_MAP_WITH(
	keep_all, struct keeping, k, stage, weir_record, x, int64_t, ret)
{
	return keep_record(k, stage, x, ret);
}

static void
kept_bytes_outlive_their_batch(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct probe_source source = {.kind = KIND_RECORD, .first = 1, .n = 16};
	struct keeping keeping = {0};

	(void)state;
	weir_to_null(keep_all(probe_from(graph, &source, NULL), &keeping, NULL),
		NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(keeping.count, 16);
	for (size_t i = 0; i < 16; i++) {
		char line[LINE_MAX_BYTES];
		size_t length = line_of((int64_t)i + 1, line);

		assert_int_equal(keeping.kept[i].length, length);
		assert_memory_equal(keeping.kept[i].data, line, length);
	}
	weir_kept_drop(keeping.kept, 16);
	weir_graph_destroy(graph);
	probe_source_free(&source);
}

static void
a_shared_kept_slice_has_two_owners(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct probe_source source = {.kind = KIND_RECORD, .first = 1, .n = 1};
	struct keeping keeping = {0};
	struct weir_kept copy;

	(void)state;
	weir_to_null(keep_all(probe_from(graph, &source, NULL), &keeping, NULL),
		NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	copy = keeping.kept[0];
	weir_kept_share(&copy, 1);
	weir_kept_release(&keeping.kept[0]);
	assert_null(keeping.kept[0].block);
	assert_memory_equal(copy.data, "  fig 1", copy.length);
	weir_kept_release(&copy);
	weir_kept_release(&copy); /* empty by now */
	weir_graph_destroy(graph);
	probe_source_free(&source);
}

static int released;

typedef int *counted;

static void
count_release(counted element)
{
	released += *element;
}

WEIR_POINTER_TYPE(counted, "counted", count_release);

static void
a_pointer_type_releases_each_element(void **state)
{
	int one = 1, ten = 10;
	counted elements[] = {&one, &ten, &one};

	(void)state;
	weir_type_counted.drop(elements, 3);
	assert_int_equal(released, 12);
	assert_null(weir_type_counted.share);
	assert_int_equal(weir_type_counted.size, sizeof(int *));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_two_files_are_the_same_by_content),
		cmocka_unit_test(each_field_tells_types_apart),
		cmocka_unit_test(bytes_and_records_are_two_types),
		cmocka_unit_test(kept_bytes_outlive_their_batch),
		cmocka_unit_test(a_shared_kept_slice_has_two_owners),
		cmocka_unit_test(a_pointer_type_releases_each_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
