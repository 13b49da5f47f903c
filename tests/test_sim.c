/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sim.c - files over the simulated backend: faults, seeds, cancels
 *
 * A world holds "in" and perhaps "out"; a graph copies one to the other, as
 * bytes, so that what is seen is the I/O alone.
 */
#include "support/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BLOCK ((size_t)4096)
#define LENGTH (BLOCK * 9 + 77)

struct world {
	struct weir_sim *sim;
	struct weir_system *system;
	struct weir_graph *graph;
	struct weir_error error;
	struct counted counted;
	char *data;
};

static void
copy_graph(struct world *world, const struct weir_to_file_opts *to)
{
	static const struct weir_from_file_opts small = {.block_bytes = BLOCK};
	struct weir_graph_opts opts = {
		.batch_items = 4, .system = world->system};

	world->graph = weir_graph_create(&opts);
	weir_to_file(weir_from_file(world->graph, "in", &small), "out", to);
}

/* A graph that copies in to out, in a system of @seed. */
static void
copy_build(struct world *world, uint64_t seed, const struct weir_allocator *a,
	const struct weir_to_file_opts *to)
{
	struct weir_system_opts opts = {.io = weir_sim_backend(world->sim),
		.seed = seed,
		.allocator = a};

	world->graph = NULL;
	world->system = NULL;
	if (weir_system_create(&opts, &world->system) == 0)
		copy_graph(world, to);
}

static void
copy_destroy(struct world *world)
{
	weir_graph_destroy(world->graph);
	weir_system_destroy(world->system);
	world->graph = NULL;
	world->system = NULL;
}

static int
copy_run(struct world *world)
{
	memset(&world->error, 0, sizeof(world->error));
	return weir_graph_run(world->graph, &world->error);
}

static void
assert_copied(struct world *world, size_t length)
{
	size_t got;
	const void *out = weir_sim_file_get(world->sim, "out", &got);

	assert_non_null(out);
	assert_int_equal(got, length);
	assert_memory_equal(out, world->data, length);
}

static int
world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->data = noise(LENGTH);
	assert_int_equal(weir_sim_create(&world->sim), 0);
	assert_int_equal(
		weir_sim_file_set(world->sim, "in", world->data, LENGTH), 0);
	*state = world;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *world = *state;

	copy_destroy(world);
	assert_int_equal(weir_sim_open_files(world->sim), 0);
	weir_sim_destroy(world->sim);
	free(world->data);
	free(world);
	return 0;
}

static void
a_file_is_copied_whole_and_every_stage_balances(void **state)
{
	struct world *world = *state;

	copy_build(world, 1, NULL, NULL);
	assert_int_equal(copy_run(world), 0);
	assert_copied(world, LENGTH);
	assert_balanced(world->graph);
	assert_int_equal(tally_of(world->graph, "file", WEIR_UNACKED), 0);
}

static void
any_seed_copies_the_same_and_one_seed_does_the_same_twice(void **state)
{
	struct world *world = *state;
	uint64_t other = 0;
	int differ = 0;

	for (uint64_t seed = 1; seed <= 300; seed++) {
		uint64_t trace = 0;

		for (int again = 0; again < 2; again++) {
			copy_build(world, seed, NULL, NULL);
			assert_int_equal(copy_run(world), 0);
			assert_copied(world, LENGTH);
			if (again)
				assert_int_equal(
					weir_system_trace(world->system),
					trace);
			trace = weir_system_trace(world->system);
			copy_destroy(world);
		}
		differ += trace != other;
		other = trace;
	}
	/* The seeds do lead to different runs. */
	assert_true(differ > 250);
}

static void
reads_and_writes_of_every_length_copy_the_same(void **state)
{
	struct world *world = *state;
	size_t length = 2 * BLOCK + 5;

	weir_sim_file_set(world->sim, "in", world->data, length);
	for (size_t bytes = 1; bytes <= length + 1; bytes += 1 + bytes / 16) {
		weir_sim_short(world->sim, bytes);
		copy_build(world, 7, NULL, NULL);
		assert_int_equal(copy_run(world), 0);
		assert_copied(world, length);
		copy_destroy(world);
	}
}

/* One fault of each kind, at the first operation and at later ones. */
static void
an_error_ends_the_run_and_names_file_and_reason(void **state)
{
	static const struct {
		enum weir_io_code code;
		int result;
		const char *words;
	} faults[] = {
		{WEIR_IO_READ, -EIO, "cannot read 'in': Input/output error"},
		{WEIR_IO_READ, -EBADF, "cannot read 'in'"},
		{WEIR_IO_WRITE, -ENOSPC,
			"cannot write to 'out': No space left on device"},
		{WEIR_IO_WRITE, -EIO, "cannot write to 'out'"},
		{WEIR_IO_WRITE, -EDQUOT, "cannot write to 'out'"},
		{WEIR_IO_WRITE, -EFBIG, "cannot write to 'out'"},
		{WEIR_IO_FSYNC, -EIO, "cannot sync 'out'"},
	};
	static const struct weir_to_file_opts sync = {.sync = WEIR_SYNC_FSYNC};
	struct world *world = *state;

	weir_sim_short(world->sim, 1000);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		for (uint64_t nth = 1; nth <= 4; nth++) {
			struct weir_sim_fault fault = {
				faults[i].code, nth, 1000, faults[i].result};

			if (fault.code == WEIR_IO_FSYNC && nth > 1)
				continue;
			weir_sim_fault(world->sim, &fault);
			copy_build(world, nth, NULL, &sync);
			assert_int_equal(copy_run(world), fault.result);
			assert_non_null(
				strstr(world->error.text, faults[i].words));
			assert_string_equal(world->error.stage, "file");
			assert_balanced(world->graph);
			fault.result = 0;
			weir_sim_fault(world->sim, &fault);
			copy_destroy(world);
		}
}

static void
what_was_read_before_an_error_is_still_written(void **state)
{
	struct world *world = *state;
	struct weir_edge_stats edge;
	const void *out;
	size_t got;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		weir_sim_short(world->sim, BLOCK / 2);
		weir_sim_fault(world->sim,
			&(struct weir_sim_fault){WEIR_IO_READ, 8, 1000, -EIO});
		copy_build(world, seed, NULL, NULL);
		assert_int_equal(copy_run(world), -EIO);
		assert_int_equal(world->error.stage_index, 0);
		out = weir_sim_file_get(world->sim, "out", &got);
		assert_memory_equal(out, world->data, got);
		weir_run_edge_stats(
			weir_graph_last_run(world->graph), 0, &edge);
		assert_int_equal(got, edge.bytes_sent);
		assert_true(got > 0);
		assert_balanced(world->graph);
		copy_destroy(world);
	}
}

static void
a_failure_waits_for_the_writes_unless_it_is_to_be_fast(void **state)
{
	static const struct weir_to_file_opts fast = {
		.stage.on_failure = WEIR_FAST};
	struct world *world = *state;
	struct weir_run *run;

	weir_sim_hold(world->sim, WEIR_IO_WRITE, true);
	for (int i = 0; i < 2; i++) {
		weir_sim_fault(world->sim,
			&(struct weir_sim_fault){WEIR_IO_READ, 8, 1000, -EIO});
		copy_build(world, 3, NULL, i == 0 ? &fast : NULL);
		assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
		assert_int_equal(weir_run_wait(run, 100000000, NULL),
			i == 0 ? -EIO : -ETIMEDOUT);
		if (i == 1)
			weir_sim_hold(world->sim, WEIR_IO_WRITE, false);
		assert_int_equal(weir_run_wait(run, -1, NULL), -EIO);
		assert_balanced(world->graph);
		copy_destroy(world);
	}
}

static void
an_interrupted_or_not_ready_operation_is_done_again(void **state)
{
	static const struct weir_sim_fault faults[] = {
		{WEIR_IO_READ, 2, 5, -EINTR},
		{WEIR_IO_READ, 2, 5, -EAGAIN},
		{WEIR_IO_WRITE, 1, 5, -EINTR},
		{WEIR_IO_WRITE, 1, 5, -EAGAIN},
		{WEIR_IO_FSYNC, 1, 1, -EINTR},
		{WEIR_IO_FSYNC, 1, 1, -EAGAIN},
	};
	static const struct weir_to_file_opts sync = {.sync = WEIR_SYNC_FSYNC};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		weir_sim_fault(world->sim, &faults[i]);
		copy_build(world, i + 1, NULL, &sync);
		assert_int_equal(copy_run(world), 0);
		assert_copied(world, LENGTH);
		copy_destroy(world);
	}
}

static void
a_full_disk_keeps_what_it_took_and_the_rest_counts_as_unacked(void **state)
{
	struct world *world = *state;
	size_t limit = 5 * BLOCK + 99;

	weir_sim_file_limit(world->sim, "out", limit);
	copy_build(world, 3, NULL, NULL);
	assert_int_equal(copy_run(world), -ENOSPC);
	assert_copied(world, limit);
	assert_balanced(world->graph);
}

static void
a_closed_reader_ends_the_run_without_an_error(void **state)
{
	struct world *world = *state;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		weir_sim_short(world->sim, BLOCK / 3);
		weir_sim_fault(
			world->sim, &(struct weir_sim_fault){WEIR_IO_WRITE,
					    seed % 9 + 1, 1000, -EPIPE});
		copy_build(world, seed, NULL, NULL);
		assert_int_equal(copy_run(world), 0);
		assert_balanced(world->graph);
		copy_destroy(world);
	}
}

static void
a_sink_that_stops_stops_the_reads(void **state)
{
	struct world *world = *state;
	size_t length = 4000 * BLOCK;
	char *data = noise(length);
	struct weir_run *run;
	uint64_t reads;

	weir_sim_file_set(world->sim, "in", data, length);
	weir_sim_hold(world->sim, WEIR_IO_WRITE, true);
	copy_build(world, 5, NULL, NULL);
	assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 100000000, NULL), -ETIMEDOUT);
	reads = weir_sim_count(world->sim, WEIR_IO_READ);
	assert_int_equal(weir_sim_count(world->sim, WEIR_IO_WRITE), 1);
	/* Two gathers of 512 KiB, the edge's window, and what is in flight; a
	 * short read counts twice. */
	assert_true(reads * BLOCK < 3 * ((size_t)1 << 20));
	assert_int_equal(weir_run_wait(run, 100000000, NULL), -ETIMEDOUT);
	assert_int_equal(weir_sim_count(world->sim, WEIR_IO_READ), reads);
	weir_sim_hold(world->sim, WEIR_IO_WRITE, false);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	free(world->data);
	world->data = data;
	assert_copied(world, length);
}

static void
what_a_slow_pipe_brings_is_passed_on_at_once(void **state)
{
	struct world *world = *state;
	struct weir_run *run;
	size_t got;

	weir_sim_file_pipe(world->sim, "in", 10);
	weir_sim_fault(world->sim,
		&(struct weir_sim_fault){WEIR_IO_READ, 2, 1, -EAGAIN});
	copy_build(world, 5, NULL, NULL);
	assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
	while (weir_sim_count(world->sim, WEIR_IO_READ) < 2)
		(void)weir_run_wait(run, 0, NULL);
	weir_sim_hold(world->sim, WEIR_IO_POLL, true);
	/* Less than the longest an element may be held back. */
	assert_int_equal(weir_run_wait(run, 10000000, NULL), -ETIMEDOUT);
	weir_sim_file_get(world->sim, "out", &got);
	assert_true(got > 0);
	assert_int_equal(tally_of(world->graph, "file", WEIR_CREATED), 1);
	weir_sim_hold(world->sim, WEIR_IO_POLL, false);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_copied(world, LENGTH);
}

static uint64_t
acked(struct world *world)
{
	struct weir_stage_stats stats;

	weir_run_stage_stats(weir_graph_last_run(world->graph), 1, &stats);
	return stats.tally[WEIR_OUT];
}

static void
nothing_is_acknowledged_before_its_fsync(void **state)
{
	static const struct weir_to_file_opts sync = {.sync = WEIR_SYNC_FSYNC};
	struct world *world = *state;
	struct weir_run *run;

	weir_sim_hold(world->sim, WEIR_IO_FSYNC, true);
	copy_build(world, 5, NULL, &sync);
	assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 1000000000, NULL), -ETIMEDOUT);
	assert_copied(world, LENGTH);
	assert_int_equal(weir_sim_count(world->sim, WEIR_IO_FSYNC), 1);
	assert_int_equal(acked(world), 0);
	weir_sim_hold(world->sim, WEIR_IO_FSYNC, false);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	assert_true(acked(world) > 0);
	assert_balanced(world->graph);
}

static void
syncs_in_groups_come_in_time_though_the_input_never_pauses(void **state)
{
	static const struct weir_to_file_opts sync = {.sync_ns = 200000};
	struct world *world = *state;
	struct weir_run *run;
	size_t length = 800 * BLOCK;
	char *data = noise(length);

	weir_sim_file_set(world->sim, "in", data, length);
	weir_sim_file_pipe(world->sim, "in", 512);
	copy_build(world, 5, NULL, &sync);
	assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
	assert_int_equal(weir_run_wait(run, 20000000, NULL), -ETIMEDOUT);
	assert_true(weir_sim_count(world->sim, WEIR_IO_FSYNC) > 5);
	assert_true(acked(world) > 0);
	assert_int_equal(weir_run_wait(run, -1, NULL), 0);
	free(world->data);
	world->data = data;
	assert_copied(world, length);
	assert_balanced(world->graph);
}

static void
an_empty_file_is_synced_too(void **state)
{
	static const struct weir_to_file_opts sync = {.sync = WEIR_SYNC_FSYNC};
	struct world *world = *state;

	weir_sim_file_set(world->sim, "in", "", 0);
	copy_build(world, 5, NULL, &sync);
	assert_int_equal(copy_run(world), 0);
	assert_copied(world, 0);
	assert_int_equal(weir_sim_count(world->sim, WEIR_IO_FSYNC), 1);
}

static void
memory_that_runs_out_anywhere_fails_the_run_and_leaks_nothing(void **state)
{
	struct world *world = *state;
	bool done = false;
	long n;

	for (n = 0; !done; n++) {
		struct counted *counted = &world->counted;

		counted_init(counted, n);
		copy_build(world, 9, &counted->allocator, NULL);
		if (world->system != NULL) {
			int rc = copy_run(world);

			done = counted->refused == 0;
			assert_int_equal(rc, done ? 0 : -ENOMEM);
		}
		copy_destroy(world);
		assert_int_equal(counted->out, 0);
		assert_int_equal(weir_sim_open_files(world->sim), 0);
	}
	assert_copied(world, LENGTH);
	assert_true(n > 20);
}

static void
an_abort_after_any_turn_leaks_nothing(void **state)
{
	struct world *world = *state;

	for (int turns = 0; turns < 300; turns++) {
		struct weir_run *run;
		struct counted *counted = &world->counted;

		counted_init(counted, -1);
		weir_sim_short(world->sim, 1 + (size_t)turns * 7);
		copy_build(world, (uint64_t)turns % 17 + 1, &counted->allocator,
			NULL);
		assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
		for (int i = 0; i < turns; i++)
			if (weir_run_wait(run, 0, NULL) != -ETIMEDOUT)
				break;
		weir_run_abort(run, NULL);
		assert_balanced(world->graph);
		copy_destroy(world);
		assert_int_equal(counted->out, 0);
		assert_int_equal(weir_sim_open_files(world->sim), 0);
	}
}

/* Reads and writes that end only after graph and files are gone. */
static void
what_is_lent_outlives_the_graph_that_lent_it(void **state)
{
	struct world *world = *state;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		enum weir_io_code held =
			seed % 2 == 0 ? WEIR_IO_READ : WEIR_IO_WRITE;
		struct weir_run *run;

		counted_init(&world->counted, -1);
		weir_sim_hold(world->sim, held, true);
		copy_build(world, seed, &world->counted.allocator, NULL);
		assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
		assert_int_equal(
			weir_run_wait(run, 10000000, NULL), -ETIMEDOUT);
		weir_graph_destroy(world->graph);
		world->graph = NULL;
		assert_int_equal(weir_sim_open_files(world->sim), 0);
		weir_sim_hold(world->sim, held, false);
		/* Another graph of the system lets them end meanwhile. */
		copy_graph(world, NULL);
		assert_int_equal(copy_run(world), 0);
		copy_destroy(world);
		assert_int_equal(world->counted.out, 0);
	}
}

static void
a_drain_after_any_turn_writes_all_that_was_emitted(void **state)
{
	struct world *world = *state;

	for (int turns = 0; turns < 100; turns++) {
		struct weir_edge_stats edge;
		struct weir_run *run;
		size_t got;

		weir_sim_short(world->sim, 700);
		copy_build(world, (uint64_t)turns % 17 + 1, NULL, NULL);
		assert_int_equal(weir_graph_start(world->graph, &run, NULL), 0);
		for (int i = 0; i < turns; i++)
			(void)weir_run_wait(run, 0, NULL);
		assert_int_equal(weir_run_drain(run, -1), 0);
		weir_run_edge_stats(run, 0, &edge);
		weir_sim_file_get(world->sim, "out", &got);
		assert_int_equal(got, edge.bytes_sent);
		assert_copied(world, got);
		assert_balanced(world->graph);
		copy_destroy(world);
	}
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_copied_whole_and_every_stage_balances),
		TEST(any_seed_copies_the_same_and_one_seed_does_the_same_twice),
		TEST(reads_and_writes_of_every_length_copy_the_same),
		TEST(an_error_ends_the_run_and_names_file_and_reason),
		TEST(what_was_read_before_an_error_is_still_written),
		TEST(a_failure_waits_for_the_writes_unless_it_is_to_be_fast),
		TEST(an_interrupted_or_not_ready_operation_is_done_again),
		TEST(a_full_disk_keeps_what_it_took_and_the_rest_counts_as_unacked),
		TEST(a_closed_reader_ends_the_run_without_an_error),
		TEST(a_sink_that_stops_stops_the_reads),
		TEST(what_a_slow_pipe_brings_is_passed_on_at_once),
		TEST(nothing_is_acknowledged_before_its_fsync),
		TEST(syncs_in_groups_come_in_time_though_the_input_never_pauses),
		TEST(an_empty_file_is_synced_too),
		TEST(memory_that_runs_out_anywhere_fails_the_run_and_leaks_nothing),
		TEST(an_abort_after_any_turn_leaks_nothing),
		TEST(what_is_lent_outlives_the_graph_that_lent_it),
		TEST(a_drain_after_any_turn_writes_all_that_was_emitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
