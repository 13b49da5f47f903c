/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_lines.c - what a line costs in memory
 *
 * One operation is a line of 120 bytes: cut, searched for a word that every
 * tenth holds, the bytes of those counted.  The text lies in memory, in pieces
 * of 256 KiB as a file would bring them.  Peer: memchr() and memmem() by hand.
 *
 *	bench_lines [PART OF A MEASURE'S NAME]
 */
#include <weir/weir.h>

#include "bench.h"

#define LINE 120u /* with its newline */
#define LINES 500000u
#define PIECE ((size_t)256 << 10)
#define WORD "ERROR"

struct text {
	char *data;
	size_t bytes, lines, pieces;
	weir_bytes *cuts;
};

WEIR_FOLD(count_bytes, weir_record, line, uint64_t, bytes)
{
	return bytes + line.length;
}

static int64_t
ours(void *ctx)
{
	const struct text *text = ctx;
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	struct weir_flow f;
	uint64_t bytes = 0;

	f = weir_from_array(
		g, &weir_type_weir_bytes, text->cuts, text->pieces, NULL);
	f = weir_grep(weir_lines(f, NULL), WORD, NULL);
	count_bytes(f, &bytes, NULL);
	if (weir_graph_run(g, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
		exit(1);
	}
	weir_graph_destroy(g);
	return (int64_t)bytes;
}

static int64_t
by_hand(void *ctx)
{
	const struct text *text = ctx;
	const char *at = text->data, *end = at + text->bytes;
	uint64_t bytes = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)(newline - at);

		if (memmem(at, length, WORD, strlen(WORD)) != NULL)
			bytes += length;
		at = newline + 1;
	}
	return (int64_t)bytes;
}

/* Lines of letters and digits, every tenth with the word in it. */
static void
text_make(struct text *text)
{
	uint64_t x = 88172645463325252u;

	text->lines = (size_t)bench_ops(LINES);
	text->bytes = LINE * text->lines;
	text->pieces = (text->bytes + PIECE - 1) / PIECE;
	text->data = malloc(text->bytes + 64);
	text->cuts = malloc(text->pieces * sizeof(*text->cuts));
	if (text->data == NULL || text->cuts == NULL)
		exit(1);
	for (size_t i = 0; i < text->bytes; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		text->data[i] = "etaoin shrdlu 0123456789=/:-.,_"[x % 31];
	}
	for (size_t i = 0; i < text->lines; i++) {
		text->data[i * LINE + LINE - 1] = '\n';
		if (i % 10 == 3)
			memcpy(text->data + i * LINE + 30, WORD, strlen(WORD));
	}
	for (size_t i = 0; i < text->pieces; i++) {
		size_t left = text->bytes - i * PIECE;

		text->cuts[i].data = text->data + i * PIECE;
		text->cuts[i].length = left < PIECE ? left : PIECE;
	}
}

int
main(int argc, char **argv)
{
	struct text text;

	bench_init(argc, argv);
	text_make(&text);
	bench_run(&(struct bench_measure){
		.name = "lines of 120 bytes, contains, count bytes",
		.per = LINES,
		.contestants = {{"weir", ours, &text},
			{"memchr, memmem", by_hand, &text}}});
	free(text.cuts);
	free(text.data);
	return 0;
}
