/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.c - from the command line to a graph that could run
 */
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "resolver.h"

#define TEXT_BYTES_MAX ((size_t)1 << 20) /* of a file */

/* All of @file, at most TEXT_BYTES_MAX.  Returns 0 or -errno. */
static int
read_all(FILE *file, char **ret, size_t *ret_length)
{
	char *text = malloc(TEXT_BYTES_MAX + 1);
	size_t length;

	if (text == NULL)
		return -ENOMEM;
	errno = 0;
	length = fread(text, 1, TEXT_BYTES_MAX + 1, file);
	if (ferror(file) || length > TEXT_BYTES_MAX) {
		free(text);
		return length > TEXT_BYTES_MAX ? -EFBIG : -errno;
	}
	*ret = text;
	*ret_length = length;
	return 0;
}

static int
text_load(const struct cli_options *options, struct cli_program *program)
{
	const char *path = options->file;
	size_t length = 0;
	FILE *file;
	int rc;

	if (path == NULL) {
		cli_input_init(&program->input, NULL, options->pipeline,
			strlen(options->pipeline));
		return CLI_DONE;
	}
	file = fopen(path, "re");
	rc = file == NULL ? -errno : read_all(file, &program->text, &length);
	if (file != NULL)
		(void)fclose(file);
	if (rc < 0)
		return cli_complain(NULL, "cannot read the pipeline '%s': %s",
			path, strerror(-rc));
	cli_input_init(&program->input, path, program->text, length);
	return CLI_DONE;
}

static int
graph_make(const struct cli_options *options, uint64_t seed,
	struct cli_program *program)
{
	struct weir_graph_opts opts = {.memory_bytes = options->memory_bytes,
		.workers = (unsigned)options->workers,
		.window = options->window};
	struct weir_system_opts system = {.seed = seed, .real_world = 1};

	if (seed != 0 && weir_system_create(&system, &program->system) < 0)
		return -ENOMEM;
	opts.system = program->system;
	program->graph = weir_graph_create(&opts);
	return program->graph == NULL ? -ENOMEM : 0;
}

int
cli_program_make(const struct cli_options *options, uint64_t seed,
	struct cli_program *ret)
{
	struct cli_input *input = &ret->input;
	int rc;

	*ret = (struct cli_program){0};
	rc = text_load(options, ret);
	if (rc != CLI_DONE)
		return rc;
	if (graph_make(options, seed, ret) < 0) {
		(void)cli_complain(NULL, "out of memory");
		return CLI_FAILED;
	}
	ret->catalog = cli_catalog_library(&input->arena);
	if (cli_parse(input, &ret->pipeline) < 0 ||
		cli_resolve(input, &ret->catalog, &ret->pipeline) < 0 ||
		cli_build(input, &ret->pipeline, ret->graph, &ret->built) < 0) {
		cli_problem_print(input, stderr);
		return CLI_BAD;
	}
	return CLI_DONE;
}

void
cli_program_finish(struct cli_program *program)
{
	weir_graph_destroy(program->graph);
	weir_system_destroy(program->system);
	cli_input_finish(&program->input);
	free(program->text);
}
