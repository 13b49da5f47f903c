/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_life.c - messages that are dropped, mailboxes that are closed, and
 * cells that become another one's
 */
#include "box.h"

/* At the bound: what is new is dropped, by its sender. */

static void
count_drop(void *ctx, uint64_t word)
{
	struct box *of = ctx;

	weir_fetch_add(&of->dropped, 1, relaxed);
	weir_store(&of->dropped_word, (unsigned)word, relaxed);
}

static void
drops_new(void)
{
	box_create(2, WEIR_OVERFLOW_DROP_NEW);
	box->limits.drop = count_drop;
	box->limits.ctx = box;
	explore_assert(weir_mailbox_rest(&box->mailbox));
}

static void
send_and_drop(void)
{
	for (unsigned i = 1; i <= 3; i++) {
		int rc = weir_mailbox_post(&box->mailbox, word_of(i));

		explore_assert(rc == 0 || rc == 1);
		weir_fetch_add(&box->accepted, 1, relaxed);
		if (rc == 1)
			schedule();
	}
	weir_fetch_add(&box->done, 1, release);
}

/* Take all there is and go idle.  False: there was a notice. */
static bool
take_all(void)
{
	uint64_t word;

	for (;;) {
		if (weir_mailbox_take_notice(&box->mailbox))
			return false;
		while (weir_mailbox_receive(&box->mailbox, &word, 1) == 1)
			box->taken++;
		if (weir_mailbox_rest(&box->mailbox))
			return true;
		weir_pause();
	}
}

/* Take whatever comes until both senders have ended. */
static void
work_until_both_end(void)
{
	for (;;) {
		bool both = weir_load(&box->done, acquire) == 2;

		if (weir_exchange(&box->scheduled, 0, acq_rel) != 0)
			explore_assert(take_all());
		if (both)
			return;
		weir_pause();
	}
}

static void
nothing_lost_check(void)
{
	explore_assert(weir_load(&box->accepted, relaxed) ==
		       box->taken + weir_load(&box->dropped, relaxed));
	box->expected = box->taken;
	box_check();
}

/* Closing, from outside or by the owner, beside senders. */

static void
to_be_closed(void)
{
	drops_new();
	box->limits.overflow = WEIR_OVERFLOW_REJECT;
	box->limits.bound = 64;
}

static void
to_be_closed_in_its_turn(void)
{
	box_create(64, WEIR_OVERFLOW_REJECT);
	box->limits.drop = count_drop;
	box->limits.ctx = box;
	weir_store(&box->state, UINT64_C(1) << 32, relaxed);
}

static void
send_until_closed(void)
{
	for (unsigned i = 1; i <= 3; i++) {
		int rc = weir_mailbox_post(&box->mailbox, word_of(i));

		if (rc == -ESHUTDOWN)
			return;
		explore_assert(rc == 0 || rc == 1);
		weir_fetch_add(&box->accepted, 1, relaxed);
		if (rc == 1)
			schedule();
	}
}

static void
drain(void)
{
	while (!weir_mailbox_drain(&box->mailbox))
		weir_pause();
	weir_store(&box->done, 1, release);
}

/* Who closes an idle mailbox is its consumer; else the consumer is told. */
static void
close_from_outside(void)
{
	if (weir_mailbox_close(&box->mailbox))
		drain();
	else if (weir_mailbox_notify(&box->mailbox))
		schedule();
}

static void
work_until_closed(void)
{
	while (weir_load(&box->done, acquire) == 0) {
		if (weir_exchange(&box->scheduled, 0, acq_rel) != 0 &&
			!take_all()) {
			drain();
			return;
		}
		weir_pause();
	}
}

/* A name of the first owner, and one of the second. */

static void
send_to_the_first(void)
{
	struct weir_mailbox_guard guard = {&box->state, 1};

	for (unsigned i = 1; i <= 3; i++) {
		int rc =
			weir_mailbox_post_if(&box->mailbox, &guard, word_of(i));

		if (rc == -ESHUTDOWN || rc == -ESRCH)
			continue;
		explore_assert(rc == 0 || rc == 1);
		weir_fetch_add(&box->accepted, 1, relaxed);
		if (rc == 1)
			schedule();
	}
}

static void
send_to_the_second(void)
{
	struct weir_mailbox_guard guard = {&box->state, 2};
	int rc;

	explore_wait(&box->reopened);
	rc = weir_mailbox_post_if(&box->mailbox, &guard, word_of(1));
	explore_assert(rc == 0 || rc == 1);
	weir_fetch_add(&box->accepted, 1, relaxed);
	if (rc == 1)
		schedule();
}

/* The owner ends in its turn, and the cell is another one's. */
static void
respawn(void)
{
	uint64_t word;
	bool idle = false;

	if (weir_mailbox_receive(&box->mailbox, &word, 1) == 1)
		box->taken++;
	weir_mailbox_close(&box->mailbox);
	drain();
	weir_store(&box->state, UINT64_C(2) << 32, release);
	weir_mailbox_reopen(&box->mailbox, &box->limits);
	weir_store(&box->reopened, 1, release);
	for (;;) {
		if (idle) {
			explore_wait(&box->scheduled);
			weir_store(&box->scheduled, 0, relaxed);
		}
		if (weir_mailbox_receive(&box->mailbox, &word, 1) == 1)
			break;
		idle = weir_mailbox_rest(&box->mailbox);
		if (!idle)
			weir_pause();
	}
	explore_assert(word == 0x301);
	box->taken++;
}

static const struct explore_scenario table[] = {
	{.name = "new_ones_are_dropped",
		.setup = drops_new,
		.check = nothing_lost_check,
		.threads = {send_and_drop, send_and_drop, work_until_both_end}},
	{.name = "closed_from_outside",
		.setup = to_be_closed,
		.check = nothing_lost_check,
		.threads = {send_until_closed, close_from_outside,
			work_until_closed}},
	{.name = "closed_and_respawned",
		.setup = to_be_closed_in_its_turn,
		.check = nothing_lost_check,
		.threads = {send_to_the_first, respawn, send_to_the_second}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
