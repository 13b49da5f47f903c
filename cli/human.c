/* SPDX-License-Identifier: Apache-2.0 */
/*
 * human.c - amounts as people read them
 */
#include "human.h"

#include <inttypes.h>
#include <stdio.h>

static char *
scaled(uint64_t value, uint64_t base, const char *const *units, char *text)
{
	double amount = (double)value;
	int unit = 0;

	/* What would be printed as 1024.0 goes on to the next unit. */
	while (amount >= (double)base - 0.05 && units[unit + 1] != NULL) {
		amount /= (double)base;
		unit++;
	}
	if (unit == 0)
		(void)snprintf(text, CLI_HUMAN_BYTES, "%" PRIu64 "%s", value,
			units[0]);
	else
		(void)snprintf(
			text, CLI_HUMAN_BYTES, "%.1f%s", amount, units[unit]);
	return text;
}

char *
cli_human_bytes(uint64_t bytes, char *text)
{
	static const char *const units[] = {
		" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB", NULL};

	return scaled(bytes, 1024, units, text);
}

char *
cli_human_count(uint64_t count, char *text)
{
	static const char *const units[] = {
		"", " k", " M", " G", " T", " P", " E", NULL};

	return scaled(count, 1000, units, text);
}

char *
cli_human_clock(uint64_t ns, char *text)
{
	uint64_t s = ns / 1000000000 + (ns % 1000000000 >= 500000000);

	if (s < 3600)
		(void)snprintf(text, CLI_HUMAN_BYTES, "%" PRIu64 ":%02" PRIu64,
			s / 60, s % 60);
	else
		(void)snprintf(text, CLI_HUMAN_BYTES,
			"%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600,
			s / 60 % 60, s % 60);
	return text;
}
