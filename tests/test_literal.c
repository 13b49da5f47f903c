/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_literal.c - the string that a pattern cannot match without
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "operators/literal_internal.h"

#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
expect(const char *pattern, const char *literal)
{
	const char *at;
	size_t n = weir_literal_of(pattern, &at);

	if (n != strlen(literal) || memcmp(at, literal, n) != 0)
		fail_msg("of '%s': '%.*s', not '%s'", pattern, (int)n, at,
			literal);
}

static void
a_run_of_plain_bytes_is_found(void **state)
{
	(void)state;
	expect("error", "error");
	expect("^Depends:", "Depends:");
	expect("foo.*barr", "barr");
	expect("ab$", "ab");
	expect("[0-9]+ failed", " failed");
	expect("(a|b) of them", " of them");
	expect("x\\.yz", "yz");
	expect("\\d+ items", " items");
	expect("[]a]bcd", "bcd");
	expect("[^]a]bcd", "bcd");
	expect("[[:alpha:]]bcd", "bcd");
	expect("[a\\]b]cd", "cd");
	expect("", "");
}

static void
what_a_quantifier_follows_is_none_of_it(void **state)
{
	(void)state;
	expect("abc*", "ab");
	expect("ab?cd", "cd");
	expect("ab+", "a");
	expect("abc{2}d", "ab");
	expect("abc{2,3}?de", "ab");
	expect("(abc)?de", "de");
	expect("(abcd)*e", "e");
	expect("a{b", "b");
	expect("a{2}{3}b", "b");
	expect("a{2}{ 3 }?b", "b");
	expect("a{ 3 }b", "b");
	expect("a{}{3}b", "b");
}

static void
what_is_not_certain_counts_for_nothing(void **state)
{
	(void)state;
	expect("foo|bar", "");
	expect("foo\\d|bar", "");
	expect("(?i)foo", "");
	expect("(?#foo)bar", "");
	expect("(?!foo)bar", "");
	expect("(*UTF)foo", "");
	expect("\\Qa|b\\E", "");
	expect("\\x41bc", "");
	expect("\\p{L}foo", "");
	expect("a{|foo", "");
	expect("foo\\", "");
	expect("foo[[:]|bar", "");
	expect("foo[[:alpha:]]|bar", "");
}

static void
plain_is_what_has_no_metacharacters(void **state)
{
	(void)state;
	assert_true(weir_literal_is_plain("a b-c=d:/#~"));
	assert_true(weir_literal_is_plain(""));
	for (const char *c = "\\^$.[]|()?*+{}"; *c != '\0'; c++) {
		char pattern[] = {'a', *c, 'b', '\0'};

		assert_false(weir_literal_is_plain(pattern));
	}
}

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* @text matches @code though it lacks the string: the string was wrong. */
static void
check_match(const pcre2_code *code, pcre2_match_data *match,
	const char *pattern, const char *text, const char *literal, size_t n)
{
	int rc = pcre2_match(
		code, (PCRE2_SPTR)text, strlen(text), 0, 0, match, NULL);

	if (rc >= 0 && memmem(text, strlen(text), literal, n) == NULL)
		fail_msg("'%s' matches '%s' without '%.*s'", pattern, text,
			(int)n, literal);
}

static void
no_text_without_it_matches_a_random_pattern(void **state)
{
	static const char *const parts[] = {"a", "b", "c", "ab", "bc", ".", "*",
		"+", "?", "|", "(", ")", "[ab]", "[^a]", "{2}", "{", "}",
		"{,3}", "\\.", "\\w", "\\bc", "^", "$", "{0,1}", "[]a]", "\\",
		"]", "[[:alpha:]]", "{0}", "[[:]", "{}", "3", ":"};
	uint64_t x = 88172645463325252u;
	int certain = 0;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		char pattern[64] = "", text[16];
		pcre2_match_data *match;
		const char *literal;
		pcre2_code *code;
		PCRE2_SIZE at;
		int error;
		size_t n;

		for (uint64_t k = 1 + next(&x) % 8; k > 0; k--)
			strcat(pattern,
				parts[next(&x) %
					(sizeof(parts) / sizeof(*parts))]);
		code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
			0, &error, &at, NULL);
		if (code == NULL)
			continue;
		n = weir_literal_of(pattern, &literal);
		certain += n > 0;
		match = pcre2_match_data_create(1, NULL);
		assert_non_null(match);
		for (int k = 0; n > 0 && k < 30; k++) {
			size_t length = next(&x) % sizeof(text);

			for (size_t i = 0; i < length; i++)
				text[i] = "abc.]{}2:"[next(&x) % 9];
			text[length] = '\0';
			check_match(code, match, pattern, text, literal, n);
		}
		pcre2_match_data_free(match);
		pcre2_code_free(code);
	}
	/* Else nothing was tried. */
	assert_true(certain > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_of_plain_bytes_is_found),
		cmocka_unit_test(what_a_quantifier_follows_is_none_of_it),
		cmocka_unit_test(what_is_not_certain_counts_for_nothing),
		cmocka_unit_test(plain_is_what_has_no_metacharacters),
		cmocka_unit_test(no_text_without_it_matches_a_random_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
