/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_newline.c - line ends are found, whatever the length and the room
 */
#include "operators/newline_internal.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LENGTH_MAX 300u

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Cut @text into lines @room at a time, and see that each is what memchr()
 * finds. */
static void
check_text(const char *text, size_t length, size_t room)
{
	const char *at = text, *end = text + length, *newline;
	weir_record lines[LENGTH_MAX];
	size_t used, n;

	do {
		n = weir_newline_split(
			at, (size_t)(end - at), lines, room, &used);
		assert_true(n <= room);
		for (size_t i = 0; i < n; i++) {
			newline = memchr(at, '\n', (size_t)(end - at));
			assert_non_null(newline);
			assert_ptr_equal(lines[i].data, at);
			assert_int_equal(lines[i].length, newline - at);
			used -= lines[i].length + 1;
			at = newline + 1;
		}
		assert_int_equal(used, 0);
	} while (n == room);
	assert_null(memchr(at, '\n', (size_t)(end - at)));
}

static void
lines_are_those_that_memchr_finds(void **state)
{
	static const size_t rooms[] = {1, 2, 7, 63, 64, 65, LENGTH_MAX};
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		size_t length = next(&x) % LENGTH_MAX;
		uint64_t rare = 1 + next(&x) % 100;
		/* Of exactly its size: nothing behind it may be read. */
		char *text = malloc(length == 0 ? 1 : length);

		assert_non_null(text);
		for (size_t i = 0; i < length; i++)
			text[i] = next(&x) % rare == 0 ? '\n' : '\v';
		for (size_t r = 0; r < sizeof(rooms) / sizeof(*rooms); r++)
			check_text(text, length, rooms[r]);
		free(text);
	}
}

static void
no_text_has_no_lines(void **state)
{
	weir_record line;
	size_t used = 1;

	(void)state;
	assert_int_equal(weir_newline_split("", 0, &line, 1, &used), 0);
	assert_int_equal(used, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_that_memchr_finds),
		cmocka_unit_test(no_text_has_no_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
