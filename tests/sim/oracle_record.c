/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle_record.c - what must become of lines and records
 */
#include "oracle_internal.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

static void
line_add(struct strand *strand, const char *line, size_t length)
{
	strand->items[strand->count++] = (struct item){
		value_of_line(line, length), line, (uint32_t)length};
}

void
flow_lines(const struct node *node, struct flow *flow)
{
	const char *at = flow->bytes, *end = at + flow->length;
	struct strand *strand = oracle_get(sizeof(*strand));

	*strand = (struct strand){
		oracle_get((PLAN_ITEMS_MAX + 1) * sizeof(struct item)), 0};
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline == NULL ? end : newline;

		if (node->capacity != 0 &&
			(size_t)(stop - at) > node->capacity) {
			if (flow_is_exact(flow))
				flow->codes = 0;
			flow_fails(flow, flow_is_exact(flow) ? YES : MAYBE,
				EMSGSIZE);
			break;
		}
		/* What is no line yet goes with a failure. */
		if (newline == NULL && flow->failed == YES)
			break;
		flow->partial |= newline == NULL && flow->failed == MAYBE;
		line_add(strand, at, (size_t)(stop - at));
		at = stop + 1;
	}
	flow->strands = strand;
	flow->count = 1;
	flow_total(flow);
}

/* The text of @item, which may be changed, with room for a few more bytes. */
static char *
text_own(struct item *item)
{
	char *text = oracle_get(item->length + 8);

	if (item->length > 0)
		memcpy(text, item->text, item->length);
	item->text = text;
	return text;
}

static void
item_trim(struct item *item)
{
	while (item->length > 0 &&
		isspace((unsigned char)item->text[item->length - 1]))
		item->length--;
	while (item->length > 0 && isspace((unsigned char)item->text[0])) {
		item->text++;
		item->length--;
	}
}

static void
item_change(const struct node *node, struct item *item)
{
	char *text = text_own(item);
	char mark[NODE_MARK_BYTES];
	size_t n = node_mark(node, mark);

	for (uint32_t i = 0; i < item->length; i++)
		if (node->op == OP_UPPER)
			text[i] = (char)toupper((unsigned char)text[i]);
		else if (node->op == OP_LOWER)
			text[i] = (char)tolower((unsigned char)text[i]);
	if (node->op == OP_TRIM)
		item_trim(item);
	if (node->op == OP_PREFIX) {
		memmove(text + n, text, item->length);
		memcpy(text, mark, n);
		item->length += (uint32_t)n;
	} else if (node->op == OP_SUFFIX) {
		memcpy(text + item->length, mark, n);
		item->length += (uint32_t)n;
	}
}

void
flow_text(const struct node *node, struct flow *flow)
{
	for (uint32_t i = 0; i < flow->count; i++)
		for (uint32_t k = 0; k < flow->strands[i].count; k++)
			item_change(node, &flow->strands[i].items[k]);
}

/* Searched by another library than the operator's. */
void
flow_grep(const struct node *node, struct flow *flow)
{
	regex_t regex;

	if (node->pattern[0] == '\0') {
		for (uint32_t i = 0; node->few && i < flow->count; i++)
			flow->strands[i].count = 0;
		flow_total(flow);
		return;
	}
	if (regcomp(&regex, node->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	for (uint32_t i = 0; i < flow->count; i++) {
		struct strand *strand = &flow->strands[i];
		uint32_t kept = 0;

		for (uint32_t k = 0; k < strand->count; k++) {
			struct item item = strand->items[k];
			char *text = text_own(&item);
			bool found;

			text[item.length] = '\0';
			found = regexec(&regex, text, 0, NULL, 0) == 0;
			if (found != node->few)
				strand->items[kept++] = item;
		}
		strand->count = kept;
	}
	regfree(&regex);
	flow_total(flow);
}
