/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel.h - typed operators whose batch loop holds the user's code inline
 *
 *	WEIR_MAP(triple, int64_t, x, int64_t) { return x * 3; }
 *	WEIR_FILTER(even, int64_t, x) { return x % 2 == 0; }
 *	WEIR_FOLD(sum, int64_t, x, int64_t, acc) { return acc + x; }
 *
 *	f = even(triple(weir_from_range(g, 1, 100, NULL), NULL), NULL);
 *	sum(f, &result, NULL);
 *
 * Each macro defines a flow function of that name.  The element's name is an
 * argument, so a wrong type is an error at the user's own line.  The kernels
 * are called once a batch and vectorise; gcc builds them twice, for AVX2 and
 * for any machine.
 *
 * The _WITH forms take a context: WEIR_MAP_WITH(scale, struct rule, rule,
 * int64_t, x, int64_t) { return x * rule->factor; } defines
 * scale(flow, &rule, opts); the context is borrowed until the run ends.
 *
 * A map owns its element, a filter borrows it; a fold owns it.  A try_map that
 * fails leaves its element to the library.
 */
#ifndef WEIR_STREAMS_KERNEL_H
#define WEIR_STREAMS_KERNEL_H

#include "stage.h"

/* Clones are chosen by an indirect function, which the sanitizers' run-time
 * cannot bear: resolved before they are ready. */
#if defined(__clang__) || defined(__SANITIZE_ADDRESS__) ||                     \
	defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
#define WEIR_KERNEL WEIR_UNUSED static
#else
#define WEIR_KERNEL                                                            \
	WEIR_UNUSED __attribute__((optimize("O3", "unroll-loops"),             \
		target_clones("avx2", "default"))) static
#endif

WEIR_BEGIN

/** @in and @out are the same array where the types are the same. */
typedef void (*weir_map_fn)(void *ctx, const void *in, void *out, size_t n);

/** Returns how many were mapped before the first failure, whose code is then
 *  in *ret. */
typedef size_t (*weir_try_map_fn)(struct weir_stage *, void *ctx,
	const void *in, void *out, size_t n, int *ret);

/** Marks elements to keep by all bits set and others by none: in an array of
 *  uint64_t if an element has eight bytes, since marks as wide as the elements
 *  vectorise, else of uint8_t. */
typedef void (*weir_keep_fn)(
	void *ctx, const void *items, void *marks, size_t n);

/** Folds @n elements into *acc. */
typedef void (*weir_fold_batch_fn)(
	void *ctx, void *acc, const void *items, size_t n);

/* What the macros call. */
WEIR_API struct weir_flow weir_map_by(struct weir_flow, const char *name,
	const struct weir_type *in, const struct weir_type *out, weir_map_fn,
	void *ctx, const struct weir_stage_opts *);
WEIR_API struct weir_flow weir_try_map_by(struct weir_flow, const char *name,
	const struct weir_type *in, const struct weir_type *out,
	weir_try_map_fn, void *ctx, const struct weir_stage_opts *);
WEIR_API struct weir_flow weir_filter_by(struct weir_flow, const char *name,
	const struct weir_type *, weir_keep_fn, void *ctx,
	const struct weir_stage_opts *);
WEIR_API void weir_fold_by(struct weir_flow, const char *name,
	const struct weir_type *, weir_fold_batch_fn, void *ctx, void *acc,
	size_t acc_bytes, const struct weir_stage_opts *);

WEIR_END

/* One loop for the array changed in place and one for two arrays that do not
 * overlap: told apart, both vectorise. */
#define WEIR_MAP_LOOP(T, U, call)                                              \
	if (in == out) {                                                       \
		const T *a = (const T *)out;                                   \
		U *b = (U *)out;                                               \
		for (size_t i = 0; i < n; i++)                                 \
			b[i] = call;                                           \
	} else {                                                               \
		const T *__restrict__ a = (const T *)in;                       \
		U *__restrict__ b = (U *)out;                                  \
		for (size_t i = 0; i < n; i++)                                 \
			b[i] = call;                                           \
	}

#define WEIR_KEEP_LOOP(T, call)                                                \
	const T *a = (const T *)items;                                         \
	if (sizeof(T) == sizeof(uint64_t)) {                                   \
		uint64_t *__restrict__ b = (uint64_t *)marks;                  \
		for (size_t i = 0; i < n; i++)                                 \
			b[i] = call ? UINT64_MAX : 0;                          \
	} else {                                                               \
		uint8_t *__restrict__ b = (uint8_t *)marks;                    \
		for (size_t i = 0; i < n; i++)                                 \
			b[i] = call ? UINT8_MAX : 0;                           \
	}

/** A total map from T @x to U. */
#define WEIR_MAP(name, T, x, U)                                                \
	WEIR_STRICT static inline U name##_each(T x);                          \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, const void *in, void *out, size_t n)                \
	{                                                                      \
		(void)ctx;                                                     \
		WEIR_MAP_LOOP(T, U, name##_each(a[i]))                         \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(                              \
		struct weir_flow in, const struct weir_stage_opts *opts)       \
	{                                                                      \
		return weir_map_by(in, #name, &weir_type_##T, &weir_type_##U,  \
			name##_batch, NULL, opts);                             \
	}                                                                      \
	static inline U name##_each(T x)

/** As WEIR_MAP, with a context `C *c`. */
#define WEIR_MAP_WITH(name, C, c, T, x, U)                                     \
	WEIR_STRICT static inline U name##_each(C *c, T x);                    \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, const void *in, void *out, size_t n)                \
	{                                                                      \
		C *with = (C *)ctx;                                            \
		WEIR_MAP_LOOP(T, U, name##_each(with, a[i]))                   \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(struct weir_flow in, C *with, \
		const struct weir_stage_opts *opts)                            \
	{                                                                      \
		return weir_map_by(in, #name, &weir_type_##T, &weir_type_##U,  \
			name##_batch, (void *)with, opts);                     \
	}                                                                      \
	static inline U name##_each(C *c, T x)

/** A map that may fail: returns 0 having set *ret, or a negative errno, best
 *  said with weir_stage_fail(stage, ...). */
#define WEIR_TRY_MAP(name, stage, T, x, U, ret)                                \
	WEIR_STRICT static inline int name##_each(                             \
		struct weir_stage *stage, T x, U *ret);                        \
	WEIR_KERNEL_PLAIN size_t name##_batch(struct weir_stage *s, void *ctx, \
		const void *in, void *out, size_t n, int *code)                \
	{                                                                      \
		const T *a = (const T *)in;                                    \
		U *b = (U *)out;                                               \
		size_t i = 0;                                                  \
		(void)ctx;                                                     \
		while (i < n && (*code = name##_each(s, a[i], &b[i])) == 0)    \
			i++;                                                   \
		return i;                                                      \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(                              \
		struct weir_flow in, const struct weir_stage_opts *opts)       \
	{                                                                      \
		return weir_try_map_by(in, #name, &weir_type_##T,              \
			&weir_type_##U, name##_batch, NULL, opts);             \
	}                                                                      \
	static inline int name##_each(struct weir_stage *stage, T x, U *ret)

/** As WEIR_TRY_MAP, with a context `C *c`. */
#define WEIR_TRY_MAP_WITH(name, C, c, stage, T, x, U, ret)                     \
	WEIR_STRICT static inline int name##_each(                             \
		C *c, struct weir_stage *stage, T x, U *ret);                  \
	WEIR_KERNEL_PLAIN size_t name##_batch(struct weir_stage *s, void *ctx, \
		const void *in, void *out, size_t n, int *code)                \
	{                                                                      \
		const T *a = (const T *)in;                                    \
		U *b = (U *)out;                                               \
		C *with = (C *)ctx;                                            \
		size_t i = 0;                                                  \
		while (i < n &&                                                \
			(*code = name##_each(with, s, a[i], &b[i])) == 0)      \
			i++;                                                   \
		return i;                                                      \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(struct weir_flow in, C *with, \
		const struct weir_stage_opts *opts)                            \
	{                                                                      \
		return weir_try_map_by(in, #name, &weir_type_##T,              \
			&weir_type_##U, name##_batch, (void *)with, opts);     \
	}                                                                      \
	static inline int name##_each(                                         \
		C *c, struct weir_stage *stage, T x, U *ret)

#define WEIR_KERNEL_PLAIN WEIR_UNUSED static

/** Keep the elements T @x for which the body returns true. */
#define WEIR_FILTER(name, T, x)                                                \
	WEIR_STRICT static inline bool name##_each(T x);                       \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, const void *items, void *marks, size_t n)           \
	{                                                                      \
		(void)ctx;                                                     \
		WEIR_KEEP_LOOP(T, name##_each(a[i]))                           \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(                              \
		struct weir_flow in, const struct weir_stage_opts *opts)       \
	{                                                                      \
		return weir_filter_by(                                         \
			in, #name, &weir_type_##T, name##_batch, NULL, opts);  \
	}                                                                      \
	static inline bool name##_each(T x)

/** As WEIR_FILTER, with a context `C *c`. */
#define WEIR_FILTER_WITH(name, C, c, T, x)                                     \
	WEIR_STRICT static inline bool name##_each(C *c, T x);                 \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, const void *items, void *marks, size_t n)           \
	{                                                                      \
		C *with = (C *)ctx;                                            \
		WEIR_KEEP_LOOP(T, name##_each(with, a[i]))                     \
	}                                                                      \
	WEIR_UNUSED static struct weir_flow name(struct weir_flow in, C *with, \
		const struct weir_stage_opts *opts)                            \
	{                                                                      \
		return weir_filter_by(in, #name, &weir_type_##T, name##_batch, \
			(void *)with, opts);                                   \
	}                                                                      \
	static inline bool name##_each(C *c, T x)

/** Fold elements T @x into an accumulator A @acc, a sink: the body returns the
 *  new accumulator.  Defines name(flow, A *result, opts): *result is the start
 *  value, and the result once the run completed. */
#define WEIR_FOLD(name, T, x, A, acc)                                          \
	WEIR_STRICT static inline A name##_each(A acc, T x);                   \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, void *result, const void *items, size_t n)          \
	{                                                                      \
		const T *a = (const T *)items;                                 \
		A to = *(A *)result;                                           \
		(void)ctx;                                                     \
		for (size_t i = 0; i < n; i++)                                 \
			to = name##_each(to, a[i]);                            \
		*(A *)result = to;                                             \
	}                                                                      \
	WEIR_UNUSED static void name(struct weir_flow in, A *result,           \
		const struct weir_stage_opts *opts)                            \
	{                                                                      \
		weir_fold_by(in, #name, &weir_type_##T, name##_batch, NULL,    \
			result, sizeof(A), opts);                              \
	}                                                                      \
	static inline A name##_each(A acc, T x)

/** As WEIR_FOLD, with a context `C *c`. */
#define WEIR_FOLD_WITH(name, C, c, T, x, A, acc)                               \
	WEIR_STRICT static inline A name##_each(C *c, A acc, T x);             \
	WEIR_KERNEL void name##_batch(                                         \
		void *ctx, void *result, const void *items, size_t n)          \
	{                                                                      \
		const T *a = (const T *)items;                                 \
		A to = *(A *)result;                                           \
		C *with = (C *)ctx;                                            \
		for (size_t i = 0; i < n; i++)                                 \
			to = name##_each(with, to, a[i]);                      \
		*(A *)result = to;                                             \
	}                                                                      \
	WEIR_UNUSED static void name(struct weir_flow in, C *with, A *result,  \
		const struct weir_stage_opts *opts)                            \
	{                                                                      \
		weir_fold_by(in, #name, &weir_type_##T, name##_batch,          \
			(void *)with, result, sizeof(A), opts);                \
	}                                                                      \
	static inline A name##_each(C *c, A acc, T x)

#endif /* WEIR_STREAMS_KERNEL_H */
