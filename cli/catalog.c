/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.c - every stage of the pipeline language
 */
#include "catalog.h"

#include <string.h>

#include "../io/file.h"
#include "../operators/operators.h"
#include "suggest.h"

static const struct weir_option parallel_options[] = {
	{.key = "n",
		.kind = WEIR_OPTION_COUNT,
		.place = WEIR_PLACE_WORD,
		.offset = offsetof(struct cli_parallel_args, n),
		.min = 1,
		.max = 1024,
		.help = "how many copies of the stages"},
	{.key = "unordered",
		.kind = WEIR_OPTION_FLAG,
		.place = WEIR_PLACE_KEY,
		.offset = offsetof(struct cli_parallel_args, unordered),
		.help = "let what the copies emit come as it is ready"},
	{.key = NULL},
};

static const struct weir_option no_options[] = {{.key = NULL}};

/* Composed stages.  One that needs an operator of the library (its name is the
 * same) is offered where that is there. */
static const struct cli_entry composed[] = {
	{.name = "merge",
		.summary = "joins several sources, as things arrive",
		.example = "merge (file a | lines, file b | lines) | stdout",
		.role = CLI_SOURCE,
		.compose = CLI_MERGE,
		.parts = {CLI_PARTS_MAX, true, false,
			"(SOURCE | OPERATOR..., ...)"},
		.options = no_options},
	{.name = "parallel",
		.summary = "runs copies of stages side by side, in order",
		.example = "file a | lines | parallel 2 (grep ERROR) | file b",
		.role = CLI_OPERATOR,
		.compose = CLI_PARALLEL,
		.parts = {1, false, false, "(OPERATOR | ...)"},
		.options = parallel_options,
		.args_bytes = sizeof(struct cli_parallel_args)},
	{.name = "tee",
		.summary = "sends a copy to each part, and one on",
		.example = "file a | lines | tee (grep ERROR | file b, count) "
			   "| null",
		.role = CLI_OPERATOR,
		.compose = CLI_TEE,
		.parts = {CLI_PARTS_MAX, false, true,
			"(OPERATOR | ... SINK, ...)"},
		.options = no_options},
	{.name = "tap",
		.summary = "sends a copy to a sink on the side",
		.example =
			"file a | lines | tap (file b) | grep ERROR | stdout",
		.role = CLI_OPERATOR,
		.compose = CLI_TEE,
		.parts = {1, false, true, "(OPERATOR | ... SINK)"},
		.options = no_options},
	{.name = "tee",
		.summary = "sends a copy to each part",
		.example = "file a | lines | tee (grep ERROR | file b, count)",
		.role = CLI_SINK,
		.compose = CLI_TEE,
		.parts = {CLI_PARTS_MAX, false, true,
			"(OPERATOR | ... SINK, ...)"},
		.options = no_options},
};

/* Their words are text of any kind. */
static const char *const free_worded[] = {
	"grep", "replace", "prefix", "suffix", "exec"};

/* Of the language, and not in this version. */
static const char *const planned[] = {"batch", "buffer", "cut", "dedup",
	"delay", "exec", "frames", "meter", "replace", "sort-within", "tail",
	"tcp", "tcp-listen", "throttle", "tick", "top", "udp", "udp-listen",
	"unix", "unix-listen"};

static bool
is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool
has_ports(const struct weir_port *ports)
{
	return ports != NULL && ports[0].name != NULL;
}

static size_t
count_options(const struct weir_option *options)
{
	size_t n = 0;

	while (options != NULL && options[n].key != NULL)
		n++;
	return n;
}

static void
add(struct cli_catalog *catalog, struct cli_entry entry)
{
	if (entry.options == NULL)
		entry.options = no_options;
	entry.options_count = count_options(entry.options);
	catalog->entries[catalog->count++] = entry;
}

static bool
is_composed(const char *name)
{
	for (size_t i = 0; i < sizeof(composed) / sizeof(*composed); i++)
		if (strcmp(composed[i].name, name) == 0)
			return true;
	return false;
}

/* What `count` becomes at the end of a pipeline. */
static void
add_count_sink(struct cli_catalog *catalog, const struct weir_operator *op)
{
	add(catalog, (struct cli_entry){.name = op->name,
			     .summary = "prints how many elements came, on "
					"standard output",
			     .example = "file a.log | lines | count",
			     .role = CLI_SINK,
			     .compose = CLI_COUNT,
			     .options = op->options,
			     .args_bytes = op->args_bytes,
			     .op = op});
}

static void
add_operator(struct cli_catalog *catalog, const struct weir_operator *op)
{
	enum cli_role role = !has_ports(op->inlets)    ? CLI_SOURCE
			     : !has_ports(op->outlets) ? CLI_SINK
						       : CLI_OPERATOR;

	if (op->example == NULL || is_composed(op->name))
		return;
	add(catalog, (struct cli_entry){.name = op->name,
			     .summary = op->summary,
			     .example = op->example,
			     .role = role,
			     .compose = CLI_ONE,
			     .options = op->options,
			     .args_bytes = op->args_bytes,
			     .op = op});
	if (role == CLI_OPERATOR && strcmp(op->name, "count") == 0)
		add_count_sink(catalog, op);
}

struct cli_catalog
cli_catalog_make(struct cli_arena *arena,
	const struct weir_operator *const *const *lists, size_t lists_count)
{
	size_t composed_count = sizeof(composed) / sizeof(*composed);
	size_t most = composed_count + 1; /* and `count` at the end */
	struct cli_catalog catalog = {0};

	for (size_t i = 0; i < lists_count; i++)
		for (size_t j = 0; lists[i][j] != NULL; j++)
			most++;
	catalog.entries = cli_arena_get(arena, most * sizeof(struct cli_entry));
	for (size_t i = 0; i < lists_count; i++)
		for (size_t j = 0; lists[i][j] != NULL; j++)
			add_operator(&catalog, lists[i][j]);
	for (size_t i = 0; i < composed_count; i++)
		add(&catalog, composed[i]);
	return catalog;
}

struct cli_catalog
cli_catalog_library(struct cli_arena *arena)
{
	const struct weir_operator *const *lists[] = {
		weir_io_operators, weir_operators};

	return cli_catalog_make(arena, lists, 2);
}

const struct cli_entry *
cli_catalog_find(
	const struct cli_catalog *catalog, const char *name, enum cli_role role)
{
	for (size_t i = 0; i < catalog->count; i++) {
		const struct cli_entry *entry = &catalog->entries[i];

		if (entry->role == role && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

const char *
cli_catalog_suggest(
	const struct cli_catalog *catalog, const char *name, enum cli_role role)
{
	struct cli_suggestion near = cli_suggestion_for(name);

	for (size_t i = 0; i < catalog->count; i++)
		if (role >= CLI_ROLES || catalog->entries[i].role == role)
			cli_suggestion_offer(&near, catalog->entries[i].name);
	return near.best;
}

bool
cli_catalog_plans(const struct cli_catalog *catalog, const char *name)
{
	for (int role = 0; role < CLI_ROLES; role++)
		if (cli_catalog_find(catalog, name, (enum cli_role)role))
			return false;
	return is_among(name, planned, sizeof(planned) / sizeof(*planned));
}

const char *
cli_role_name(enum cli_role role)
{
	static const char *const names[] = {"source", "operator", "sink"};

	return names[role];
}

bool
cli_entry_takes_keys(const struct cli_entry *entry)
{
	return !is_among(entry->name, free_worded,
		sizeof(free_worded) / sizeof(*free_worded));
}

bool
cli_option_is_letter(const struct weir_option *option)
{
	return option->place == WEIR_PLACE_KEY &&
	       option->kind == WEIR_OPTION_FLAG && strlen(option->key) == 1;
}

bool
cli_option_is_keyword(const struct weir_option *option)
{
	return option->place == WEIR_PLACE_KEY &&
	       option->kind == WEIR_OPTION_FLAG && strlen(option->key) > 1;
}

bool
cli_option_is_number(const struct weir_option *option)
{
	return option->kind == WEIR_OPTION_COUNT ||
	       option->kind == WEIR_OPTION_NUMBER ||
	       option->kind == WEIR_OPTION_SIZE ||
	       option->kind == WEIR_OPTION_TIME;
}
