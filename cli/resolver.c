/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.c - what the names and words of a pipeline mean
 *
 * Place decides the role: the first stage of a whole pipeline is a source, the
 * last one a sink, and a part of a group has one, the other or neither, as its
 * stage says.
 */
#include "resolver.h"

#include <string.h>

struct resolver {
	struct cli_input *input;
	const struct cli_catalog *catalog;
};

static int resolve_pipeline(
	struct resolver *, struct cli_pipeline *, bool source, bool sink);

static bool
knows(const struct resolver *r, const char *name, enum cli_role role)
{
	return cli_catalog_find(r->catalog, name, role) != NULL;
}

static int
unknown_stage(
	struct resolver *r, const struct cli_stage *stage, enum cli_role role)
{
	const char *name = stage->name.text;
	const char *near = cli_catalog_suggest(r->catalog, name, role);
	struct cli_place place = stage->name.place;
	const char *hint = "'weir list' shows all";

	if (cli_catalog_plans(r->catalog, name))
		return cli_problem_at(r->input, place, hint,
			"the stage '%s' is not in this version", name);
	if (near == NULL)
		near = cli_catalog_suggest(r->catalog, name, CLI_ROLES);
	if (near != NULL)
		hint = cli_arena_format(&r->input->arena,
			"did you mean '%s'?  ('weir list' shows all)", near);
	else if (place.begin > 0 && r->input->text[place.begin - 1] == '|' &&
		 place.begin > 1 && r->input->text[place.begin - 2] > ' ')
		hint = "'weir list' shows all; quote the '|', if it is part of "
		       "a word";
	return cli_problem_at(
		r->input, place, hint, "no stage called '%s'", name);
}

/* The stage is known, but not in the role its place gives it. */
static int
misplaced(struct resolver *r, const struct cli_stage *stage, enum cli_role role)
{
	const char *name = stage->name.text;
	struct cli_place place = stage->name.place;

	if (knows(r, name, CLI_SOURCE) && role != CLI_SOURCE)
		return cli_problem_at(r->input, place,
			role == CLI_SINK ? "end with a sink, as '| stdout'"
					 : NULL,
			"'%s' is a source: it can only begin a pipeline", name);
	if (role == CLI_SOURCE)
		return cli_problem_at(r->input, place,
			"begin with a source, as 'file PATH |'",
			"'%s' is %s and needs input", name,
			knows(r, name, CLI_SINK) ? "a sink" : "an operator");
	if (role == CLI_OPERATOR)
		return cli_problem_at(r->input, place,
			"'tee' sends copies to several",
			"'%s' is a sink: it can only end a pipeline", name);
	return cli_problem_at(r->input, place, "end with a sink, as '| stdout'",
		"'%s' is an operator, and its output goes nowhere", name);
}

static int
find_entry(struct resolver *r, struct cli_stage *stage, enum cli_role role)
{
	const char *name = stage->name.text;

	stage->entry = cli_catalog_find(r->catalog, name, role);
	if (stage->entry != NULL)
		return 0;
	for (int other = 0; other < CLI_ROLES; other++)
		if (knows(r, name, (enum cli_role)other))
			return misplaced(r, stage, role);
	return unknown_stage(r, stage, role);
}

/* A stage that has no parts stands in front of a parenthesis: more often than
 * not that was meant to be in a word, so it is said before a word is missed. */
static int
refuse_group(struct resolver *r, const struct cli_stage *stage)
{
	if (stage->group == NULL || stage->entry->parts.max > 0)
		return 0;
	return cli_problem_at(r->input, stage->group->place,
		"quote it, if it is part of a word",
		"'%s' takes nothing in parentheses", stage->name.text);
}

static int
resolve_group(struct resolver *r, struct cli_stage *stage)
{
	const struct cli_parts *parts = &stage->entry->parts;
	struct cli_group *group = stage->group;
	const char *name = stage->name.text;

	if (parts->max == 0)
		return 0;
	if (group == NULL)
		return cli_problem_at(r->input,
			(struct cli_place){stage->place.end, stage->place.end},
			cli_arena_format(&r->input->arena, "as %s %s", name,
				parts->usage),
			"'%s' needs stages in parentheses", name);
	if (group->count > parts->max)
		return cli_problem_at(r->input, group->parts[parts->max].place,
			parts->max == 1
				? "quote the ',', if it is part of a word"
				: NULL,
			"'%s' takes no more than %zu part%s in parentheses",
			name, parts->max, parts->max == 1 ? "" : "s");
	for (size_t i = 0; i < group->count; i++)
		if (resolve_pipeline(r, &group->parts[i], parts->source,
			    parts->sink) < 0)
			return -1;
	return 0;
}

static int
resolve_pipeline(struct resolver *r, struct cli_pipeline *pipeline, bool source,
	bool sink)
{
	size_t last = pipeline->count - 1;

	for (size_t i = 0; i <= last; i++) {
		struct cli_stage *stage = &pipeline->stages[i];
		enum cli_role role = source && i == 0    ? CLI_SOURCE
				     : sink && i == last ? CLI_SINK
							 : CLI_OPERATOR;

		if (find_entry(r, stage, role) < 0 ||
			refuse_group(r, stage) < 0 ||
			cli_resolve_words(r->input, stage) < 0 ||
			resolve_group(r, stage) < 0)
			return -1;
	}
	if (source && sink && last == 0)
		return cli_problem_at(r->input,
			(struct cli_place){
				pipeline->place.end, pipeline->place.end},
			"end with a sink, as '| stdout'",
			"a pipeline needs a sink");
	return 0;
}

int
cli_resolve(struct cli_input *input, const struct cli_catalog *catalog,
	struct cli_pipeline *pipeline)
{
	struct resolver r = {input, catalog};

	return resolve_pipeline(&r, pipeline, true, true);
}
