/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pipe.c - pipes: slow, full, closed, not waiting
 */
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LENGTH ((size_t)5 << 20)

struct feed {
	const char *data;
	size_t length, piece;
	int fd;
};

static void *
feed_thread(void *arg)
{
	struct feed *feed = arg;

	for (size_t at = 0; at < feed->length; at += feed->piece) {
		size_t n = feed->length - at;

		if (n > feed->piece)
			n = feed->piece;
		if (write(feed->fd, feed->data + at, n) != (ssize_t)n)
			break;
	}
	close(feed->fd);
	return NULL;
}

static void *
drain_thread(void *arg)
{
	struct feed *got = arg;
	char *to = malloc(LENGTH + 1);
	ssize_t n;

	got->data = to;
	while ((n = read(got->fd, to + got->length, LENGTH + 1 - got->length)) >
		0)
		got->length += (size_t)n;
	close(got->fd);
	return NULL;
}

/* Pass data from one pipe to another whose ends here have @flags. */
static void
pass(size_t length, size_t piece, int flags)
{
	char *data = noise(length);
	struct weir_graph *graph = weir_graph_create(NULL);
	struct feed feed = {data, length, piece, -1}, got = {NULL, 0, 0, -1};
	pthread_t writer, reader;
	int in[2], out[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(fcntl(in[0], F_SETFL, flags), 0);
	assert_int_equal(fcntl(out[1], F_SETFL, flags), 0);
	feed.fd = in[1];
	got.fd = out[0];
	pthread_create(&writer, NULL, feed_thread, &feed);
	pthread_create(&reader, NULL, drain_thread, &got);
	weir_to_fd(weir_from_fd(graph, in[0], NULL), out[1], NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_balanced(graph);
	weir_graph_destroy(graph);
	close(out[1]);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	assert_int_equal(got.length, length);
	assert_memory_equal(got.data, data, length);
	free((void *)(uintptr_t)got.data);
	free(data);
	close(in[0]);
}

static void
all_that_comes_through_a_pipe_goes_out_through_another(void **state)
{
	(void)state;
	pass(LENGTH, 65536, 0);
	pass(100000, 10, 0);
	pass(0, 1, 0);
}

static void
pipes_that_do_not_wait_are_waited_for(void **state)
{
	(void)state;
	pass(LENGTH, 65536, O_NONBLOCK);
	pass(100000, 10, O_NONBLOCK);
}

static void
what_a_slow_pipe_brings_is_passed_on_though_more_may_come(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_run *run;
	int in[2], out[2];
	char data[16];

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe2(out, O_NONBLOCK), 0);
	weir_to_fd(weir_from_fd(graph, in[0], NULL), out[1], NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(in[1], "word", 4), 4);
		while (read(out[0], data, sizeof(data)) != 4)
			assert_int_equal(
				weir_run_wait(run, 1000000, NULL), -ETIMEDOUT);
		assert_memory_equal(data, "word", 4);
	}
	close(in[1]);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	weir_graph_destroy(graph);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

/* As <(true) in a shell, and as /dev/stdin behind a pipe. */
static void
a_pipe_named_by_its_descriptor_ends_though_its_writer_left_before(void **state)
{
	struct weir_graph *graph;
	char path[32], *out;
	size_t got;
	int in[2];

	(void)state;
	for (int bytes = 0; bytes < 4; bytes += 3) {
		assert_int_equal(pipe(in), 0);
		assert_int_equal(write(in[1], "abc", (size_t)bytes), bytes);
		close(in[1]);
		snprintf(path, sizeof(path), "/dev/fd/%d", in[0]);
		graph = weir_graph_create(NULL);
		weir_to_file(weir_from_file(graph, path, NULL), "out", NULL);
		assert_int_equal(weir_graph_run(graph, NULL), 0);
		weir_graph_destroy(graph);
		close(in[0]);
		out = file_get("out", &got);
		assert_int_equal(got, bytes);
		free(out);
	}
}

/* A file of 64 MiB that takes no room, into a pipe that nobody empties. */
static void
a_full_pipe_stops_the_reads_and_a_closed_one_ends_the_run(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct weir_edge_stats edge, later;
	struct weir_run *run;
	int out[2];

	(void)state;
	file_put("in", "", 0);
	assert_int_equal(truncate("in", 64 << 20), 0);
	assert_int_equal(pipe(out), 0);
	weir_to_fd(weir_from_file(graph, "in", NULL), out[1], NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 50000000, NULL), -ETIMEDOUT);
	weir_run_edge_stats(run, 0, &edge);
	/* Two writes of 512 KiB, the window, and what was being read. */
	assert_true(edge.bytes_sent <= 4 << 20);
	assert_int_equal(weir_run_wait(run, 50000000, NULL), -ETIMEDOUT);
	weir_run_edge_stats(run, 0, &later);
	assert_true(later.bytes_sent <= 4 << 20);
	close(out[0]);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_balanced(graph);
	assert_true(tally_of(graph, "fd", WEIR_UNACKED) > 0);
	weir_graph_destroy(graph);
	close(out[1]);
}

static void
a_pipe_that_was_closed_before_ends_the_run_without_an_error(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int out[2];

	(void)state;
	file_put("in", "one\ntwo\n", 8);
	assert_int_equal(pipe(out), 0);
	close(out[0]);
	weir_to_fd(weir_from_file(graph, "in", NULL), out[1], NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	assert_balanced(graph);
	assert_int_equal(tally_of(graph, "fd", WEIR_OUT), 0);
	weir_graph_destroy(graph);
	close(out[1]);
}

static void
an_abort_with_a_read_in_flight_leaves_the_data_to_others(void **state)
{
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_run *run;
	char data[8];
	int in[2];

	(void)state;
	assert_int_equal(weir_system_create(NULL, &system), 0);
	graph = weir_graph_create(&(struct weir_graph_opts){.system = system});
	assert_int_equal(pipe(in), 0);
	weir_to_null(weir_from_fd(graph, in[0], NULL), NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 1000000, NULL), -ETIMEDOUT);
	weir_run_abort(run, NULL);
	weir_graph_destroy(graph);
	weir_system_destroy(system);
	assert_int_equal(write(in[1], "word", 4), 4);
	assert_int_equal(read(in[0], data, sizeof(data)), 4);
	close(in[0]);
	close(in[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			all_that_comes_through_a_pipe_goes_out_through_another),
		cmocka_unit_test(pipes_that_do_not_wait_are_waited_for),
		cmocka_unit_test(
			what_a_slow_pipe_brings_is_passed_on_though_more_may_come),
		cmocka_unit_test(
			a_pipe_named_by_its_descriptor_ends_though_its_writer_left_before),
		cmocka_unit_test(
			a_full_pipe_stops_the_reads_and_a_closed_one_ends_the_run),
		cmocka_unit_test(
			a_pipe_that_was_closed_before_ends_the_run_without_an_error),
		cmocka_unit_test(
			an_abort_with_a_read_in_flight_leaves_the_data_to_others),
	};

	/* For kernels before 6.18; see weir_to_file(). */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
