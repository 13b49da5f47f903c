/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counter.c - actors: three senders, one counter, one question
 *
 * Each sender adds a hundred times; when all have, the counter is asked what
 * it came to.  Nobody shares memory and nobody locks anything.
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stdio.h>

#define SENDERS 3
#define EACH 100

/* What somebody who waits for the others is told. */
struct news {
	bool is_total; /* else: a sender has sent all */
	int64_t total;
};

WEIR_PROTOCOL(waiter, struct news);

/* What the counter is told: add n, or say to whom it came to what. */
struct count {
	int64_t n; /* 0: a question */
	struct waiter_ref reply_to;
};

WEIR_PROTOCOL(counter, struct count);

/* What a sender is told: begin. */
struct job {
	struct counter_ref counter;
	struct waiter_ref done_to;
};

WEIR_PROTOCOL(sender, struct job);

/* -- what they do ------------------------------------------------------------
 */

struct counter {
	int64_t total;
};

WEIR_ACTOR(counter, self, struct counter, counter, struct count, count)
{
	struct news news = {.is_total = true, .total = counter->total};

	counter->total += count->n;
	return count->n == 0 ? waiter_send(count->reply_to, news) : 0;
}

struct sender {
	int sent;
};

WEIR_ACTOR(sender, self, struct sender, sender, struct job, job)
{
	struct count one = {.n = 1};
	struct news done = {.is_total = false};
	int rc = 0;

	for (; sender->sent < EACH && rc == 0; sender->sent++)
		rc = counter_send(job->counter, one);
	return rc < 0 ? rc : waiter_send(job->done_to, done);
}

struct waiter {
	struct counter_ref counter;
	int done;
	int64_t *total; /* of main() */
};

WEIR_ACTOR(waiter, self, struct waiter, waiter, struct news, news)
{
	struct count question = {.n = 0, .reply_to = waiter_self(self)};

	if (news->is_total) {
		*waiter->total = news->total;
		weir_system_stop(weir_self(self).system);
		return 0;
	}
	if (++waiter->done < SENDERS)
		return 0;
	/* What the senders sent to the counter is before it. */
	return counter_send(waiter->counter, question);
}

/* -- putting them together ---------------------------------------------------
 */

static int
start(struct weir_system *system, int64_t *total)
{
	struct waiter waiting = {.done = 0, .total = total};
	struct sender_ref sender;
	struct job job;
	int rc;

	rc = counter_spawn(system, NULL, NULL, &job.counter);
	if (rc < 0)
		return rc;
	waiting.counter = job.counter;
	rc = waiter_spawn(system, &waiting, NULL, &job.done_to);
	for (int i = 0; i < SENDERS && rc == 0; i++) {
		rc = sender_spawn(system, NULL, NULL, &sender);
		if (rc == 0)
			rc = sender_send(sender, job);
	}
	return rc;
}

int
main(void)
{
	struct weir_system *system;
	int64_t total = 0;
	int rc = weir_system_create(NULL, &system);

	if (rc < 0)
		return 1;
	rc = start(system, &total);
	if (rc == 0)
		rc = weir_system_run(system, (int64_t)30 * 1000000000);
	weir_system_destroy(system);
	if (rc < 0)
		fprintf(stderr, "failed: %d\n", rc);
	printf("%" PRId64 "\n", total);
	return rc == 0 && total == SENDERS * EACH ? 0 : 1;
}
