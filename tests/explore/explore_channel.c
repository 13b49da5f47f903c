/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explore_channel.c - credit, cancel and end between two islands
 *
 * Each island is a thread, and a mailbox is reduced to a row of words: an
 * island that has nothing to do goes on when one arrives, and not before.
 */
#include "explore.h"

#include "streams/channel_internal.h"

#define WORDS 16u
#define BATCHES_MAX 6u

/* Words on their way to one island. */
struct row {
	_Atomic unsigned head, tail;
	uint64_t words[WORDS];
	unsigned bound; /* as many may be on their way */
};

struct plan {
	struct weir_credit window;
	unsigned n, elements[BATCHES_MAX]; /* of each batch */
	unsigned cancel_after;             /* so many batches; 0: never */
	bool cancel_at_end, fails;
};

static struct pair {
	struct weir_channel channel;
	struct row to_producer, to_consumer;
	struct plan plan;
	_Atomic unsigned running;
	/* What the consumer gives back with each batch, and the producer
	 * uses again. */
	unsigned room[BATCHES_MAX];
	unsigned arrived, delivered; /* the consumer's */
	struct weir_credit taken;
	bool was_cancelled; /* the producer's */
} * pair;

static const int failure, cause;

static int
row_post(void *end, uint64_t word)
{
	struct row *row = end;
	unsigned tail = weir_load(&row->tail, relaxed);

	explore_assert(tail - weir_load(&row->head, acquire) < row->bound);
	explore_assert(row != &pair->to_producer || !pair->channel.closed);
	weir_plain_store(&row->words[tail % WORDS], word);
	weir_store(&row->tail, tail + 1, release);
	return 0;
}

static bool
row_take(struct row *row, uint64_t *ret_word)
{
	unsigned head = weir_load(&row->head, relaxed);

	if (weir_load(&row->tail, acquire) == head)
		return false;
	*ret_word = weir_plain_load(&row->words[head % WORDS]);
	weir_store(&row->head, head + 1, release);
	return true;
}

static void
row_wait(struct row *row)
{
	unsigned head = weir_load(&row->head, relaxed);

	while (weir_load(&row->tail, acquire) == head)
		weir_pause();
}

static void
pair_create(const struct plan *plan)
{
	pair = explore_allocate(sizeof(*pair));
	pair->plan = *plan;
	/* Beside the batches one END; one CREDIT and one CANCEL. */
	pair->to_consumer.bound = (unsigned)plan->window.batches + 1;
	pair->to_producer.bound = 2;
	weir_store(&pair->running, 2, relaxed);
	weir_channel_init(&pair->channel, &plan->window, row_post,
		&pair->to_producer, &pair->to_consumer, 0);
}

/* Whoever ends last frees what both used. */
static void
pair_leave(void)
{
	if (weir_fetch_sub(&pair->running, 1, acq_rel) != 1)
		return;
	explore_assert(pair->was_cancelled || pair->arrived == pair->plan.n);
	explore_free(pair);
}

/* -- the producer -------------------------------------------------------- */

static void
produced_words(void)
{
	struct weir_channel *channel = &pair->channel;
	uint64_t word;

	while (row_take(&pair->to_producer, &word)) {
		if ((word & WEIR_WORD_MASK) == WEIR_WORD_CREDIT) {
			weir_channel_credited(channel);
			continue;
		}
		explore_assert((word & WEIR_WORD_MASK) == WEIR_WORD_CANCEL);
		explore_assert(weir_plain_load(&channel->cause) == &cause);
		pair->was_cancelled = true;
	}
}

static void
send(unsigned i)
{
	struct weir_channel *channel = &pair->channel;
	const struct weir_credit *window = &pair->plan.window;
	struct weir_batch *batch = explore_allocate(sizeof(*batch));
	struct weir_credit out;

	batch->count = pair->plan.elements[i];
	batch->bytes = pair->plan.elements[i];
	weir_plain_store(&batch->serial, i);
	explore_assert(weir_channel_send(channel, batch) == 0);
	out = weir_channel_out(channel);
	explore_assert(out.batches <= window->batches);
	explore_assert(out.elements <= window->elements);
	explore_assert(out.bytes <= window->bytes || out.batches == 1);
	for (uint64_t k = 0; k < channel->known.batches; k++)
		explore_assert(weir_plain_load(&pair->room[k]) == 1);
}

static void
produce(void)
{
	struct weir_channel *channel = &pair->channel;
	unsigned i = 0;

	for (;;) {
		uint64_t elements;

		produced_words();
		if (pair->was_cancelled || i == pair->plan.n)
			break;
		elements = pair->plan.elements[i];
		if (weir_channel_may_send(channel, elements, elements))
			send(i++);
		else if (!weir_channel_ask(channel))
			row_wait(&pair->to_producer);
	}
	explore_assert(weir_channel_end(channel,
			       pair->plan.fails ? &failure : NULL) == 0);
	pair_leave();
}

/* -- the consumer -------------------------------------------------------- */

/* Take one batch, at once or late. */
static void
batch_take(struct weir_batch *batch, bool late)
{
	explore_assert(weir_plain_load(&batch->serial) == pair->arrived);
	weir_plain_store(&pair->room[pair->arrived], 1);
	pair->arrived++;
	pair->taken.batches++;
	pair->taken.elements += batch->count;
	pair->taken.bytes += batch->bytes;
	explore_free(batch);
	if (late)
		return;
	pair->delivered++;
	weir_channel_take(&pair->channel, &pair->taken);
	explore_assert(weir_channel_tell(&pair->channel, false) == 0);
	if (pair->delivered == pair->plan.cancel_after)
		explore_assert(
			weir_channel_cancel(&pair->channel, &cause) == 0);
}

static void
consumed_word(uint64_t word)
{
	struct weir_channel *channel = &pair->channel;
	struct weir_batch *batch = (void *)(uintptr_t)word;

	if ((word & WEIR_WORD_MASK) == WEIR_WORD_BATCH) {
		batch_take(batch, !weir_channel_arrived(channel, batch));
		return;
	}
	explore_assert((word & WEIR_WORD_MASK) == WEIR_WORD_END);
	explore_assert(weir_channel_closed(channel) ==
		       (pair->plan.fails ? &failure : NULL));
	if (pair->plan.cancel_at_end)
		explore_assert(weir_channel_cancel(channel, &cause) == 0);
}

static void
consume(void)
{
	struct weir_channel *channel = &pair->channel;
	uint64_t word;

	while (!channel->closed) {
		row_wait(&pair->to_consumer);
		while (row_take(&pair->to_consumer, &word))
			consumed_word(word);
		explore_assert(weir_channel_tell(channel, true) == 0);
	}
	pair_leave();
}

/* -- scenarios ------------------------------------------------------------ */

static void
one_at_a_time(void)
{
	pair_create(&(struct plan){
		.window = {1, 1, 1}, .n = 4, .elements = {1, 1, 1, 1}});
}

static void
two_at_a_time(void)
{
	pair_create(&(struct plan){
		.window = {2, 4, 8}, .n = 6, .elements = {2, 2, 1, 2, 2, 2}});
}

/* Less than half a window is taken when the next needs it. */
static void
less_than_half(void)
{
	pair_create(&(struct plan){
		.window = {8, 8, 8}, .n = 3, .elements = {3, 6, 3}});
}

/* The question for credit is still there when the end comes. */
static void
little_is_left(void)
{
	pair_create(&(struct plan){
		.window = {8, 8, 8}, .n = 2, .elements = {6, 3}});
}

static void
larger_than_the_window(void)
{
	pair_create(&(struct plan){
		.window = {2, 2, 0}, .n = 3, .elements = {1, 1, 1}});
}

static void
cancelled_early(void)
{
	pair_create(&(struct plan){.window = {2, 2, 2},
		.n = 5,
		.elements = {1, 1, 1, 1, 1},
		.cancel_after = 1});
}

static void
cancelled_late(void)
{
	pair_create(&(struct plan){.window = {2, 2, 2},
		.n = 3,
		.elements = {1, 1, 1},
		.cancel_after = 3});
}

static void
cancelled_at_the_end(void)
{
	pair_create(&(struct plan){.window = {2, 2, 2},
		.n = 2,
		.elements = {1, 1},
		.cancel_at_end = true,
		.fails = true});
}

static const struct explore_scenario table[] = {
	{.name = "one_at_a_time",
		.setup = one_at_a_time,
		.threads = {produce, consume}},
	{.name = "two_at_a_time",
		.setup = two_at_a_time,
		.threads = {produce, consume}},
	{.name = "less_than_half",
		.setup = less_than_half,
		.threads = {produce, consume}},
	{.name = "little_is_left",
		.setup = little_is_left,
		.threads = {produce, consume}},
	{.name = "larger_than_the_window",
		.setup = larger_than_the_window,
		.threads = {produce, consume}},
	{.name = "cancelled_early",
		.setup = cancelled_early,
		.threads = {produce, consume}},
	{.name = "cancelled_late",
		.setup = cancelled_late,
		.threads = {produce, consume}},
	{.name = "cancelled_at_the_end",
		.setup = cancelled_at_the_end,
		.threads = {produce, consume}},
};

int
main(int argc, char **argv)
{
	return explore_main(
		argc, argv, table, sizeof(table) / sizeof(table[0]));
}
