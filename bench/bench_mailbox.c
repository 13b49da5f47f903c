/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_mailbox.c - what a word through a mailbox costs
 *
 * One operation is one word sent, or sent and received, or a round trip through
 * two mailboxes.  The mailbox is that of a cell, by the functions inlined into
 * the library: bound, idle bit and growth included, the scheduler not.  Where
 * threads meet, a side that can do nothing spins, and yields after a while.
 *
 *	bench_mailbox [PART OF A MEASURE'S NAME]
 */
#include "actors/mailbox_internal.h"

#include "bench.h"
#include "support/queues.h"

#include <sched.h>

#if defined(BENCH_CK)
#include <ck_ring.h>
#endif

#define BURST 960 /* of the bound of 1024; a multiple of a lot */
#define LOT 32
#define EPISODE 64
#define SENDS INT64_C(1920000) /* a multiple of BURST */
#define STREAM INT64_C(3000000)
#define TRIPS INT64_C(200000)
#define LOOKS 100 /* at nothing, before it yields */

#define INLINE __attribute__((always_inline)) static inline

/* What a contestant is made of; receive takes up to @max words. */
struct queue {
	void (*init)(size_t which);
	bool (*send)(size_t which, uint64_t word);
	size_t (*receive)(size_t which, uint64_t *words, size_t max);
	/* Nothing came for a while. */
	void (*settle)(size_t which);
	void (*finish)(size_t which);
};

/* -- queues, two of each, for there and back ------------------------------- */

static struct weir_ring_pool pool;
static alignas(128) struct {
	alignas(128) struct weir_mailbox mailbox;
} mailboxes[2];
static void *
allocate(void *ctx, size_t bytes, size_t align)
{
	(void)ctx;
	return aligned_alloc(align, (bytes + align - 1) / align * align);
}

static void
release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

static const struct weir_allocator allocator = {allocate, release, NULL};
static const struct weir_mailbox_limits limits = {.bound = QUEUE_SLOTS};

static void
mailbox_init(size_t which)
{
	weir_mailbox_init(&mailboxes[which].mailbox, &pool, &limits);
}

static void
mailbox_finish(size_t which)
{
	struct weir_mailbox *mb = &mailboxes[which].mailbox;

	(void)weir_mailbox_close(mb);
	weir_mailbox_finish(mb);
}

INLINE bool
mailbox_send(size_t which, uint64_t word)
{
	return weir_mailbox_post(&mailboxes[which].mailbox, word) >= 0;
}

INLINE size_t
mailbox_receive(size_t which, uint64_t *words, size_t max)
{
	return weir_mailbox_receive(&mailboxes[which].mailbox, words, max);
}

/* A sender may have moved on to a larger ring: going idle follows it there.
 * Who got idle becomes the consumer again, or was made it by the sender. */
static void
mailbox_settle(size_t which)
{
	if (weir_mailbox_rest(&mailboxes[which].mailbox))
		(void)weir_mailbox_seize(&mailboxes[which].mailbox);
}

static const struct queue mailbox = {mailbox_init, mailbox_send,
	mailbox_receive, mailbox_settle, mailbox_finish};

static void
nothing(size_t which)
{
	(void)which;
}

static struct vyukov vyukovs[2];

static void
plain_init(size_t which)
{
	vyukov_init(&vyukovs[which]);
}

INLINE bool
plain_send(size_t which, uint64_t word)
{
	return vyukov_send(&vyukovs[which], word);
}

INLINE size_t
plain_receive(size_t which, uint64_t *words, size_t max)
{
	(void)max;
	return vyukov_receive(&vyukovs[which], words);
}

static const struct queue plain = {
	plain_init, plain_send, plain_receive, nothing, nothing};

static struct locked lockeds[2];

static void
mutex_init(size_t which)
{
	locked_init(&lockeds[which]);
}

INLINE bool
mutex_send(size_t which, uint64_t word)
{
	return locked_send(&lockeds[which], word);
}

INLINE size_t
mutex_receive(size_t which, uint64_t *words, size_t max)
{
	(void)max;
	return locked_receive(&lockeds[which], words);
}

static const struct queue mutex = {
	mutex_init, mutex_send, mutex_receive, nothing, nothing};

#if defined(BENCH_CK)
static struct {
	alignas(128) ck_ring_t ring;
	ck_ring_buffer_t slots[2 * QUEUE_SLOTS];
} cks[2];

/* It holds one less than its size. */
static void
ck_init(size_t which)
{
	ck_ring_init(&cks[which].ring, 2 * QUEUE_SLOTS);
}

INLINE bool
ck_send(size_t which, uint64_t word)
{
	return ck_ring_enqueue_mpsc(
		&cks[which].ring, cks[which].slots, (void *)(uintptr_t)word);
}

INLINE size_t
ck_receive(size_t which, uint64_t *words, size_t max)
{
	void *word;

	(void)max;
	if (!ck_ring_dequeue_mpsc(&cks[which].ring, cks[which].slots, &word))
		return 0;
	*words = (uintptr_t)word;
	return 1;
}

static const struct queue ck = {ck_init, ck_send, ck_receive, nothing, nothing};
#endif

/* -- shapes, inlined for each queue ---------------------------------------- */

INLINE void
wait_a_bit(int *looks)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
	if (++*looks % LOOKS == 0)
		sched_yield();
}

INLINE void
send_surely(const struct queue *queue, size_t which, uint64_t word)
{
	int looks = 0;

	while (!queue->send(which, word))
		wait_a_bit(&looks);
}

INLINE size_t
receive_surely(
	const struct queue *queue, size_t which, uint64_t *words, size_t max)
{
	int looks = 0;
	size_t n;

	while ((n = queue->receive(which, words, max)) == 0) {
		if (looks % LOOKS == LOOKS - 1)
			queue->settle(which);
		wait_a_bit(&looks);
	}
	return n;
}

/* Take @n words; returns their sum. */
INLINE int64_t
drain(const struct queue *queue, int64_t n)
{
	uint64_t words[LOT], sum = 0;

	while (n > 0) {
		size_t got = receive_surely(queue, 0, words, LOT);

		for (size_t i = 0; i < got; i++)
			sum += words[i];
		n -= (int64_t)got;
	}
	return (int64_t)sum;
}

/* Only the sends are timed, a burst at a time. */
INLINE int64_t
sends(const struct queue *queue)
{
	int64_t left = bench_ops(SENDS), sum = 0;

	queue->init(0);
	for (; left > 0; left -= BURST) {
		bench_start();
		for (uint64_t i = 0; i < BURST; i++)
			if (!queue->send(0, i))
				abort();
		bench_stop();
		sum += drain(queue, BURST);
	}
	queue->finish(0);
	return sum;
}

INLINE int64_t
pairs(const struct queue *queue)
{
	uint64_t n = (uint64_t)bench_ops(SENDS), sum = 0, word;

	queue->init(0);
	for (uint64_t i = 0; i < n; i++) {
		send_surely(queue, 0, i);
		receive_surely(queue, 0, &word, 1);
		sum += word;
	}
	queue->finish(0);
	return (int64_t)sum;
}

INLINE int64_t
stream_from(const struct queue *queue, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		send_surely(queue, 0, (uint64_t)i);
	return 0;
}

INLINE int64_t
trips_ask(const struct queue *queue)
{
	uint64_t n = (uint64_t)bench_ops(TRIPS), sum = 0, word;

	for (uint64_t i = 0; i < n; i++) {
		send_surely(queue, 0, i);
		receive_surely(queue, 1, &word, 1);
		sum += word;
	}
	return (int64_t)sum;
}

INLINE int64_t
trips_answer(const struct queue *queue)
{
	uint64_t word;

	for (int64_t i = bench_ops(TRIPS); i > 0; i--) {
		receive_surely(queue, 0, &word, 1);
		send_surely(queue, 1, word);
	}
	return 0;
}

/* Run @receiver on one core and one or two of @sender beside it. */
static int64_t
stream_run(const struct queue *queue, bench_fn sender, bench_fn receiver,
	int senders)
{
	const struct bench_thread threads[] = {{receiver, &senders, 1},
		{sender, &senders, senders == 1 ? 0 : -1},
		{sender, &senders, -1}};
	int64_t sum;

	queue->init(0);
	sum = bench_together(threads, 1 + senders);
	queue->finish(0);
	return sum;
}

static int64_t
trips_run(const struct queue *queue, bench_fn asks, bench_fn answers)
{
	const struct bench_thread both[] = {
		{asks, NULL, 0}, {answers, NULL, 1}};
	int64_t sum;

	queue->init(0);
	queue->init(1);
	sum = bench_together(both, 2);
	queue->finish(0);
	queue->finish(1);
	return sum;
}

/* A contestant of each shape; a function for each, so that the compiler sees
 * whose queue it is. */
#define CONTESTANTS(queue)                                                     \
	static int64_t queue##_sends(void *ctx)                                \
	{                                                                      \
		(void)ctx;                                                     \
		return sends(&queue);                                          \
	}                                                                      \
	static int64_t queue##_pairs(void *ctx)                                \
	{                                                                      \
		(void)ctx;                                                     \
		return pairs(&queue);                                          \
	}                                                                      \
	static int64_t queue##_from(void *senders)                             \
	{                                                                      \
		return stream_from(                                            \
			&queue, bench_ops(STREAM) / *(int *)senders);          \
	}                                                                      \
	static int64_t queue##_to(void *senders)                               \
	{                                                                      \
		int n = *(int *)senders;                                       \
                                                                               \
		return drain(&queue, bench_ops(STREAM) / n * n);               \
	}                                                                      \
	static int64_t queue##_stream(void *senders)                           \
	{                                                                      \
		return stream_run(                                             \
			&queue, queue##_from, queue##_to, *(int *)senders);    \
	}

/* Not of those that sleep. */
#define TRIPS_OF(queue)                                                        \
	static int64_t queue##_asks(void *ctx)                                 \
	{                                                                      \
		(void)ctx;                                                     \
		return trips_ask(&queue);                                      \
	}                                                                      \
	static int64_t queue##_answers(void *ctx)                              \
	{                                                                      \
		(void)ctx;                                                     \
		return trips_answer(&queue);                                   \
	}                                                                      \
	static int64_t queue##_trips(void *ctx)                                \
	{                                                                      \
		(void)ctx;                                                     \
		return trips_run(&queue, queue##_asks, queue##_answers);       \
	}

CONTESTANTS(mailbox)
TRIPS_OF(mailbox)
CONTESTANTS(plain)
TRIPS_OF(plain)
CONTESTANTS(mutex)
#if defined(BENCH_CK)
CONTESTANTS(ck)
TRIPS_OF(ck)
#define CK(function) function
#else
#define CK(function) NULL
#endif

/* -- what only some can do ------------------------------------------------- */

/* The sum that words 0 .. BURST - 1 have, for each burst of sends. */
static int64_t
bursts_sum(void)
{
	int64_t bursts = (bench_ops(SENDS) + BURST - 1) / BURST;

	return bursts * (BURST * (BURST - 1) / 2);
}

static int64_t
fetch_adds(void *ctx)
{
	static _Atomic uint64_t counter;

	(void)ctx;
	for (int64_t left = bench_ops(SENDS); left > 0; left -= BURST) {
		bench_start();
		for (int i = 0; i < BURST; i++)
			atomic_fetch_add_explicit(
				&counter, 1, memory_order_acq_rel);
		bench_stop();
	}
	return bursts_sum();
}

/* As mailbox_sends(), by a burst handle. */
static int64_t
mailbox_bursts(void *ctx)
{
	int64_t sum = 0;

	(void)ctx;
	mailbox_init(0);
	for (int64_t left = bench_ops(SENDS); left > 0; left -= BURST) {
		struct weir_mailbox_burst burst =
			weir_mailbox_burst_begin(&mailboxes[0].mailbox);

		bench_start();
		for (uint64_t i = 0; i < BURST; i++)
			if (weir_mailbox_burst_post_if(&burst, NULL, i) < 0)
				abort();
		bench_stop();
		sum += drain(&mailbox, BURST);
	}
	mailbox_finish(0);
	return sum;
}

/* What an episode sent is there: where a ring ends, another one begins. */
static int64_t
episode_drain(void)
{
	struct weir_mailbox *mb = &mailboxes[0].mailbox;
	uint64_t words[LOT], sum = 0;

	for (size_t n = 0, got; n < EPISODE; n += got) {
		got = weir_mailbox_receive(mb, words, LOT);
		for (size_t i = 0; i < got; i++)
			sum += words[i];
		if (got == 0)
			(void)weir_mailbox_advance(mb);
	}
	return (int64_t)sum;
}

/* A burst of 64 from inline slots to a ring and back, and idle after it. */
static int64_t
mailbox_growths(void *ctx)
{
	int64_t sum = 0;

	(void)ctx;
	mailbox_init(0);
	for (int64_t left = bench_ops(SENDS); left > 0; left -= EPISODE) {
		for (uint64_t i = 0; i < EPISODE; i++)
			(void)mailbox_send(0, i);
		sum += episode_drain();
		mailbox_settle(0);
	}
	mailbox_finish(0);
	return sum;
}

/* The same in a ring that it keeps. */
static int64_t
mailbox_no_growths(void *ctx)
{
	int64_t sum = 0;

	(void)ctx;
	mailbox_init(0);
	for (int64_t left = bench_ops(SENDS); left > 0; left -= EPISODE) {
		for (uint64_t i = 0; i < EPISODE; i++)
			(void)mailbox_send(0, i);
		sum += episode_drain();
	}
	mailbox_finish(0);
	return sum;
}

/* Each word finds the mailbox idle, and leaves it so. */
static int64_t
mailbox_idles(void *ctx)
{
	uint64_t n = (uint64_t)bench_ops(SENDS), sum = 0, word;

	(void)ctx;
	mailbox_init(0);
	for (uint64_t i = 0; i < n; i++) {
		(void)weir_mailbox_rest(&mailboxes[0].mailbox);
		send_surely(&mailbox, 0, i);
		receive_surely(&mailbox, 0, &word, 1);
		sum += word;
	}
	mailbox_finish(0);
	return (int64_t)sum;
}

/* As mailbox_sends(), LOT at a time. */
static int64_t
mailbox_lots(void *ctx)
{
	struct weir_mailbox *mb = &mailboxes[0].mailbox;
	int64_t sum = 0;
	uint64_t words[BURST];

	(void)ctx;
	mailbox_init(0);
	for (uint64_t i = 0; i < BURST; i++)
		words[i] = i;
	for (int64_t left = bench_ops(SENDS); left > 0; left -= BURST) {
		bench_start();
		for (size_t i = 0, n = 0; i < BURST; i += n)
			if (weir_mailbox_post_n(mb, &words[i], LOT, &n) < 0)
				abort();
		bench_stop();
		sum += drain(&mailbox, BURST);
	}
	mailbox_finish(0);
	return sum;
}

static int64_t
mailbox_from_lots(void *senders)
{
	uint64_t words[LOT];
	int64_t n = bench_ops(STREAM) / *(int *)senders, i = 0;

	while (i < n) {
		size_t lot = n - i < LOT ? (size_t)(n - i) : LOT, sent = 0;
		int looks = 0;

		for (size_t k = 0; k < lot; k++)
			words[k] = (uint64_t)i + k;
		while (weir_mailbox_post_n(
			       &mailboxes[0].mailbox, words, lot, &sent) < 0)
			wait_a_bit(&looks);
		i += (int64_t)sent;
	}
	return 0;
}

static int64_t
mailbox_stream_lots(void *senders)
{
	return stream_run(
		&mailbox, mailbox_from_lots, mailbox_to, *(int *)senders);
}

static void
one_thread(void)
{
	bench_run(&(struct bench_measure){.name = "send, one thread",
		.per = SENDS,
		.contestants = {{"weir", mailbox_sends, NULL},
			{"a bare fetch_add", fetch_adds, NULL},
			{"a Vyukov ring", plain_sends, NULL},
			{"ck_ring mpsc", CK(ck_sends), NULL},
			{"mutex, condvar", mutex_sends, NULL},
			{"weir, a burst", mailbox_bursts, NULL}}});
	bench_run(&(struct bench_measure){.name = "send + receive",
		.per = SENDS,
		.contestants = {{"weir", mailbox_pairs, NULL},
			{"a Vyukov ring", plain_pairs, NULL},
			{"ck_ring mpsc", CK(ck_pairs), NULL},
			{"mutex, condvar", mutex_pairs, NULL},
			{"weir, idle between", mailbox_idles, NULL}}});
	bench_run(&(struct bench_measure){.name = "growth for 64 and return",
		.per = SENDS / EPISODE,
		.contestants = {{"weir", mailbox_growths, NULL},
			{"weir, no growth", mailbox_no_growths, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "send in batches of 32, a message",
		.per = SENDS,
		.contestants = {{"weir", mailbox_lots, NULL},
			{"weir, one by one", mailbox_sends, NULL},
			{"a bare fetch_add", fetch_adds, NULL}}});
}

static void
two_cores(void)
{
	static int one = 1, two = 2;

	bench_run(&(struct bench_measure){
		.name = "1 producer, 1 consumer, bound 1024",
		.per = STREAM,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", mailbox_stream, &one},
			{"a Vyukov ring", plain_stream, &one},
			{"ck_ring mpsc", CK(ck_stream), &one},
			{"mutex, condvar", mutex_stream, &one},
			{"weir, 32 at once", mailbox_stream_lots, &one}}});
	bench_run(&(struct bench_measure){
		.name = "2 producers, 1 consumer, bound 1024",
		.per = STREAM,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", mailbox_stream, &two},
			{"a Vyukov ring", plain_stream, &two},
			{"ck_ring mpsc", CK(ck_stream), &two},
			{"mutex, condvar", mutex_stream, &two},
			{"weir, 32 at once", mailbox_stream_lots, &two}}});
	bench_run(&(struct bench_measure){.name = "round trip, both awake",
		.per = TRIPS,
		.flags = BENCH_ACROSS,
		.contestants = {{"weir", mailbox_trips, NULL},
			{"a Vyukov ring", plain_trips, NULL},
			{"ck_ring mpsc", CK(ck_trips), NULL}}});
}

int
main(int argc, char **argv)
{
	bench_init(argc, argv);
	weir_ring_pool_init(&pool, &allocator);
	one_thread();
	two_cores();
	weir_ring_pool_finish(&pool);
	return 0;
}
