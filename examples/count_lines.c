/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count_lines.c - how many lines of a file match a pattern
 *
 *	count_lines [PATTERN [FILE]]
 *
 * Without arguments it counts this process's own executable mappings.  A
 * source makes a flow, operators pass it on, a sink ends it; nothing is opened
 * and nothing moves before weir_graph_run().
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : "r-xp";
	const char *path = argc > 2 ? argv[2] : "/proc/self/maps";
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	uint64_t count = 0;
	struct weir_flow f;
	int rc;

	f = weir_from_file(g, path, NULL);
	f = weir_lines(f, NULL);
	f = weir_grep(f, pattern, NULL);
	weir_to_count(f, &count, NULL);

	/* The first thing that went wrong, while building or while running. */
	rc = weir_graph_run(g, &error);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	else
		printf("%" PRIu64 " lines of %s match '%s'\n", count, path,
			pattern);
	weir_graph_destroy(g);
	return rc < 0 ? 1 : 0;
}
