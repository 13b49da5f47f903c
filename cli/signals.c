/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.c - the signals that come while a pipeline runs
 *
 * A handler has no context, so what it acts on is kept here.  It counts first
 * and looks at the run afterwards; who sets the run looks at the count
 * afterwards: a signal in between is seen by at least one of them.
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "../streams/graph.h"

static _Atomic(struct weir_run *) watched;
static atomic_int received;

static void
act_on(struct weir_run *run, int signals)
{
	if (run == NULL || signals == 0)
		return;
	if (signals == 1)
		(void)weir_run_drain(run, 0);
	else
		weir_run_cancel(run);
}

static void
on_signal(int number)
{
	int saved_errno = errno;
	int signals = atomic_fetch_add(&received, 1) + 1;

	(void)number;
	act_on(atomic_load(&watched), signals);
	errno = saved_errno;
}

void
cli_signals_catch(void)
{
	/* Without SA_RESTART: what waits in open(2) shall give up. */
	struct sigaction act = {.sa_handler = on_signal};

	(void)sigemptyset(&act.sa_mask);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
	(void)sigaction(SIGXFSZ, &act, NULL);
}

void
cli_signals_watch(struct weir_run *run)
{
	atomic_store(&watched, run);
	act_on(run, atomic_load(&received));
}

bool
cli_signals_came(void)
{
	return atomic_load(&received) > 0;
}
