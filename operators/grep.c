/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grep.c - the records that a pattern matches
 *
 * Lines of one block lie side by side, so a plain string is sought over the
 * whole stretch of a batch at once and each hit is mapped back to the record
 * it is in.  Of a regular expression the plain string it cannot match without
 * is sought that way; only records that hold it are matched.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "grep.h"

#include "literal_internal.h"
#include "needle_internal.h"
#include "operators_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#define MARKS 512u /* records judged at once */

/* For patterns that go back far: as much as "(a|b)*" takes for a line of the
 * usual longest length.  Memory is used only as a match needs it. */
#define JIT_STACK ((size_t)64 << 20)

struct grep_args {
	struct weir_grep_opts opts;
	const char *pattern;
};

struct grep {
	struct weir_needle needle; /* length 0: none */
	pcre2_code *code;          /* NULL: the needle is all there is */
	pcre2_match_data *match;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* -- the pattern ----------------------------------------------------------- */

static bool
is_plain(const struct grep_args *args)
{
	return !args->opts.ignore_case &&
	       (args->opts.fixed || weir_literal_is_plain(args->pattern));
}

/* Whether the pattern itself asked for UTF.  Records may be any bytes: such a
 * pattern matches nothing in those that are no UTF-8. */
static bool
is_utf(const pcre2_code *code)
{
	uint32_t options = 0;

	pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	return (options & PCRE2_UTF) != 0;
}

/* Compile the pattern of @args; NULL: *ret_code says why not, *ret_at where. */
static pcre2_code *
compile(const struct grep_args *args, int *ret_code, size_t *ret_at)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t options = (args->opts.ignore_case ? PCRE2_CASELESS : 0) |
			   (args->opts.fixed ? PCRE2_LITERAL : 0);
	pcre2_code *code = NULL;

	*ret_code = PCRE2_ERROR_NOMEMORY;
	*ret_at = 0;
	if (context == NULL)
		return NULL;
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)args->pattern, strlen(args->pattern),
		options, ret_code, ret_at, context);
	if (code != NULL && is_utf(code)) {
		pcre2_code_free(code);
		code = pcre2_compile((PCRE2_SPTR)args->pattern,
			strlen(args->pattern),
			options | PCRE2_MATCH_INVALID_UTF, ret_code, ret_at,
			context);
	}
	pcre2_compile_context_free(context);
	return code;
}

static int
grep_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct grep_args *args = arguments;
	PCRE2_UCHAR why[128];
	pcre2_code *code;
	int error;

	if (is_plain(args))
		return 0;
	code = compile(args, &error, ret_at);
	if (code != NULL) {
		pcre2_code_free(code);
		return 0;
	}
	pcre2_get_error_message(error, why, sizeof(why));
	snprintf(text, text_bytes,
		"the pattern does not compile: %s at byte %zu%s", (char *)why,
		*ret_at + 1,
		error == PCRE2_ERROR_NOMEMORY ? "" : " (-F takes it as it is)");
	*ret_key = "pattern";
	return error == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -EINVAL;
}

static int
grep_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct grep_args *args = arguments;
	struct grep *grep = state;
	const char *literal = args->pattern;
	size_t length = 0, at;
	int error;

	if (is_plain(args))
		length = strlen(literal);
	else if (!args->opts.ignore_case)
		length = weir_literal_of(args->pattern, &literal);
	if (length > 0)
		grep->needle = weir_needle_make(literal, length);
	if (is_plain(args))
		return 0;
	grep->code = compile(args, &error, &at);
	if (grep->code == NULL)
		return -ENOMEM;
	grep->match = pcre2_match_data_create(1, NULL);
	grep->context = pcre2_match_context_create(NULL);
	if (grep->match == NULL || grep->context == NULL)
		return -ENOMEM;
	/* Where it is not to be had the interpreter matches the same. */
	if (pcre2_jit_compile(grep->code, PCRE2_JIT_COMPLETE) == 0)
		grep->stack = pcre2_jit_stack_create(4096, JIT_STACK, NULL);
	if (grep->stack != NULL)
		pcre2_jit_stack_assign(grep->context, NULL, grep->stack);
	(void)stage;
	return 0;
}

/* -- matching ---------------------------------------------------------------*/

/* Mark in @hits whether the pattern matches in @record.  Returns 0 or what
 * PCRE2 gave up with. */
static int
match_record(const struct grep *grep, const weir_record *record, uint8_t *hit)
{
	int rc = pcre2_match(grep->code, (PCRE2_SPTR)record->data,
		record->length, 0, 0, grep->match, grep->context);

	*hit = rc >= 0;
	return rc >= 0 || rc == PCRE2_ERROR_NOMATCH ? 0 : rc;
}

/* How many of @n records lie side by side, with no more than a line end
 * between two. */
static size_t
neighbours(const weir_record *records, size_t n)
{
	size_t i = 1;

	while (i < n &&
		(uintptr_t)records[i].data - ((uintptr_t)records[i - 1].data +
						     records[i - 1].length) <=
			1)
		i++;
	return i;
}

/* Which of @n records side by side @place lies in, or in front of: the last
 * that does not begin behind it.  The first ones are the likeliest. */
static size_t
record_at(const weir_record *records, size_t n, const char *place)
{
	size_t low = 0, step = 1;

	while (low + step < n && records[low + step].data <= place) {
		low += step;
		step *= 2;
	}
	for (; step > 0; step /= 2)
		if (low + step < n && records[low + step].data <= place)
			low += step;
	return low;
}

/* Mark those of @n records side by side that hold the needle, and which the
 * expression, if there is one, matches.  Returns how many are judged: all, or
 * those before the one that PCRE2 gave up on, with why in *ret. */
static size_t
search_stretch(const struct grep *grep, const weir_record *records, size_t n,
	uint8_t *hits, int *ret)
{
	const char *at = records[0].data;
	const char *end = records[n - 1].data + records[n - 1].length;
	size_t i = 0;

	while ((at = weir_needle_find(&grep->needle, at, end)) != NULL) {
		const char *record_end;

		i += record_at(records + i, n - i, at);
		record_end = records[i].data + records[i].length;
		if (at + grep->needle.length > record_end) {
			/* It reaches over the end of a record. */
			at++;
			continue;
		}
		hits[i] = 1;
		if (grep->code != NULL) {
			*ret = match_record(grep, &records[i], &hits[i]);
			if (*ret != 0)
				return i;
		}
		if (++i == n)
			break;
		at = records[i].data;
	}
	return n;
}

/* Mark which of @n records match.  Returns as search_stretch(). */
static size_t
search(const struct grep *grep, const weir_record *records, size_t n,
	uint8_t *hits, int *ret)
{
	size_t i = 0;

	*ret = 0;
	if (grep->needle.length > 0) {
		memset(hits, 0, n);
		while (i < n && *ret == 0)
			i += search_stretch(grep, records + i,
				neighbours(records + i, n - i), hits + i, ret);
	} else if (grep->code != NULL) {
		while (i < n &&
			(*ret = match_record(grep, &records[i], &hits[i])) == 0)
			i++;
	} else {
		memset(hits, 1, n);
		i = n;
	}
	return i;
}

/* PCRE2 gave up on the first record that waits. */
static int
give_up(struct weir_stage *stage, int error)
{
	uint64_t record = weir_inlet_taken(stage, 0) + 1;
	PCRE2_UCHAR why[128];

	pcre2_get_error_message(error, why, sizeof(why));
	return weir_stage_fail_at(stage, -E2BIG, record,
		"matching took too much at record %" PRIu64
		": %s: make the pattern simpler",
		record, (char *)why);
}

static int
grep_step(struct weir_stage *stage, void *state)
{
	const struct grep_args *args = weir_stage_args(stage);
	const struct grep *grep = state;
	uint8_t hits[MARKS];
	struct weir_span span;

	while ((span = weir_stage_edit(stage)).count > 0) {
		size_t n = span.count < MARKS ? span.count : MARKS, kept;
		int rc;

		n = search(grep, span.items, n, hits, &rc);
		for (size_t i = 0; args->opts.invert && i < n; i++)
			hits[i] ^= 1;
		kept = weir_compact(span.items, hits, n, sizeof(weir_record));
		weir_stage_pass(stage, n, kept);
		if (rc != 0)
			return give_up(stage, rc);
	}
	return weir_stage_wait(stage);
}

static void
grep_close(struct weir_stage *stage, void *state)
{
	struct grep *grep = state;

	(void)stage;
	pcre2_match_context_free(grep->context);
	pcre2_jit_stack_free(grep->stack);
	pcre2_match_data_free(grep->match);
	pcre2_code_free(grep->code);
}

static const struct weir_option grep_options[] = {
	{"pattern", WEIR_OPTION_STRING, WEIR_PLACE_WORD,
		offsetof(struct grep_args, pattern), 0, 0, 0, NULL,
		"a regular expression (PCRE2)"},
	{"v", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct grep_args, opts.invert), 0, 0, 0, NULL,
		"keep the records that do not match"},
	{"i", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct grep_args, opts.ignore_case), 0, 0, 0, NULL,
		"take upper and lower case as the same"},
	{"F", WEIR_OPTION_FLAG, WEIR_PLACE_KEY,
		offsetof(struct grep_args, opts.fixed), 0, 0, 0, NULL,
		"the pattern is a plain string"},
	{0}};

const struct weir_operator weir_op_grep = {
	.name = "grep",
	.summary = "keeps the records that match a pattern",
	.example = "file a.log | lines | grep -i 'error|fail' | stdout",
	.inlets = weir_record_port,
	.outlets = weir_record_port,
	.options = grep_options,
	.args_bytes = sizeof(struct grep_args),
	.state_bytes = sizeof(struct grep),
	.demand = WEIR_DEMAND_SELECT,
	.check = grep_check,
	.open = grep_open,
	.step = grep_step,
	.close = grep_close,
};

struct weir_flow
weir_grep(struct weir_flow in, const char *pattern,
	const struct weir_grep_opts *opts)
{
	struct grep_args args = {.pattern = pattern};

	if (opts != NULL)
		args.opts = *opts;
	return weir_operator_add(&weir_op_grep, &in, 1, &args);
}
