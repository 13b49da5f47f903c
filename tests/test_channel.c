/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_channel.c - batches and credit between two islands: the protocol
 */
#include "streams/channel_internal.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WORDS 16u

/* What one side was told, in order. */
struct inbox {
	uint64_t words[WORDS];
	size_t count, read;
	int code; /* that post() returns */
};

struct line {
	struct weir_channel channel;
	struct inbox producer, consumer;
	_Alignas(64) char batches[8][sizeof(struct weir_batch)];
	struct weir_credit taken;
};

static struct line line;

static int
post(void *end, uint64_t word)
{
	struct inbox *inbox = end;

	if (inbox->code < 0)
		return inbox->code;
	assert_true(inbox->count < WORDS);
	inbox->words[inbox->count++] = word;
	return 0;
}

static int
setup(void **state)
{
	const struct weir_credit window = {
		.batches = 4, .elements = 10, .bytes = 100};

	(void)state;
	memset(&line, 0, sizeof(line));
	weir_channel_init(&line.channel, &window, post, &line.producer,
		&line.consumer, 7);
	return 0;
}

static struct weir_batch *
batch_at(size_t index)
{
	return (void *)line.batches[index];
}

static struct weir_batch *
batch_of(size_t index, uint32_t elements, uint64_t bytes)
{
	struct weir_batch *batch = batch_at(index);

	batch->count = elements;
	batch->bytes = bytes;
	return batch;
}

static void
send(size_t index, uint32_t elements, uint64_t bytes)
{
	assert_true(weir_channel_may_send(&line.channel, elements, bytes));
	assert_int_equal(weir_channel_send(&line.channel,
				 batch_of(index, elements, bytes)),
		0);
}

static void
take(uint64_t batches, uint64_t elements, uint64_t bytes)
{
	line.taken.batches += batches;
	line.taken.elements += elements;
	line.taken.bytes += bytes;
	weir_channel_take(&line.channel, &line.taken);
}

static enum weir_word
next_word(struct inbox *inbox)
{
	assert_true(inbox->read < inbox->count);
	return (enum weir_word)(inbox->words[inbox->read++] & WEIR_WORD_MASK);
}

static bool
is_silent(const struct inbox *inbox)
{
	return inbox->read == inbox->count;
}

static void
a_batch_is_posted_with_the_number_of_its_port(void **state)
{
	(void)state;
	send(3, 5, 50);
	assert_int_equal(batch_at(3)->port, 7);
	assert_int_equal(
		line.consumer.words[0], (uint64_t)(uintptr_t)batch_at(3));
}

static void
nothing_beyond_the_window_may_be_sent(void **state)
{
	(void)state;
	assert_false(weir_channel_may_send(&line.channel, 11, 0));
	send(0, 4, 60);
	assert_true(weir_channel_may_send(&line.channel, 6, 40));
	assert_false(weir_channel_may_send(&line.channel, 7, 40));
	assert_false(weir_channel_may_send(&line.channel, 6, 41));
	send(1, 1, 1);
	send(2, 1, 1);
	send(3, 1, 1);
	assert_false(weir_channel_may_send(&line.channel, 1, 1));
}

static void
an_element_above_the_window_in_bytes_crosses_alone(void **state)
{
	(void)state;
	assert_false(weir_channel_may_send(&line.channel, 2, 1000));
	send(0, 1, 1);
	assert_false(weir_channel_may_send(&line.channel, 1, 1000));
	take(1, 1, 1);
	weir_channel_look(&line.channel);
	send(1, 1, 1000);
	assert_false(weir_channel_may_send(&line.channel, 1, 1));
	take(1, 1, 1000);
	weir_channel_look(&line.channel);
	assert_true(weir_channel_may_send(&line.channel, 1, 1));
}

static void
credit_is_not_told_to_who_does_not_ask(void **state)
{
	(void)state;
	send(0, 10, 0);
	take(1, 10, 0);
	assert_int_equal(weir_channel_tell(&line.channel, true), 0);
	assert_true(is_silent(&line.producer));
}

static void
who_asks_late_sees_what_was_taken(void **state)
{
	(void)state;
	send(0, 10, 0);
	take(1, 10, 0);
	assert_int_equal(weir_channel_tell(&line.channel, true), 0);
	assert_true(weir_channel_ask(&line.channel));
	assert_int_equal(weir_channel_out(&line.channel).elements, 0);
}

static void
credit_is_told_at_half_a_window(void **state)
{
	(void)state;
	send(0, 10, 0);
	assert_false(weir_channel_ask(&line.channel));
	take(0, 4, 0);
	assert_int_equal(weir_channel_tell(&line.channel, false), 0);
	assert_true(is_silent(&line.producer));
	take(0, 1, 0);
	assert_int_equal(weir_channel_tell(&line.channel, false), 0);
	assert_int_equal(next_word(&line.producer), WEIR_WORD_CREDIT);
	weir_channel_credited(&line.channel);
	assert_int_equal(weir_channel_out(&line.channel).elements, 5);
}

static void
half_a_window_of_bytes_or_of_batches_will_do(void **state)
{
	(void)state;
	send(0, 2, 60);
	assert_false(weir_channel_ask(&line.channel));
	take(1, 2, 60);
	assert_int_equal(weir_channel_tell(&line.channel, false), 0);
	assert_int_equal(next_word(&line.producer), WEIR_WORD_CREDIT);
	weir_channel_credited(&line.channel);
	send(1, 1, 1);
	send(2, 1, 1);
	assert_false(weir_channel_ask(&line.channel));
	take(2, 2, 2);
	assert_int_equal(weir_channel_tell(&line.channel, false), 0);
	assert_int_equal(next_word(&line.producer), WEIR_WORD_CREDIT);
}

static void
any_credit_is_told_when_idle(void **state)
{
	(void)state;
	send(0, 10, 0);
	assert_false(weir_channel_ask(&line.channel));
	take(0, 1, 0);
	assert_int_equal(weir_channel_tell(&line.channel, true), 0);
	assert_int_equal(next_word(&line.producer), WEIR_WORD_CREDIT);
}

static void
one_credit_is_on_its_way_at_most(void **state)
{
	(void)state;
	send(0, 10, 0);
	assert_false(weir_channel_ask(&line.channel));
	for (int i = 0; i < 10; i++) {
		take(0, 1, 0);
		assert_int_equal(weir_channel_tell(&line.channel, true), 0);
		(void)weir_channel_ask(&line.channel);
	}
	assert_int_equal(line.producer.count, 1);
	weir_channel_credited(&line.channel);
	assert_int_equal(weir_channel_out(&line.channel).elements, 0);
}

static void
nothing_is_told_twice(void **state)
{
	(void)state;
	send(0, 10, 0);
	assert_false(weir_channel_ask(&line.channel));
	take(0, 5, 0);
	assert_int_equal(weir_channel_tell(&line.channel, true), 0);
	weir_channel_credited(&line.channel);
	assert_false(weir_channel_ask(&line.channel));
	assert_int_equal(weir_channel_tell(&line.channel, true), 0);
	assert_int_equal(line.producer.count, 1);
}

static void
the_end_is_said_once_with_its_failure(void **state)
{
	static const int failure = 1, other = 2;

	(void)state;
	assert_int_equal(weir_channel_end(&line.channel, &failure), 0);
	assert_int_equal(weir_channel_end(&line.channel, &other), 0);
	assert_int_equal(line.consumer.count, 1);
	assert_int_equal(next_word(&line.consumer), WEIR_WORD_END);
	assert_ptr_equal(weir_channel_closed(&line.channel), &failure);
}

static void
a_cancel_is_said_once_with_its_cause(void **state)
{
	static const int cause = 1;

	(void)state;
	assert_int_equal(weir_channel_cancel(&line.channel, &cause), 0);
	assert_int_equal(weir_channel_cancel(&line.channel, NULL), 0);
	assert_int_equal(line.producer.count, 1);
	assert_int_equal(next_word(&line.producer), WEIR_WORD_CANCEL);
	assert_ptr_equal(line.channel.cause, &cause);
}

static void
what_arrives_after_the_cancel_is_late(void **state)
{
	(void)state;
	send(0, 1, 0);
	send(1, 1, 0);
	assert_true(weir_channel_arrived(&line.channel, batch_at(0)));
	assert_int_equal(weir_channel_cancel(&line.channel, NULL), 0);
	assert_false(weir_channel_arrived(&line.channel, batch_at(1)));
	assert_int_equal(weir_channel_end(&line.channel, NULL), 0);
	assert_null(weir_channel_closed(&line.channel));
}

static void
what_has_ended_is_not_cancelled(void **state)
{
	(void)state;
	assert_int_equal(weir_channel_end(&line.channel, NULL), 0);
	assert_null(weir_channel_closed(&line.channel));
	assert_int_equal(weir_channel_cancel(&line.channel, NULL), 0);
	assert_true(is_silent(&line.producer));
}

static void
a_batch_that_was_not_posted_is_not_charged(void **state)
{
	(void)state;
	line.consumer.code = -ENOMEM;
	assert_int_equal(
		weir_channel_send(&line.channel, batch_of(0, 5, 5)), -ENOMEM);
	assert_int_equal(weir_channel_out(&line.channel).batches, 0);
	assert_int_equal(weir_channel_end(&line.channel, NULL), -ENOMEM);
	line.consumer.code = 0;
	assert_int_equal(weir_channel_end(&line.channel, NULL), 0);
	assert_int_equal(line.consumer.count, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_posted_with_the_number_of_its_port),
		TEST(nothing_beyond_the_window_may_be_sent),
		TEST(an_element_above_the_window_in_bytes_crosses_alone),
		TEST(credit_is_not_told_to_who_does_not_ask),
		TEST(who_asks_late_sees_what_was_taken),
		TEST(credit_is_told_at_half_a_window),
		TEST(half_a_window_of_bytes_or_of_batches_will_do),
		TEST(any_credit_is_told_when_idle),
		TEST(one_credit_is_on_its_way_at_most),
		TEST(nothing_is_told_twice),
		TEST(the_end_is_said_once_with_its_failure),
		TEST(a_cancel_is_said_once_with_its_cause),
		TEST(what_arrives_after_the_cancel_is_late),
		TEST(what_has_ended_is_not_cancelled),
		TEST(a_batch_that_was_not_posted_is_not_charged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
