/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poison_internal.h - memory that waits in a pool must not be touched
 *
 * Under AddressSanitizer a use of it is reported as a use after free would be;
 * else these cost nothing.
 */
#ifndef WEIR_ACTORS_POISON_INTERNAL_H
#define WEIR_ACTORS_POISON_INTERNAL_H

#ifdef WEIR_ATOMICS
/* The explorer finds such a use by itself. */
#include WEIR_ATOMICS
#else

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(WEIR_POISONS)
#define WEIR_POISONS 1
#endif

#ifdef WEIR_POISONS
#include <sanitizer/asan_interface.h>
#define weir_poison(memory, bytes) ASAN_POISON_MEMORY_REGION(memory, bytes)
#define weir_unpoison(memory, bytes) ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#else
#define weir_poison(memory, bytes) ((void)(memory), (void)(bytes))
#define weir_unpoison(memory, bytes) ((void)(memory), (void)(bytes))
#endif

#endif /* WEIR_ATOMICS */

#endif /* WEIR_ACTORS_POISON_INTERNAL_H */
