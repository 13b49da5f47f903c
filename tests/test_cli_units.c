/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cli_units.c - numbers with units
 */
#include "cli/human.h"
#include "cli/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
expect_read(enum weir_option_kind kind, const char *text, uint64_t magnitude,
	bool negative)
{
	struct cli_number number;

	assert_null(cli_number_read(kind, text, &number));
	assert_true(number.magnitude == magnitude);
	assert_int_equal(number.negative, negative);
}

static void
expect_refused(
	enum weir_option_kind kind, const char *text, const char *sentence)
{
	struct cli_number number = {7, true};

	const char *fault = cli_number_read(kind, text, &number);

	assert_non_null(fault);
	assert_string_equal(fault, sentence);
	assert_true(number.magnitude == 7 && number.negative);
}

static void
counts_take_k_m_and_g(void **state)
{
	(void)state;
	expect_read(WEIR_OPTION_COUNT, "0", 0, false);
	expect_read(WEIR_OPTION_COUNT, "007", 7, false);
	expect_read(WEIR_OPTION_COUNT, "20k", 20000, false);
	expect_read(WEIR_OPTION_COUNT, "5M", 5000000, false);
	expect_read(WEIR_OPTION_COUNT, "3G", 3000000000, false);
	expect_read(
		WEIR_OPTION_COUNT, "18446744073709551615", UINT64_MAX, false);
}

static void
sizes_take_powers_of_two_and_of_ten(void **state)
{
	(void)state;
	expect_read(WEIR_OPTION_SIZE, "4096", 4096, false);
	expect_read(WEIR_OPTION_SIZE, "64KiB", 65536, false);
	expect_read(WEIR_OPTION_SIZE, "3MiB", 3 << 20, false);
	expect_read(WEIR_OPTION_SIZE, "1GiB", 1 << 30, false);
	expect_read(WEIR_OPTION_SIZE, "64k", 64000, false);
	expect_read(WEIR_OPTION_SIZE, "10M", 10000000, false);
	expect_read(WEIR_OPTION_SIZE, "1G", 1000000000, false);
}

static void
times_must_have_a_unit(void **state)
{
	(void)state;
	expect_read(WEIR_OPTION_TIME, "9ns", 9, false);
	expect_read(WEIR_OPTION_TIME, "500us", 500000, false);
	expect_read(WEIR_OPTION_TIME, "20ms", 20000000, false);
	expect_read(WEIR_OPTION_TIME, "3s", 3000000000, false);
	expect_read(WEIR_OPTION_TIME, "5m", 300000000000, false);
	expect_read(WEIR_OPTION_TIME, "1h", 3600000000000, false);
	expect_refused(WEIR_OPTION_TIME, "5", "is not a time");
	expect_refused(WEIR_OPTION_TIME, "0", "is not a time");
}

static void
only_numbers_may_be_negative(void **state)
{
	(void)state;
	expect_read(WEIR_OPTION_NUMBER, "-3k", 3000, true);
	expect_read(WEIR_OPTION_NUMBER, "-9223372036854775808",
		(uint64_t)INT64_MAX + 1, true);
	expect_refused(
		WEIR_OPTION_NUMBER, "-9223372036854775809", "is too large");
	expect_refused(WEIR_OPTION_COUNT, "-3", "is not a count");
	expect_refused(WEIR_OPTION_SIZE, "-3", "is not a size");
	expect_refused(WEIR_OPTION_TIME, "-3s", "is not a time");
}

static void
what_is_no_number_is_refused(void **state)
{
	static const char *const texts[] = {"", "k", "x1", "1x", "1 k", " 1",
		"1k ", "1.5", "+1", "0x10", "1kk", "1Kib", "1T", "--1", "-"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		expect_refused(WEIR_OPTION_COUNT, texts[i], "is not a count");
		expect_refused(WEIR_OPTION_NUMBER, texts[i], "is not a number");
	}
	expect_refused(WEIR_OPTION_COUNT, "1KiB", "is not a count");
	expect_refused(WEIR_OPTION_SIZE, "1kB", "is not a size");
	expect_refused(WEIR_OPTION_TIME, "1S", "is not a time");
}

static void
what_does_not_fit_is_too_large(void **state)
{
	(void)state;
	expect_refused(
		WEIR_OPTION_COUNT, "18446744073709551616", "is too large");
	expect_refused(WEIR_OPTION_COUNT, "18446744073709552k", "is too large");
	expect_refused(WEIR_OPTION_SIZE, "17179869184GiB", "is too large");
	expect_read(WEIR_OPTION_SIZE, "17179869183GiB", 17179869183ULL << 30,
		false);
	expect_refused(
		WEIR_OPTION_NUMBER, "9223372036854775808", "is too large");
	expect_refused(WEIR_OPTION_TIME, "2562048h", "is too large");
	expect_read(WEIR_OPTION_TIME, "2562047h", 2562047ULL * 3600000000000ULL,
		false);
}

static void
a_value_is_written_in_the_largest_unit_that_divides_it(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(
		cli_number_write(WEIR_OPTION_SIZE, 262144, text), "256KiB");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_SIZE, 64 << 20, text), "64MiB");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_SIZE, 1000, text), "1000");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_TIME, 90000000000, text), "90s");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_TIME, 120000000000, text), "2m");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_COUNT, 65536, text), "65536");
	assert_string_equal(
		cli_number_write(WEIR_OPTION_NUMBER, -5000, text), "-5000");
	assert_string_equal(cli_number_write(WEIR_OPTION_TIME, 0, text), "0ns");
}

static void
what_was_written_can_be_read_again(void **state)
{
	static const int64_t values[] = {
		1, 1023, 1024, 1000000, 3 << 20, 86400000000000, INT64_MAX};
	static const enum weir_option_kind kinds[] = {WEIR_OPTION_COUNT,
		WEIR_OPTION_NUMBER, WEIR_OPTION_SIZE, WEIR_OPTION_TIME};
	char text[32];

	(void)state;
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
			expect_read(kinds[k],
				cli_number_write(kinds[k], values[i], text),
				(uint64_t)values[i], false);
}

static void
amounts_are_rounded_for_people(void **state)
{
	char text[CLI_HUMAN_BYTES];

	(void)state;
	assert_string_equal(cli_human_bytes(0, text), "0 B");
	assert_string_equal(cli_human_bytes(1023, text), "1023 B");
	assert_string_equal(cli_human_bytes(1024, text), "1.0 KiB");
	assert_string_equal(cli_human_bytes(1536, text), "1.5 KiB");
	assert_string_equal(cli_human_bytes(1048575, text), "1.0 MiB");
	assert_string_equal(cli_human_bytes(UINT64_MAX, text), "16.0 EiB");
	assert_string_equal(cli_human_count(999, text), "999");
	assert_string_equal(cli_human_count(1234567, text), "1.2 M");
	assert_string_equal(cli_human_clock(0, text), "0:00");
	assert_string_equal(cli_human_clock(7499999999, text), "0:07");
	assert_string_equal(cli_human_clock(59500000000, text), "1:00");
	assert_string_equal(cli_human_clock(3723000000000, text), "1:02:03");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_take_k_m_and_g),
		cmocka_unit_test(sizes_take_powers_of_two_and_of_ten),
		cmocka_unit_test(times_must_have_a_unit),
		cmocka_unit_test(only_numbers_may_be_negative),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(what_does_not_fit_is_too_large),
		cmocka_unit_test(
			a_value_is_written_in_the_largest_unit_that_divides_it),
		cmocka_unit_test(what_was_written_can_be_read_again),
		cmocka_unit_test(amounts_are_rounded_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
