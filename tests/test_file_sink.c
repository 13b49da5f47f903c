/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_file_sink.c - files, FIFOs, devices and descriptors as sinks, through
 * the real ring
 */
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct weir_to_file_opts append = {.append = true};

/* Copy the lines of @in to @out. */
static int
lines_copy(const char *in, const char *out,
	const struct weir_to_file_opts *opts, struct weir_error *error)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int rc;

	weir_to_file(
		weir_lines(weir_from_file(graph, in, NULL), NULL), out, opts);
	rc = weir_graph_run(graph, error);
	if (weir_graph_last_run(graph) != NULL)
		assert_balanced(graph);
	weir_graph_destroy(graph);
	return rc;
}

static void
assert_holds(const char *path, const char *expected)
{
	size_t got;
	char *data = file_get(path, &got);

	assert_int_equal(got, strlen(expected));
	assert_string_equal(data, expected);
	free(data);
}

static void
a_file_is_made_or_cut_short_first(void **state)
{
	(void)state;
	file_put("in", "one\ntwo\n", 8);
	(void)unlink("out");
	assert_int_equal(lines_copy("in", "out", NULL, NULL), 0);
	assert_holds("out", "one\ntwo\n");
	file_put("in", "x\n", 2);
	assert_int_equal(lines_copy("in", "out", NULL, NULL), 0);
	assert_holds("out", "x\n");
}

static void
every_record_ends_with_a_newline_the_last_one_included(void **state)
{
	(void)state;
	file_put("in", "one\n\ntwo", 8);
	assert_int_equal(lines_copy("in", "out", NULL, NULL), 0);
	assert_holds("out", "one\n\ntwo\n");
}

static void
appended_records_begin_on_a_fresh_line(void **state)
{
	(void)state;
	file_put("in", "new\n", 4);
	file_put("out", "torn", 4);
	assert_int_equal(lines_copy("in", "out", &append, NULL), 0);
	assert_holds("out", "torn\nnew\n");
	assert_int_equal(lines_copy("in", "out", &append, NULL), 0);
	assert_holds("out", "torn\nnew\nnew\n");
	file_put("in", "", 0);
	file_put("out", "torn", 4);
	assert_int_equal(lines_copy("in", "out", &append, NULL), 0);
	assert_holds("out", "torn");
}

static void
a_full_device_fails_and_nothing_counts_as_written(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_error error;

	(void)state;
	file_put("in", "one\ntwo\n", 8);
	weir_to_file(weir_from_file(graph, "in", NULL), "/dev/full",
		&(struct weir_to_file_opts){.stage.name = "sink"});
	assert_int_equal(weir_graph_run(graph, &error), -ENOSPC);
	assert_string_equal(error.text,
		"cannot write to '/dev/full': No space left on device");
	assert_int_equal(error.opening, 0);
	assert_int_equal(tally_of(graph, "sink", WEIR_UNACKED), 1);
	assert_balanced(graph);
	weir_graph_destroy(graph);
}

static void
assert_same_file(
	const char *in, const char *out, const struct weir_to_file_opts *opts)
{
	struct weir_error error;

	assert_int_equal(lines_copy(in, out, opts, &error), -ELOOP);
	assert_int_equal(error.opening, 1);
	assert_holds("in", "one\ntwo\n");
}

static void
an_output_that_is_an_input_under_any_name_is_refused_untouched(void **state)
{
	(void)state;
	file_put("in", "one\ntwo\n", 8);
	(void)unlink("hard");
	(void)unlink("soft");
	assert_int_equal(link("in", "hard"), 0);
	assert_int_equal(symlink("in", "soft"), 0);
	assert_same_file("in", "in", NULL);
	assert_same_file("in", "in", &append);
	assert_same_file("in", "hard", NULL);
	assert_same_file("hard", "soft", &append);
	assert_same_file("soft", "./in", NULL);
}

static void
a_later_input_cannot_be_the_output_either(void **state)
{
	static const char *const paths[] = {"a", "in", NULL};
	struct weir_graph *graph = weir_graph_create(NULL);

	(void)state;
	file_put("a", "a", 1);
	file_put("in", "one\ntwo\n", 8);
	weir_to_file(weir_from_files(graph, paths, NULL), "in", &append);
	assert_int_equal(weir_graph_run(graph, NULL), -ELOOP);
	assert_holds("in", "one\ntwo\n");
	weir_graph_destroy(graph);
}

static void
another_graph_of_the_system_may_write_what_one_has_read(void **state)
{
	struct weir_system *system;
	struct weir_graph_opts opts = {0};

	(void)state;
	assert_int_equal(weir_system_create(NULL, &system), 0);
	opts.system = system;
	file_put("a", "1\n", 2);
	file_put("b", "2\n", 2);
	for (int i = 0; i < 2; i++) {
		struct weir_graph *graph = weir_graph_create(&opts);

		weir_to_file(weir_from_file(graph, i == 0 ? "a" : "b", NULL),
			i == 0 ? "b" : "a", NULL);
		assert_int_equal(weir_graph_run(graph, NULL), 0);
		weir_graph_destroy(graph);
	}
	assert_holds("a", "1\n");
	weir_system_destroy(system);
}

static void
a_descriptor_is_written_from_its_position_and_stays_open(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int fd;

	(void)state;
	file_put("in", "XY", 2);
	file_put("out", "0123456", 7);
	fd = open("out", O_WRONLY);
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	weir_to_fd(weir_from_file(graph, "in", NULL), fd, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
	assert_int_equal(write(fd, "!", 1), 1);
	close(fd);
	assert_holds("out", "012XY!6");
}

static void
a_descriptor_that_appends_appends(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int fd;

	(void)state;
	file_put("in", "new", 3);
	file_put("out", "old ", 4);
	fd = open("out", O_WRONLY | O_APPEND);
	weir_to_fd(weir_from_file(graph, "in", NULL), fd, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	close(fd);
	assert_holds("out", "old new");
}

static void
a_descriptor_that_is_an_input_is_refused(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int fd;

	(void)state;
	file_put("in", "one\ntwo\n", 8);
	fd = open("in", O_WRONLY | O_APPEND);
	weir_to_fd(weir_from_file(graph, "in", NULL), fd, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), -ELOOP);
	weir_graph_destroy(graph);
	close(fd);
	assert_holds("in", "one\ntwo\n");
}

static void
a_synced_file_is_written_and_acknowledged(void **state)
{
	static const struct weir_to_file_opts at_end = {
		.sync = WEIR_SYNC_FSYNC};
	static const struct weir_to_file_opts often = {.sync_ns = 1000000};

	(void)state;
	file_put("in", "one\ntwo\n", 8);
	assert_int_equal(lines_copy("in", "out", &at_end, NULL), 0);
	assert_holds("out", "one\ntwo\n");
	assert_int_equal(lines_copy("in", "out", &often, NULL), 0);
	assert_holds("out", "one\ntwo\n");
}

/* The run goes on for a good while without anything to do. */
static void
assert_waits(struct weir_run *run)
{
	for (int i = 0; i < 100; i++)
		assert_int_equal(weir_run_wait(run, 10000, NULL), -ETIMEDOUT);
}

static void
a_fifo_is_written_once_somebody_reads_it(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	char data[16];
	int fd;

	(void)state;
	file_put("in", "one\ntwo\n", 8);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	weir_to_file(weir_from_file(graph, "in", NULL), "fifo", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_balanced(graph);
	weir_graph_destroy(graph);
	assert_int_equal(read(fd, data, sizeof(data)), 8);
	assert_memory_equal(data, "one\ntwo\n", 8);
	assert_int_equal(read(fd, data, sizeof(data)), 0);
	close(fd);
}

static void
an_abort_ends_the_wait_for_a_reader(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	char data[8];
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo1", 0600), 0);
	weir_to_file(weir_from_file(graph, "in", NULL), "fifo1", &append);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	weir_run_abort(run, NULL);
	weir_graph_destroy(graph);
	/* No writer is left: a reader finds the end, not an empty pipe. */
	fd = open("fifo1", O_RDONLY | O_NONBLOCK);
	assert_int_equal(read(fd, data, sizeof(data)), 0);
	close(fd);
}

static void
a_terminal_shows_what_is_written_to_it(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	char data[16];

	(void)state;
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	file_put("in", "shown\n", 6);
	weir_to_file(weir_from_file(graph, "in", NULL), ptsname(master), NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	assert_int_equal(read(master, data, sizeof(data)), 7);
	assert_memory_equal(data, "shown\r\n", 7);
	close(slave);
	close(master);
}

/* Records of all lengths, some neighbours, some with gaps between them. */
static void
records_of_every_length_come_out_as_they_went_in(void **state)
{
	size_t length = (size_t)3 << 20, got, at = 0;
	char *data = malloc(length + 1), *out;

	(void)state;
	for (size_t line = 0; at < length; line++) {
		size_t n = line * 37 % 5000;

		for (; n > 0 && at + 1 < length; n--)
			data[at++] = (char)('a' + line % 26);
		data[at++] = '\n';
	}
	file_put("in", data, length);
	assert_int_equal(lines_copy("in", "out", NULL, NULL), 0);
	out = file_get("out", &got);
	assert_int_equal(got, length);
	assert_memory_equal(out, data, length);
	free(out);
	free(data);
}

static void
filtered_records_are_joined_into_one_write_in_order(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	FILE *in = fopen("in", "w"), *expected = fopen("expected", "w");
	size_t got, want;
	char *out, *is;

	(void)state;
	for (int i = 0; i < 6000; i++) {
		/* Short runs of all lengths, with and without gaps. */
		const char *word = i % 7 % 3 == 0 ? "keep" : "lose";

		fprintf(in, "%s %0*d\n", word, 1 + i * 37 % 900, i);
		if (i % 7 % 3 == 0)
			fprintf(expected, "%s %0*d\n", word, 1 + i * 37 % 900,
				i);
	}
	fclose(in);
	fclose(expected);
	weir_to_file(
		weir_grep(weir_lines(weir_from_file(graph, "in", NULL), NULL),
			"keep", NULL),
		"out", NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	is = file_get("expected", &want);
	assert_int_equal(got, want);
	assert_memory_equal(out, is, want);
	free(out);
	free(is);
}

/* Memory of the program's, wrapped piece by piece in blocks that touch. */
struct pieces {
	const char *data;
	size_t n, bytes;
};

struct pieces_args {
	struct weir_stage_opts opts;
	const struct pieces *pieces;
};

static int
pieces_step(struct weir_stage *stage, void *state)
{
	const struct pieces_args *args = weir_stage_args(stage);
	const struct pieces *pieces = args->pieces;
	size_t *next = state;

	for (; *next < pieces->n; ++*next) {
		struct weir_span room = weir_outlet_room(stage, 0);
		const char *data = pieces->data + *next * pieces->bytes;
		struct weir_block *block;

		if (room.count == 0)
			return WEIR_ROOM;
		assert_int_equal(weir_block_foreign(stage, data, pieces->bytes,
					 NULL, NULL, &block),
			0);
		*(weir_record *)room.items = (weir_record){data, pieces->bytes};
		weir_outlet_attach(stage, 0, block);
		weir_block_release(block);
		weir_outlet_put(stage, 0, 1);
	}
	return WEIR_DONE;
}

static const struct weir_operator pieces_op = {
	.name = "pieces",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"records", &weir_type_weir_record, 0},
			{NULL, NULL, 0}},
	.args_bytes = sizeof(struct pieces_args),
	.state_bytes = sizeof(size_t),
	.step = pieces_step,
};

static void
many_blocks_that_touch_are_one_run_and_all_are_held(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct pieces pieces = {.n = 400, .bytes = 2048};
	size_t length = pieces.n * pieces.bytes, got;
	char *data = noise(length + 1), *out;

	(void)state;
	for (size_t i = 1; i <= pieces.n; i++)
		data[i * pieces.bytes - 1] = '\n';
	pieces.data = data;
	weir_to_file(weir_source_add(graph, &pieces_op,
			     &(struct pieces_args){.pieces = &pieces}),
		"out", NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_int_equal(got, length);
	assert_memory_equal(out, data, length);
	free(out);
	free(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_made_or_cut_short_first),
		cmocka_unit_test(
			every_record_ends_with_a_newline_the_last_one_included),
		cmocka_unit_test(appended_records_begin_on_a_fresh_line),
		cmocka_unit_test(
			a_full_device_fails_and_nothing_counts_as_written),
		cmocka_unit_test(
			an_output_that_is_an_input_under_any_name_is_refused_untouched),
		cmocka_unit_test(a_later_input_cannot_be_the_output_either),
		cmocka_unit_test(
			another_graph_of_the_system_may_write_what_one_has_read),
		cmocka_unit_test(
			a_descriptor_is_written_from_its_position_and_stays_open),
		cmocka_unit_test(a_descriptor_that_appends_appends),
		cmocka_unit_test(a_descriptor_that_is_an_input_is_refused),
		cmocka_unit_test(a_synced_file_is_written_and_acknowledged),
		cmocka_unit_test(a_fifo_is_written_once_somebody_reads_it),
		cmocka_unit_test(an_abort_ends_the_wait_for_a_reader),
		cmocka_unit_test(a_terminal_shows_what_is_written_to_it),
		cmocka_unit_test(
			records_of_every_length_come_out_as_they_went_in),
		cmocka_unit_test(
			filtered_records_are_joined_into_one_write_in_order),
		cmocka_unit_test(
			many_blocks_that_touch_are_one_run_and_all_are_held),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
