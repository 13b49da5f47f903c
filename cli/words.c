/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.c - a stage's words as the arguments of its operator
 *
 * A word is, in this order: flags (-v, -vi) where the stage has some, until
 * "--"; KEY=VALUE, unless the stage takes any text; a word that is still
 * required; a bare keyword; one too many.
 */
#include <string.h>

#include "resolver.h"
#include "suggest.h"
#include "units.h"
#include "value.h"

/* Reads the words of one stage. */
struct reader {
	struct cli_input *input;
	struct cli_stage *stage;
	const struct weir_option *options; /* of its entry */
	size_t count;                      /* of options */
	size_t next;       /* the next option of words; count: none is left */
	bool flags;        /* -x are flags */
	bool keys;         /* KEY= are options */
	const char **list; /* words of a STRINGS option, NULL behind them */
	size_t list_count, list_capacity;
};

/* The option of words at or behind @at. */
static size_t
next_word_option(const struct reader *r, size_t at)
{
	while (at < r->count && r->options[at].place != WEIR_PLACE_WORD)
		at++;
	return at;
}

static int
set_flag(struct reader *r, size_t option, const struct cli_token *token)
{
	bool on = true;

	r->stage->given[option].token = token;
	memcpy((char *)r->stage->args + r->options[option].offset, &on,
		sizeof(on));
	return 0;
}

static int
read_flags(struct reader *r, const struct cli_token *token)
{
	for (size_t i = 1; i < token->length; i++) {
		char letter[2] = {token->text[i], '\0'};
		size_t o = 0;

		while (o < r->count && !(cli_option_is_letter(&r->options[o]) &&
					       r->options[o].key[0] == *letter))
			o++;
		if (o == r->count)
			return cli_problem_at(r->input,
				cli_token_place(r->input, token, i),
				"put -- before a word that begins with '-'",
				"'%s' has no flag -%s", r->stage->name.text,
				letter);
		set_flag(r, o, token);
	}
	return 0;
}

/* How long the KEY of an unquoted KEY= is; 0: @token is a word. */
static size_t
key_length(const struct cli_token *token)
{
	const char *text = token->text;
	size_t n = 0;

	if (token->plain == 0 || text[0] < 'a' || text[0] > 'z')
		return 0;
	while (n < token->plain &&
		((text[n] >= 'a' && text[n] <= 'z') ||
			(text[n] >= '0' && text[n] <= '9') || text[n] == '-'))
		n++;
	return n < token->plain && text[n] == '=' ? n : 0;
}

static int
unknown_key(struct reader *r, const struct cli_token *token, const char *key)
{
	struct cli_suggestion near = cli_suggestion_for(key);
	struct cli_place place = {
		token->place.begin, token->place.begin + strlen(key)};
	const char *hint;

	for (size_t o = 0; o < r->count; o++)
		if (r->options[o].place == WEIR_PLACE_KEY)
			cli_suggestion_offer(&near, r->options[o].key);
	hint = near.best != NULL ? cli_arena_format(&r->input->arena,
					   "did you mean '%s'?", near.best)
				 : "quote it, if it is a word";
	return cli_problem_at(r->input, place, hint, "'%s' has no option '%s'",
		r->stage->name.text, key);
}

/* The place of what follows the first @skip bytes of the word @token. */
static struct cli_place
value_place(const struct reader *r, const struct cli_token *token, size_t skip)
{
	if (skip == 0)
		return token->place;
	return (struct cli_place){
		cli_token_place(r->input, token, skip).begin, token->place.end};
}

static int
bad_value(struct reader *r, const struct cli_token *token, size_t skip,
	const struct cli_value_fault *fault)
{
	if (skip == 0 && token->quoted && token->length == 0)
		return cli_problem_at(r->input, token->place, fault->hint,
			"%s: an empty word %s", r->stage->name.text,
			fault->text);
	return cli_problem_at(r->input, value_place(r, token, skip),
		fault->hint, "%s: '%s' %s", r->stage->name.text,
		token->text + skip, fault->text);
}

/* Whether a word before set @key, in whichever way it is written. */
static bool
key_is_given(const struct reader *r, const char *key)
{
	size_t o = 0;

	while (o < r->count && (r->stage->given[o].token == NULL ||
				       r->options[o].place != WEIR_PLACE_KEY ||
				       strcmp(r->options[o].key, key) != 0))
		o++;
	return o < r->count;
}

/* A key may be listed once for each way its value is written: the first option
 * of that key that can read it takes it. */
static int
read_key(struct reader *r, const struct cli_token *token, size_t length)
{
	const char *key = cli_arena_copy(&r->input->arena, token->text, length);
	struct cli_value_fault fault = {0};
	const char *value = token->text + length + 1;
	bool known = false;

	if (key_is_given(r, key))
		return cli_problem_at(r->input, token->place, NULL,
			"%s: '%s' is given twice", r->stage->name.text, key);
	for (size_t o = 0; o < r->count; o++) {
		struct cli_value_fault other = {0};

		if (r->options[o].place != WEIR_PLACE_KEY ||
			cli_option_is_letter(&r->options[o]) ||
			strcmp(r->options[o].key, key) != 0)
			continue;
		if (cli_option_is_keyword(&r->options[o]))
			return cli_problem_at(r->input, token->place,
				"write it alone", "%s: '%s' takes no value",
				r->stage->name.text, key);
		if (cli_value_read(&r->options[o], value, r->stage->args,
			    &r->input->arena, &other) == 0) {
			r->stage->given[o] =
				(struct cli_given){token, length + 1};
			return 0;
		}
		/* A digit tells that a number was meant, not a choice. */
		if (!known || (value[0] >= '0' && value[0] <= '9'))
			fault = other;
		else if (!fault.guesses)
			fault.hint = cli_arena_format(&r->input->arena,
				"%s; %s", fault.hint, other.hint);
		known = true;
	}
	if (!known)
		return unknown_key(r, token, key);
	return bad_value(r, token, length + 1, &fault);
}

static int
read_word(struct reader *r, const struct cli_token *token)
{
	const struct weir_option *option = &r->options[r->next];
	struct cli_given *given = &r->stage->given[r->next];
	struct cli_value_fault fault = {0};

	if (given->token == NULL)
		*given = (struct cli_given){token, 0};
	if (option->kind == WEIR_OPTION_STRINGS) {
		r->list = cli_arena_extend(&r->input->arena, r->list,
			r->list_count + 1, &r->list_capacity, sizeof(*r->list));
		r->list[r->list_count++] = token->text;
		r->list[r->list_count] = NULL;
		memcpy((char *)r->stage->args + option->offset, &r->list,
			sizeof(r->list));
		return 0;
	}
	if (cli_value_read(option, token->text, r->stage->args,
		    &r->input->arena, &fault) < 0)
		return bad_value(r, token, 0, &fault);
	r->next = next_word_option(r, r->next + 1);
	return 0;
}

static size_t
find_keyword(const struct reader *r, const struct cli_token *token)
{
	size_t o = 0;

	while (o < r->count &&
		(token->quoted || !cli_option_is_keyword(&r->options[o]) ||
			strcmp(r->options[o].key, token->text) != 0))
		o++;
	return o;
}

/* What to do about a word that is near the keyword @near. */
static const char *
keyword_hint(struct reader *r, const struct cli_token *token, const char *near)
{
	if (strcmp(near, token->text) == 0)
		return "write it without quotes, if it is the option";
	/* The opposite of what can be asked for. */
	if (strncmp(near, "un", 2) == 0 && strcmp(near + 2, token->text) == 0)
		return cli_arena_format(&r->input->arena,
			"leave it out: it is, unless it is '%s'", near);
	return cli_arena_format(&r->input->arena, "did you mean '%s'?", near);
}

/* What to do about a word where none is taken: a value may lack its key. */
static const char *
value_hint(struct reader *r, const struct cli_token *token)
{
	const struct weir_option *only = NULL;
	struct cli_number number;

	for (size_t o = 0; o < r->count; o++)
		if (r->options[o].place == WEIR_PLACE_KEY) {
			if (only != NULL)
				return NULL;
			only = &r->options[o];
		}
	if (only == NULL || !cli_option_is_number(only) ||
		cli_number_read(only->kind, token->text, &number) != NULL)
		return NULL;
	return cli_arena_format(&r->input->arena, "did you mean '%s=%s'?",
		only->key, token->text);
}

static int
word_too_many(struct reader *r, const struct cli_token *token)
{
	struct cli_suggestion near = cli_suggestion_for(token->text);
	const struct weir_option *last = NULL;
	const char *hint = NULL;

	for (size_t o = 0; o < r->count; o++) {
		if (cli_option_is_keyword(&r->options[o]))
			cli_suggestion_offer(&near, r->options[o].key);
		if (r->options[o].place == WEIR_PLACE_WORD)
			last = &r->options[o];
	}
	if (near.best != NULL)
		hint = keyword_hint(r, token, near.best);
	else if (last == NULL)
		hint = value_hint(r, token);
	else if (last->kind == WEIR_OPTION_STRING)
		hint = "quote it together with the word before, if it is one";
	if (last == NULL)
		return cli_problem_at(r->input, token->place, hint,
			"'%s' takes no words, and here is '%s'",
			r->stage->name.text, token->text);
	return cli_problem_at(r->input, token->place, hint,
		"%s: the word '%s' is one too many", r->stage->name.text,
		token->text);
}

static int
read_token(struct reader *r, const struct cli_token *token)
{
	size_t length = r->keys ? key_length(token) : 0;
	size_t keyword;

	if (r->flags && !token->quoted && token->length > 1 &&
		token->text[0] == '-') {
		if (strcmp(token->text, "--") != 0)
			return read_flags(r, token);
		r->flags = false;
		return 0;
	}
	if (length > 0)
		return read_key(r, token, length);
	if (r->next < r->count)
		return read_word(r, token);
	keyword = find_keyword(r, token);
	if (keyword < r->count)
		return set_flag(r, keyword, token);
	return word_too_many(r, token);
}

static int
word_missing(struct reader *r)
{
	const struct weir_option *option = &r->options[r->next];
	struct cli_place end = {r->stage->place.end, r->stage->place.end};

	return cli_problem_at(r->input, end, option->help,
		"'%s' needs one more word: %s", r->stage->name.text,
		option->key);
}

int
cli_resolve_words(struct cli_input *input, struct cli_stage *stage)
{
	const struct cli_entry *entry = stage->entry;
	struct reader r = {.input = input,
		.stage = stage,
		.options = entry->options,
		.count = entry->options_count,
		.keys = cli_entry_takes_keys(entry)};

	stage->args = cli_arena_get(&input->arena, entry->args_bytes);
	stage->given =
		cli_arena_get(&input->arena, r.count * sizeof(*stage->given));
	for (size_t o = 0; o < r.count; o++)
		r.flags |= cli_option_is_letter(&r.options[o]);
	r.next = next_word_option(&r, 0);
	for (size_t i = 0; i < stage->words_count; i++)
		if (read_token(&r, &stage->words[i]) < 0)
			return -1;
	/* A list of words is satisfied by its first. */
	if (r.next < r.count && r.list_count == 0)
		return word_missing(&r);
	return 0;
}
