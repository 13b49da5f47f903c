/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal.c - the plain string that a pattern cannot match without
 *
 * Only what is certain counts.  Bytes outside of any group and class that no
 * quantifier follows stand in every match, one behind the other; whatever
 * else there is ends a run of them.  Patterns with alternatives outside of
 * groups, or with settings and verbs that change what bytes mean, have none.
 */
#include "literal_internal.h"

#include <string.h>

#define METACHARACTERS "\\^$.[]|()?*+{}"

bool
weir_literal_is_plain(const char *pattern)
{
	return pattern[strcspn(pattern, METACHARACTERS)] == '\0';
}

/* Behind the class that begins at @at. */
static const char *
class_end(const char *at)
{
	at++;
	if (*at == '^')
		at++;
	if (*at == ']')
		at++;
	while (*at != '\0' && *at != ']') {
		/* [:alpha:] and the like hold a bracket of their own. */
		if (*at == '[' &&
			(at[1] == ':' || at[1] == '.' || at[1] == '=')) {
			const char *close = strchr(at + 2, ']');

			if (close != NULL && close != at + 2 &&
				close[-1] == at[1]) {
				at = close + 1;
				continue;
			}
		}
		at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	}
	return *at == '\0' ? at : at + 1;
}

/* Behind the group that begins at @at. */
static const char *
group_end(const char *at)
{
	size_t depth = 0;

	while (*at != '\0') {
		if (*at == '[') {
			at = class_end(at);
			continue;
		}
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
		at++;
	}
	return at;
}

/* Behind the quantifiers at @at, if there are any.  What looks like one may be
 * text that another follows ("{}{2}"); newer versions of PCRE2 allow blanks in
 * them.  A brace that begins none is a byte like others. */
static const char *
quantifier_end(const char *at)
{
	for (;;) {
		size_t n = 0;

		if (*at == '{') {
			n = strspn(at + 1, "0123456789, \t") + 1;
			if (at[n] != '}')
				return at;
		} else if (*at != '?' && *at != '*' && *at != '+') {
			return at;
		}
		at += n + 1;
	}
}

/* Behind the escape at @at; NULL where it may go on or mean anything. */
static const char *
escape_end(const char *at)
{
	bool is_mark = at[1] > ' ' && at[1] <= '~' &&
		       strspn(at + 1, "0123456789"
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 0;

	if (at[1] == '\0')
		return NULL;
	return is_mark || strchr("dDwWsSbBhHvVRXAZzGntrfae", at[1]) != NULL
		       ? at + 2
		       : NULL;
}

/* Whether @pattern holds what may change the meaning of other parts of it, or
 * match without what surrounds it. */
static bool
is_intricate(const char *pattern)
{
	return strstr(pattern, "(?") != NULL || strstr(pattern, "(*") != NULL ||
	       strstr(pattern, "\\Q") != NULL || strstr(pattern, "\\E") != NULL;
}

static bool
quantifies(char c)
{
	return c == '?' || c == '*' || c == '+' || c == '{';
}

size_t
weir_literal_of(const char *pattern, const char **ret_at)
{
	const char *at = pattern, *run = pattern;
	size_t best = 0;

	*ret_at = pattern;
	if (is_intricate(pattern))
		return 0;
	for (;;) {
		bool plain = *at != '\0' && strchr(METACHARACTERS, *at) == NULL;

		if (plain && !quantifies(at[1])) {
			at++;
			continue;
		}
		if ((size_t)(at - run) > best) {
			best = (size_t)(at - run);
			*ret_at = run;
		}
		if (*at == '\0')
			return best;
		if (*at == '|')
			return 0;
		if (*at == '[')
			at = class_end(at);
		else if (*at == '(')
			at = group_end(at);
		else if (*at == '\\')
			at = escape_end(at);
		else
			at++;
		if (at == NULL)
			return 0;
		at = quantifier_end(at);
		run = at;
	}
}
