/* SPDX-License-Identifier: Apache-2.0 */
/*
 * park.c - sleep and wake: the eventcount of a worker
 *
 * The worker announces that it will sleep, looks once more for wakes and
 * interrupts, and then sleeps on its parker.  Who brings one publishes it
 * first and looks for the announcement afterwards.  All four accesses are
 * sequentially consistent, so one of the two sees the other; and a kick that
 * comes before the sleep makes it end at once, since the eventfd stays
 * readable.
 */
#include "park_internal.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static void
event_poll(void *ctx)
{
	(void)ctx;
}

static void
event_park(void *ctx, int64_t timeout_ns)
{
	struct weir_system *system = ctx;
	struct pollfd fd = {.fd = system->event_fd, .events = POLLIN};
	struct timespec timeout = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};
	uint64_t count;

	if (ppoll(&fd, 1, timeout_ns < 0 ? NULL : &timeout, NULL) > 0)
		while (read(system->event_fd, &count, sizeof(count)) < 0 &&
			errno == EINTR)
			;
}

static void
event_wake(void *ctx)
{
	weir_system_kick(ctx);
}

static size_t
none_pending(const void *ctx)
{
	(void)ctx;
	return 0;
}

void
weir_park_init(
	struct weir_system *system, const struct weir_park_ops *ops, void *ctx)
{
	static const struct weir_park_ops on_event = {
		event_poll, event_park, event_wake};

	system->own_parker = (struct weir_parker){
		.ops = ops != NULL ? *ops : on_event,
		.ctx = ops != NULL ? ctx : system,
		.pending = none_pending,
	};
	weir_store(&system->parker, &system->own_parker, release);
}

void
weir_system_set_park(struct weir_system *system,
	const struct weir_park_ops *ops, void *ctx,
	size_t (*pending)(const void *ctx))
{
	if (ops == NULL) {
		weir_store(&system->parker, &system->own_parker, release);
		return;
	}
	system->other_parker = (struct weir_parker){*ops, ctx, pending};
	/* Pairs with the acquire in notify: the table is written. */
	weir_store(&system->parker, &system->other_parker, release);
}

int
weir_system_eventfd(const struct weir_system *system)
{
	return system->event_fd;
}

void
weir_system_kick(struct weir_system *system)
{
	uint64_t one = 1;
	int saved = errno;

	/* EAGAIN: the counter is full, so it is readable all the same. */
	while (write(system->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

void
weir_system_notify(struct weir_system *system)
{
	const struct weir_parker *parker;

	/* Pairs with the announcement in park. */
	if (weir_load(&system->sleeping, seq_cst) == 0)
		return;
	/* Pairs with the release in set_park. */
	parker = weir_load(&system->parker, acquire);
	parker->ops.wake(parker->ctx);
}

void
weir_system_interrupt(struct weir_system *system)
{
	weir_store(&system->interrupted, 1, seq_cst);
	weir_system_notify(system);
}

void
weir_system_poll(struct weir_system *system)
{
	const struct weir_parker *parker = weir_load(&system->parker, relaxed);

	parker->ops.poll(parker->ctx);
	weir_wakers_drain(system);
}

size_t
weir_system_pending(struct weir_system *system)
{
	const struct weir_parker *parker = weir_load(&system->parker, relaxed);

	return parker->pending(parker->ctx);
}

void
weir_system_advance(struct weir_system *system, uint64_t ns)
{
	/* Written by the worker alone. */
	weir_store(&system->virtual_ns,
		weir_load(&system->virtual_ns, relaxed) + ns, relaxed);
}

void
weir_system_park(struct weir_system *system, int64_t timeout_ns)
{
	const struct weir_parker *parker = weir_load(&system->parker, relaxed);

	if (system->virtual_time && parker->pending(parker->ctx) == 0) {
		if (timeout_ns > 0)
			weir_system_advance(system, (uint64_t)timeout_ns);
		weir_wakers_drain(system);
		return;
	}
	/* Announce, then look again: pairs with notify. */
	weir_store(&system->sleeping, 1, seq_cst);
	if (weir_load(&system->wakers.stack, seq_cst) == 0 &&
		weir_load(&system->interrupted, seq_cst) == 0)
		parker->ops.park(parker->ctx, timeout_ns);
	weir_store(&system->sleeping, 0, relaxed);
	weir_wakers_drain(system);
}

/* pthread_self() is a number on Linux, and never 0. */
bool
weir_system_on_worker(struct weir_system *system)
{
	/* Only the worker itself can find its own id, which it stored. */
	return weir_load(&system->worker, relaxed) == pthread_self();
}

int
weir_system_enter(struct weir_system *system)
{
	pthread_t nobody = 0;

	/* Pairs with the release in leave: what the last worker did is seen. */
	return weir_compare_exchange(&system->worker, &nobody, pthread_self(),
		       acquire, relaxed)
		       ? 0
		       : -EBUSY;
}

void
weir_system_leave(struct weir_system *system)
{
	weir_store(&system->worker, 0, release);
}
