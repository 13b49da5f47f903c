/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_list.c - the stages there are, from their own descriptors
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "commands.h"
#include "complain.h"
#include "units.h"
#include "value.h"

#define USAGE_COLUMNS 36

/* What stands for a value of @option in a usage. */
static const char *
placeholder(const struct weir_option *option, struct cli_arena *arena)
{
	char *name;

	switch (option->kind) {
	case WEIR_OPTION_CHOICE:
		return cli_value_choices(option, "|", arena);
	case WEIR_OPTION_SIZE:
		return "SIZE";
	case WEIR_OPTION_TIME:
		return "T";
	case WEIR_OPTION_COUNT:
		if (option->place == WEIR_PLACE_KEY)
			return "N";
		break;
	default:
		break;
	}
	name = cli_arena_copy(arena, option->key, strlen(option->key));
	for (char *c = name; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	if (option->kind == WEIR_OPTION_STRINGS)
		return cli_arena_format(arena, "%s...", name);
	return name;
}

/* How @option is written, without the brackets of one that may be left out. */
static const char *
option_usage(const struct weir_option *option, struct cli_arena *arena)
{
	if (option->place == WEIR_PLACE_WORD)
		return placeholder(option, arena);
	if (cli_option_is_letter(option))
		return cli_arena_format(arena, "-%s", option->key);
	if (cli_option_is_keyword(option))
		return option->key;
	return cli_arena_format(
		arena, "%s=%s", option->key, placeholder(option, arena));
}

static const char *
usage(const struct cli_entry *entry, struct cli_arena *arena)
{
	const char *text = entry->name;

	for (int words = 1; words >= 0; words--)
		for (size_t o = 0; o < entry->options_count; o++) {
			const struct weir_option *option = &entry->options[o];
			bool is_word = option->place == WEIR_PLACE_WORD;

			if (option->place == WEIR_PLACE_NONE ||
				is_word != (words == 1))
				continue;
			text = cli_arena_format(arena,
				is_word ? "%s %s" : "%s [%s]", text,
				option_usage(option, arena));
		}
	if (entry->parts.max > 0)
		text = cli_arena_format(
			arena, "%s %s", text, entry->parts.usage);
	return text;
}

static void
print_all(const struct cli_catalog *catalog, struct cli_arena *arena)
{
	for (int role = 0; role < CLI_ROLES; role++) {
		printf("%s%ss\n", role == 0 ? "" : "\n",
			cli_role_name((enum cli_role)role));
		for (size_t i = 0; i < catalog->count; i++) {
			const struct cli_entry *entry = &catalog->entries[i];
			const char *text = usage(entry, arena);

			if (entry->role != (enum cli_role)role)
				continue;
			if (strlen(text) > USAGE_COLUMNS)
				printf("  %s\n  %-*s  %s\n", text,
					USAGE_COLUMNS, "", entry->summary);
			else
				printf("  %-*s  %s\n", USAGE_COLUMNS, text,
					entry->summary);
		}
	}
	printf("\n'weir list STAGE' says more about one.\n");
}

/* What is taken where the option is left out; NULL: nothing to say. */
static const char *
fallback(const struct weir_option *option, struct cli_arena *arena)
{
	char *text = cli_arena_get(arena, 32);

	if (option->place != WEIR_PLACE_KEY)
		return NULL;
	switch (option->kind) {
	case WEIR_OPTION_CHOICE:
		return option->choices[option->fallback];
	case WEIR_OPTION_COUNT:
	case WEIR_OPTION_NUMBER:
	case WEIR_OPTION_SIZE:
	case WEIR_OPTION_TIME:
		if (option->fallback == 0)
			return NULL;
		return cli_number_write(option->kind, option->fallback, text);
	default:
		return NULL;
	}
}

static void
print_option(const struct weir_option *option, struct cli_arena *arena)
{
	const char *range = cli_option_is_number(option)
				    ? cli_value_range(option, arena)
				    : NULL;
	const char *without = fallback(option, arena);

	if (option->place == WEIR_PLACE_NONE)
		return;
	printf("    %-22s  %s", option_usage(option, arena), option->help);
	if (range != NULL)
		printf("; %s", range);
	if (without != NULL)
		printf("; default %s", without);
	putchar('\n');
}

static void
print_entry(const struct cli_entry *entry, struct cli_arena *arena)
{
	char quote;

	printf("%s (%s): %s\n", entry->name, cli_role_name(entry->role),
		entry->summary);
	printf("  %s\n", usage(entry, arena));
	for (size_t o = 0; o < entry->options_count; o++)
		print_option(&entry->options[o], arena);
	quote = strchr(entry->example, '\'') == NULL ? '\'' : '"';
	printf("  example: weir run %c%s%c\n", quote, entry->example, quote);
}

static int
print_one(const struct cli_catalog *catalog, const char *name,
	struct cli_arena *arena)
{
	const char *near;
	bool found = false;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct cli_entry *entry = &catalog->entries[i];

		if (strcmp(entry->name, name) != 0)
			continue;
		if (found)
			putchar('\n');
		print_entry(entry, arena);
		found = true;
	}
	if (found)
		return CLI_DONE;
	if (cli_catalog_plans(catalog, name))
		return cli_complain("'weir list' shows all",
			"the stage '%s' is not in this version", name);
	near = cli_catalog_suggest(catalog, name, CLI_ROLES);
	return cli_complain(
		near == NULL ? "'weir list' shows all"
			     : cli_arena_format(arena,
				       "did you mean '%s'?  ('weir list' shows "
				       "all)",
				       near),
		"no stage called '%s'", name);
}

int
cli_command_list(const struct cli_options *options)
{
	struct cli_arena arena = {0};
	struct cli_catalog catalog = cli_catalog_library(&arena);
	int rc = CLI_DONE;

	if (options->stage == NULL)
		print_all(&catalog, &arena);
	else
		rc = print_one(&catalog, options->stage, &arena);
	cli_arena_finish(&arena);
	return rc == CLI_DONE ? cli_printed() : rc;
}
