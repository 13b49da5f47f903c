/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_mailbox.c - mailboxes with few slots, few senders and two workers
 *
 * The scheduler is reduced to a flag: who takes the IDLE bit sets it, and the
 * worker that clears it is the consumer for one turn.  A wake-up that is lost
 * leaves the workers waiting for ever.
 */
#include "box.h"

/* -- the consumer ------------------------------------------------------------
 */

static void
take_message(uint64_t word)
{
	unsigned sender = (unsigned)(word >> 8);
	unsigned number = (unsigned)(word & 0xff);

	explore_assert(sender >= 1 && sender <= SENDERS);
	explore_assert(weir_plain_load(&box->last[sender]) + 1 == number);
	weir_plain_store(&box->last[sender], number);
	weir_plain_store(&box->taken, weir_plain_load(&box->taken) + 1);
}

static void
take_notices(void)
{
	if (!weir_mailbox_take_notice(&box->mailbox))
		return;
	for (int lane = weir_exchange(&box->lane, 0, acq_rel), i = 0; lane != 0;
		lane >>= 1, i++)
		if (lane & 1) {
			explore_assert(
				weir_plain_load(&box->lane_data[i]) == 7);
			weir_plain_store(&box->noticed,
				weir_plain_load(&box->noticed) + 1);
		}
}

static bool
is_done(void)
{
	return weir_plain_load(&box->taken) >= box->expected &&
	       weir_plain_load(&box->noticed) >= box->notices;
}

/* Take what is there and go idle; what may still come schedules again. */
static void
turn(void)
{
	uint64_t words[8];
	size_t n;

	for (;;) {
		take_notices();
		if (weir_mailbox_take_full(&box->mailbox))
			weir_fetch_add(&box->room, 1, release);
		n = weir_mailbox_receive(
			&box->mailbox, words, box->receive_max);
		explore_assert(n <= box->limits.bound);
		for (size_t i = 0; i < n; i++)
			take_message(words[i]);
		if (is_done())
			weir_store(&box->done, 1, release);
		if (weir_mailbox_rest(&box->mailbox))
			return;
		weir_pause();
	}
}

static void
work(void)
{
	for (;;) {
		while (weir_load(&box->scheduled, acquire) == 0) {
			if (weir_load(&box->done, acquire) != 0)
				return;
			weir_pause();
		}
		if (weir_exchange(&box->scheduled, 0, acq_rel) != 0)
			turn();
	}
}

/* -- senders -----------------------------------------------------------------
 */

static void
post(unsigned number)
{
	int rc;

	while ((rc = weir_mailbox_post(&box->mailbox, word_of(number))) ==
		-EAGAIN)
		weir_pause();
	explore_assert(rc == 0 || rc == 1);
	if (rc == 1)
		schedule();
}

static void
send_one(void)
{
	post(1);
}

static void
send_two(void)
{
	post(1);
	post(2);
}

static void
send_three(void)
{
	send_two();
	post(3);
}

static void
send_five(void)
{
	send_three();
	post(4);
	post(5);
}

/* As many as it takes at once, until all @n are sent. */
static void
post_n(unsigned first, unsigned n)
{
	while (n > 0) {
		uint64_t words[8];
		size_t sent = 0;
		int rc;

		for (unsigned i = 0; i < n; i++)
			words[i] = word_of(first + i);
		rc = weir_mailbox_post_n(&box->mailbox, words, n, &sent);
		if (rc == -EAGAIN) {
			weir_pause();
			continue;
		}
		explore_assert(rc >= 0 && sent > 0 && sent <= n);
		if (rc == 1)
			schedule();
		first += (unsigned)sent;
		n -= (unsigned)sent;
	}
}

static void
send_three_at_once(void)
{
	post_n(1, 3);
}

static void
send_one_then_three_at_once(void)
{
	post(1);
	post_n(2, 3);
}

/* -- scenarios ---------------------------------------------------------------
 */

static void
three_idle(void)
{
	box_idle(64, 3);
}

static void
five_in_two_slots(void)
{
	box_idle(2, 5);
}

static void
four_in_two_slots(void)
{
	box_idle(2, 4);
}

static void
three_in_one_slot(void)
{
	box_idle(1, 3);
}

static void
five_grow(void)
{
	box_idle(64, 5);
}

static void
seven_in_three(void)
{
	box_idle(3, 7);
}

static void
two_at_the_wrap(void)
{
	three_idle();
	weir_mailbox_init_at(&box->mailbox, &box->pool, &box->limits,
		(UINT64_C(1) << 36) - 2);
	explore_assert(weir_mailbox_rest(&box->mailbox));
	box->expected = 5;
}

/* A mailbox with a ring that is full, and then another ring behind it. */
static void
full_ring(void)
{
	box_idle(128, 66);
	weir_store(&box->scheduled, 1, relaxed);
	for (unsigned i = 1; i <= 64; i++) {
		uint64_t word = (uint64_t)3 << 8 | i;

		explore_assert(
			weir_mailbox_post(&box->mailbox, word) == (i == 1));
	}
	box->receive_max = 8;
}

/* The first mark is written by a sender that is slow. */
static void
rings_come_and_go(void)
{
	box_idle(64, 6);
	box->receive_max = 8;
}

/* Notices. */

static void
notify(void)
{
	unsigned self = explore_self();

	weir_plain_store(&box->lane_data[self], 7);
	weir_fetch_or(&box->lane, 1 << self, release);
	if (weir_mailbox_notify(&box->mailbox))
		schedule();
}

static void
notify_and_send(void)
{
	notify();
	post(1);
}

static void
two_notices(void)
{
	box_idle(64, 0);
	box->notices = 2;
}

static void
two_notices_and_one_message(void)
{
	box_idle(64, 1);
	box->notices = 2;
}

/* Become the consumer without a message, once. */
static void
seize(void)
{
	if (weir_mailbox_seize(&box->mailbox)) {
		weir_plain_store(&box->noticed, 1);
		schedule();
	}
}

/* Whether it was idle when it came is a matter of luck. */
static void
seized_check(void)
{
	box->noticed = 0;
	box_check();
}

static void
two_idle(void)
{
	box_idle(64, 2);
}

/* At the bound: wait for room. */

static void
send_or_wait(unsigned number)
{
	for (;;) {
		int before = weir_load(&box->room, acquire), rc;

		rc = weir_mailbox_post(&box->mailbox, word_of(number));
		if (rc == 1)
			schedule();
		if (rc >= 0)
			return;
		explore_assert(rc == -EAGAIN);
		while (weir_load(&box->room, acquire) == before)
			weir_pause();
	}
}

static void
send_three_or_wait(void)
{
	send_or_wait(1);
	send_or_wait(2);
	send_or_wait(3);
}

static void
senders_wait(void)
{
	box_create(1, WEIR_OVERFLOW_WAIT);
	box->expected = 3;
	explore_assert(weir_mailbox_rest(&box->mailbox));
}

static void
senders_wait_for_two(void)
{
	senders_wait();
	box->expected = 6;
	box->limits.bound = 2;
	weir_mailbox_init(&box->mailbox, &box->pool, &box->limits);
	explore_assert(weir_mailbox_rest(&box->mailbox));
}

/* At its bound in a ring, of which all but one message are taken: limits are
 * set by senders now, and one may be late. */
static void
near_its_bound(void)
{
	uint64_t words[4];

	box_idle(5, 9);
	weir_store(&box->scheduled, 1, relaxed);
	for (unsigned i = 1; i <= 5; i++)
		explore_assert(weir_mailbox_post(&box->mailbox,
				       (uint64_t)3 << 8 | i) == (i == 1));
	box->taken = (unsigned)weir_mailbox_receive(&box->mailbox, words, 2);
	explore_assert(box->taken == 2);
	explore_assert(!weir_mailbox_rest(&box->mailbox));
	box->taken += (unsigned)weir_mailbox_receive(&box->mailbox, words, 2);
	explore_assert(box->taken == 4);
	box->last[3] = 4;
}

/* The stack of free rings alone: who takes one has it for itself. */

static void
two_free_rings(void)
{
	struct weir_ring *first, *second;

	box_idle(64, 0);
	first = weir_ring_acquire(&box->pool, 1);
	second = weir_ring_acquire(&box->pool, 1);
	weir_ring_release(&box->pool, first);
	weir_ring_release(&box->pool, second);
}

static void
use_two_rings(void)
{
	struct weir_ring *first = weir_ring_acquire(&box->pool, 1);
	struct weir_ring *second = weir_ring_acquire(&box->pool, 1);

	weir_plain_store(&first->base, 1);
	weir_plain_store(&second->base, 1);
	weir_ring_release(&box->pool, first);
	weir_plain_store(&second->base, 2);
	weir_ring_release(&box->pool, second);
}

/* A ring that another mailbox has used, at the same positions. */
static void
used_ring(void)
{
	struct weir_mailbox *other;
	uint64_t words[4] = {0x101, 0x102, 0x103, 0x104};
	size_t n = 0;

	box_idle(64, 3);
	other = explore_allocate(sizeof(*other));
	weir_mailbox_init(other, &box->pool, &box->limits);
	explore_assert(weir_mailbox_post_n(other, words, 4, &n) == 0 && n == 4);
	/* The ring is installed at position 0, and is the only one. */
	explore_assert(weir_mailbox_receive(other, words, 4) == 0);
	explore_assert(!weir_mailbox_rest(other));
	explore_assert(weir_mailbox_receive(other, words, 4) == 4);
	explore_assert(weir_mailbox_rest(other));
	explore_assert(weir_ring_pool_borrowed(&box->pool) == 0);
	explore_free(other);
}

static const struct explore_scenario table[] = {
	{.name = "one_sender",
		.setup = three_idle,
		.check = box_check,
		.threads = {send_three, work}},
	{.name = "two_senders",
		.setup = three_idle,
		.check = box_check,
		.threads = {send_two, send_one, work}},
	{.name = "two_senders_two_workers",
		.setup = three_idle,
		.check = box_check,
		.threads = {send_two, send_one, work, work}},
	{.name = "two_laps",
		.setup = five_in_two_slots,
		.check = box_check,
		.threads = {send_five, work}},
	{.name = "two_laps_two_senders",
		.setup = five_in_two_slots,
		.check = box_check,
		.threads = {send_three, send_two, work}},
	{.name = "one_slot",
		.setup = three_in_one_slot,
		.check = box_check,
		.threads = {send_two, send_one, work}},
	{.name = "refused_beside_another",
		.setup = four_in_two_slots,
		.check = box_check,
		.threads = {send_three, send_one, work, work}},
	{.name = "growth",
		.setup = five_grow,
		.check = box_check,
		.threads = {send_five, work}},
	{.name = "growth_two_senders",
		.setup = five_grow,
		.check = box_check,
		.threads = {send_three, send_two, work}},
	{.name = "growth_two_workers",
		.setup = five_grow,
		.check = box_check,
		.threads = {send_five, work, work}},
	{.name = "growth_to_the_bound",
		.setup = seven_in_three,
		.check = box_check,
		.threads = {send_five, send_two, work}},
	{.name = "a_ring_behind_a_ring",
		.setup = full_ring,
		.check = box_check,
		.threads = {send_one, send_one, work},
		.bounds = {.preemptions = 1, .walks = 500}},
	{.name = "rings_come_and_go",
		.setup = rings_come_and_go,
		.check = box_check,
		.threads = {send_three_at_once, send_three_at_once, work}},
	{.name = "the_position_wraps",
		.setup = two_at_the_wrap,
		.check = box_check,
		.threads = {send_three, send_two, work}},
	{.name = "several_at_once",
		.setup = seven_in_three,
		.check = box_check,
		.threads = {send_one_then_three_at_once, send_three_at_once,
			work}},
	{.name = "several_at_once_in_two_slots",
		.setup = four_in_two_slots,
		.check = box_check,
		.threads = {send_three_at_once, send_one, work}},
	{.name = "notices",
		.setup = two_notices,
		.check = box_check,
		.threads = {notify, notify, work}},
	{.name = "notices_and_messages",
		.setup = two_notices_and_one_message,
		.check = box_check,
		.threads = {notify_and_send, notify, work}},
	{.name = "seized_beside_senders",
		.setup = two_idle,
		.check = seized_check,
		.threads = {seize, send_two, work}},
	{.name = "senders_that_wait",
		.setup = senders_wait,
		.check = box_check,
		.threads = {send_three_or_wait, work}},
	{.name = "two_senders_that_wait",
		.setup = senders_wait_for_two,
		.check = box_check,
		.threads = {send_three_or_wait, send_three_or_wait, work}},
	{.name = "an_old_limit",
		.setup = near_its_bound,
		.check = box_check,
		.threads = {send_one, send_three, work}},
	{.name = "free_rings",
		.setup = two_free_rings,
		.check = box_check,
		.threads = {use_two_rings, use_two_rings}},
	{.name = "a_ring_that_was_used",
		.setup = used_ring,
		.check = box_check,
		.threads = {send_three_at_once, work}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
