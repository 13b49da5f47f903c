/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system_run.c - a thread of the program as worker 0, for its actors
 */
#include "worker_internal.h"

#include <errno.h>

static bool
is_stopped(void *ctx)
{
	struct weir_system *system = ctx;

	/* Acquire: pairs with weir_system_stop(). */
	return weir_load(&system->run_stopped, acquire) != 0;
}

int
weir_system_run(struct weir_system *system, int64_t timeout_ns)
{
	struct weir_worker_wait wait = {
		.done = is_stopped,
		.ctx = system,
		.deadline_ns = INT64_MAX,
	};
	int64_t now_ns = (int64_t)weir_system_now_ns(system);
	int rc = weir_system_enter(system);

	if (rc < 0)
		return rc;
	if (timeout_ns >= 0 && timeout_ns < INT64_MAX - now_ns)
		wait.deadline_ns = now_ns + timeout_ns;
	rc = weir_worker_run(system->workers[0], &wait);
	weir_system_leave(system);
	/* Taken: the next run is not stopped by it. */
	return weir_exchange(&system->run_stopped, 0, acquire) ? 0 : rc;
}

void
weir_system_stop(struct weir_system *system)
{
	/* Release: pairs with the acquire of the run. */
	weir_store(&system->run_stopped, 1, release);
	weir_system_interrupt(system);
}
