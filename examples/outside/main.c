/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - a program with an operator of its own, and an actor that it tells
 */
#include "average.h"

#include <stdio.h>

WEIR_PROTOCOL(gauge, double);

/* Keeps the highest mean it was told of. */
struct gauge {
	double *highest; /* of main() */
	int left;        /* until all were told */
};

WEIR_ACTOR(gauge, self, struct gauge, gauge, double, mean)
{
	if (*mean > *gauge->highest)
		*gauge->highest = *mean;
	if (--gauge->left == 0)
		weir_system_stop(weir_self(self).system);
	return 0;
}

static int
tell(const double *means, size_t n, double *highest)
{
	struct gauge first = {.highest = highest, .left = (int)n};
	struct weir_system *system;
	struct gauge_ref gauge;
	int rc = weir_system_create(NULL, &system);

	if (rc < 0)
		return rc;
	rc = gauge_spawn(system, &first, NULL, &gauge);
	if (rc == 0)
		rc = gauge_send_n(gauge, means, n);
	if (rc > 0)
		rc = weir_system_run(system, (int64_t)30 * 1000000000);
	weir_system_destroy(system);
	return rc;
}

int
main(void)
{
	static const int64_t readings[] = {4, 8, 6, 10, 20, 30, 10, 2};
	const size_t n = sizeof(readings) / sizeof(readings[0]);
	const struct average_opts of_3 = {.over = 3};
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	double means[8], highest = 0;
	size_t count = 0;
	int rc;

	weir_to_collect(average(weir_from_array(g, &weir_type_int64_t, readings,
					n, NULL),
				&of_3),
		means, n, &count, NULL);
	rc = weir_graph_run(g, &error);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	weir_graph_destroy(g);
	if (rc < 0 || count != n || tell(means, n, &highest) < 0)
		return 1;
	for (size_t i = 0; i < n; i++)
		printf("%g\n", means[i]);
	/* 10, 20 and 30; 20, 30 and 10. */
	return means[5] == 20 && highest == 20 ? 0 : 1;
}
