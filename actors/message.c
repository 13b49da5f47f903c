/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.c - blocks for messages, their pools, and their way home
 *
 * The returned stack is R. K. Treiber's (IBM RJ 5118, 1986).  Its owner takes
 * all of it by one exchange, so no block is popped singly and none can be
 * mistaken for a reused one.
 */
#include "message_internal.h"

#include "poison_internal.h"
#include "system_internal.h"

#include <assert.h>
#include <string.h>

#define LINE_BYTES 64u
#define SLAB_BYTES ((size_t)64 << 10)
#define HEADER_BYTES offsetof(struct weir_message, next)

struct weir_message_slab {
	struct weir_message_slab *next;
};

_Static_assert(HEADER_BYTES == WEIR_MESSAGE_ALIGN, "messages are aligned");

/* How many lines a block of each class has: steps of a half and a third, so
 * that no message wastes more than a third of its block but the smallest. */
static const uint8_t class_lines[WEIR_MESSAGE_CLASSES] = {
	1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

static uint32_t
class_of(size_t bytes)
{
	size_t lines = (HEADER_BYTES + bytes + LINE_BYTES - 1) / LINE_BYTES;
	uint32_t k = 0, half;

	if (lines <= 4)
		return (uint32_t)lines - 1;
	/* The smallest power of two not below lines, or three quarters. */
	k = 32u - (uint32_t)__builtin_clz((uint32_t)lines - 1);
	half = lines <= (size_t)3 << (k - 2);
	return 2 * k - 1 - half;
}

static size_t
class_bytes(uint32_t k)
{
	return (size_t)class_lines[k] * LINE_BYTES;
}

/* Nobody may touch a message that waits in a pool. */
static void
message_poison(struct weir_message *message, bool waits)
{
	char *bytes = (char *)(message + 1);
	size_t n = class_bytes(message->class) - sizeof(*message);

	if (waits)
		weir_poison(bytes, n);
	else
		weir_unpoison(bytes, n);
}

void
weir_message_pool_init(
	struct weir_message_pool *pool, struct weir_system *system)
{
	memset(pool, 0, sizeof(*pool));
	pool->system = system;
}

static void
pool_keep(struct weir_message_pool *pool, struct weir_message *message)
{
	weir_plain_store(&message->next, pool->free[message->class]);
	pool->free[message->class] = message;
}

static void
pool_collect(struct weir_message_pool *pool)
{
	/* Pairs with the push: each next is written, and whoever gave a
	 * block back is done with it. */
	struct weir_message *message =
		weir_exchange(&pool->returned, NULL, acquire);

	while (message != NULL) {
		struct weir_message *next = weir_plain_load(&message->next);

		pool_keep(pool, message);
		message = next;
	}
}

/* A block that never was one. */
static struct weir_message *
pool_cut(struct weir_message_pool *pool, uint32_t k)
{
	size_t bytes = class_bytes(k);
	struct weir_message *message;

	if ((size_t)(pool->end - pool->at) < bytes) {
		struct weir_message_slab *slab =
			weir_allocate(pool->system, SLAB_BYTES);

		if (slab == NULL)
			return NULL;
		slab->next = pool->slabs;
		pool->slabs = slab;
		pool->at = (char *)slab + LINE_BYTES;
		pool->end = (char *)slab + SLAB_BYTES;
	}
	message = (struct weir_message *)pool->at;
	pool->at += bytes;
	message->home = pool;
	message->class = k;
	return message;
}

void *
weir_message_get(struct weir_message_pool *pool, size_t bytes)
{
	uint32_t k = class_of(bytes);
	struct weir_message *message = pool->free[k];

	if (message == NULL && weir_load(&pool->returned, relaxed) != NULL) {
		pool_collect(pool);
		message = pool->free[k];
	}
	if (message != NULL) {
		pool->free[k] = weir_plain_load(&message->next);
		message_poison(message, false);
	} else if ((message = pool_cut(pool, k)) == NULL) {
		return NULL;
	}
	/* One writer: no read-modify-write. */
	weir_store(&pool->got, weir_load(&pool->got, relaxed) + 1, relaxed);
	return &message->next;
}

/* Push the chain from @first to @last. */
static void
returned_push(struct weir_message_pool *home, struct weir_message *first,
	struct weir_message *last)
{
	struct weir_message *head = weir_load(&home->returned, relaxed);

	do
		weir_plain_store(&last->next, head);
	while (!weir_compare_exchange(
		&home->returned, &head, first, release, relaxed));
}

void
weir_message_pool_flush(struct weir_message_pool *pool)
{
	if (pool->away_count == 0)
		return;
	returned_push(pool->away, pool->away_first, pool->away_last);
	pool->away_count = 0;
}

static void
away_add(struct weir_message_pool *pool, struct weir_message *message)
{
	if (pool->away != message->home) {
		weir_message_pool_flush(pool);
		pool->away = message->home;
	}
	if (pool->away_count++ == 0)
		pool->away_last = message;
	else
		weir_plain_store(&message->next, pool->away_first);
	pool->away_first = message;
	if (pool->away_count == WEIR_MESSAGE_CHAIN)
		weir_message_pool_flush(pool);
}

void
weir_message_put(struct weir_message_pool *pool, void *memory)
{
	struct weir_message *message =
		(struct weir_message *)((char *)memory - HEADER_BYTES);

	message_poison(message, true);
	if (pool == NULL) {
		struct weir_message_pool *home = message->home;

		weir_fetch_add(&home->put_elsewhere, 1, relaxed);
		returned_push(home, message, message);
		return;
	}
	weir_store(&pool->put, weir_load(&pool->put, relaxed) + 1, relaxed);
	if (message->home == pool)
		pool_keep(pool, message);
	else
		away_add(pool, message);
}

void
weir_message_pool_finish(struct weir_message_pool *pool)
{
	assert(pool->away_count == 0);
	while (pool->slabs != NULL) {
		struct weir_message_slab *slab = pool->slabs;

		pool->slabs = slab->next;
		weir_unpoison(slab, SLAB_BYTES);
		weir_release(pool->system, slab, SLAB_BYTES);
	}
}

void
weir_message_shared_init(
	struct weir_message_shared *shared, struct weir_system *system)
{
	weir_message_pool_init(&shared->pool, system);
	/* Without attributes it cannot fail. */
	(void)pthread_mutex_init(&shared->lock, NULL);
}

void
weir_message_shared_finish(struct weir_message_shared *shared)
{
	weir_message_pool_finish(&shared->pool);
	pthread_mutex_destroy(&shared->lock);
}

void *
weir_message_shared_get(struct weir_message_shared *shared, size_t bytes)
{
	void *message;

	pthread_mutex_lock(&shared->lock);
	message = weir_message_get(&shared->pool, bytes);
	pthread_mutex_unlock(&shared->lock);
	return message;
}
