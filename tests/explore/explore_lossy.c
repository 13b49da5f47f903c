/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_lossy.c - a mailbox that drops its oldest message
 *
 * Messages are allocated, so that one released twice or never is found.
 */
#include "explore.h"

#include <errno.h>

#include "actors/mailbox_internal.h"

#define SENDERS 3u

struct message {
	unsigned sender, number;
};

static struct box {
	_Alignas(64) struct weir_mailbox mailbox;
	struct weir_mailbox_limits limits;
	struct weir_ring_pool pool;
	_Atomic int scheduled;
	_Atomic unsigned running;
	unsigned last[SENDERS + 1]; /* number of each sender's latest */
} * box;

static void
drop(void *ctx, uint64_t word)
{
	struct message *message = (void *)(uintptr_t)word;

	(void)ctx;
	/* Whoever drops it has it, as it was sent. */
	explore_assert(weir_plain_load(&message->number) > 0);
	explore_free(message);
}

static void
box_create(void)
{
	struct weir_allocator allocator = explore_allocator();

	box = explore_allocate(sizeof(*box));
	box->limits.bound = 2;
	box->limits.overflow = WEIR_OVERFLOW_DROP_OLD;
	box->limits.drop = drop;
	weir_store(&box->running, 2, relaxed);
	weir_ring_pool_init(&box->pool, &allocator);
	explore_assert(weir_mailbox_init(
			       &box->mailbox, &box->pool, &box->limits) == 0);
	explore_assert(weir_mailbox_rest(&box->mailbox));
}

/* Closed and drained; the ring that it had is clean. */
static void
box_check(void)
{
	struct weir_ring *ring = weir_ring_acquire(&box->pool, 1);

	for (uint64_t i = 0; i <= ring->mask; i++)
		explore_assert(weir_load(&ring->slots[i].mark, relaxed) == 0);
	weir_ring_release(&box->pool, ring);
	explore_assert(weir_ring_pool_borrowed(&box->pool) == 0);
	weir_ring_pool_finish(&box->pool);
	explore_free(box);
}

static void
send(unsigned number)
{
	struct message *message = explore_allocate(sizeof(*message));
	int rc;

	weir_plain_store(&message->sender, explore_self());
	weir_plain_store(&message->number, number);
	rc = weir_mailbox_post(&box->mailbox, (uintptr_t)message);
	if (rc == -ESHUTDOWN)
		explore_free(message);
	else
		explore_assert(rc == 0 || rc == 1);
	if (rc == 1)
		explore_assert(weir_exchange(&box->scheduled, 1, acq_rel) == 0);
}

static void
send_three(void)
{
	for (unsigned i = 1; i <= 3; i++)
		send(i);
	weir_fetch_sub(&box->running, 1, release);
}

static void
take_all(void)
{
	uint64_t word;

	while (weir_mailbox_receive(&box->mailbox, &word, 1) == 1) {
		struct message *message = (void *)(uintptr_t)word;
		unsigned sender = weir_plain_load(&message->sender);
		unsigned number = weir_plain_load(&message->number);

		/* Some are dropped, but none overtakes another. */
		explore_assert(number > box->last[sender]);
		box->last[sender] = number;
		explore_free(message);
	}
}

static void
turn(void)
{
	for (;;) {
		take_all();
		if (weir_mailbox_rest(&box->mailbox))
			return;
		weir_pause();
	}
}

static void
drain(void)
{
	while (!weir_mailbox_drain(&box->mailbox))
		weir_pause();
}

/* Until both senders have ended; then the latest of one was received, for
 * nothing came behind it. */
static void
work(void)
{
	for (;;) {
		bool ended = weir_load(&box->running, acquire) == 0;

		if (weir_exchange(&box->scheduled, 0, acq_rel) != 0)
			turn();
		if (ended)
			break;
		weir_pause();
	}
	explore_assert(box->last[1] == 3 || box->last[2] == 3);
	explore_assert(weir_mailbox_close(&box->mailbox));
	drain();
}

/* In the middle of it. */
static void
work_and_close(void)
{
	explore_wait(&box->scheduled);
	take_all();
	explore_assert(!weir_mailbox_close(&box->mailbox));
	drain();
}

static const struct explore_scenario table[] = {
	{.name = "the_oldest_are_dropped",
		.setup = box_create,
		.check = box_check,
		.threads = {send_three, send_three, work}},
	{.name = "closed_beside_senders",
		.setup = box_create,
		.check = box_check,
		.threads = {send_three, send_three, work_and_close}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
