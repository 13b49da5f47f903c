/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.c - a pipeline's text as stages, words and groups
 *
 * Recursive descent with one token in hand.  The depth of groups is bounded,
 * and so is the stack.
 */
#include "parser.h"

#define QUOTE_IT "quote it, if it is part of a word"

struct parser {
	struct cli_lexer lexer;
	struct cli_token token; /* in hand */
	size_t ended_at;        /* where the token before it ended */
	size_t depth;           /* of groups */
};

static int parse_pipeline(struct parser *, struct cli_pipeline *ret);

static int
advance(struct parser *p)
{
	p->ended_at = p->token.place.end;
	return cli_lexer_next(&p->lexer, &p->token);
}

/* A stage is missing in front of the token in hand. */
static int
stage_missing(struct parser *p)
{
	struct cli_input *input = p->lexer.input;

	switch (p->token.kind) {
	case CLI_PIPE:
		return cli_problem_at(input, p->token.place, QUOTE_IT,
			"a stage is missing before this '|'");
	case CLI_OPEN:
		return cli_problem_at(input, p->token.place, QUOTE_IT,
			"a stage is missing before this '('");
	case CLI_COMMA:
		return cli_problem_at(input, p->token.place, QUOTE_IT,
			"a stage is missing before this ','");
	case CLI_CLOSE:
		return cli_problem_at(input, p->token.place, QUOTE_IT,
			p->depth > 0 ? "a stage is missing before this ')'"
				     : "this ')' closes nothing");
	default:
		return cli_problem_at(input,
			(struct cli_place){p->ended_at, p->ended_at}, NULL,
			p->ended_at == 0 ? "the pipeline is empty"
					 : "a stage is missing at the end");
	}
}

static int
parse_group(struct parser *p, struct cli_group *group)
{
	struct cli_input *input = p->lexer.input;
	size_t capacity = 0;

	group->place = p->token.place;
	if (p->depth >= CLI_DEPTH_MAX)
		return cli_problem_at(input, p->token.place, NULL,
			"groups lie more than %d deep in each other",
			CLI_DEPTH_MAX);
	p->depth++;
	do {
		group->parts = cli_arena_extend(&input->arena, group->parts,
			group->count, &capacity, sizeof(*group->parts));
		if (advance(p) < 0 ||
			parse_pipeline(p, &group->parts[group->count]) < 0)
			return -1;
		group->count++;
	} while (p->token.kind == CLI_COMMA);
	p->depth--;
	if (p->token.kind != CLI_CLOSE)
		return cli_problem_at(input, group->place,
			"add the closing ')', or quote it",
			"the '(' opened here is never closed");
	group->place.end = p->token.place.end;
	return advance(p);
}

static int
parse_stage(struct parser *p, struct cli_stage *stage)
{
	struct cli_input *input = p->lexer.input;
	size_t capacity = 0;

	if (p->token.kind != CLI_WORD)
		return stage_missing(p);
	*stage = (struct cli_stage){.name = p->token, .place = p->token.place};
	if (advance(p) < 0)
		return -1;
	while (p->token.kind == CLI_WORD || p->token.kind == CLI_OPEN) {
		if (p->token.kind == CLI_WORD) {
			stage->words = cli_arena_extend(&input->arena,
				stage->words, stage->words_count, &capacity,
				sizeof(*stage->words));
			stage->words[stage->words_count++] = p->token;
			if (advance(p) < 0)
				return -1;
		} else if (stage->group != NULL) {
			return cli_problem_at(input, p->token.place, QUOTE_IT,
				"'%s' already has its group in parentheses",
				stage->name.text);
		} else {
			stage->group = cli_arena_get(
				&input->arena, sizeof(*stage->group));
			if (parse_group(p, stage->group) < 0)
				return -1;
		}
		stage->place.end = p->ended_at;
	}
	return 0;
}

static int
parse_pipeline(struct parser *p, struct cli_pipeline *ret)
{
	struct cli_input *input = p->lexer.input;
	size_t capacity = 0;

	*ret = (struct cli_pipeline){.place = p->token.place};
	for (;;) {
		ret->stages = cli_arena_extend(&input->arena, ret->stages,
			ret->count, &capacity, sizeof(*ret->stages));
		if (parse_stage(p, &ret->stages[ret->count]) < 0)
			return -1;
		ret->count++;
		ret->place.end = p->ended_at;
		if (p->token.kind != CLI_PIPE)
			return 0;
		if (advance(p) < 0)
			return -1;
	}
}

int
cli_parse(struct cli_input *input, struct cli_pipeline *ret)
{
	struct parser p = {.lexer = {.input = input}};

	if (advance(&p) < 0 || parse_pipeline(&p, ret) < 0)
		return -1;
	/* Outside of groups only ')' can be left over. */
	if (p.token.kind != CLI_END)
		return cli_problem_at(input, p.token.place, QUOTE_IT,
			"this ')' closes nothing");
	return 0;
}
