/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.c - numbers and records that carry their identity
 */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCE_BITS 12u
#define SOURCE_SHIFT 57u
#define STAMP_BITS 6u

int64_t
value_base(uint32_t source)
{
	return (int64_t)(source + 1) << SOURCE_SHIFT;
}

static uint64_t
sequence_of(int64_t value)
{
	return (uint64_t)value & ((1u << SEQUENCE_BITS) - 1);
}

int64_t
value_identity(int64_t value)
{
	int64_t source = value >> SOURCE_SHIFT << SOURCE_SHIFT;

	return source | (int64_t)sequence_of(value);
}

int64_t
value_stamp(int64_t value, uint32_t stamp)
{
	uint64_t source = (uint64_t)value >> SOURCE_SHIFT << SOURCE_SHIFT;
	uint64_t stamps = ((uint64_t)value ^ source) >> SEQUENCE_BITS;
	uint64_t room = SOURCE_SHIFT - SEQUENCE_BITS;

	stamps = (stamps << STAMP_BITS | stamp) & ((UINT64_C(1) << room) - 1);
	return (int64_t)(source | stamps << SEQUENCE_BITS | sequence_of(value));
}

size_t
value_line(int64_t value, char line[LINE_MAX_BYTES])
{
	static const char *const before[] = {"", "  ", "Pear ", "APPLE "};
	static const char *const behind[] = {
		"", " pear", " fig \t", " and what makes it a longer line"};
	uint64_t form = sequence_of(value);

	return (size_t)snprintf(line, LINE_MAX_BYTES, "%s%" PRId64 "%s",
		before[form % 4], value, behind[form / 4 % 4]);
}

int64_t
value_of_line(const char *line, size_t length)
{
	int64_t value = 0;
	size_t i = 0;

	while (i < length && (line[i] < '0' || line[i] > '9'))
		i++;
	for (; i < length && line[i] >= '0' && line[i] <= '9'; i++)
		value = value * 10 + (line[i] - '0');
	return value;
}

bool
node_keeps(const struct node *node, int64_t value)
{
	uint64_t rest = (sequence_of(value) * 7 + node->index) % node->modulus;

	return (rest == 0) == node->few;
}

size_t
node_mark(const struct node *node, char mark[NODE_MARK_BYTES])
{
	return (size_t)snprintf(mark, NODE_MARK_BYTES,
		"%c%c:", (int)('a' + node->index / 26),
		(int)('a' + node->index % 26));
}
