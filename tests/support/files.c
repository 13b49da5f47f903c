/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - for tests of I/O: a folder of their own, and systems to run in
 */
#include "files.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char folder[64];

int
files_setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/weir-test-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int
files_teardown(void **state)
{
	(void)state;
	return chdir("/") < 0
		       ? -1
		       : nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
file_put(const char *path, const void *data, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

char *
file_get(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "r");
	size_t length = 0, n;
	char *data = NULL;

	assert_non_null(file);
	do {
		data = realloc(data, length + 65536);
		assert_non_null(data);
		n = fread(data + length, 1, 65535, file);
		length += n;
	} while (n > 0);
	fclose(file);
	data[length] = '\0';
	*ret_length = length;
	return data;
}

char *
noise(size_t length)
{
	char *data = malloc(length + 1);
	uint32_t x = 2463534242u;

	assert_non_null(data);
	for (size_t i = 0; i < length; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = x % 64 == 0 ? '\n' : (char)(x >> 8);
	}
	return data;
}

void
assert_balanced(struct weir_graph *graph)
{
	const struct weir_run *run = weir_graph_last_run(graph);
	struct weir_stage_stats stats;

	assert_non_null(run);
	for (uint32_t i = 0; weir_run_stage_stats(run, i, &stats) == 0; i++) {
		uint64_t out = 0;

		for (int k = WEIR_OUT; k < WEIR_TALLY_COUNT; k++)
			out += stats.tally[k];
		assert_int_equal(
			stats.tally[WEIR_IN] + stats.tally[WEIR_CREATED], out);
	}
}

uint64_t
tally_of(struct weir_graph *graph, const char *stage, enum weir_tally what)
{
	const struct weir_run *run = weir_graph_last_run(graph);
	struct weir_stage_stats stats;

	for (uint32_t i = 0; weir_run_stage_stats(run, i, &stats) == 0; i++)
		if (strcmp(stats.name, stage) == 0)
			return stats.tally[what];
	fail_msg("no stage '%s'", stage);
	return 0;
}

static void *
counted_allocate(void *ctx, size_t bytes, size_t align)
{
	struct counted *counted = ctx;
	void *memory = NULL;

	if (counted->left == 0) {
		counted->refused++;
		return NULL;
	}
	if (counted->left > 0)
		counted->left--;
	if (posix_memalign(&memory, align, bytes) != 0)
		return NULL;
	counted->out++;
	return memory;
}

static void
counted_release(void *ctx, void *memory, size_t bytes)
{
	struct counted *counted = ctx;

	(void)bytes;
	counted->out--;
	free(memory);
}

void
counted_init(struct counted *counted, long left)
{
	*counted = (struct counted){
		.allocator = {counted_allocate, counted_release, counted},
		.left = left,
	};
}
