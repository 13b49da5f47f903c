/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_self.c - the explorer finds what it is there for
 *
 * Small programs whose outcome is known.  Those marked as failing hold a
 * mistake; their neighbours are the same without it.
 */
#include "explore.h"

static _Atomic int x, y, flag;
static int seen_x, seen_y, data;
static int *shared;

static void
reset(void)
{
	weir_store(&x, 0, relaxed);
	weir_store(&y, 0, relaxed);
	weir_store(&flag, 0, relaxed);
	seen_x = seen_y = 0;
	weir_plain_store(&data, 0);
}

/* Each stores, then looks whether the other has: only a store buffer lets
 * both see nothing. */

static void
released_x(void)
{
	weir_store(&x, 1, release);
	seen_y = weir_load(&y, acquire);
}

static void
released_y(void)
{
	weir_store(&y, 1, release);
	seen_x = weir_load(&x, acquire);
}

static void
sequential_x(void)
{
	weir_store(&x, 1, seq_cst);
	seen_y = weir_load(&y, seq_cst);
}

static void
sequential_y(void)
{
	weir_store(&y, 1, seq_cst);
	seen_x = weir_load(&x, seq_cst);
}

static void
fenced_x(void)
{
	weir_store(&x, 1, relaxed);
	weir_fence(seq_cst);
	seen_y = weir_load(&y, relaxed);
}

static void
fenced_y(void)
{
	weir_store(&y, 1, relaxed);
	weir_fence(seq_cst);
	seen_x = weir_load(&x, relaxed);
}

static void
one_saw_the_other(void)
{
	explore_assert(seen_x == 1 || seen_y == 1);
}

/* Stores of one thread are seen in their order. */

static void
store_both(void)
{
	weir_store(&x, 1, relaxed);
	weir_store(&y, 1, relaxed);
}

static void
load_both(void)
{
	seen_y = weir_load(&y, relaxed);
	seen_x = weir_load(&x, relaxed);
}

static void
x_is_not_older(void)
{
	explore_assert(seen_x >= seen_y);
}

/* Data behind a flag. */

static void
give(void)
{
	weir_plain_store(&data, 7);
	weir_store(&flag, 1, release);
}

static void
give_relaxed(void)
{
	weir_plain_store(&data, 7);
	weir_store(&flag, 1, relaxed);
}

static void
take(void)
{
	explore_wait(&flag);
	explore_assert(weir_plain_load(&data) == 7);
}

static void
take_relaxed(void)
{
	while (weir_load(&flag, relaxed) == 0)
		weir_pause();
	explore_assert(weir_plain_load(&data) == 7);
}

static void
take_fenced(void)
{
	while (weir_load(&flag, relaxed) == 0)
		weir_pause();
	weir_fence(acquire);
	explore_assert(weir_plain_load(&data) == 7);
}

static void
give_fenced(void)
{
	weir_plain_store(&data, 7);
	weir_fence(release);
	weir_store(&flag, 1, relaxed);
}

/* A read-modify-write in between passes on what was published before it. */

static void
take_second(void)
{
	while (weir_load(&flag, acquire) != 2)
		weir_pause();
	explore_assert(weir_plain_load(&data) == 7);
}

static void
pass_on(void)
{
	int one = 1;

	while (!weir_compare_exchange(&flag, &one, 2, relaxed, relaxed)) {
		one = 1;
		weir_pause();
	}
}

/* Counting. */

static void
add_one(void)
{
	weir_fetch_add(&x, 1, relaxed);
}

static void
add_one_in_two(void)
{
	weir_store(&x, weir_load(&x, relaxed) + 1, relaxed);
}

static void
three_were_added(void)
{
	explore_assert(weir_load(&x, relaxed) == 3);
}

/* Memory. */

static void
allocate(void)
{
	reset();
	shared = explore_allocate(sizeof(*shared));
}

static void
use(void)
{
	weir_plain_store(shared, 1);
	weir_store(&flag, 1, release);
}

static void
free_after_use(void)
{
	explore_wait(&flag);
	explore_free(shared);
}

static void
free_any_time(void)
{
	explore_free(shared);
}

static void
do_nothing(void)
{
}

/* Waiting. */

static void
wait_for_x(void)
{
	explore_wait(&x);
	weir_store(&y, 1, release);
}

static void
wait_for_y(void)
{
	explore_wait(&y);
	weir_store(&x, 1, release);
}

static void
set_x(void)
{
	weir_store(&x, 1, relaxed);
}

static void
turn_for_ever(void)
{
	while (weir_load(&flag, relaxed) == 0)
		weir_store(&x, weir_load(&x, relaxed) ^ 1, relaxed);
}

static const struct explore_scenario table[] = {
	{.name = "release_and_acquire_do_not_order_store_and_load",
		.setup = reset,
		.check = one_saw_the_other,
		.threads = {released_x, released_y},
		.fails = true},
	{.name = "sequentially_consistent_stores_do",
		.setup = reset,
		.check = one_saw_the_other,
		.threads = {sequential_x, sequential_y}},
	{.name = "fences_do",
		.setup = reset,
		.check = one_saw_the_other,
		.threads = {fenced_x, fenced_y}},
	{.name = "one_fence_is_not_enough",
		.setup = reset,
		.check = one_saw_the_other,
		.threads = {fenced_x, released_y},
		.fails = true},
	{.name = "stores_are_seen_in_order",
		.setup = reset,
		.check = x_is_not_older,
		.threads = {store_both, load_both}},
	{.name = "release_and_acquire_hand_over_data",
		.setup = reset,
		.threads = {give, take}},
	{.name = "a_relaxed_store_does_not",
		.setup = reset,
		.threads = {give_relaxed, take},
		.fails = true},
	{.name = "a_relaxed_load_does_not",
		.setup = reset,
		.threads = {give, take_relaxed},
		.fails = true},
	{.name = "fences_hand_over_data",
		.setup = reset,
		.threads = {give_fenced, take_fenced}},
	{.name = "a_release_sequence_hands_over_data",
		.setup = reset,
		.threads = {give, pass_on, take_second}},
	{.name = "locked_additions_all_count",
		.setup = reset,
		.check = three_were_added,
		.threads = {add_one, add_one, add_one}},
	{.name = "a_load_and_a_store_lose_one",
		.setup = reset,
		.check = three_were_added,
		.threads = {add_one, add_one_in_two, add_one},
		.fails = true},
	{.name = "memory_may_be_freed_after_its_last_use",
		.setup = allocate,
		.threads = {use, free_after_use}},
	{.name = "memory_may_not_be_freed_before",
		.setup = allocate,
		.threads = {use, free_any_time},
		.fails = true},
	{.name = "memory_may_not_be_forgotten",
		.setup = allocate,
		.threads = {use, do_nothing},
		.fails = true},
	{.name = "threads_that_wait_for_each_other_are_stuck",
		.setup = reset,
		.threads = {wait_for_x, wait_for_y},
		.fails = true},
	{.name = "a_third_one_can_help",
		.setup = reset,
		.threads = {wait_for_x, wait_for_y, set_x}},
	{.name = "a_loop_without_end_is_found",
		.setup = reset,
		.threads = {turn_for_ever},
		.fails = true},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
