/* SPDX-License-Identifier: Apache-2.0 */
/*
 * park.c - where a worker sleeps: on an eventfd, until it has something better
 *
 * A kick that comes before the sleep makes it end at once, since the eventfd
 * stays readable; so from the announcement of sleep on (idle.c) none is lost.
 */
#include "worker_internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static void
event_poll(void *ctx)
{
	(void)ctx;
}

static void
event_park(void *ctx, int64_t timeout_ns)
{
	struct weir_worker *worker = ctx;
	struct pollfd fd = {.fd = worker->event_fd, .events = POLLIN};
	struct timespec timeout = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};
	uint64_t count;

	if (ppoll(&fd, 1, timeout_ns < 0 ? NULL : &timeout, NULL) > 0)
		while (read(worker->event_fd, &count, sizeof(count)) < 0 &&
			errno == EINTR)
			;
}

static void
event_wake(void *ctx)
{
	weir_worker_kick(ctx);
}

static size_t
none_pending(const void *ctx)
{
	(void)ctx;
	return 0;
}

int
weir_park_init(
	struct weir_worker *worker, const struct weir_park_ops *ops, void *ctx)
{
	static const struct weir_park_ops on_event = {
		event_poll, event_park, event_wake};

	worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->event_fd < 0)
		return -errno;
	worker->own_parker = (struct weir_parker){
		.ops = ops != NULL ? *ops : on_event,
		.ctx = ops != NULL ? ctx : worker,
		.pending = none_pending,
	};
	weir_worker_set_park(worker, NULL, NULL, NULL);
	return 0;
}

void
weir_park_finish(struct weir_worker *worker)
{
	close(worker->event_fd);
}

void
weir_worker_set_park(struct weir_worker *worker,
	const struct weir_park_ops *ops, void *ctx,
	size_t (*pending)(const void *ctx))
{
	if (ops == NULL) {
		worker->polls = worker->own_parker.ops.poll != event_poll;
		weir_store(&worker->pending, 0, relaxed);
		weir_store(&worker->parker, &worker->own_parker, release);
		return;
	}
	worker->other_parker = (struct weir_parker){*ops, ctx, pending};
	worker->polls = true;
	/* Pairs with the acquire in wake: the table is written. */
	weir_store(&worker->parker, &worker->other_parker, release);
}

int
weir_worker_eventfd(const struct weir_worker *worker)
{
	return worker->event_fd;
}

void
weir_worker_kick(struct weir_worker *worker)
{
	uint64_t one = 1;
	int saved = errno;

	/* EAGAIN: the counter is full, so it is readable all the same. */
	while (write(worker->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

/* Whose sleep was claimed is woken. */
static void
wake(struct weir_worker *worker)
{
	const struct weir_parker *parker;

	weir_fetch_add(&worker->wakes, 1, relaxed);
	/* Pairs with the release in set_park. */
	parker = weir_load(&worker->parker, acquire);
	parker->ops.wake(parker->ctx);
}

void
weir_worker_notify(struct weir_worker *worker)
{
	if (weir_idle_claim(worker->idle, worker->bit))
		wake(worker);
}

void
weir_system_offer(struct weir_system *system)
{
	int bit = weir_idle_choose(&system->idle);

	if (bit >= 0)
		wake(system->workers[bit]);
}

void
weir_worker_interrupt(struct weir_worker *worker)
{
	weir_store(&worker->interrupted, 1, seq_cst);
	weir_worker_notify(worker);
}

void
weir_system_interrupt(struct weir_system *system)
{
	weir_worker_interrupt(system->workers[0]);
}

void
weir_worker_sleep(struct weir_worker *worker, int64_t timeout_ns)
{
	const struct weir_parker *parker = weir_load(&worker->parker, relaxed);

	weir_count_add(&worker->sleeps, 1);
	parker->ops.park(parker->ctx, timeout_ns);
	weir_store(&worker->pending, parker->pending(parker->ctx), relaxed);
}

void
weir_system_advance(struct weir_system *system, uint64_t ns)
{
	/* Written by worker 0 alone. */
	weir_store(&system->virtual_ns,
		weir_load(&system->virtual_ns, relaxed) + ns, relaxed);
}
