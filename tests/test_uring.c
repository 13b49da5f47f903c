/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_uring.c - the backend on io_uring: many operations, cancels, refusals
 */
#include "io/backend.h"

#include "actors/system_internal.h"
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A ring by itself, and what its operations came to. */
struct world {
	struct weir_system *system;
	void *io;
	int pipe[2];
};

struct probe {
	struct weir_io_op op;
	char data[16];
	int64_t result;
	int ends;
};

static void
probe_done(struct weir_io_op *op, int64_t result)
{
	struct probe *probe = (struct probe *)(void *)op;

	probe->result = result;
	probe->ends++;
}

static int
world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char text[256];

	assert_non_null(world);
	if (weir_system_create(NULL, &world->system) < 0 ||
		weir_system_enter(world->system) < 0 ||
		weir_io_uring.create(world->system, NULL, &world->io, text,
			sizeof(text)) < 0 ||
		pipe(world->pipe) < 0)
		return -1;
	*state = world;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *world = *state;

	if (world->io != NULL)
		weir_io_uring.destroy(world->io);
	weir_system_leave(world->system);
	weir_system_destroy(world->system);
	close(world->pipe[0]);
	close(world->pipe[1]);
	free(world);
	return 0;
}

static void
read_start(struct world *world, struct probe *probe, int fd, int64_t offset)
{
	*probe = (struct probe){.op = {.code = WEIR_IO_READ,
					.fd = fd,
					.data = probe->data,
					.length = 4,
					.offset = offset,
					.done = probe_done}};
	weir_io_uring.submit(world->io, &probe->op);
}

static void
wait_for_all(struct world *world)
{
	while (weir_io_uring.in_flight(world->io) > 0)
		weir_io_uring.park.park(world->io, -1);
}

static void
more_operations_than_the_ring_holds_all_end_once(void **state)
{
	enum { COUNT = 3000 };
	struct world *world = *state;
	struct probe *probes = calloc(COUNT, sizeof(*probes));
	uint32_t *data = malloc(COUNT * sizeof(*data));
	int fd;

	for (uint32_t i = 0; i < COUNT; i++)
		data[i] = i * 2654435761u;
	file_put("numbers", data, COUNT * sizeof(*data));
	fd = open("numbers", O_RDONLY);
	for (int i = 0; i < COUNT; i++)
		read_start(world, &probes[i], fd, i * 4);
	assert_int_equal(weir_io_uring.in_flight(world->io), COUNT);
	wait_for_all(world);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(probes[i].ends, 1);
		assert_int_equal(probes[i].result, 4);
		assert_memory_equal(probes[i].data, &data[i], 4);
	}
	close(fd);
	free(data);
	free(probes);
}

static void
more_waits_than_the_ring_holds_are_all_cancelled(void **state)
{
	enum { COUNT = 1500 };
	struct world *world = *state;
	struct probe *probes = calloc(COUNT, sizeof(*probes));

	for (int i = 0; i < COUNT; i++)
		read_start(world, &probes[i], world->pipe[0], -1);
	weir_io_uring.park.poll(world->io);
	for (int i = COUNT - 1; i >= 0; i--)
		weir_io_uring.cancel(world->io, &probes[i].op);
	wait_for_all(world);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(probes[i].ends, 1);
		assert_int_equal(probes[i].result, -ECANCELED);
	}
	free(probes);
}

static void
a_cancelled_operation_ends_once_by_its_own_completion(void **state)
{
	struct world *world = *state;
	struct probe probe, next;

	read_start(world, &probe, world->pipe[0], -1);
	weir_io_uring.park.poll(world->io);
	weir_io_uring.cancel(world->io, &probe.op);
	weir_io_uring.cancel(world->io, &probe.op);
	assert_int_equal(probe.ends, 0);
	wait_for_all(world);
	assert_int_equal(probe.ends, 1);
	assert_int_equal(probe.result, -ECANCELED);
	/* The cancels' own completions are nobody else's. */
	read_start(world, &next, world->pipe[0], -1);
	assert_int_equal(write(world->pipe[1], "word", 4), 4);
	wait_for_all(world);
	assert_int_equal(next.ends, 1);
	assert_int_equal(next.result, 4);
	assert_int_equal(probe.ends, 1);
}

static void
a_cancel_that_comes_too_late_still_brings_the_data(void **state)
{
	struct world *world = *state;
	struct probe probe;

	assert_int_equal(write(world->pipe[1], "word", 4), 4);
	read_start(world, &probe, world->pipe[0], -1);
	weir_io_uring.cancel(world->io, &probe.op);
	wait_for_all(world);
	assert_int_equal(probe.ends, 1);
	assert_int_equal(probe.result, 4);
	assert_memory_equal(probe.data, "word", 4);
}

static void
a_ring_that_goes_ends_what_is_in_flight_first(void **state)
{
	struct world *world = *state;
	struct probe probes[3] = {0};

	for (int i = 0; i < 3; i++)
		read_start(world, &probes[i], world->pipe[0], -1);
	weir_io_uring.destroy(world->io);
	world->io = NULL;
	for (int i = 0; i < 3; i++)
		assert_int_equal(probes[i].ends, 1);
}

static void
a_closed_descriptor_does_not_end_a_read_on_it(void **state)
{
	struct world *world = *state;
	struct probe probe;
	int fd = dup(world->pipe[0]);

	read_start(world, &probe, fd, -1);
	weir_io_uring.park.poll(world->io);
	close(fd);
	weir_io_uring.park.poll(world->io);
	assert_int_equal(probe.ends, 0);
	assert_int_equal(write(world->pipe[1], "word", 4), 4);
	wait_for_all(world);
	assert_int_equal(probe.result, 4);
	assert_memory_equal(probe.data, "word", 4);
}

static void *
wake_thread(void *arg)
{
	weir_io_uring.park.wake(arg);
	return NULL;
}

static void
a_wake_from_another_thread_ends_the_sleep(void **state)
{
	struct world *world = *state;
	pthread_t thread;

	for (int i = 0; i < 50; i++) {
		pthread_create(&thread, NULL, wake_thread, world->io);
		weir_io_uring.park.park(world->io, -1);
		pthread_join(thread, NULL);
		/* It may have ended the sleep before; it is not kept. */
		weir_io_uring.park.park(world->io, 0);
	}
	assert_int_equal(weir_io_uring.in_flight(world->io), 0);
}

/* -- whole graphs ---------------------------------------------------------- */

static int
graph_run(struct weir_system *system, struct weir_error *error)
{
	struct weir_graph *graph =
		weir_graph_create(&(struct weir_graph_opts){.system = system});
	int rc;

	weir_to_file(weir_from_file(graph, "in", NULL), "out", NULL);
	rc = weir_graph_run(graph, error);
	if (error != NULL && rc < 0)
		error->text = strdup(error->text);
	weir_graph_destroy(graph);
	return rc;
}

static void *
graph_thread(void *arg)
{
	return graph_run(arg, NULL) == 0 ? arg : NULL;
}

static void
one_system_runs_graphs_of_one_thread_after_another(void **state)
{
	struct weir_system *system;
	pthread_t thread;
	void *done;

	(void)state;
	file_put("in", "data", 4);
	assert_int_equal(weir_system_create(NULL, &system), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(graph_run(system, NULL), 0);
		pthread_create(&thread, NULL, graph_thread, system);
		pthread_join(thread, &done);
		assert_ptr_equal(done, system);
	}
	weir_system_destroy(system);
}

static void
memory_that_runs_out_anywhere_fails_the_run_and_leaks_nothing(void **state)
{
	char *data = noise(1 << 20);
	bool done = false;

	(void)state;
	file_put("in", data, 1 << 20);
	free(data);
	for (long n = 0; !done; n++) {
		struct counted counted;
		struct weir_system_opts opts = {
			.allocator = &counted.allocator};
		struct weir_system *system;

		counted_init(&counted, n);
		if (weir_system_create(&opts, &system) == 0) {
			int rc = graph_run(system, NULL);

			done = counted.refused == 0;
			assert_int_equal(rc, done ? 0 : -ENOMEM);
			weir_system_destroy(system);
		}
		assert_int_equal(counted.out, 0);
	}
}

/* From a pipe that has more to one that is full, for a number of turns. */
static void
abort_after(struct world *world, int turns, const char *data, size_t length)
{
	struct counted counted;
	struct weir_system_opts opts = {.allocator = &counted.allocator};
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_run *run;
	int out[2];

	counted_init(&counted, -1);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(write(out[1], data, 60000), 60000);
	assert_int_equal(write(world->pipe[1], data, length), length);
	assert_int_equal(weir_system_create(&opts, &system), 0);
	graph = weir_graph_create(&(struct weir_graph_opts){.system = system});
	weir_to_fd(weir_from_fd(graph, world->pipe[0], NULL), out[1], NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	for (int i = 0; i < turns; i++)
		(void)weir_run_wait(run, 0, NULL);
	weir_run_abort(run, NULL);
	assert_balanced(graph);
	weir_graph_destroy(graph);
	weir_system_destroy(system);
	assert_int_equal(counted.out, 0);
	close(out[0]);
	close(out[1]);
}

static void
an_abort_after_any_turn_leaks_nothing(void **state)
{
	struct world *world = *state;
	char *data = noise(60000);

	for (int turns = 0; turns < 40; turns++) {
		abort_after(world, turns / 4, data, turns % 2 ? 60000 : 1);
		close(world->pipe[0]);
		close(world->pipe[1]);
		assert_int_equal(pipe(world->pipe), 0);
	}
	free(data);
}

/* Whether writes can be told to send no SIGPIPE. */
static bool
kernel_can_spare_the_signal(void)
{
	struct iovec vector = {(char[]){'x'}, 1};
	bool can;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	/* RWF_NOSIGNAL, of Linux 6.18. */
	can = pwritev2(fds[1], &vector, 1, -1, 0x100) < 0 && errno == EPIPE;
	signal(SIGPIPE, SIG_DFL);
	close(fds[1]);
	return can;
}

static void
a_closed_reader_does_not_kill_a_program_that_did_not_think_of_it(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	int fds[2];

	(void)state;
	if (!kernel_can_spare_the_signal()) {
		weir_graph_destroy(graph);
		skip();
	}
	file_put("in", "data", 4);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	weir_to_fd(weir_from_file(graph, "in", NULL), fds[1], NULL);
	assert_int_equal(weir_graph_run(graph, NULL), 0);
	weir_graph_destroy(graph);
	close(fds[1]);
}

/* From now on this process cannot use io_uring: @code says why. */
static int
forbid(int code)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_io_uring_setup, 0, 2),
		BPF_JUMP(
			BPF_JMP | BPF_JGT | BPF_K, SYS_io_uring_register, 1, 0),
		BPF_STMT(BPF_RET | BPF_K,
			SECCOMP_RET_ERRNO | ((uint32_t)code & 0xffff)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		sizeof(filter) / sizeof(filter[0]), filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
		       ? -1
		       : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void
assert_says(int code, const char *words)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct weir_error error = {0};
		int rc = forbid(code) < 0 ? 1 : graph_run(NULL, &error);

		_exit(rc == -code && strstr(error.text, words) != NULL &&
					error.opening &&
					strstr(error.text,
						"cannot use io_uring")
				? 0
				: 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
where_io_uring_is_refused_the_message_says_why_and_what_to_do(void **state)
{
	(void)state;
	file_put("in", "data", 4);
	assert_says(EPERM, "seccomp");
	assert_says(ENOSYS, "Linux 5.19");
	assert_says(ENOMEM, "ulimit -l");
}

/* What a child does with a graph of its parent, of which a run waits for
 * @fd. */
static int
child_use(struct weir_graph *graph, int fd)
{
	struct weir_error error = {0};
	struct weir_graph *own, *again;

	again = weir_graph_create(
		&(struct weir_graph_opts){.system = weir_graph_system(graph)});
	weir_to_null(weir_from_fd(again, fd, NULL), NULL);
	if (weir_graph_run(again, &error) != -EPERM ||
		strstr(error.text, "fork") == NULL)
		return 1;
	weir_graph_destroy(again);
	weir_graph_destroy(graph);
	own = weir_graph_create(NULL);
	weir_to_null(weir_from_file(own, "in", NULL), NULL);
	if (weir_graph_run(own, NULL) != 0)
		return 2;
	weir_graph_destroy(own);
	return 0;
}

static void
a_child_destroys_its_parents_run_or_is_told_to_make_its_own(void **state)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	uint64_t lines = 0;
	struct weir_run *run;
	int fds[2], status;
	pid_t child;

	(void)state;
	file_put("in", "data", 4);
	assert_int_equal(pipe(fds), 0);
	weir_to_count(weir_lines(weir_from_fd(graph, fds[0], NULL), NULL),
		&lines, NULL);
	assert_int_equal(weir_graph_start(graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 0, NULL), -ETIMEDOUT);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(child_use(graph, fds[0]));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(write(fds[1], "a\nb\n", 4), 4);
	close(fds[1]);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_int_equal(lines, 2);
	weir_graph_destroy(graph);
	close(fds[0]);
}

int
main(void)
{
#define ON_A_RING(name)                                                        \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		ON_A_RING(more_operations_than_the_ring_holds_all_end_once),
		ON_A_RING(more_waits_than_the_ring_holds_are_all_cancelled),
		ON_A_RING(
			a_cancelled_operation_ends_once_by_its_own_completion),
		ON_A_RING(a_cancel_that_comes_too_late_still_brings_the_data),
		ON_A_RING(a_ring_that_goes_ends_what_is_in_flight_first),
		ON_A_RING(a_closed_descriptor_does_not_end_a_read_on_it),
		ON_A_RING(a_wake_from_another_thread_ends_the_sleep),
		cmocka_unit_test(
			one_system_runs_graphs_of_one_thread_after_another),
		cmocka_unit_test(
			memory_that_runs_out_anywhere_fails_the_run_and_leaks_nothing),
		ON_A_RING(an_abort_after_any_turn_leaks_nothing),
		cmocka_unit_test(
			a_closed_reader_does_not_kill_a_program_that_did_not_think_of_it),
		cmocka_unit_test(
			a_child_destroys_its_parents_run_or_is_told_to_make_its_own),
		cmocka_unit_test(
			where_io_uring_is_refused_the_message_says_why_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
