/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync.c - when a sink is to fsync, as the pipeline language says it
 */
#include "sync_internal.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A time as the pipeline language writes it, in ns; negative: it is none. */
static int64_t
parse_time(const char *text)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000},
		{"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};
	int64_t number = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (*at - '0');
		if (number > 1000000000)
			return -1;
	}
	for (size_t i = 0; at != text && i < sizeof(units) / sizeof(units[0]);
		i++)
		if (strcmp(at, units[i].unit) == 0)
			return number > INT64_MAX / units[i].ns
				       ? -1
				       : number * units[i].ns;
	return -1;
}

int
weir_sync_parse(const char *word, int64_t *ret_ns)
{
	bool at_end = strcmp(word, "fsync") == 0;
	int64_t ns = at_end ? 0 : parse_time(word);

	if (strcmp(word, "none") == 0)
		ns = -1;
	else if (ns < 0 || (ns == 0 && !at_end))
		return -EINVAL;
	*ret_ns = ns;
	return 0;
}
