/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_needle.c - plain strings are found where they are, and nowhere else
 */
#include "operators/needle_internal.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT_MAX 300u

/* The text in memory of exactly its size, so that a sanitizer sees a read
 * beyond it. */
static char *
exactly(const char *bytes, size_t length)
{
	char *copy = malloc(length == 0 ? 1 : length);

	assert_non_null(copy);
	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

static void
each_place_is_found_in_texts_of_each_length(void **state)
{
	char text[TEXT_MAX];

	(void)state;
	for (size_t length = 1; length <= 70; length++) {
		struct weir_needle needle;
		char *sought;

		for (size_t i = 0; i < length; i++)
			text[i] = (char)('a' + i % 26);
		text[0] = 'Q';
		sought = exactly(text, length);
		needle = weir_needle_make(sought, length);
		for (size_t at = 0; at + length <= 150; at++) {
			size_t all = at + length + at % 40;
			char *in = malloc(all);

			assert_non_null(in);
			memset(in, 'a', all);
			memcpy(in + at, sought, length);
			assert_ptr_equal(
				weir_needle_find(&needle, in, in + all),
				in + at);
			assert_null(weir_needle_find(
				&needle, in, in + at + length - 1));
			assert_null(weir_needle_find(
				&needle, in + at + 1, in + all));
			free(in);
		}
		free(sought);
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

/* Few letters, so that there are many near misses. */
static void
the_first_of_random_places_is_found(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t length = next(&x) % TEXT_MAX, sought = 1 + next(&x) % 8;
		char text[TEXT_MAX], word[8], *in;
		struct weir_needle needle;

		for (size_t i = 0; i < length; i++)
			text[i] = "ab\0\n"[next(&x) % 4];
		for (size_t i = 0; i < sought; i++)
			word[i] = "ab\0\n"[next(&x) % 4];
		in = exactly(text, length);
		needle = weir_needle_make(word, sought);
		assert_ptr_equal(weir_needle_find(&needle, in, in + length),
			memmem(in, length, word, sought));
		free(in);
	}
}

static void
the_rarest_bytes_are_looked_for_first(void **state)
{
	struct weir_needle needle = weir_needle_make("an example", 10);

	(void)state;
	/* x and p. */
	assert_int_equal(needle.first, 4);
	assert_int_equal(needle.second, 7);
}

static void
a_single_byte_is_found(void **state)
{
	struct weir_needle needle = weir_needle_make("x", 1);
	const char text[] = "aaxaax";

	(void)state;
	assert_ptr_equal(weir_needle_find(&needle, text, text + 6), text + 2);
	assert_ptr_equal(
		weir_needle_find(&needle, text + 3, text + 6), text + 5);
	assert_null(weir_needle_find(&needle, text + 3, text + 5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_found_in_texts_of_each_length),
		cmocka_unit_test(the_first_of_random_places_is_found),
		cmocka_unit_test(the_rarest_bytes_are_looked_for_first),
		cmocka_unit_test(a_single_byte_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
