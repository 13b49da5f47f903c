/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_file_source.c - files, FIFOs, terminals and descriptors as sources,
 * through the real ring
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

#define BLOCK ((size_t)4096)

static const struct weir_from_file_opts small = {.block_bytes = BLOCK};

/* Copy @paths to "out", which then holds @expected. */
static void
assert_copies(const char *const *paths, const struct weir_from_file_opts *opts,
	const void *expected, size_t length)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	size_t got;
	char *out;

	weir_to_file(weir_from_files(graph, paths, opts), "out", NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_balanced(graph);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_int_equal(got, length);
	assert_memory_equal(out, expected, length);
	free(out);
}

/* A run over @paths cannot open, and says @words; "out" is as it was. */
static void
assert_refused(const char *const *paths, int code, const char *words)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_error error;
	size_t got;
	char *out;

	file_put("out", "before", 6);
	weir_to_file(weir_from_files(graph, paths, NULL), "out", NULL);
	assert_int_equal(weir_graph_run(graph, &error), code);
	assert_non_null(strstr(error.text, words));
	assert_int_equal(error.opening, 1);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_string_equal(out, "before");
	free(out);
}

static void
files_of_every_size_around_a_block_are_read_whole(void **state)
{
	static const size_t sizes[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1,
		16 * BLOCK, 40 * BLOCK - 1, 40 * BLOCK};
	static const char *const paths[] = {"in", NULL};
	char *data = noise(40 * BLOCK);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		file_put("in", data, sizes[i]);
		assert_copies(paths, &small, data, sizes[i]);
		assert_copies(paths, NULL, data, sizes[i]);
	}
	free(data);
}

static void
several_files_are_read_one_after_another_as_often_as_asked(void **state)
{
	static const char *const paths[] = {"a", "empty", "b", NULL};
	static const struct weir_from_file_opts thrice = {.repeat = 3};

	(void)state;
	file_put("a", "one", 3);
	file_put("empty", "", 0);
	file_put("b", "two", 3);
	assert_copies(paths, NULL, "onetwo", 6);
	assert_copies(paths, &thrice, "onetwoonetwoonetwo", 18);
}

static void
each_file_is_a_stream_of_its_own(void **state)
{
	static const char *const paths[] = {"a", "b", NULL};
	struct weir_graph *graph = weir_graph_create(NULL);
	uint64_t count = 0;

	(void)state;
	file_put("a", "no line end", 11);
	file_put("b", "one\ntwo\n", 8);
	weir_to_count(weir_lines(weir_from_files(graph, paths, NULL), NULL),
		&count, NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_int_equal(count, 3);
	weir_graph_destroy(graph);
}

static void
a_file_without_a_size_is_read_to_its_end(void **state)
{
	static const char *const paths[] = {"/proc/filesystems", NULL};
	size_t length;
	char *data = file_get(paths[0], &length);

	(void)state;
	assert_true(length > 0);
	assert_copies(paths, NULL, data, length);
	free(data);
}

static void
what_cannot_be_opened_is_named_before_an_output_is_touched(void **state)
{
	static const char *const missing[] = {"gone", NULL};
	static const char *const second[] = {"a", "gone", NULL};
	static const char *const folder[] = {"/tmp", NULL};
	static const char *const folder_second[] = {"a", "/tmp", NULL};

	(void)state;
	file_put("a", "one", 3);
	assert_refused(missing, -ENOENT,
		"cannot open 'gone': No such file or directory");
	assert_refused(second, -ENOENT, "cannot open 'gone'");
	assert_refused(folder, -EISDIR, "cannot read '/tmp': it is a folder");
	assert_refused(folder_second, -EISDIR, "'/tmp': it is a folder");
}

static void
a_descriptor_is_read_from_its_position_and_left_behind_what_was_emitted(
	void **state)
{
	char *data = noise(10 * BLOCK), *out;
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	struct weir_edge_stats edge;
	size_t got;
	int fd;

	(void)state;
	file_put("in", data, 10 * BLOCK);
	fd = open("in", O_RDONLY);
	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	weir_to_file(weir_take(weir_from_fd(graph, fd, &small), 3, NULL), "out",
		NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_run_edge_stats(run, 0, &edge);
	assert_int_equal(edge.sent, 3);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 100 + 3 * BLOCK);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_int_equal(got, 3 * BLOCK);
	assert_memory_equal(out, data + 100, got);
	free(out);
	free(data);
	close(fd);
}

/* The run goes on for a good while without anything to do. */
static void
assert_waits(struct weir_run *run)
{
	for (int i = 0; i < 100; i++)
		assert_int_equal(weir_run_wait(run, 10000, NULL), -ETIMEDOUT);
}

static void
a_fifo_without_a_writer_yet_is_not_at_its_end(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	size_t got;
	char *out;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	weir_to_file(weir_from_file(graph, "fifo", NULL), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	fd = open("fifo", O_WRONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_waits(run);
	assert_int_equal(write(fd, "some", 4), 4);
	assert_waits(run);
	assert_int_equal(write(fd, " more", 5), 5);
	close(fd);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_balanced(graph);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_string_equal(out, "some more");
	free(out);
}

static void
a_writer_that_left_without_a_byte_ends_a_fifo(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;

	(void)state;
	assert_int_equal(mkfifo("fifo0", 0600), 0);
	weir_to_file(weir_from_file(graph, "fifo0", NULL), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	close(open("fifo0", O_WRONLY | O_NONBLOCK));
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
}

static void
a_drain_ends_the_wait_for_a_writer(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;

	(void)state;
	assert_int_equal(mkfifo("fifo1", 0600), 0);
	weir_to_file(weir_from_file(graph, "fifo1", NULL), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	assert_int_equal(weir_run_drain(run, -1), 0);
	weir_graph_destroy(graph);
}

static void
a_look_at_the_inputs_does_not_end_the_writer_of_a_fifo(void **state)
{
	static const char *const paths[] = {"in", "fifo2", NULL};
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	int reader, writer;
	size_t got;
	char *out;

	(void)state;
	file_put("in", "one ", 4);
	assert_int_equal(mkfifo("fifo2", 0600), 0);
	reader = open("fifo2", O_RDONLY | O_NONBLOCK);
	writer = open("fifo2", O_WRONLY);
	assert_int_equal(write(writer, "two", 3), 3);
	weir_to_file(weir_from_files(graph, paths, NULL), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	close(writer);
	close(reader);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_string_equal(out, "one two");
	free(out);
}

static void
a_terminal_is_read_until_its_end_of_file_key(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct weir_run *run;
	size_t got;
	char *out;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	weir_to_file(weir_from_file(graph, ptsname(master), NULL), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_waits(run);
	assert_int_equal(write(master, "typed\n", 6), 6);
	assert_waits(run);
	assert_int_equal(write(master, "\004", 1), 1);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_string_equal(out, "typed\n");
	free(out);
	close(slave);
	close(master);
}

static void
a_file_that_shrinks_under_the_reads_ends_where_it_ends(void **state)
{
	char *data = noise(100 * BLOCK), *out;
	struct weir_graph *graph =
		weir_graph_create(&(struct weir_graph_opts){.batch_items = 2});
	struct weir_run *run;
	size_t got;

	(void)state;
	file_put("in", data, 100 * BLOCK);
	weir_to_file(weir_from_file(graph, "in", &small), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	(void)weir_run_wait(run, 0, NULL);
	assert_int_equal(truncate("in", 50 * BLOCK + 9), 0);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_int_equal(got, 50 * BLOCK + 9);
	assert_memory_equal(out, data, got);
	free(out);
	free(data);
}

static void
a_file_that_grows_is_read_to_its_new_end(void **state)
{
	char *data = noise(100 * BLOCK);
	struct weir_graph *graph =
		weir_graph_create(&(struct weir_graph_opts){.batch_items = 2});
	struct weir_run *run;
	char *out;
	size_t got;
	int fd;

	(void)state;
	file_put("in", data, 50 * BLOCK + 9);
	weir_to_file(weir_from_file(graph, "in", &small), "out", NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	(void)weir_run_wait(run, 0, NULL);
	fd = open("in", O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, data + 50 * BLOCK + 9, 50 * BLOCK - 9),
		50 * BLOCK - 9);
	close(fd);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
	out = file_get("out", &got);
	assert_int_equal(got, 100 * BLOCK);
	assert_memory_equal(out, data, got);
	free(out);
	free(data);
}

static void
little_memory_is_enough_or_the_message_says_so(void **state)
{
	static const size_t kib[] = {4, 8, 16, 32, 64, 96, 128, 512, 1024};
	char *data = noise(200 * BLOCK), *out;
	bool ran = false;
	size_t got;

	(void)state;
	file_put("in", data, 200 * BLOCK);
	for (size_t i = 0; i < sizeof(kib) / sizeof(kib[0]); i++) {
		struct weir_graph *graph = weir_graph_create(&(
			struct weir_graph_opts){.memory_bytes = kib[i] << 10});
		struct weir_error error;
		int rc;

		weir_to_file(
			weir_lines(weir_from_file(graph, "in", NULL), NULL),
			"out", NULL);
		rc = weir_graph_run(graph, &error);
		if (rc < 0) {
			assert_int_equal(rc, -ENOBUFS);
			assert_non_null(strstr(error.text, "memory"));
			assert_false(ran);
		} else {
			ran = true;
			out = file_get("out", &got);
			assert_memory_equal(out, data, 200 * BLOCK);
			free(out);
		}
		weir_graph_destroy(graph);
	}
	assert_true(ran);
	free(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			files_of_every_size_around_a_block_are_read_whole),
		cmocka_unit_test(
			several_files_are_read_one_after_another_as_often_as_asked),
		cmocka_unit_test(each_file_is_a_stream_of_its_own),
		cmocka_unit_test(a_file_without_a_size_is_read_to_its_end),
		cmocka_unit_test(
			what_cannot_be_opened_is_named_before_an_output_is_touched),
		cmocka_unit_test(
			a_descriptor_is_read_from_its_position_and_left_behind_what_was_emitted),
		cmocka_unit_test(a_fifo_without_a_writer_yet_is_not_at_its_end),
		cmocka_unit_test(a_writer_that_left_without_a_byte_ends_a_fifo),
		cmocka_unit_test(a_drain_ends_the_wait_for_a_writer),
		cmocka_unit_test(
			a_look_at_the_inputs_does_not_end_the_writer_of_a_fifo),
		cmocka_unit_test(a_terminal_is_read_until_its_end_of_file_key),
		cmocka_unit_test(
			a_file_that_shrinks_under_the_reads_ends_where_it_ends),
		cmocka_unit_test(a_file_that_grows_is_read_to_its_new_end),
		cmocka_unit_test(
			little_memory_is_enough_or_the_message_says_so),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
