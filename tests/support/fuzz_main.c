/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_main.c - a fuzzer without libFuzzer: seeds, then mutations of them
 *
 *	fuzz_pipeline_replay            the seeds and fuzz_rounds mutations
 *	fuzz_pipeline_replay FILE...    each file, as libFuzzer leaves them
 *
 * The seed of the generator is printed first; WEIR_SEED=N replays a run.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define INPUT_BYTES ((size_t)4096)
#define EDITS_MAX 6u

/* One input under construction, and the generator. */
struct mutator {
	uint64_t random;
	size_t seeds, length;
	uint8_t bytes[INPUT_BYTES];
};

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
static size_t
below(struct mutator *m, size_t n)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % n);
}

static const struct fuzz_seed *
any_seed(struct mutator *m)
{
	return &fuzz_seeds[below(m, m->seeds)];
}

/* Put @n bytes in place of the @gone bytes at @at, as far as there is room. */
static void
splice(struct mutator *m, size_t at, size_t gone, const void *bytes, size_t n)
{
	size_t behind = m->length - at - gone;

	if (m->length - gone + n > INPUT_BYTES)
		return;
	memmove(m->bytes + at + n, m->bytes + at + gone, behind);
	if (n > 0)
		memcpy(m->bytes + at, bytes, n);
	m->length += n - gone;
}

/* A stretch of another seed, over or between what is there. */
static void
cross(struct mutator *m, size_t at)
{
	const struct fuzz_seed *other = any_seed(m);
	size_t from = below(m, other->length + 1);
	size_t n = below(m, other->length - from + 1);
	size_t gone = below(m, 2) == 0 ? 0 : m->length - at;

	splice(m, at, gone < n ? gone : n, other->data + from, n);
}

static void
edit(struct mutator *m)
{
	static const char special[] = "|(),'\"\\# \n\t=-x0\r";
	size_t at = below(m, m->length + 1);
	size_t left = m->length - at;
	uint8_t copy[64];
	size_t n = below(m, sizeof(copy));

	n = n < left ? n : left;
	switch (below(m, 6)) {
	case 0:
		splice(m, at, 0, &special[below(m, sizeof(special))], 1);
		break;
	case 1:
		splice(m, at, n, NULL, 0);
		break;
	case 2: /* repeat a stretch */
		memcpy(copy, m->bytes + at, n);
		splice(m, at, 0, copy, n);
		break;
	case 3:
		if (left > 0)
			m->bytes[at] = (uint8_t)below(m, 256);
		break;
	case 4:
		if (left > 0)
			m->bytes[at] ^= (uint8_t)(1u << below(m, 8));
		break;
	default:
		cross(m, at);
	}
}

/* An input of exactly its size on the heap, so that a sanitizer sees a read
 * behind its end. */
static void
try_input(const void *bytes, size_t length)
{
	uint8_t *input = malloc(length == 0 ? 1 : length);

	if (input == NULL)
		abort();
	if (length > 0)
		memcpy(input, bytes, length);
	(void)LLVMFuzzerTestOneInput(input, length);
	free(input);
}

static void
mutate(uint64_t seed)
{
	struct mutator m = {.random = seed};

	while (fuzz_seeds[m.seeds].data != NULL) {
		try_input(fuzz_seeds[m.seeds].data, fuzz_seeds[m.seeds].length);
		m.seeds++;
	}
	for (unsigned round = 0; round < fuzz_rounds; round++) {
		const struct fuzz_seed *from = any_seed(&m);

		m.length =
			from->length < INPUT_BYTES ? from->length : INPUT_BYTES;
		memcpy(m.bytes, from->data, m.length);
		for (size_t edits = 1 + below(&m, EDITS_MAX); edits > 0;
			edits--)
			edit(&m);
		try_input(m.bytes, m.length);
	}
}

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t length = 0, got;
	char *bytes = NULL;

	if (file == NULL) {
		perror(path);
		return EXIT_FAILURE;
	}
	do {
		bytes = realloc(bytes, length + INPUT_BYTES);
		if (bytes == NULL)
			abort();
		got = fread(bytes + length, 1, INPUT_BYTES, file);
		length += got;
	} while (got > 0);
	(void)fclose(file);
	try_input(bytes, length);
	free(bytes);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const char *given = getenv("WEIR_SEED");
	uint64_t seed = 0;

	for (int i = 1; i < argc; i++)
		if (replay_file(argv[i]) != EXIT_SUCCESS)
			return EXIT_FAILURE;
	if (argc > 1)
		return EXIT_SUCCESS;
	if (given != NULL)
		seed = strtoull(given, NULL, 10);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return EXIT_FAILURE;
	printf("WEIR_SEED=%" PRIu64 "\n", seed);
	(void)fflush(stdout);
	mutate(seed);
	return EXIT_SUCCESS;
}
