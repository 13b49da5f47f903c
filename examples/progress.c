/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.c - start a run, look at it while it goes on, stop it in order
 *
 * A run progresses inside weir_run_wait(), on the thread that calls it, so a
 * program can do something else between two waits.  This one has no end by
 * itself: after a few looks it is drained, and what was emitted until then
 * reaches the sink.
 */
#include <weir/weir.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define LOOKS 5
#define LOOK_NS 2000000 /* 2 ms */

WEIR_MAP(halve, int64_t, x, int64_t)
{
	return x / 2;
}

/* Counts on its own, to be compared with what the run says. */
WEIR_FOLD(tally, int64_t, x, uint64_t, n)
{
	return n + (x >= 0);
}

/* How many elements the stage number @index has taken. */
static uint64_t
taken(const struct weir_run *run, uint32_t index)
{
	struct weir_stage_stats stats;

	if (weir_run_stage_stats(run, index, &stats) < 0)
		return 0;
	return stats.tally[WEIR_IN];
}

/* Look at @run now and then, then let it drain.  Returns 0 or its error. */
static int
watch(struct weir_run *run, struct weir_error *error)
{
	struct weir_totals stats;
	int rc = 0;

	for (int i = 0; i < LOOKS; i++) {
		rc = weir_run_wait(run, LOOK_NS, error);
		if (rc != -ETIMEDOUT)
			return rc;
		weir_run_totals(run, &stats);
		printf("after %6.3f ms the sink has taken %" PRIu64 "\n",
			(double)stats.elapsed_ns / 1e6, taken(run, 2));
	}
	/* As a signal handler or another thread would ask for it, and then to
	 * the end: what is under way goes through. */
	(void)weir_run_drain(run, 0);
	return weir_run_wait(run, -1, error);
}

int
main(void)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	uint64_t sent = 0, seen = 0;
	struct weir_run *run;
	int rc;

	tally(halve(weir_from_range(g, 0, INT64_MAX, NULL), NULL), &seen, NULL);
	rc = weir_graph_start(g, &run, &error);
	if (rc == 0) {
		rc = watch(run, &error);
		sent = taken(run, 1);
		weir_run_dump(run, stdout);
		weir_run_destroy(run);
	}
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	weir_graph_destroy(g);
	return rc == 0 && seen == sent && seen > 0 ? 0 : 1;
}
