/* SPDX-License-Identifier: Apache-2.0 */
/*
 * newline.c - find line ends, many at once
 *
 * With AVX2, 64 bytes are compared at a time and each newline found is a bit
 * of a mask; else memchr() finds one at a time.
 */
#include "newline_internal.h"

#include <string.h>

struct cutter {
	const char *line; /* where the present line begins */
	weir_record *to, *to_end;
};

static inline void
cut_at(struct cutter *cutter, const char *newline)
{
	cutter->to->data = cutter->line;
	cutter->to->length = (size_t)(newline - cutter->line);
	cutter->to++;
	cutter->line = newline + 1;
}

static void
split_each(struct cutter *cutter, const char *at, const char *end)
{
	while (cutter->to < cutter->to_end && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL)
			return;
		cut_at(cutter, newline);
		at = newline + 1;
	}
}

#if defined(__x86_64__)
#include <immintrin.h>

/* The newlines among the 64 bytes at @at, a bit each. */
__attribute__((target("avx2"))) static inline uint64_t
newlines_64(const char *at)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
	__m256i high =
		_mm256_loadu_si256((const __m256i *)(const void *)(at + 32));
	uint32_t low_mask, high_mask;

	low_mask =
		(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, newline));
	high_mask = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(high, newline));
	return (uint64_t)high_mask << 32 | low_mask;
}

/* Cut as far as whole 64 bytes go.  Returns where it stopped looking. */
__attribute__((target("avx2"))) static const char *
split_avx2(struct cutter *cutter, const char *at, const char *end)
{
	for (; end - at >= 64; at += 64) {
		uint64_t mask = newlines_64(at);

		/* So that the loop below need not look at the room. */
		if (cutter->to_end - cutter->to < 64 &&
			cutter->to_end - cutter->to <
				__builtin_popcountll(mask))
			return at;
		for (; mask != 0; mask &= mask - 1)
			cut_at(cutter, at + __builtin_ctzll(mask));
	}
	return at;
}
#endif

size_t
weir_newline_split(const char *data, size_t length, weir_record *lines,
	size_t room, size_t *ret_used)
{
	struct cutter cutter = {data, lines, lines + room};
	const char *at = data;

#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		at = split_avx2(&cutter, at, data + length);
#endif
	split_each(&cutter, at, data + length);
	*ret_used = (size_t)(cutter.line - data);
	return (size_t)(cutter.to - lines);
}
