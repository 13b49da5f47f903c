/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compact.c - move the elements to keep to the front of a batch
 *
 * Without a branch an element, since what is kept cannot be predicted.  Eight
 * bytes wide, where AVX2 is there, four at a time by a table of permutations.
 * Marks are as wide as elements of eight bytes, else a byte each.
 */
#include "operators_internal.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

/* For each of 16 masks (the first element is bit 0) the halves, in 32 bits, of
 * the elements to keep, those at the front. */
#define PAIR(i) 2 * (i), 2 * (i) + 1
static const uint32_t front[16][8] = {
	{0},
	{PAIR(0)},
	{PAIR(1)},
	{PAIR(0), PAIR(1)},
	{PAIR(2)},
	{PAIR(0), PAIR(2)},
	{PAIR(1), PAIR(2)},
	{PAIR(0), PAIR(1), PAIR(2)},
	{PAIR(3)},
	{PAIR(0), PAIR(3)},
	{PAIR(1), PAIR(3)},
	{PAIR(0), PAIR(1), PAIR(3)},
	{PAIR(2), PAIR(3)},
	{PAIR(0), PAIR(2), PAIR(3)},
	{PAIR(1), PAIR(2), PAIR(3)},
	{PAIR(0), PAIR(1), PAIR(2), PAIR(3)},
};

/* Four elements a turn; what it stores behind the last kept one has been read
 * before.  Returns how many were looked at, a multiple of four. */
__attribute__((target("avx2"))) static size_t
compact_8_avx2(
	uint64_t *items, const uint64_t *keep, size_t n, size_t *ret_kept)
{
	size_t i, kept = 0;

	for (i = 0; i + 4 <= n; i += 4) {
		__m256i four = _mm256_loadu_si256(
			(const __m256i *)(const void *)(items + i));
		__m256i marks4 = _mm256_loadu_si256(
			(const __m256i *)(const void *)(keep + i));
		uint32_t marks;

		/* Bit 0 of each mark to the sign, and the signs together. */
		marks = (uint32_t)_mm256_movemask_pd(
			_mm256_castsi256_pd(_mm256_slli_epi64(marks4, 63)));
		four = _mm256_permutevar8x32_epi32(four,
			_mm256_loadu_si256(
				(const __m256i *)(const void *)front[marks]));
		_mm256_storeu_si256((__m256i *)(void *)(items + kept), four);
		kept += (size_t)__builtin_popcount(marks);
	}
	*ret_kept = kept;
	return i;
}
#endif

#define COMPACT(name, T, M)                                                    \
	static size_t name(                                                    \
		T *items, const M *keep, size_t i, size_t n, size_t kept)      \
	{                                                                      \
		for (; i < n; i++) {                                           \
			items[kept] = items[i];                                \
			kept += keep[i];                                       \
		}                                                              \
		return kept;                                                   \
	}

struct sixteen {
	uint64_t low, high;
};

COMPACT(compact_4, uint32_t, uint8_t)
COMPACT(compact_8, uint64_t, uint64_t)
COMPACT(compact_16, struct sixteen, uint8_t)

static size_t
compact_any(char *items, const uint8_t *keep, size_t n, size_t size)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept != i)
			memcpy(items + kept * size, items + i * size, size);
		kept += keep[i];
	}
	return kept;
}

size_t
weir_compact(void *items, const void *keep, size_t n, size_t size)
{
	size_t i = 0, kept = 0;

	switch (size) {
	case 4:
		return compact_4(items, keep, 0, n, 0);
	case 8:
#if defined(__x86_64__)
		if (__builtin_cpu_supports("avx2"))
			i = compact_8_avx2(items, keep, n, &kept);
#endif
		return compact_8(items, keep, i, n, kept);
	case 16:
		return compact_16(items, keep, 0, n, 0);
	default:
		return compact_any(items, keep, n, size);
	}
}
