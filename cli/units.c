/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.c - numbers with units, as options are written and printed
 */
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_BYTES ((size_t)32)

const char cli_number_too_large[] = "is too large";

struct unit {
	const char *name;
	uint64_t scale;
};

/* Each list from the smallest, ending with one without a name; a value is
 * printed in the last that divides it and is one to be printed. */
static const struct unit count_units[] = {
	{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {NULL, 0}};
static const struct unit size_units[] = {{"", 1}, {"k", 1000}, {"M", 1000000},
	{"G", 1000000000}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20},
	{"GiB", 1ULL << 30}, {NULL, 0}};
static const struct unit time_units[] = {{"ns", 1}, {"us", 1000},
	{"ms", 1000000}, {"s", 1000000000}, {"m", 60ULL * 1000000000},
	{"h", 3600ULL * 1000000000}, {NULL, 0}};

static const struct unit *
units_of(enum weir_option_kind kind)
{
	if (kind == WEIR_OPTION_SIZE)
		return size_units;
	return kind == WEIR_OPTION_TIME ? time_units : count_units;
}

static const char *
not_one(enum weir_option_kind kind)
{
	switch (kind) {
	case WEIR_OPTION_SIZE:
		return "is not a size";
	case WEIR_OPTION_TIME:
		return "is not a time";
	case WEIR_OPTION_COUNT:
		return "is not a count";
	default:
		return "is not a number";
	}
}

const char *
cli_number_usage(enum weir_option_kind kind)
{
	switch (kind) {
	case WEIR_OPTION_SIZE:
		return "a size is written as 4096, 64KiB, 1GiB or 10M";
	case WEIR_OPTION_TIME:
		return "a time is written as 500us, 20ms, 3s, 5m or 1h";
	case WEIR_OPTION_COUNT:
		return "a count is written as 20, 10k or 5M";
	default:
		return "a number is written as 20, -3, 10k or 5M";
	}
}

const char *
cli_number_read(
	enum weir_option_kind kind, const char *text, struct cli_number *ret)
{
	const struct unit *unit = units_of(kind);
	uint64_t value = 0, most = UINT64_MAX;
	bool negative = false, overflow = false;
	const char *at = text;

	if (kind == WEIR_OPTION_NUMBER && *at == '-') {
		negative = true;
		at++;
	}
	if (kind == WEIR_OPTION_NUMBER)
		most = (uint64_t)INT64_MAX + negative;
	else if (kind == WEIR_OPTION_TIME)
		most = INT64_MAX;
	if (*at < '0' || *at > '9')
		return not_one(kind);
	for (; *at >= '0' && *at <= '9'; at++) {
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(
			value, (uint64_t)(*at - '0'), &value);
	}
	while (unit->name != NULL && strcmp(unit->name, at) != 0)
		unit++;
	if (unit->name == NULL)
		return not_one(kind);
	overflow |= __builtin_mul_overflow(value, unit->scale, &value);
	if (overflow || value > most)
		return cli_number_too_large;
	*ret = (struct cli_number){value, negative};
	return NULL;
}

char *
cli_number_write(enum weir_option_kind kind, int64_t value, char *text)
{
	const struct unit *units = units_of(kind), *best = units;

	/* Counts are plain: 65536 reads better than a mix with 1k. */
	if (kind == WEIR_OPTION_SIZE || kind == WEIR_OPTION_TIME)
		for (const struct unit *u = units; u->name != NULL; u++)
			if (value != 0 && value % (int64_t)u->scale == 0 &&
				(kind != WEIR_OPTION_SIZE ||
					strlen(u->name) != 1))
				best = u;
	(void)snprintf(text, NUMBER_BYTES, "%" PRId64 "%s",
		value / (int64_t)best->scale, best->name);
	return text;
}
