/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.h - every stage of the pipeline language
 *
 * Made of the library's own descriptors: those with an example are offered,
 * and place decides what they are (a source has no inlets, a sink no outlets).
 * A few stages are composed by the command from several, or take a group of
 * pipelines in parentheses; these are described here, in the same form.
 */
#ifndef WEIR_CLI_CATALOG_H
#define WEIR_CLI_CATALOG_H

#include "../streams/stage.h"
#include "arena.h"

/** How many parts a group in parentheses may have. */
#define CLI_PARTS_MAX 64

enum cli_role { CLI_SOURCE, CLI_OPERATOR, CLI_SINK, CLI_ROLES };

/** How a stage of the language becomes stages of a graph. */
enum cli_compose {
	CLI_ONE,      /* the operator itself */
	CLI_COUNT,    /* the operator, and its number on standard output */
	CLI_MERGE,    /* the parts, joined */
	CLI_PARALLEL, /* the part, n times */
	CLI_TEE       /* a copy to each part, and one for what follows */
};

/** What a group in parentheses holds. */
struct cli_parts {
	size_t max;        /* how many parts; 0: there is no group */
	bool source, sink; /* each part begins with one, ends with one */
	const char *usage; /* as "(sink)" */
};

/** One stage of the language.  Constant once made. */
struct cli_entry {
	const char *name, *summary, *example;
	enum cli_role role;
	enum cli_compose compose;
	struct cli_parts parts;
	const struct weir_option *options; /* ends with one without a key */
	size_t options_count, args_bytes;
	const struct weir_operator *op; /* NULL: only composed */
};

struct cli_catalog {
	struct cli_entry *entries;
	size_t count;
};

/** The arguments of `parallel`. */
struct cli_parallel_args {
	uint64_t n;
	bool unordered;
};

/** Join the stages of @lists_count NULL-terminated lists of descriptors and
 *  those the command composes, in memory of @arena. */
struct cli_catalog cli_catalog_make(struct cli_arena *arena,
	const struct weir_operator *const *const *lists, size_t lists_count);

/** The catalogue of the library's own lists. */
struct cli_catalog cli_catalog_library(struct cli_arena *arena);

/** The stage called @name in @role, or NULL. */
const struct cli_entry *cli_catalog_find(
	const struct cli_catalog *, const char *name, enum cli_role role);

/** The stage most likely meant by @name, of @role if it is one of three, else
 *  of any; NULL when none is near. */
const char *cli_catalog_suggest(
	const struct cli_catalog *, const char *name, enum cli_role role);

/** Whether @name is a stage of the language that is not in @catalog yet: what
 *  sounds like it is not what was meant. */
bool cli_catalog_plans(const struct cli_catalog *, const char *name);

/** "source", "operator", "sink". */
const char *cli_role_name(enum cli_role role);

/** Whether @entry takes KEY=VALUE: stages whose words are any text (a pattern,
 *  a command) do not, so that `grep a=b` is a pattern. */
bool cli_entry_takes_keys(const struct cli_entry *entry);

/** Whether @option is a flag like -v. */
bool cli_option_is_letter(const struct weir_option *option);

/** Whether @option is a bare keyword like append. */
bool cli_option_is_keyword(const struct weir_option *option);

/** Whether the value of @option is a number, a size or a time. */
bool cli_option_is_number(const struct weir_option *option);

#endif /* WEIR_CLI_CATALOG_H */
