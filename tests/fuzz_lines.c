/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_lines.c - any chunking of a stream of bytes gives the same lines
 *
 * The first bytes of an input say how the rest is cut into chunks, blocks and
 * batches; the lines that come out are compared with those memchr() finds.
 */
#include "operators/operators.h"
#include "streams/graph.h"

#include "support/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 4u /* of an input, before the stream */
#define WIDER 40u     /* how often a byte is repeated for long lines */

enum shape {
	KEEP = 1,    /* the newline stays */
	SEEDED = 2,  /* spans are cut at random */
	AHEAD = 4,   /* a window before and behind */
	FOREIGN = 8, /* blocks without headroom, else of the pool */
	MIXED = 16,  /* both by turns */
	SHARED = 32, /* somebody else sees the chunks */
	WIDE = 64,   /* long lines */
	NARROW = 128 /* a maximum of 50 bytes a line */
};

/* A stream, how it is cut, and how far the lines that came agree with it. */
struct stream {
	unsigned shape;
	uint8_t cut, batch;
	char *bytes;
	size_t length;
	size_t found;    /* where the next line has to begin */
	size_t line_max; /* without the newline */
};

static _Noreturn void
wrong(const char *what)
{
	fprintf(stderr, "fuzz_lines: %s\n", what);
	abort();
}

/* -- the source ------------------------------------------------------------ */

struct chunks_args {
	struct weir_stage_opts opts;
	const struct stream *stream;
};

struct chunks {
	size_t at;
	uint64_t count;
};

/* Sizes from 0 to what the cut says, in no order. */
static size_t
chunk_bytes(const struct stream *stream, const struct chunks *chunks)
{
	uint64_t z = (chunks->count + 1) * 0x9e3779b97f4a7c15u;
	size_t n = (size_t)((z >> 32) % (stream->cut + 2u));
	size_t left = stream->length - chunks->at;

	if (stream->cut > 200)
		n *= 50;
	return n < left ? n : left;
}

static void
heap_free(void *memory)
{
	free(memory);
}

static int
block_make(struct weir_stage *stage, const struct stream *stream,
	const struct chunks *chunks, size_t n, struct weir_block **ret)
{
	bool foreign = (stream->shape & MIXED) != 0
			       ? chunks->count % 2 == 0
			       : (stream->shape & FOREIGN) != 0;
	char *copy;
	int rc;

	if (!foreign) {
		rc = weir_block_acquire(stage, n, ret);
		if (rc == 0 && n > 0)
			memcpy(weir_block_data(*ret),
				stream->bytes + chunks->at, n);
		return rc;
	}
	copy = malloc(n + 1); /* one byte behind can be read */
	if (copy == NULL)
		abort();
	if (n > 0)
		memcpy(copy, stream->bytes + chunks->at, n);
	copy[n] = '\0';
	return weir_block_foreign(stage, copy, n, heap_free, copy, ret);
}

static int
chunks_step(struct weir_stage *stage, void *state)
{
	const struct chunks_args *args = weir_stage_args(stage);
	struct chunks *chunks = state;

	while (chunks->at < args->stream->length) {
		size_t n = chunk_bytes(args->stream, chunks);
		struct weir_span room = weir_outlet_room(stage, 0);
		struct weir_block *block;
		int rc;

		if (room.count == 0)
			return WEIR_ROOM;
		rc = block_make(stage, args->stream, chunks, n, &block);
		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		((weir_bytes *)room.items)[0] =
			(weir_bytes){weir_block_data(block), n};
		weir_outlet_attach(stage, 0, block);
		weir_block_release(block);
		weir_outlet_put(stage, 0, 1);
		chunks->at += n;
		chunks->count++;
	}
	return WEIR_DONE;
}

static const struct weir_operator op_chunks = {
	.name = "chunks",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"bytes", &weir_type_weir_bytes, 0}, {NULL, NULL, 0}},
	.args_bytes = sizeof(struct chunks_args),
	.state_bytes = sizeof(struct chunks),
	.step = chunks_step,
};

/* -- the judge ------------------------------------------------------------- */

/* The line that begins at stream->found; *ret_newline says whether it has
 * one. */
static size_t
line_length(const struct stream *stream, bool *ret_newline)
{
	const char *from = stream->bytes + stream->found;
	size_t left = stream->length - stream->found;
	const char *newline = memchr(from, '\n', left);

	*ret_newline = newline != NULL;
	return newline != NULL ? (size_t)(newline - from) : left;
}

static void
judge(void *ctx, const void *element)
{
	struct stream *stream = ctx;
	const weir_record *line = element;
	volatile char behind;
	size_t length;
	bool newline;

	if (stream->found == stream->length)
		wrong("a line behind the last");
	length = line_length(stream, &newline);
	if (length > stream->line_max)
		wrong("a line above the maximum");
	if (line->length !=
		length + (newline && (stream->shape & KEEP) != 0 ? 1 : 0))
		wrong("a line of another length");
	if (line->length > 0 &&
		memcmp(line->data, stream->bytes + stream->found,
			line->length) != 0)
		wrong("a line of other bytes");
	/* One byte behind it can be read. */
	behind = line->data[line->length];
	(void)behind;
	stream->found += length + newline;
}

/* All lines came, or all before the first that is too long. */
static void
judge_end(const struct stream *stream, int rc)
{
	bool newline;

	if (rc == 0 && stream->found != stream->length)
		wrong("lines are missing");
	if (rc == 0)
		return;
	if (rc != -EMSGSIZE)
		wrong("an error for no reason");
	if (stream->found == stream->length ||
		line_length(stream, &newline) <= stream->line_max)
		wrong("a line found too long that is not");
}

/* -- one input ------------------------------------------------------------- */

static void
stream_run(struct stream *stream)
{
	const struct weir_system_opts system_opts = {
		.seed = (stream->shape & SEEDED) != 0 ? 1u + stream->cut : 0};
	struct weir_graph_opts opts = {.batch_items = 1u + stream->batch % 32};
	const struct weir_async_opts window = {.window = 1u + stream->batch};
	const struct weir_lines_opts lines = {
		.line_bytes_max = stream->line_max,
		.keep = (stream->shape & KEEP) != 0};
	const struct chunks_args args = {.stream = stream};
	struct weir_flow f, branches[2];
	struct weir_graph *graph;

	if (weir_system_create(&system_opts, &opts.system) < 0)
		abort();
	graph = weir_graph_create(&opts);
	f = weir_source_add(graph, &op_chunks, &args);
	if (stream->shape & SHARED) {
		weir_broadcast(f, branches, 2, NULL);
		weir_to_null(branches[0], NULL);
		f = branches[1];
	}
	if (stream->shape & AHEAD)
		f = weir_async(f, &window);
	f = weir_lines(f, &lines);
	if (stream->shape & AHEAD)
		f = weir_async(f, &window);
	weir_to_null(weir_tap(f, judge, stream, NULL), NULL);
	judge_end(stream, weir_graph_run(graph, NULL));
	weir_graph_destroy(graph);
	weir_system_destroy(opts.system);
}

/* The stream: what is behind the head, each byte of a line repeated if lines
 * are to be long. */
static void
stream_fill(struct stream *stream, const uint8_t *data, size_t size)
{
	size_t times = (stream->shape & WIDE) != 0 ? WIDER : 1;

	stream->bytes = malloc(size * times + 1);
	if (stream->bytes == NULL)
		abort();
	for (size_t i = 0; i < size; i++) {
		size_t n = data[i] == '\n' ? 1 : times;

		memset(stream->bytes + stream->length, data[i], n);
		stream->length += n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream stream = {0};

	if (size < HEAD_BYTES)
		return 0;
	stream.shape = data[0];
	stream.cut = data[1];
	stream.batch = data[2];
	stream.line_max = (stream.shape & NARROW) != 0 ? 50 : 1 << 20;
	stream_fill(&stream, data + HEAD_BYTES, size - HEAD_BYTES);
	stream_run(&stream);
	free(stream.bytes);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("\x00\x01\x00\x00one\ntwo\n\nthree"),
	FUZZ_SEED("\x01\x03\x07\x00\n\n\nkept\r\n\r\nlast"),
	FUZZ_SEED("\x02\x05\x1f\x00seeded\nlines\nof\nsome\nlength\n"),
	FUZZ_SEED("\x0c\x02\x01\x00"
		  "foreign\nand ahead\n"),
	FUZZ_SEED("\x14\xff\x03\x00"
		  "mixed\nblocks\nand\nahead\nof\nit\n"),
	FUZZ_SEED("\x20\x07\x0f\x00shared\nwith\nsomebody\n"),
	FUZZ_SEED("\x40\x10\x04\x00"
		  "a long line without any end to it that goes on and on "
		  "and on\nanother one that is long enough for a block\nx"),
	FUZZ_SEED("\xc3\xf0\x08\x00short\ntoo long\nshort"),
	FUZZ_SEED("\x50\xff\x02\x00"
		  "nul \0 in it\n\0\n and wide, in mixed blocks, by far "
		  "larger chunks than lines are\n\n\n"),
	{NULL, 0}};

const unsigned fuzz_rounds = 3000;
