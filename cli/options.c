/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - what the command line asks for
 *
 * The verb comes first, then options and one word in any order.  Values are
 * read as those of stages are: the table of an option says kind and range.
 */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "complain.h"
#include "suggest.h"
#include "value.h"

/* Which verbs an option is for. */
#define RUN (1u << CLI_VERB_RUN)
#define CHECK (1u << CLI_VERB_CHECK)
#define GRAPH (1u << CLI_VERB_GRAPH)
#define LIST (1u << CLI_VERB_LIST)
#define TEXTS (RUN | CHECK | GRAPH)

/* What weir_system_opts allows. */
#define WORKERS_MAX 56

/* getopt's values of the long options that have no letter. */
enum { OPT_WINDOW = 256, OPT_MEMORY, OPT_FOR, OPT_JSON, OPT_DEAD, OPT_AS };

static const char *const drawings[] = {"dot", "mermaid", "ascii", NULL};

struct choice {
	int value;      /* of getopt */
	unsigned verbs; /* it is for */
	struct weir_option option;
};

static const struct choice choices[] = {
	{'f', TEXTS,
		{"-f", .kind = WEIR_OPTION_STRING,
			.offset = offsetof(struct cli_options, file)}},
	{'w', RUN | CHECK,
		{"-w", .kind = WEIR_OPTION_COUNT,
			.offset = offsetof(struct cli_options, workers),
			.min = 1, .max = WORKERS_MAX}},
	{OPT_WINDOW, TEXTS,
		{"--window", .kind = WEIR_OPTION_COUNT,
			.offset = offsetof(struct cli_options, window),
			.min = 1, .max = 1 << 30}},
	{OPT_MEMORY, RUN | CHECK,
		{"--memory", .kind = WEIR_OPTION_SIZE,
			.offset = offsetof(struct cli_options, memory_bytes),
			.min = 1}},
	{OPT_FOR, RUN | CHECK,
		{"--for", .kind = WEIR_OPTION_TIME,
			.offset = offsetof(struct cli_options, for_ns),
			.min = 1}},
	{'q', RUN | CHECK,
		{"-q", .kind = WEIR_OPTION_FLAG,
			.offset = offsetof(struct cli_options, quiet)}},
	{OPT_JSON, RUN | CHECK,
		{"--json", .kind = WEIR_OPTION_FLAG,
			.offset = offsetof(struct cli_options, json)}},
	{OPT_DEAD, RUN | CHECK, {"--dead", .kind = WEIR_OPTION_STRING}},
	{'n', RUN | CHECK, {"-n", .kind = WEIR_OPTION_FLAG}},
	{OPT_AS, GRAPH,
		{"--as", .kind = WEIR_OPTION_CHOICE,
			.offset = offsetof(struct cli_options, drawing),
			.choices = drawings}},
	{'h', TEXTS | LIST, {"-h", .kind = WEIR_OPTION_FLAG}},
	{'V', TEXTS | LIST, {"-V", .kind = WEIR_OPTION_FLAG}},
};

#define SHORTS "+:f:w:qnhV"

static const struct option longs[] = {
	{"window", required_argument, NULL, OPT_WINDOW},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"for", required_argument, NULL, OPT_FOR},
	{"json", no_argument, NULL, OPT_JSON},
	{"dead", required_argument, NULL, OPT_DEAD},
	{"as", required_argument, NULL, OPT_AS},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static const char *const verbs[] = {"run", "check", "graph", "list"};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

const char *
cli_options_usage(void)
{
	return "usage: weir run   PIPELINE | -f FILE    run it\n"
	       "       weir check PIPELINE | -f FILE    parse and resolve, "
	       "open nothing\n"
	       "       weir graph PIPELINE | -f FILE    draw it: --as dot, "
	       "mermaid or ascii\n"
	       "       weir list  [STAGE]               every stage, or one "
	       "with its options\n"
	       "\n"
	       "  -f FILE        read the pipeline from a file\n"
	       "  -w N           workers (one for each core)\n"
	       "  --window N     elements that wait at a boundary "
	       "(4096)\n"
	       "  --memory SIZE  for all buffers (64MiB)\n"
	       "  --for T        stop after T, draining\n"
	       "  -q             no progress and no report\n"
	       "  --json         the report as one JSON object on standard "
	       "error\n"
	       "  -n             the same as check\n"
	       "  -V             version, libraries, features of the kernel\n"
	       "  -h             this text\n"
	       "\n"
	       "example: weir run 'file a.log | lines | grep ERROR | file "
	       "out'\n"
	       "'man weir' has the language, the stages and the exit codes.\n";
}

/* -- complaints ---------------------------------------------------------- */

static int
unknown_verb(const char *word)
{
	struct cli_suggestion near = cli_suggestion_for(word);
	char hint[64];

	for (size_t i = 0; i < VERBS; i++)
		cli_suggestion_offer(&near, verbs[i]);
	if (near.best == NULL)
		return cli_complain("the commands are run, check, graph and "
				    "list  ('weir -h' says more)",
			"no command called '%s'", word);
	(void)snprintf(hint, sizeof(hint),
		"did you mean '%s'?  ('weir -h' shows all)", near.best);
	return cli_complain(hint, "no command called '%s'", word);
}

static int
unknown_option(const char *verb, const char *word)
{
	struct cli_suggestion near = cli_suggestion_for(word);
	char hint[64], names[8][16];
	size_t i;

	if (word[0] != '-' || word[1] != '-')
		return cli_complain("'weir -h' shows all",
			"'%s' has no option '%s'", verb, word);
	for (i = 0; longs[i].name != NULL; i++) {
		(void)snprintf(
			names[i], sizeof(names[i]), "--%s", longs[i].name);
		cli_suggestion_offer(&near, names[i]);
	}
	if (near.best == NULL)
		return cli_complain("'weir -h' shows all",
			"'%s' has no option '%s'", verb, word);
	(void)snprintf(hint, sizeof(hint), "did you mean '%s'?", near.best);
	return cli_complain(hint, "'%s' has no option '%s'", verb, word);
}

/* What getopt could not make sense of. */
static int
bad_option(const char *verb, int value, char **argv)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	/* A letter is in the midst of its word, a long option ends it. */
	bool is_letter = optopt > 0 && optopt < 256;
	const char *word = is_letter ? letter : argv[optind - 1];

	if (value == ':')
		return cli_complain(NULL, "'%s' needs a value behind it", word);
	if (!is_letter && optopt != 0)
		return cli_complain(NULL, "'%s': it takes no value", word);
	return unknown_option(verb, word);
}

/* -- reading ------------------------------------------------------------- */

static const struct choice *
choice_of(int value)
{
	size_t i = 0;

	while (choices[i].value != value)
		i++;
	return &choices[i];
}

static int
read_value(
	const struct choice *choice, const char *text, struct cli_options *ret)
{
	struct cli_value_fault fault = {0};
	struct cli_arena arena = {0};
	int rc = cli_value_read(&choice->option, text, ret, &arena, &fault);

	if (rc < 0)
		(void)cli_complain(fault.hint, "%s: '%s' %s",
			choice->option.key, text, fault.text);
	cli_arena_finish(&arena);
	return rc < 0 ? CLI_BAD : CLI_DONE;
}

static int
take_option(int value, const char *text, struct cli_options *ret)
{
	const struct choice *choice = choice_of(value);
	const char *verb = verbs[ret->verb];

	if ((choice->verbs & 1u << ret->verb) == 0)
		return cli_complain(NULL, "'%s' takes no option '%s'", verb,
			choice->option.key);
	switch (value) {
	case OPT_DEAD:
		return cli_complain(
			NULL, "--dead: dead letters are not in this version");
	case 'q':
		ret->quiet = true;
		return CLI_DONE;
	case OPT_JSON:
		ret->json = true;
		return CLI_DONE;
	case 'n':
		ret->verb = CLI_VERB_CHECK;
		return CLI_DONE;
	default:
		return read_value(choice, text, ret);
	}
}

/* The one word that is no option. */
static int
take_word(const char *word, struct cli_options *ret)
{
	const char **place =
		ret->verb == CLI_VERB_LIST ? &ret->stage : &ret->pipeline;

	if (*place != NULL)
		return cli_complain(
			ret->verb == CLI_VERB_LIST
				? NULL
				: "quote the pipeline, so that it is one word",
			"one word too many: '%s'", word);
	*place = word;
	return CLI_DONE;
}

static int
check_text(const struct cli_options *options)
{
	const char *verb = verbs[options->verb];

	if (options->verb == CLI_VERB_LIST)
		return CLI_DONE;
	if (options->pipeline != NULL && options->file != NULL)
		return cli_complain(NULL,
			"'%s' takes a pipeline or -f FILE, not both", verb);
	if (options->pipeline == NULL && options->file == NULL)
		return cli_complain("as weir run 'file a.log | lines | count'",
			"'%s' needs a pipeline, or -f FILE", verb);
	return CLI_DONE;
}

/* -V and -h, wherever they stand in front of something else that is wrong. */
static bool
is_question(int value, struct cli_options *ret)
{
	if (value == 'V')
		ret->verb = CLI_VERB_VERSION;
	if (value == 'h')
		ret->verb = CLI_VERB_HELP;
	return value == 'V' || value == 'h';
}

/* Options and the word behind the verb at argv[0]. */
static int
read_rest(int argc, char **argv, struct cli_options *ret)
{
	const char *verb = argv[0];
	bool options_end = false;

	opterr = 0;
	optind = 0; /* begin anew */
	while (optind < argc) {
		/* "+" makes getopt stop at each word. */
		int value = options_end ? -1
					: getopt_long(argc, argv, SHORTS, longs,
						  NULL),
		    rc;

		if (is_question(value, ret))
			return CLI_DONE;
		if (value == -1) {
			options_end |= strcmp(argv[optind - 1], "--") == 0;
			if (optind == argc)
				break;
			rc = take_word(argv[optind++], ret);
		} else if (value == '?' || value == ':') {
			rc = bad_option(verb, value, argv);
		} else {
			rc = take_option(value, optarg, ret);
		}
		if (rc != CLI_DONE)
			return rc;
	}
	return check_text(ret);
}

int
cli_options_read(int argc, char **argv, struct cli_options *ret)
{
	size_t verb = 0;

	*ret = (struct cli_options){0};
	if (argc < 2)
		return cli_complain("'weir -h' shows all",
			"what shall be done? as weir run PIPELINE");
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
		ret->verb = CLI_VERB_HELP;
		return CLI_DONE;
	}
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
		ret->verb = CLI_VERB_VERSION;
		return CLI_DONE;
	}
	while (verb < VERBS && strcmp(verbs[verb], argv[1]) != 0)
		verb++;
	if (verb == VERBS)
		return unknown_verb(argv[1]);
	ret->verb = (enum cli_verb)verb;
	return read_rest(argc - 1, argv + 1, ret);
}
