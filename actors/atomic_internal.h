/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atomic_internal.h - the only door to C11 atomics
 *
 * Every atomic access of the library goes through these names, each with its
 * memory order, so that a build for the schedule explorer can put its own
 * behind them.  So do the plain accesses by which one thread hands data to
 * another: the explorer checks that something orders them.  No public header
 * includes this: C++ cannot read _Atomic.
 */
#ifndef WEIR_ACTORS_ATOMIC_INTERNAL_H
#define WEIR_ACTORS_ATOMIC_INTERNAL_H

#ifdef WEIR_ATOMICS

/* A build for the explorer puts its own behind these names. */
#include WEIR_ATOMICS

#else

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define weir_load(object, order)                                               \
	atomic_load_explicit(object, memory_order_##order)
#define weir_store(object, value, order)                                       \
	atomic_store_explicit(object, value, memory_order_##order)
#define weir_exchange(object, value, order)                                    \
	atomic_exchange_explicit(object, value, memory_order_##order)
#define weir_fetch_add(object, value, order)                                   \
	atomic_fetch_add_explicit(object, value, memory_order_##order)
#define weir_fetch_sub(object, value, order)                                   \
	atomic_fetch_sub_explicit(object, value, memory_order_##order)
#define weir_fetch_and(object, value, order)                                   \
	atomic_fetch_and_explicit(object, value, memory_order_##order)
#define weir_fetch_or(object, value, order)                                    \
	atomic_fetch_or_explicit(object, value, memory_order_##order)
#define weir_compare_exchange(object, expected, value, order, failed)          \
	atomic_compare_exchange_strong_explicit(object, expected, value,       \
		memory_order_##order, memory_order_##failed)
#define weir_compare_exchange_weak(object, expected, value, order, failed)     \
	atomic_compare_exchange_weak_explicit(object, expected, value,         \
		memory_order_##order, memory_order_##failed)
#define weir_fence(order) atomic_thread_fence(memory_order_##order)

/* Counts of one writer, which others may read. */
#define weir_count_add(object, n)                                              \
	weir_store(object, weir_load(object, relaxed) + (n), relaxed)
#define weir_count_of(object) weir_load(object, relaxed)

/* Data that something else orders: an atomic written after it and read before
 * it is read. */
#define weir_plain_load(object) (*(object))
#define weir_plain_store(object, value) ((void)(*(object) = (value)))

/** Tell the core that this is a loop that waits for another one. */
static inline void
weir_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) && !defined(WEIR_THREAD_SANITIZER)
#define WEIR_THREAD_SANITIZER 1
#endif

/* What the thread sanitizer cannot read out of an instruction by hand. */
#ifdef WEIR_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#define weir_tell_acquire(object) __tsan_acquire(object)
#define weir_tell_release(object) __tsan_release(object)
#else
#define weir_tell_acquire(object) ((void)(object))
#define weir_tell_release(object) ((void)(object))
#endif

/* Two words that change together, aligned to 16 bytes. */
struct weir_pair {
	_Alignas(16) uint64_t first;
	uint64_t second;
};

/** What the pair at @object may be: the halves may be of two moments.  Acquires
 *  the first one. */
static inline struct weir_pair
weir_pair_guess(const void *object)
{
	const uint64_t *words = object;

	return (struct weir_pair){__atomic_load_n(&words[0], __ATOMIC_ACQUIRE),
		__atomic_load_n(&words[1], __ATOMIC_RELAXED)};
}

/** Change the pair at @object from *@expected to @value, acquiring and
 *  releasing; false: it is another, now in *@expected, acquired. */
static inline bool
weir_pair_compare_exchange(
	void *object, struct weir_pair *expected, struct weir_pair value)
{
#if defined(__x86_64__)
	/* By hand, for compilers call a library here, or want to be told that
	 * the processor is less than fifteen years old. */
	bool same;

	weir_tell_release(object);
	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(same), "+m"(*(struct weir_pair *)object),
			 "+a"(expected->first), "+d"(expected->second)
			 : "b"(value.first), "c"(value.second)
			 : "memory");
	weir_tell_acquire(object);
	return same;
#else
	return __atomic_compare_exchange((struct weir_pair *)object, expected,
		&value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
#endif
}

#endif /* WEIR_ATOMICS */

#endif /* WEIR_ACTORS_ATOMIC_INTERNAL_H */
