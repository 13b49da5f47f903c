/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.c - a resolved pipeline as a graph
 *
 * What flows in the language is bytes or records, so a stage that gives
 * numbers (range, count) is followed by one that writes them as decimal lines.
 * Types are looked at on the way as well as by the graph: the command can say
 * which word is missing where, and which stage of the text to put it at.
 *
 * The stages in the parentheses of `parallel` are added once for each copy; in
 * the graph their names say which copy they are of: grep#2 is of the second,
 * grep#2.1 of the first one within that.
 */
#include "builder.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../io/file.h"
#include "../operators/operators.h"

struct builder {
	struct cli_input *input;
	struct cli_built *built;
	const char *copy; /* which one is being built, as "2.1"; NULL: none */
	bool in_order;    /* it is of a `parallel` that keeps the order */
};

/* An open outlet, the type of what it gives (NULL: unknown) and its stage. */
struct outlet {
	struct weir_flow flow;
	const struct weir_type *type;
	const struct cli_stage *from;
};

static int build_pipeline(struct builder *, const struct cli_pipeline *,
	const struct outlet *in, struct outlet *ret);

/* The graph's next stage is for @stage.  To be called before each one added:
 * the first error names its stage by that number. */
static void
own_next(struct builder *b, const struct cli_stage *stage, enum cli_share share)
{
	struct cli_built *built = b->built;

	built->owners = cli_arena_extend(&b->input->arena, built->owners,
		built->count, &built->capacity, sizeof(*built->owners));
	built->owners[built->count++] = (struct cli_owner){stage, share};
}

/* What the library added by itself for @stage: @first, and @others. */
static void
own_added(struct builder *b, const struct cli_stage *stage,
	enum cli_share first, enum cli_share others)
{
	struct cli_built *built = b->built;

	while (weir_graph_stage(built->graph, (uint32_t)built->count, NULL,
		       NULL, NULL, 0) >= 0) {
		own_next(b, stage, first);
		first = others;
	}
}

/* The name in the graph of a stage called @name in the text. */
static const char *
name_in_graph(struct builder *b, const char *name)
{
	if (b->copy == NULL)
		return name;
	return cli_arena_format(&b->input->arena, "%s#%s", name, b->copy);
}

static bool
is_type(const struct weir_type *type, const struct weir_type *other)
{
	return type != NULL && weir_type_equal(type, other);
}

/* Whether @op can take what @in gives, or else what to do. */
static int
check_type(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in)
{
	const struct weir_type *wants = stage->entry->op->inlets[0].type;
	const char *name = stage->name.text, *from;

	if (wants == NULL || in->type == NULL || is_type(wants, in->type))
		return 0;
	from = in->from->name.text;
	if (is_type(wants, &weir_type_weir_record) &&
		is_type(in->type, &weir_type_weir_bytes))
		return cli_problem_at(b->input, stage->name.place,
			"put 'lines' before it",
			"'%s' works on lines, and '%s' gives raw bytes", name,
			from);
	if (is_type(wants, &weir_type_weir_bytes) &&
		is_type(in->type, &weir_type_weir_record))
		return cli_problem_at(b->input, stage->name.place,
			"leave it out: they are lines already",
			"'%s' works on raw bytes, and '%s' gives lines", name,
			from);
	return cli_problem_at(b->input, stage->name.place, NULL,
		"'%s' takes %s, and '%s' gives %s", name, wants->name, from,
		in->type->name);
}

/* The type of what @stage gives when it is fed with @in (NULL: a source). */
static const struct weir_type *
type_given(const struct cli_stage *stage, const struct outlet *in)
{
	const struct weir_port *port = stage->entry->op->outlets;
	const struct weir_type *type = port->type;

	if (type == NULL && port->type_at != 0)
		memcpy(&type, (const char *)stage->args + port->type_at,
			sizeof(type));
	if (type == NULL && in != NULL)
		type = in->type;
	return type;
}

/* Numbers become lines. */
static void
write_numbers(struct builder *b, struct outlet *outlet)
{
	if (!is_type(outlet->type, &weir_type_int64_t) &&
		!is_type(outlet->type, &weir_type_uint64_t))
		return;
	own_next(b, outlet->from, CLI_GOES_ON);
	outlet->flow = weir_decimal(outlet->flow,
		&(struct weir_stage_opts){.name = name_in_graph(b, "decimal")});
	outlet->type = &weir_type_weir_record;
}

static int
build_one(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in, struct outlet *ret)
{
	const struct cli_entry *entry = stage->entry;
	struct weir_stage_opts *opts = stage->args;

	if (in != NULL && check_type(b, stage, in) < 0)
		return -1;
	/* Arguments begin with these; the name is copied with them. */
	if (entry->args_bytes > 0)
		opts->name = name_in_graph(b, entry->name);
	own_next(b, stage, CLI_BEGINS);
	ret->from = stage;
	if (in == NULL)
		ret->flow = weir_source_add(
			b->built->graph, entry->op, stage->args);
	else
		ret->flow =
			weir_operator_add(entry->op, &in->flow, 1, stage->args);
	if (entry->role == CLI_SINK && entry->compose == CLI_ONE)
		return 0;
	ret->type = type_given(stage, in);
	write_numbers(b, ret);
	return 0;
}

static int
build_count(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in)
{
	const struct weir_to_file_opts opts = {
		.stage.name = name_in_graph(b, stage->entry->name)};
	struct outlet line = {0};

	if (build_one(b, stage, in, &line) < 0)
		return -1;
	own_next(b, stage, CLI_GOES_ON);
	weir_to_fd(line.flow, STDOUT_FILENO, &opts);
	return 0;
}

static int
build_merge(
	struct builder *b, const struct cli_stage *stage, struct outlet *ret)
{
	const struct weir_stage_opts opts = {
		.name = name_in_graph(b, stage->entry->name)};
	const struct cli_group *group = stage->group;
	struct weir_flow flows[CLI_PARTS_MAX];
	struct outlet part = {0};

	for (size_t i = 0; i < group->count; i++) {
		if (build_pipeline(b, &group->parts[i], NULL, &part) < 0)
			return -1;
		if (is_type(part.type, &weir_type_weir_bytes))
			return cli_problem_at(b->input, group->parts[i].place,
				"frame first: merge (file a | lines, file b | "
				"lines)",
				"'%s' cannot join raw bytes", stage->name.text);
		flows[i] = part.flow;
	}
	own_next(b, stage, CLI_BEGINS);
	*ret = (struct outlet){
		weir_merge(flows, group->count, &opts), part.type, stage};
	return 0;
}

static int
build_tee(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in, struct outlet *ret)
{
	const struct weir_stage_opts opts = {
		.name = name_in_graph(b, stage->entry->name)};
	bool goes_on = stage->entry->role == CLI_OPERATOR;
	const struct cli_group *group = stage->group;
	struct weir_flow flows[CLI_PARTS_MAX + 1];
	struct outlet part;

	assert(in != NULL); /* it is no source */
	part = *in;
	own_next(b, stage, CLI_BEGINS);
	weir_broadcast(in->flow, flows, group->count + goes_on, &opts);
	for (size_t i = 0; i < group->count; i++) {
		struct outlet nothing = {0};

		part.flow = flows[i];
		if (build_pipeline(b, &group->parts[i], &part, &nothing) < 0)
			return -1;
	}
	if (goes_on)
		*ret = (struct outlet){flows[group->count], in->type, in->from};
	return 0;
}

/* What the copies of one `parallel` are built with. */
struct copies {
	struct builder *builder;
	const struct cli_stage *stage;
	struct outlet in;     /* of a copy; its flow is given */
	struct outlet out;    /* of the copy built last */
	struct builder outer; /* as it is outside of the copies */
	size_t made;
	bool in_order, failed;
};

static const char *
copy_name(struct copies *copies)
{
	struct cli_arena *arena = &copies->builder->input->arena;

	copies->made++;
	if (copies->outer.copy == NULL)
		return cli_arena_format(arena, "%zu", copies->made);
	return cli_arena_format(
		arena, "%s.%zu", copies->outer.copy, copies->made);
}

/* A weir_flow_fn: the part in parentheses, once more. */
static struct weir_flow
build_copy(void *ctx, struct weir_flow in)
{
	struct copies *copies = ctx;
	struct builder *b = copies->builder;
	const struct cli_stage *stage = copies->stage;

	if (copies->failed)
		return in;
	own_added(b, stage, copies->made == 0 ? CLI_BEGINS : CLI_DEALS,
		CLI_DEALS);
	/* What should have given this flow was not added. */
	if (in.stage >= b->built->count)
		own_next(b, stage, CLI_BEGINS);
	if (b->built->count >= CLI_STAGES_MAX) {
		copies->failed = true;
		cli_problem_at(b->input, stage->place, "make fewer copies",
			"with all its copies the pipeline has more than %zu "
			"stages",
			CLI_STAGES_MAX);
		return in;
	}
	b->copy = copy_name(copies);
	b->in_order = copies->in_order;
	copies->in.flow = in;
	copies->failed = build_pipeline(b, &stage->group->parts[0], &copies->in,
				 &copies->out) < 0;
	*b = copies->outer;
	return copies->failed ? in : copies->out.flow;
}

static int
build_parallel(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in, struct outlet *ret)
{
	const struct cli_parallel_args *args = stage->args;
	const struct weir_parallel_opts opts = {
		.stage.name = name_in_graph(b, stage->entry->name),
		.unordered = args->unordered};
	struct copies copies = {.builder = b,
		.stage = stage,
		.in = *in,
		.outer = *b,
		.in_order = !args->unordered};

	if (is_type(in->type, &weir_type_weir_bytes))
		return cli_problem_at(b->input, stage->name.place,
			"frame first: put 'lines' before it",
			"'%s' cannot deal out raw bytes", stage->name.text);
	copies.out.flow =
		weir_parallel(in->flow, args->n, build_copy, &copies, &opts);
	if (copies.failed)
		return -1;
	own_added(b, stage, CLI_RETURNS, CLI_RETURNS);
	*ret = copies.out;
	return 0;
}

/* A chunk of elements must be known to have left a copy whose order is kept:
 * it may not be under way to another worker. */
static int
check_uncut(struct builder *b, const struct cli_stage *stage)
{
	const struct cli_entry *entry = stage->entry;

	if (!b->in_order ||
		(entry->compose != CLI_PARALLEL &&
			(entry->op == NULL || entry->op->window_at == 0)))
		return 0;
	return cli_problem_at(b->input, stage->name.place,
		"leave it out, or make that one 'unordered'",
		"'%s' cannot be within a 'parallel' that keeps the order",
		stage->name.text);
}

/* @in NULL: @stage is a source.  *ret is of no meaning for a sink. */
static int
build_stage(struct builder *b, const struct cli_stage *stage,
	const struct outlet *in, struct outlet *ret)
{
	if (check_uncut(b, stage) < 0)
		return -1;
	switch (stage->entry->compose) {
	case CLI_COUNT:
		return build_count(b, stage, in);
	case CLI_MERGE:
		return build_merge(b, stage, ret);
	case CLI_PARALLEL:
		return build_parallel(b, stage, in, ret);
	case CLI_TEE:
		return build_tee(b, stage, in, ret);
	default:
		return build_one(b, stage, in, ret);
	}
}

static int
build_pipeline(struct builder *b, const struct cli_pipeline *pipeline,
	const struct outlet *in, struct outlet *ret)
{
	struct outlet now = {0};

	for (size_t i = 0; i < pipeline->count; i++) {
		if (build_stage(b, &pipeline->stages[i], in, ret) < 0)
			return -1;
		now = *ret;
		in = &now;
	}
	return 0;
}

/* The place of the option at fault, down to the byte the graph named. */
static bool
place_of_option(const struct cli_input *input, const struct cli_stage *stage,
	const struct weir_error *error, struct cli_place *ret)
{
	for (size_t o = 0; o < stage->entry->options_count; o++) {
		const struct cli_given *given = &stage->given[o];

		if (error->key == NULL || given->token == NULL ||
			strcmp(stage->entry->options[o].key, error->key) != 0)
			continue;
		*ret = cli_token_place(
			input, given->token, given->skip + error->key_at);
		if (error->key_at == 0)
			ret->end = given->token->place.end;
		return true;
	}
	return false;
}

/* The place of a word that the message quotes, as a path that is not there. */
static void
place_of_word(struct cli_input *input, const struct cli_stage *stage,
	const struct weir_error *error, struct cli_place *ret)
{
	for (size_t w = 0; w < stage->words_count; w++) {
		const struct cli_token *word = &stage->words[w];
		const char *quoted =
			cli_arena_format(&input->arena, "'%s'", word->text);

		if (strstr(error->text, quoted) != NULL)
			*ret = word->place;
	}
}

/* Boundaries hold elements, each a window. */
static bool
has_boundary(const struct cli_built *built)
{
	const struct weir_operator *op;

	for (uint32_t s = 0; s < built->count; s++)
		if (weir_graph_stage(built->graph, s, &op, NULL, NULL, 0) > 0 &&
			op->window_at != 0)
			return true;
	return false;
}

int
cli_built_problem(struct cli_input *input, const struct cli_built *built,
	const struct weir_error *error)
{
	struct cli_place place = {0, input->length};
	const char *hint = NULL, *name = error->stage;
	const struct cli_stage *stage = NULL;

	if (error->code == -ENOBUFS)
		hint = has_boundary(built)
			       ? "--memory gives it more, a smaller "
				 "--window needs less"
			       : "--memory gives it more";
	if (error->stage_index < built->count)
		stage = built->owners[error->stage_index].stage;
	if (stage != NULL) {
		place = stage->name.place;
		if (!place_of_option(input, stage, error, &place))
			place_of_word(input, stage, error, &place);
		/* Elements are numbered by the copy that met them; else all
		 * copies are alike. */
		if (error->element == 0)
			name = stage->name.text;
	}
	return cli_problem_at(input, place, hint, "%s: %s", name, error->text);
}

int
cli_build(struct cli_input *input, const struct cli_pipeline *pipeline,
	struct weir_graph *graph, struct cli_built *ret)
{
	struct builder b = {.input = input, .built = ret};
	struct outlet nothing = {0};
	struct weir_error error;

	*ret = (struct cli_built){.graph = graph};
	if (build_pipeline(&b, pipeline, NULL, &nothing) < 0)
		return -1;
	if (weir_graph_check(graph, &error) < 0)
		return cli_built_problem(input, ret, &error);
	return 0;
}
