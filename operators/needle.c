/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needle.c - find a plain string in memory
 *
 * Two bytes of the string, the rarest by what text usually holds, are compared
 * at 32 places at once; only where both fit is the whole compared.  The idea
 * of two bytes is W. Mula's ("SIMD-friendly algorithms for substring
 * searching", 2016), to choose them by how rare they are A. Gallant's.
 */
#include "needle_internal.h"

#include <stdint.h>
#include <string.h>

/* How common a byte is in text and logs: 0 hardly ever, larger more often. */
static unsigned
commonness(unsigned char c)
{
	static const char letters[] = "zqxjkvbpygfwmucldrhsnioate";
	static const char marks[] = "~^`\\@%!$&#;+*?<>{}|[]'\"()=_,/:.-";
	const char *found;

	if (c == ' ')
		return 255;
	if (c == '\0' || c == '\n' || c == '\r' || c == '\t')
		return 60;
	if (c < ' ' || c > '~')
		return 5;
	if (c >= '0' && c <= '9')
		return 150;
	found = strchr(marks, c);
	if (found != NULL)
		return 20 + 3 * (unsigned)(found - marks);
	found = strchr(letters, c | 0x20);
	if (found == NULL)
		return 20;
	return (c >= 'a' ? 80 : 20) + 6 * (unsigned)(found - letters);
}

struct weir_needle
weir_needle_make(const char *bytes, size_t length)
{
	struct weir_needle needle = {bytes, length, 0, length - 1};
	unsigned best[2] = {1000, 1000};

	for (size_t i = 0; i < length; i++) {
		unsigned common = commonness((unsigned char)bytes[i]);

		if (common < best[0]) {
			best[1] = best[0];
			needle.second = needle.first;
			best[0] = common;
			needle.first = i;
		} else if (common < best[1]) {
			best[1] = common;
			needle.second = i;
		}
	}
	if (needle.second >= length)
		needle.second = needle.first;
	return needle;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDTH 32

/* At which of the 32 places from @at on both bytes fit, a bit each. */
__attribute__((target("avx2"))) static inline uint32_t
candidates(const struct weir_needle *needle, const char *at, __m256i first,
	__m256i second)
{
	__m256i a = _mm256_loadu_si256(
		(const __m256i *)(const void *)(at + needle->first));
	__m256i b = _mm256_loadu_si256(
		(const __m256i *)(const void *)(at + needle->second));

	return (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(
		_mm256_cmpeq_epi8(a, first), _mm256_cmpeq_epi8(b, second)));
}

static const char *
verify(const struct weir_needle *needle, const char *at, uint32_t mask)
{
	for (; mask != 0; mask &= mask - 1) {
		const char *place = at + __builtin_ctz(mask);

		if (memcmp(place, needle->bytes, needle->length) == 0)
			return place;
	}
	return NULL;
}

/* There are at least 32 places the string may begin at. */
__attribute__((target("avx2"))) static const char *
find_avx2(const struct weir_needle *needle, const char *at, const char *end)
{
	const char *last = end - needle->length - WIDTH + 1, *found;
	const __m256i first = _mm256_set1_epi8(needle->bytes[needle->first]);
	const __m256i second = _mm256_set1_epi8(needle->bytes[needle->second]);

	for (; at < last; at += WIDTH) {
		uint32_t mask = candidates(needle, at, first, second);

		if (mask != 0 && (found = verify(needle, at, mask)) != NULL)
			return found;
	}
	/* The last places overlap with those before. */
	return verify(needle, last, candidates(needle, last, first, second));
}
#endif

const char *
weir_needle_find(
	const struct weir_needle *needle, const char *at, const char *end)
{
	size_t left = (size_t)(end - at);

	if (left < needle->length)
		return NULL;
	if (needle->length == 1)
		return memchr(at, needle->bytes[0], left);
#if defined(__x86_64__)
	if (left - needle->length + 1 >= WIDTH &&
		__builtin_cpu_supports("avx2"))
		return find_avx2(needle, at, end);
#endif
	return memmem(at, left, needle->bytes, needle->length);
}
