/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_queue.c - what workers share: run queues, injection, who sleeps,
 * and the way of messages home
 */
#include "explore.h"

#include "actors/cell_internal.h"
#include "actors/idle_internal.h"
#include "actors/injection_internal.h"
#include "actors/message_internal.h"
#include "actors/run_queue_internal.h"
#include "actors/system_internal.h"
#include "actors/table_internal.h"

#define CELLS 6u
#define WORKERS 3u

static struct shared {
	struct weir_run_queue queues[WORKERS];
	struct weir_injection injection;
	struct weir_idle idle;
	_Atomic unsigned work, ran, stop;
	_Atomic int kicked[WORKERS];
	unsigned expected;
	unsigned runs[CELLS];
	struct weir_cell cells[CELLS];
} * shared;

static void
shared_create(void)
{
	shared = explore_allocate(sizeof(*shared));
	shared->expected = CELLS;
}

static void
shared_check(void)
{
	for (unsigned i = 0; i < shared->expected; i++)
		explore_assert(shared->runs[i] == 1);
	explore_free(shared);
}

/* Whoever has a cell has it alone: that it ran is plain data. */
static void
run(struct weir_cell *cell)
{
	unsigned i = (unsigned)(cell - shared->cells);

	explore_assert(i < CELLS);
	weir_plain_store(
		&shared->runs[i], weir_plain_load(&shared->runs[i]) + 1);
}

/* -- run queues ----------------------------------------------------------- */

static void
push(unsigned i)
{
	struct weir_cell *cell = &shared->cells[i];

	weir_plain_store(&cell->owner, cell);
	while (!weir_run_queue_push(&shared->queues[0], cell)) {
		cell = weir_run_queue_pop(&shared->queues[0]);
		if (cell != NULL)
			run(cell);
		cell = &shared->cells[i];
	}
}

static void
pop_all(unsigned queue)
{
	struct weir_cell *cell;

	while ((cell = weir_run_queue_pop(&shared->queues[queue])) != NULL) {
		explore_assert(weir_plain_load(&cell->owner) == cell);
		run(cell);
	}
}

static void
own_two(void)
{
	push(0);
	push(1);
	pop_all(0);
}

static void
own_six(void)
{
	for (unsigned i = 0; i < CELLS; i++)
		push(i);
	pop_all(0);
}

static void
own_three_in_turns(void)
{
	push(0);
	pop_all(0);
	push(1);
	push(2);
	pop_all(0);
}

static void
steal_any(unsigned queue)
{
	for (unsigned i = 0; i < 2; i++)
		if (weir_run_queue_steal(
			    &shared->queues[0], &shared->queues[queue], 1) > 0)
			pop_all(queue);
}

static void
steal_first(void)
{
	steal_any(1);
}

static void
steal_second(void)
{
	steal_any(2);
}

/* What nobody has taken is still there. */
static void
queue_check(void)
{
	for (unsigned i = 0; i < WORKERS; i++)
		pop_all(i);
	shared_check();
}

static void
two_cells(void)
{
	shared_create();
	shared->expected = 2;
}

static void
three_cells(void)
{
	shared_create();
	shared->expected = 3;
}

/* -- injection ------------------------------------------------------------ */

static void
inject_two(void)
{
	unsigned first = (explore_self() - 1) * 2;

	weir_injection_push(&shared->injection, &shared->cells[first]);
	weir_injection_push(&shared->injection, &shared->cells[first + 1]);
	weir_fetch_add(&shared->work, 1, release);
}

static bool
take_injected(size_t most)
{
	struct weir_cell *cell = weir_injection_take(&shared->injection, most);
	bool any = cell != NULL;

	while (cell != NULL) {
		struct weir_cell *next = weir_plain_load(&cell->next);

		run(cell);
		cell = next;
	}
	return any;
}

static void
take_one_at_a_time(void)
{
	for (unsigned i = 0; i < 3; i++)
		take_injected(1);
}

static void
take_three(void)
{
	take_injected(3);
}

static void
injection_check(void)
{
	while (take_injected(1))
		;
	explore_assert(weir_injection_is_empty(&shared->injection));
	shared_check();
}

static void
four_cells(void)
{
	shared_create();
	shared->expected = 4;
}

/* -- who sleeps ------------------------------------------------------------ */

/* Each piece of work is one cell of the injection. */

static void
offer(void)
{
	/* As weir_system_offer(). */
	int bit = weir_idle_choose(&shared->idle);

	if (bit >= 0)
		weir_store(&shared->kicked[bit], 1, release);
}

static void
bring(unsigned i)
{
	weir_injection_push(&shared->injection, &shared->cells[i]);
	offer();
}

static void
bring_one(void)
{
	bring(explore_self() - 1);
}

static void
bring_two(void)
{
	bring(2);
	bring(3);
}

static bool
all_ran(void)
{
	return weir_load(&shared->ran, acquire) == shared->expected;
}

/* Run what there is; pass on the duty to wake others for the rest. */
static bool
work_once(bool *looking)
{
	struct weir_cell *cell = weir_injection_take(&shared->injection, 1);

	if (cell == NULL)
		return false;
	if (*looking) {
		*looking = false;
		weir_idle_found(&shared->idle);
		if (!weir_injection_is_empty(&shared->injection))
			offer();
	}
	run(cell);
	weir_fetch_add(&shared->ran, 1, acq_rel);
	return true;
}

/* A worker: look for work, announce sleep, look again, sleep. */
static void
work(unsigned bit)
{
	bool looking = false;

	while (!all_ran()) {
		if (work_once(&looking))
			continue;
		weir_idle_announce(&shared->idle, bit, looking);
		if (weir_injection_is_empty(&shared->injection)) {
			while (weir_load(&shared->kicked[bit], acquire) == 0) {
				if (all_ran())
					return;
				weir_pause();
			}
			weir_store(&shared->kicked[bit], 0, relaxed);
		} else {
			weir_pause();
		}
		looking = weir_idle_awake(&shared->idle, bit);
	}
}

static void
work_as_0(void)
{
	work(0);
}

static void
work_as_1(void)
{
	work(1);
}

/* -- messages that come home ----------------------------------------------- */

static struct homes {
	struct weir_message_pool pools[2];
	struct weir_system *system;
	_Atomic(void *) sent[4];
} * homes;

static void
homes_create(void)
{
	struct weir_allocator allocator = explore_allocator();
	struct weir_system_opts opts = {.allocator = &allocator};

	homes = explore_allocate(sizeof(*homes));
	explore_assert(weir_system_create(&opts, &homes->system) == 0);
	for (unsigned i = 0; i < 2; i++)
		weir_message_pool_init(&homes->pools[i], homes->system);
}

static void
homes_check(void)
{
	for (unsigned i = 0; i < 2; i++)
		weir_message_pool_flush(&homes->pools[i]);
	for (unsigned i = 0; i < 2; i++)
		weir_message_pool_finish(&homes->pools[i]);
	weir_system_destroy(homes->system);
	explore_free(homes);
}

static void
message_send(unsigned i)
{
	unsigned *message = weir_message_get(&homes->pools[0], 16);

	explore_assert(message != NULL);
	weir_plain_store(message, i + 1);
	weir_store(&homes->sent[i], message, release);
}

static void
send_four(void)
{
	for (unsigned i = 0; i < 4; i++)
		message_send(i);
}

/* Take messages @first and the next; give them back by way of @pool. */
static void
message_receive(unsigned first, struct weir_message_pool *pool)
{
	for (unsigned i = first; i < first + 2; i++) {
		unsigned *message;

		while ((message = weir_load(&homes->sent[i], acquire)) == NULL)
			weir_pause();
		explore_assert(weir_plain_load(message) == i + 1);
		weir_plain_store(message, 0);
		weir_message_put(pool, message);
		if (pool != NULL)
			weir_message_pool_flush(pool);
	}
}

static void
receive_as_worker(void)
{
	message_receive(0, &homes->pools[1]);
}

static void
receive_as_stranger(void)
{
	message_receive(2, NULL);
}

/* -- free objects of a table -------------------------------------------------
 */

struct item {
	unsigned owner;
	_Atomic uint32_t next_free;
};

static struct weir_table *table_of_items;

static void
table_create(void)
{
	struct weir_allocator allocator = explore_allocator();
	struct weir_system_opts opts = {.allocator = &allocator};
	uint32_t index[2];

	homes = explore_allocate(sizeof(*homes));
	explore_assert(weir_system_create(&opts, &homes->system) == 0);
	table_of_items = explore_allocate(sizeof(*table_of_items));
	weir_table_init(table_of_items, homes->system, sizeof(struct item),
		offsetof(struct item, next_free));
	for (unsigned i = 0; i < 2; i++)
		explore_assert(weir_table_take(table_of_items, &index[i]) == 0);
	for (unsigned i = 0; i < 2; i++)
		weir_table_give(table_of_items, index[i]);
}

static void
table_check(void)
{
	weir_table_finish(table_of_items);
	explore_free(table_of_items);
	weir_system_destroy(homes->system);
	explore_free(homes);
}

/* Take one, and another, while others do the same. */
static void
take_two_items(void)
{
	uint32_t index[2];
	struct item *items[2];

	for (unsigned i = 0; i < 2; i++) {
		explore_assert(weir_table_take(table_of_items, &index[i]) == 0);
		items[i] = weir_table_at(table_of_items, index[i]);
		weir_plain_store(&items[i]->owner, explore_self());
	}
	explore_assert(weir_plain_load(&items[0]->owner) == explore_self());
	weir_table_give(table_of_items, index[0]);
	explore_assert(weir_plain_load(&items[1]->owner) == explore_self());
	weir_table_give(table_of_items, index[1]);
}

static const struct explore_scenario table[] = {
	{.name = "the_last_one_is_stolen_or_popped",
		.setup = two_cells,
		.check = queue_check,
		.threads = {own_two, steal_first}},
	{.name = "two_thieves",
		.setup = three_cells,
		.check = queue_check,
		.threads = {own_three_in_turns, steal_first, steal_second}},
	{.name = "a_queue_that_is_full_and_wraps",
		.setup = shared_create,
		.check = queue_check,
		.threads = {own_six, steal_first}},
	{.name = "injection",
		.setup = four_cells,
		.check = injection_check,
		.threads = {inject_two, inject_two, take_one_at_a_time}},
	{.name = "injection_two_takers",
		.setup = two_cells,
		.check = injection_check,
		.threads = {inject_two, take_one_at_a_time, take_three}},
	{.name = "one_sleeps",
		.setup = two_cells,
		.check = shared_check,
		.threads = {bring_one, bring_one, work_as_0}},
	{.name = "two_sleep",
		.setup = four_cells,
		.check = shared_check,
		.threads = {bring_one, bring_one, bring_two, work_as_0,
			work_as_1}},
	{.name = "messages_come_home",
		.setup = homes_create,
		.check = homes_check,
		.threads = {send_four, receive_as_worker, receive_as_stranger}},
	{.name = "items_of_a_table",
		.setup = table_create,
		.check = table_check,
		.threads = {take_two_items, take_two_items}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
