/* SPDX-License-Identifier: Apache-2.0 */
/*
 * branches.c - one flow to several, and several to one
 *
 * Log lines go to three branches: two pick out and mark what they look for and
 * are merged again, the third counts.  A part of a pipeline that is used more
 * than once is a C function from flow to flow.
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define LINE(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

static const weir_record lines[] = {
	LINE("10:02:11 INFO  listening on port 8080"),
	LINE("10:02:14 WARN  queue is half full"),
	LINE("10:02:15 ERROR cannot write: no space left"),
	LINE("10:02:15 INFO  retrying"),
	LINE("10:02:19 WARN  queue is three quarters full"),
	LINE("10:02:20 ERROR cannot write: no space left"),
};

/* The lines that @pattern matches, with @mark in front. */
static struct weir_flow
marked(struct weir_flow f, const char *pattern, const char *mark)
{
	f = weir_grep(f, pattern, NULL);
	return weir_prefix(f, mark, NULL);
}

int
main(void)
{
	struct weir_graph *g = weir_graph_create(NULL);
	const size_t n = sizeof(lines) / sizeof(lines[0]);
	struct weir_flow f, to[3], found[2];
	struct weir_error error;
	uint64_t count = 0;
	int rc;

	f = weir_from_array(g, &weir_type_weir_record, lines, n, NULL);
	weir_broadcast(f, to, 3, NULL);

	found[0] = marked(to[0], "ERROR", "!! ");
	found[1] = marked(to[1], "WARN", " ? ");
	f = weir_merge(found, 2, NULL);
	weir_to_fd(f, STDOUT_FILENO, NULL);

	weir_to_count(to[2], &count, NULL);

	rc = weir_graph_run(g, &error);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	else
		printf("%" PRIu64 " lines in all\n", count);
	weir_graph_destroy(g);
	return rc == 0 && count == n ? 0 : 1;
}
