/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_graph.c - draw a pipeline
 *
 * Graphviz and Mermaid get the graph that would run; the drawing in plain text
 * follows the pipeline as it was written, a stage a line.  Where it is cut over
 * workers the line is broken.
 */
#include <stdio.h>

#include "commands.h"
#include "complain.h"
#include "program.h"

#define INLETS_MAX 1024

/* -- Mermaid ------------------------------------------------------------- */

/* A name between quotes. */
static void
put_quoted(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name == '"')
			fputs("#quot;", stdout);
		else
			putchar(*name);
}

static void
draw_mermaid(struct weir_graph *graph)
{
	const struct weir_operator *op;
	uint32_t from[INLETS_MAX];
	const char *name;
	int inlets;

	printf("flowchart LR\n");
	for (uint32_t s = 0; (inlets = weir_graph_stage(graph, s, &op, &name,
				      from, INLETS_MAX)) >= 0;
		s++) {
		printf("\ts%u[\"", s);
		put_quoted(name);
		printf("\"]\n");
		for (int i = 0; i < inlets && i < INLETS_MAX; i++)
			printf("\ts%u %s s%u\n", from[i],
				op->window_at != 0 ? "-.->" : "-->", s);
	}
}

/* -- plain text ---------------------------------------------------------- */

/* What stands in front of each line: one column pair for each group it is in,
 * a rule where more of that group follows. */
struct rules {
	bool more[CLI_DEPTH_MAX];
	size_t depth;
};

static void
put_rules(const struct rules *rules, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		fputs(rules->more[i] ? "|   " : "    ", stdout);
}

static void
put_token(const struct cli_input *input, const struct cli_token *token)
{
	for (size_t i = token->place.begin; i < token->place.end; i++) {
		unsigned char c = (unsigned char)input->text[i];

		putchar(c < ' ' ? ' ' : c);
	}
}

/* The stage's own words, as they were written. */
static void
put_stage(const struct cli_input *input, const struct cli_stage *stage)
{
	put_token(input, &stage->name);
	for (size_t i = 0; i < stage->words_count; i++) {
		putchar(' ');
		put_token(input, &stage->words[i]);
	}
	putchar('\n');
}

/* What leads to @stage. */
static void
put_line(const struct cli_stage *stage)
{
	const struct weir_operator *op = stage->entry->op;

	printf(op != NULL && op->window_at != 0 ? ":\n" : "|\n");
}

static void
draw_pipeline(const struct cli_input *input,
	const struct cli_pipeline *pipeline, struct rules *rules)
{
	for (size_t i = 0; i < pipeline->count; i++) {
		const struct cli_stage *stage = &pipeline->stages[i];
		const struct cli_group *group = stage->group;

		if (i > 0) {
			put_rules(rules, rules->depth);
			put_line(stage);
			put_rules(rules, rules->depth);
		}
		put_stage(input, stage);
		for (size_t p = 0; group != NULL && p < group->count; p++) {
			rules->more[rules->depth] =
				p + 1 < group->count || i + 1 < pipeline->count;
			put_rules(rules, rules->depth);
			fputs(rules->more[rules->depth] ? "+-- " : "`-- ",
				stdout);
			rules->depth++;
			draw_pipeline(input, &group->parts[p], rules);
			rules->depth--;
		}
	}
}

static int
draw(const struct cli_program *program, enum cli_drawing drawing)
{
	struct rules rules = {.depth = 0};

	switch (drawing) {
	case CLI_DOT:
		(void)weir_graph_write_dot(program->graph, stdout);
		break;
	case CLI_MERMAID:
		draw_mermaid(program->graph);
		break;
	case CLI_ASCII:
		draw_pipeline(&program->input, &program->pipeline, &rules);
		break;
	}
	return cli_printed();
}

int
cli_command_graph(const struct cli_options *options)
{
	struct cli_program program;
	int rc = cli_program_make(options, 0, &program);

	if (rc == CLI_DONE)
		rc = draw(&program, (enum cli_drawing)options->drawing);
	cli_program_finish(&program);
	return rc;
}
