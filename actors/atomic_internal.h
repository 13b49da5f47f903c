/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atomic_internal.h - the only door to C11 atomics
 *
 * Every atomic access of the library goes through these names, each with its
 * memory order, so that a build for the schedule explorer can put its own
 * behind them.  No public header includes this: C++ cannot read _Atomic.
 */
#ifndef WEIR_ACTORS_ATOMIC_INTERNAL_H
#define WEIR_ACTORS_ATOMIC_INTERNAL_H

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
#define weir_compare_exchange(object, expected, value, order, failed)          \
	atomic_compare_exchange_strong_explicit(object, expected, value,       \
		memory_order_##order, memory_order_##failed)

#endif /* WEIR_ACTORS_ATOMIC_INTERNAL_H */
