/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c - the threads of workers: started when first needed, stopped with
 * the system
 */
#include "actor_internal.h"
#include "worker_internal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

uint32_t
weir_workers_default(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
							     : 1;

	return n < 1 ? 1 : (uint32_t)n;
}

static int
worker_new(struct weir_system *system, const struct weir_park_ops *ops,
	void *ctx, struct weir_worker **ret)
{
	struct weir_worker *worker = weir_allocate(system, sizeof(*worker));
	int rc;

	if (worker == NULL)
		return -ENOMEM;
	memset(worker, 0, sizeof(*worker));
	worker->system = system;
	worker->idle = &system->idle;
	worker->seeded = worker->unlike = system->seed != 0;
	worker->spin_ns = system->spin_ns;
	weir_message_pool_init(&worker->messages, system);
	rc = weir_park_init(worker, ops, ctx);
	if (rc < 0) {
		weir_release(system, worker, sizeof(*worker));
		return rc;
	}
	*ret = worker;
	return 0;
}

static void
worker_free(struct weir_worker *worker)
{
	weir_park_finish(worker);
	weir_message_pool_finish(&worker->messages);
	weir_release(worker->system, worker, sizeof(*worker));
}

int
weir_workers_init(struct weir_system *system, const struct weir_park_ops *ops,
	void *ctx, uint32_t goal)
{
	struct weir_worker *worker;
	int rc;

	system->spin_ns = WEIR_SPIN_NS;
	rc = worker_new(system, ops, ctx, &worker);
	if (rc < 0)
		return rc;
	pthread_mutex_init(&system->lock, NULL);
	system->process = getpid();
	system->worker_goal = goal < WEIR_WORKERS_MAX ? goal : WEIR_WORKERS_MAX;
	worker->alone = system->worker_goal == 1;
	system->workers[0] = worker;
	weir_store(&system->worker_count, 1, relaxed);
	return 0;
}

/* -- threads --------------------------------------------------------------- */

static bool
is_stopping(void *ctx)
{
	const struct weir_system *system = ctx;

	return weir_load(&system->stopping, acquire) != 0;
}

static void
slot_destroy(struct weir_system *system, struct weir_system_slot *slot)
{
	struct weir_system_slot was = *slot;

	*slot = (struct weir_system_slot){0};
	if (was.destroy != NULL)
		was.destroy(system, was.content);
}

static void *
worker_main(void *arg)
{
	struct weir_worker *worker = arg;
	struct weir_worker_wait wait = {.done = is_stopping,
		.ctx = worker->system,
		.deadline_ns = INT64_MAX};

	weir_worker_current = worker;
	(void)weir_worker_run(worker, &wait);
	/* Only the thread that made a ring can cancel what is in it. */
	slot_destroy(worker->system, &worker->io);
	return NULL;
}

/* The signals of the process are for the threads of the program. */
static int
thread_start(struct weir_worker *worker)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&worker->thread, NULL, worker_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

static int
worker_start(struct weir_system *system)
{
	uint32_t n = weir_load(&system->worker_count, relaxed);
	struct weir_worker *worker;
	int rc = worker_new(system, NULL, NULL, &worker);

	if (rc < 0)
		return rc;
	/* There before its thread runs, since that may announce its sleep;
	 * but counted only when it runs, since the others look into it. */
	worker->index = worker->bit = n;
	system->workers[n] = worker;
	rc = thread_start(worker);
	if (rc < 0) {
		system->workers[n] = NULL;
		worker_free(worker);
		return rc;
	}
	/* Pairs with the acquire of who looks through the workers. */
	weir_store(&system->worker_count, n + 1, release);
	return 0;
}

int
weir_workers_start(struct weir_system *system)
{
	int rc = 0;

	/* Pairs with the release below. */
	if (weir_load(&system->started, acquire) != 0)
		return 0;
	pthread_mutex_lock(&system->lock);
	if (weir_load(&system->stopping, relaxed) != 0)
		rc = -ESHUTDOWN;
	while (rc == 0 &&
		weir_load(&system->worker_count, relaxed) < system->worker_goal)
		rc = worker_start(system);
	/* Fewer than wanted will do. */
	if (rc != -ESHUTDOWN && weir_load(&system->worker_count, relaxed) > 1)
		rc = 0;
	if (rc == 0)
		weir_store(&system->started, 1, release);
	pthread_mutex_unlock(&system->lock);
	return rc;
}

/* -- pinned workers -------------------------------------------------------- */

static int
pinned_new(struct weir_system *system, struct weir_worker **ret)
{
	uint32_t n = weir_load(&system->pinned_count, relaxed);
	struct weir_worker *worker;
	int rc;

	if (n == WEIR_WORKERS_ALL - WEIR_WORKERS_MAX)
		return -EAGAIN;
	rc = worker_new(system, NULL, NULL, &worker);
	if (rc < 0)
		return rc;
	worker->pinned = worker->unlike = true;
	worker->idle = &worker->own_idle;
	worker->bit = 0;
	worker->index = WEIR_WORKERS_MAX + n;
	rc = thread_start(worker);
	if (rc < 0) {
		worker_free(worker);
		return rc;
	}
	system->workers[worker->index] = worker;
	/* Pairs with the acquire of who looks through the workers. */
	weir_store(&system->pinned_count, n + 1, release);
	*ret = worker;
	return 0;
}

int
weir_worker_pin(struct weir_system *system, struct weir_worker **ret)
{
	struct weir_worker *worker = NULL;
	int rc = 0;

	if (system->seed != 0) {
		*ret = system->workers[0];
		return 0;
	}
	pthread_mutex_lock(&system->lock);
	for (uint32_t i = 0; i < weir_load(&system->pinned_count, relaxed); i++)
		if (system->workers[WEIR_WORKERS_MAX + i]->unused)
			worker = system->workers[WEIR_WORKERS_MAX + i];
	if (weir_load(&system->stopping, relaxed) != 0)
		rc = -ESHUTDOWN;
	else if (worker == NULL)
		rc = pinned_new(system, &worker);
	if (rc == 0) {
		worker->unused = false;
		*ret = worker;
	}
	pthread_mutex_unlock(&system->lock);
	return rc;
}

void
weir_worker_unpin(struct weir_worker *worker)
{
	struct weir_system *system = worker->system;

	pthread_mutex_lock(&system->lock);
	worker->unused = true;
	pthread_mutex_unlock(&system->lock);
}

/* Worker number @i, counting the pinned ones behind the others; NULL: there are
 * no more. */
static struct weir_worker *
worker_at(struct weir_system *system, uint32_t i)
{
	/* Pairs with the release of who adds one. */
	uint32_t n = weir_load(&system->worker_count, acquire);

	if (i < n)
		return system->workers[i];
	i -= n;
	if (i < weir_load(&system->pinned_count, acquire))
		return system->workers[WEIR_WORKERS_MAX + i];
	return NULL;
}

size_t
weir_system_pending(struct weir_system *system)
{
	struct weir_worker *self = weir_worker_self(system), *worker;
	size_t pending = 0;

	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		pending += worker == self
				   ? weir_worker_pending(worker)
				   : weir_load(&worker->pending, relaxed);
	return pending;
}

uint64_t
weir_system_wakes(struct weir_system *system)
{
	struct weir_worker *worker;
	uint64_t wakes = 0;

	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		wakes += weir_load(&worker->wakes, relaxed);
	return wakes;
}

/* -- the end --------------------------------------------------------------- */

static void
thread_stop(struct weir_worker *worker)
{
	weir_worker_interrupt(worker);
	pthread_join(worker->thread, NULL);
}

/* No thread is left but this one. */
static void
threads_stop(struct weir_system *system)
{
	struct weir_worker *worker;

	/* In a child there are none. */
	if (system->process != getpid())
		return;
	/* In the lock, so that nobody who holds it starts one from here on. */
	pthread_mutex_lock(&system->lock);
	weir_store(&system->stopping, 1, release);
	pthread_mutex_unlock(&system->lock);
	for (uint32_t i = 1; (worker = worker_at(system, i)) != NULL; i++)
		thread_stop(worker);
}

/* Each pool has its own blocks again. */
static void
messages_flush(struct weir_system *system)
{
	struct weir_worker *worker;

	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		weir_message_pool_flush(&worker->messages);
}

void
weir_workers_finish(struct weir_system *system)
{
	struct weir_worker *worker;

	threads_stop(system);
	/* In a child of the process they are not its own. */
	weir_actors_finish(system, system->process == getpid());
	messages_flush(system);
	/* What is lent to the kernel comes back before the pools go, and all
	 * of these before the workers whose they are. */
	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		slot_destroy(system, &worker->io);
	slot_destroy(system, &system->io);
	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		slot_destroy(system, &worker->streams);
	for (uint32_t i = 0; (worker = worker_at(system, i)) != NULL; i++)
		worker_free(worker);
	pthread_mutex_destroy(&system->lock);
}
