/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atomics.h - the atomics of the library when it is explored
 *
 * Stands in for actors/atomic_internal.h (see there).  Each access tells its
 * address, size, order and place in the source.  The value travels through a
 * compound literal, so that these are expressions of the right type.
 */
#ifndef WEIR_TESTS_EXPLORE_ATOMICS_H
#define WEIR_TESTS_EXPLORE_ATOMICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum explore_order {
	EXPLORE_relaxed,
	EXPLORE_acquire,
	EXPLORE_release,
	EXPLORE_acq_rel,
	EXPLORE_seq_cst,
};

enum explore_operation {
	EXPLORE_EXCHANGE,
	EXPLORE_ADD,
	EXPLORE_SUB,
	EXPLORE_AND,
	EXPLORE_OR,
};

/* Each returns @value, into which it has put what was there before. */
void *explore_load(const volatile void *object, void *value, size_t bytes,
	enum explore_order order, const char *site);
void *explore_change(volatile void *object, void *value, size_t bytes,
	enum explore_operation operation, enum explore_order order,
	const char *site);

void explore_store(volatile void *object, const void *value, size_t bytes,
	enum explore_order order, const char *site);
bool explore_compare(volatile void *object, void *expected, const void *value,
	size_t bytes, enum explore_order order, enum explore_order failed,
	const char *site);
void explore_fence(enum explore_order order, const char *site);

/* Plain data: each returns @object. */
void *explore_plain(const volatile void *object, size_t bytes, bool write,
	const char *site);

/** Until another thread has changed something. */
void explore_pause(const char *site);

/** Nobody may touch this memory until it is given out again. */
void explore_poison(const volatile void *memory, size_t bytes, bool poisoned,
	const char *site);

#define EXPLORE_TEXT_(x) #x
#define EXPLORE_TEXT(x) EXPLORE_TEXT_(x)
#define EXPLORE_SITE __FILE__ ":" EXPLORE_TEXT(__LINE__)

/* The comma takes qualifiers off, _Atomic among them. */
#define EXPLORE_TYPE(object) __typeof__((void)0, *(object))
#define EXPLORE_CHANGE(object, value, operation, order)                        \
	__extension__({                                                        \
		*(EXPLORE_TYPE(object) *)explore_change((object),              \
			&(EXPLORE_TYPE(object)){value}, sizeof(*(object)),     \
			operation, EXPLORE_##order, EXPLORE_SITE);             \
	})

#define weir_load(object, order)                                               \
	(*(EXPLORE_TYPE(object) *)explore_load((object),                       \
		&(EXPLORE_TYPE(object)){0}, sizeof(*(object)),                 \
		EXPLORE_##order, EXPLORE_SITE))
#define weir_store(object, value, order)                                       \
	explore_store((object), &(EXPLORE_TYPE(object)){value},                \
		sizeof(*(object)), EXPLORE_##order, EXPLORE_SITE)
#define weir_exchange(object, value, order)                                    \
	EXPLORE_CHANGE(object, value, EXPLORE_EXCHANGE, order)
#define weir_fetch_add(object, value, order)                                   \
	EXPLORE_CHANGE(object, value, EXPLORE_ADD, order)
#define weir_fetch_sub(object, value, order)                                   \
	EXPLORE_CHANGE(object, value, EXPLORE_SUB, order)
#define weir_fetch_and(object, value, order)                                   \
	EXPLORE_CHANGE(object, value, EXPLORE_AND, order)
#define weir_fetch_or(object, value, order)                                    \
	EXPLORE_CHANGE(object, value, EXPLORE_OR, order)
#define weir_compare_exchange(object, expected, value, order, failed)          \
	explore_compare((object), (expected), &(EXPLORE_TYPE(object)){value},  \
		sizeof(*(object)), EXPLORE_##order, EXPLORE_##failed,          \
		EXPLORE_SITE)
#define weir_compare_exchange_weak weir_compare_exchange
#define weir_fence(order) explore_fence(EXPLORE_##order, EXPLORE_SITE)

#define weir_plain_load(object)                                                \
	(*(EXPLORE_TYPE(object) *)explore_plain(                               \
		(object), sizeof(*(object)), false, EXPLORE_SITE))
#define weir_plain_store(object, value)                                        \
	((void)(*(EXPLORE_TYPE(object) *)explore_plain((object),               \
			sizeof(*(object)), true, EXPLORE_SITE) = (value)))
#define weir_pause() explore_pause(EXPLORE_SITE)

struct weir_pair {
	_Alignas(16) uint64_t first;
	uint64_t second;
};

#define weir_pair_guess(object)                                                \
	((struct weir_pair){                                                   \
		weir_load(&((const uint64_t *)(const void *)(object))[0],      \
			acquire),                                              \
		weir_load(&((const uint64_t *)(const void *)(object))[1],      \
			relaxed)})
#define weir_pair_compare_exchange(object, expected, value)                    \
	explore_compare((object), (expected),                                  \
		(&(struct weir_pair){(value).first, (value).second}),          \
		sizeof(struct weir_pair), EXPLORE_acq_rel, EXPLORE_acquire,    \
		EXPLORE_SITE)

/* Statistics: nothing depends on them, so nobody is let in between. */
#define weir_count_of(object) (*(EXPLORE_TYPE(object) *)(uintptr_t)(object))
#define weir_count_add(object, n) ((void)(weir_count_of(object) += (n)))

#define weir_poison(memory, bytes)                                             \
	explore_poison(memory, bytes, true, EXPLORE_SITE)
#define weir_unpoison(memory, bytes)                                           \
	explore_poison(memory, bytes, false, EXPLORE_SITE)

#endif /* WEIR_TESTS_EXPLORE_ATOMICS_H */
