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

#endif /* WEIR_ATOMICS */

#endif /* WEIR_ACTORS_ATOMIC_INTERNAL_H */
