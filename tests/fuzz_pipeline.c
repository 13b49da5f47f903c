/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_pipeline.c - any text through lexer, parser, resolver and builder
 *
 * Nothing is opened.  A text is either built or has a problem, whose place
 * lies in the text; and the same text means the same on the command line and
 * in a file, as long as it has no comment.
 */
#include "cli/builder.h"
#include "cli/resolver.h"
#include "support/fuzz.h"

#include <stdlib.h>
#include <string.h>

const unsigned fuzz_rounds = 10000;

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("file a.log | lines | grep ERROR | file out"),
	FUZZ_SEED("file 'a b' c.log block=64KiB repeat=3 | stdout"),
	FUZZ_SEED("stdin | lines max=1GiB keep | grep -vi -F \"a\\x41\\n\" | "
		  "count"),
	FUZZ_SEED("range 1 10 | skip 2 | take 3 | file o append sync=5ms"),
	FUZZ_SEED("merge (range 1 3 | take 2, range -4 9) | tee (count, file "
		  "k) | null"),
	FUZZ_SEED("range 1 5 | tee (null, tee (count, stdout)) | async "
		  "window=1k | parallel 2 (take 1) | count"),
	FUZZ_SEED("range 1 9 | parallel 3 unordered (async window=2 | "
		  "parallel 2 (grep a | tee (null))) | stdout"),
	FUZZ_SEED("range 1 9 | tap (skip 1 | null) | grep -- -v | stdout # c"),
	FUZZ_SEED("file a\n| lines # comment | '\n| prefix \"x|,\" | stdout\n"),
	FUZZ_SEED("((((((((((((((((((a"),
	FUZZ_SEED("a,b | c 'd\"e' \"f'g\" h=\"i\\\\\" -- -j ''"),
	FUZZ_SEED(""),
	{NULL, 0},
};

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

/* Returns whether @text is a pipeline. */
static bool
build(const char *file, const char *text, size_t length)
{
	struct weir_graph *graph = weir_graph_create(NULL);
	struct cli_pipeline pipeline;
	struct cli_catalog catalog;
	struct cli_built built;
	struct cli_input input;
	FILE *sink = fopen("/dev/null", "w");
	bool good;

	expect(sink != NULL && graph != NULL);
	cli_input_init(&input, file, text, length);
	catalog = cli_catalog_library(&input.arena);
	good = cli_parse(&input, &pipeline) == 0 &&
	       cli_resolve(&input, &catalog, &pipeline) == 0 &&
	       cli_build(&input, &pipeline, graph, &built) == 0;
	expect(good == (input.problem.text == NULL));
	if (!good) {
		expect(input.problem.place.begin <= input.problem.place.end);
		expect(input.problem.place.end <= length);
		cli_problem_print(&input, sink);
	}
	/* Each stage of the graph is for one of the text. */
	if (good)
		expect(weir_graph_stage(graph, (uint32_t)built.count, NULL,
			       NULL, NULL, 0) < 0 &&
			weir_graph_stage(graph, (uint32_t)built.count - 1, NULL,
				NULL, NULL, 0) >= 0);
	cli_input_finish(&input);
	weir_graph_destroy(graph);
	expect(fclose(sink) == 0);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	bool plain = size == 0 || memchr(text, '#', size) == NULL;
	bool on_line = build(NULL, text, size);
	bool in_file = build("pipeline", text, size);

	expect(!plain || on_line == in_file);
	return 0;
}
