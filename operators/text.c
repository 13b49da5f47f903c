/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - case and blanks of records, changed where they lie
 *
 * Called `map` in the pipeline language.
 */
#include "text.h"

#include "operators_internal.h"

#include <errno.h>

enum change { UPPER, LOWER, TRIM };

struct text_args {
	struct weir_stage_opts opts;
	int change;
};

/* Flip the bit that tells the case of the letters from @first on.  A loop
 * without a branch, so that it vectorises. */
static void
flip_case(char *bytes, size_t n, char first)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool is_letter = (unsigned char)(c - first) < 26;

		bytes[i] = (char)(c ^ (unsigned char)(is_letter << 5));
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
trim(weir_record *record)
{
	while (record->length > 0 && is_blank(record->data[0])) {
		record->data++;
		record->length--;
	}
	while (record->length > 0 && is_blank(record->data[record->length - 1]))
		record->length--;
}

static void
change_all(int change, weir_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* Ours to write: see weir_stage_edit_bytes(). */
		char *bytes = (char *)(uintptr_t)records[i].data;

		if (change == TRIM)
			trim(&records[i]);
		else
			flip_case(bytes, records[i].length,
				change == UPPER ? 'a' : 'A');
	}
}

static int
text_step(struct weir_stage *stage, void *state)
{
	const struct text_args *args = weir_stage_args(stage);
	struct weir_span span;

	(void)state;
	for (;;) {
		int rc = 0;

		if (args->change == TRIM)
			span = weir_stage_edit(stage);
		else
			rc = weir_stage_edit_bytes(stage, &span);
		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		if (span.count == 0)
			return weir_stage_wait(stage);
		change_all(args->change, span.items, span.count);
		weir_stage_pass(stage, span.count, span.count);
	}
}

static const char *const changes[] = {"upper", "lower", "trim", NULL};

static const struct weir_option text_options[] = {
	{"change", WEIR_OPTION_CHOICE, WEIR_PLACE_WORD,
		offsetof(struct text_args, change), 0, 0, 0, changes,
		"capitals, small letters, or no blanks at the ends"},
	{0}};

const struct weir_operator weir_op_text = {
	.name = "map",
	.summary = "changes the letters or trims the blanks of records",
	.example = "file a.log | lines | map lower | stdout",
	.inlets = weir_record_port,
	.outlets = weir_record_port,
	.options = text_options,
	.args_bytes = sizeof(struct text_args),
	.step = text_step,
};

static struct weir_flow
text_add(struct weir_flow in, enum change change,
	const struct weir_stage_opts *opts)
{
	struct text_args args = {weir_opts(opts), (int)change};

	if (args.opts.name == NULL)
		args.opts.name = changes[change];
	return weir_operator_add(&weir_op_text, &in, 1, &args);
}

struct weir_flow
weir_upper(struct weir_flow in, const struct weir_stage_opts *opts)
{
	return text_add(in, UPPER, opts);
}

struct weir_flow
weir_lower(struct weir_flow in, const struct weir_stage_opts *opts)
{
	return text_add(in, LOWER, opts);
}

struct weir_flow
weir_trim(struct weir_flow in, const struct weir_stage_opts *opts)
{
	return text_add(in, TRIM, opts);
}
