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
static const uint8_t front[16][8] = {
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

/* Move those of the four elements at @from that are marked to @to; what is
 * stored behind them has been read before.  Returns how many. */
__attribute__((target("avx2,popcnt"))) static inline size_t
compact_four(uint64_t *to, const uint64_t *from, const uint64_t *keep)
{
	__m256i four = _mm256_loadu_si256((const __m256i *)(const void *)from);
	__m256d marks = _mm256_loadu_pd((const double *)(const void *)keep);
	uint32_t mask = (uint32_t)_mm256_movemask_pd(marks);

	four = _mm256_permutevar8x32_epi32(
		four, _mm256_cvtepu8_epi32(_mm_loadl_epi64(
			      (const __m128i *)(const void *)front[mask])));
	_mm256_storeu_si256((__m256i *)(void *)to, four);
	return (size_t)__builtin_popcount(mask);
}

/* Returns how many were looked at, a multiple of 16. */
__attribute__((target("avx2,popcnt"))) static size_t
compact_8_avx2(
	uint64_t *items, const uint64_t *keep, size_t n, size_t *ret_kept)
{
	uint64_t *to = items;
	size_t i;

	for (i = 0; i + 16 <= n; i += 16) {
		to += compact_four(to, items + i, keep + i);
		to += compact_four(to, items + i + 4, keep + i + 4);
		to += compact_four(to, items + i + 8, keep + i + 8);
		to += compact_four(to, items + i + 12, keep + i + 12);
	}
	*ret_kept = (size_t)(to - items);
	return i;
}
#endif

#define COMPACT(name, T, M)                                                    \
	static size_t name(                                                    \
		T *items, const M *keep, size_t i, size_t n, size_t kept)      \
	{                                                                      \
		for (; i < n; i++) {                                           \
			items[kept] = items[i];                                \
			kept += keep[i] & 1;                                   \
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
		kept += keep[i] & 1;
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
