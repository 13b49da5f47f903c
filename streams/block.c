/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.c - blocks, their pool, and the accountant of a run
 *
 * A block of the pool is one allocation: header, headroom, data, and 64 bytes
 * that may be read.  Small ones come in powers of two up to 1 MiB and are kept
 * for the next user; larger ones go back to the allocator.
 */
#include "block_internal.h"

#include "../actors/poison_internal.h"
#include "../actors/worker_internal.h"
#include "batch_internal.h"

#include <errno.h>
#include <string.h>

#define CLASS_0_BYTES ((size_t)4096)
#define CACHED_BYTES_MAX ((size_t)32 << 20)
#define PAGE_BYTES ((size_t)4096)
#define TAIL_BYTES ((size_t)64)

_Static_assert(sizeof(struct weir_block) <= PAGE_BYTES, "header in a page");

static size_t
account_bytes(uint32_t holders, uint32_t waiters)
{
	return sizeof(struct weir_account) +
	       holders * sizeof(struct weir_holder) +
	       waiters * sizeof(struct weir_waiter);
}

int
weir_account_create(struct weir_system *system, uint32_t holders,
	uint32_t waiters, size_t limit, struct weir_account **ret)
{
	size_t bytes = account_bytes(holders, waiters);
	struct weir_account *account = weir_allocate(system, bytes);

	if (account == NULL)
		return -ENOMEM;
	memset(account, 0, bytes);
	account->system = system;
	account->limit = limit;
	account->holder_count = holders;
	account->waiter_count = waiters;
	account->waiters = (void *)&account->holders[holders];
	weir_store(&account->references, 1, relaxed);
	*ret = account;
	return 0;
}

void
weir_account_release(struct weir_account *account)
{
	/* Release what we did to it; acquire what the others did. */
	if (account == NULL ||
		weir_fetch_sub(&account->references, 1, acq_rel) != 1)
		return;
	weir_release(account->system, account,
		account_bytes(account->holder_count, account->waiter_count));
}

/* Which class holds @bytes; WEIR_BLOCK_CLASSES: none. */
static uint32_t
class_of(size_t bytes)
{
	uint32_t k = 0;

	while (k < WEIR_BLOCK_CLASSES && CLASS_0_BYTES << k < bytes)
		k++;
	return k;
}

/* Nobody may touch the bytes of a block that waits in the pool. */
static void
block_poison(struct weir_block *block, bool waits)
{
	char *bytes = block->data - block->headroom;
	size_t n = block->headroom + block->capacity + TAIL_BYTES;

	if (waits)
		weir_poison(bytes, n);
	else
		weir_unpoison(bytes, n);
}

/* Keep @block, poisoned, unless there are enough. */
static void
pool_keep(struct weir_block_pool *pool, struct weir_block *block)
{
	uint32_t k = class_of(block->capacity);

	if (pool->cached_bytes + block->bytes > CACHED_BYTES_MAX) {
		block_poison(block, false);
		weir_release(block->system, block, block->bytes);
		return;
	}
	block->next = pool->free[k];
	pool->free[k] = block;
	pool->cached_bytes += block->bytes;
}

static void
pool_collect(struct weir_block_pool *pool)
{
	/* Pairs with the push in block_return: block and next are written. */
	struct weir_block *block =
		weir_exchange(&pool->returned, NULL, acquire);

	while (block != NULL) {
		struct weir_block *next = weir_plain_load(&block->next);

		pool_keep(pool, block);
		block = next;
	}
}

static struct weir_block *
pool_take(struct weir_block_pool *pool, uint32_t k)
{
	struct weir_block *block = pool->free[k];

	if (block == NULL && weir_load(&pool->returned, relaxed) != NULL) {
		pool_collect(pool);
		block = pool->free[k];
	}
	if (block != NULL) {
		pool->free[k] = block->next;
		pool->cached_bytes -= block->bytes;
		block_poison(block, false);
	}
	return block;
}

static struct weir_block *
block_new(struct weir_system *system, size_t capacity)
{
	size_t bytes = 2 * PAGE_BYTES + capacity + TAIL_BYTES;
	struct weir_block *block =
		weir_allocate_aligned(system, bytes, PAGE_BYTES);

	if (block == NULL)
		return NULL;
	memset(block, 0, sizeof(*block));
	block->system = system;
	block->bytes = bytes;
	block->capacity = capacity;
	block->headroom = WEIR_BLOCK_HEADROOM;
	block->data = (char *)block + 2 * PAGE_BYTES;
	/* The tail is read by loops that look at whole vectors. */
	memset(block->data + capacity, 0, TAIL_BYTES);
	return block;
}

/* Let @holder be woken when memory comes back.  Returns what is used. */
static size_t
account_want(struct weir_account *account, uint32_t holder)
{
	uint32_t waiter = account->holders[holder].waiter;

	/* Released by the store of wanted. */
	weir_store(&account->waiters[waiter].waits, 1, relaxed);
	/* Whoever gives back looks at wanted after having lowered used; so
	 * look at used after having set wanted. */
	weir_store(&account->wanted, 1, seq_cst);
	return weir_load(&account->used, seq_cst);
}

/* Count @bytes for @holder, or say why not. */
static int
account_charge(struct weir_account *account, uint32_t holder, size_t bytes)
{
	size_t used = weir_load(&account->used, relaxed), max;

	if (bytes > account->limit)
		return -ENOBUFS;
	do {
		if (used + bytes > account->limit)
			used = account_want(account, holder);
		if (used + bytes > account->limit)
			return -EAGAIN;
	} while (!weir_compare_exchange_weak(
		&account->used, &used, used + bytes, relaxed, relaxed));
	used += bytes;
	weir_fetch_add(&account->holders[holder].held, bytes, relaxed);
	weir_fetch_add(&account->references, 1, relaxed);
	max = weir_load(&account->max, relaxed);
	while (used > max && !weir_compare_exchange_weak(&account->max, &max,
				     used, relaxed, relaxed))
		;
	return 0;
}

static void
account_wake(struct weir_account *account)
{
	/* Acquire: the flags of all who had set it are seen. */
	if (weir_exchange(&account->wanted, 0, acq_rel) == 0)
		return;
	for (uint32_t i = 0; i < account->waiter_count; i++) {
		struct weir_waiter *waiter = &account->waiters[i];

		if (weir_load(&waiter->waits, relaxed) != 0 &&
			weir_exchange(&waiter->waits, 0, relaxed) != 0)
			weir_wake(account->system, waiter->waker);
	}
}

static void
account_discharge(struct weir_account *account, uint32_t holder, size_t bytes)
{
	weir_fetch_sub(&account->holders[holder].held, bytes, relaxed);
	/* Pairs with wanted in account_want. */
	weir_fetch_sub(&account->used, bytes, seq_cst);
	if (weir_load(&account->wanted, seq_cst) != 0)
		account_wake(account);
	weir_account_release(account);
}

int
weir_block_get(struct weir_account *account, uint32_t holder, size_t bytes,
	struct weir_block **ret)
{
	struct weir_pools *pools = weir_pools_of(account->system);
	uint32_t k = class_of(bytes);
	struct weir_block *block = NULL;
	size_t capacity;
	int rc;

	if (pools == NULL)
		return -ENOMEM;
	if (bytes > SIZE_MAX / 4)
		return -ENOBUFS;
	capacity = k < WEIR_BLOCK_CLASSES
			   ? CLASS_0_BYTES << k
			   : (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	rc = account_charge(
		account, holder, 2 * PAGE_BYTES + capacity + TAIL_BYTES);
	if (rc < 0)
		return rc;
	if (k < WEIR_BLOCK_CLASSES)
		block = pool_take(&pools->blocks, k);
	if (block == NULL)
		block = block_new(account->system, capacity);
	if (block == NULL) {
		account_discharge(account, holder,
			2 * PAGE_BYTES + capacity + TAIL_BYTES);
		return -ENOMEM;
	}
	block->home = k < WEIR_BLOCK_CLASSES ? &pools->blocks : NULL;
	weir_store(&block->references, 1, relaxed);
	block->account = account;
	block->holder = holder;
	weir_store(&block->kept, false, relaxed);
	*ret = block;
	return 0;
}

int
weir_block_wrap(struct weir_system *system, const char *data, size_t bytes,
	void (*release)(void *ctx), void *ctx, struct weir_block **ret)
{
	struct weir_block *block = weir_allocate(system, sizeof(*block));

	if (block == NULL)
		return -ENOMEM;
	memset(block, 0, sizeof(*block));
	block->system = system;
	/* Never written to: a block without headroom and account is read. */
	memcpy(&block->data, &data, sizeof(data));
	block->capacity = bytes;
	block->bytes = sizeof(*block);
	block->foreign_release = release;
	block->foreign_ctx = ctx;
	weir_store(&block->references, 1, relaxed);
	*ret = block;
	return 0;
}

void
weir_block_retain(struct weir_block *block)
{
	weir_fetch_add(&block->references, 1, relaxed);
}

/* Whether @pool is the calling thread's. */
static bool
is_mine(const struct weir_system *system, const struct weir_block_pool *pool)
{
	const struct weir_worker *worker = weir_worker_self(system);
	const struct weir_pools *pools =
		worker == NULL ? NULL : worker->streams.content;

	return pools != NULL && pool == &pools->blocks;
}

/* Back to the pool it came from, by its worker or from another thread. */
static void
block_return(struct weir_system *system, struct weir_block *block)
{
	struct weir_block_pool *home = block->home;
	struct weir_block *head;

	if (home == NULL) {
		weir_release(system, block, block->bytes);
		return;
	}
	block_poison(block, true);
	if (is_mine(system, home)) {
		pool_keep(home, block);
		return;
	}
	head = weir_load(&home->returned, relaxed);
	do
		weir_plain_store(&block->next, head);
	while (!weir_compare_exchange(
		&home->returned, &head, block, release, relaxed));
}

void
weir_block_release(struct weir_block *block)
{
	struct weir_account *account;
	struct weir_system *system;
	uint32_t holder;
	size_t bytes;

	/* Release our reads and writes of it; acquire those of the others. */
	if (block == NULL ||
		weir_fetch_sub(&block->references, 1, acq_rel) != 1)
		return;
	account = block->account;
	system = block->system;
	holder = block->holder;
	bytes = block->bytes;
	if (account == NULL) {
		if (block->foreign_release != NULL)
			block->foreign_release(block->foreign_ctx);
		weir_release(system, block, bytes);
		return;
	}
	block_return(system, block);
	account_discharge(account, holder, bytes);
}

char *
weir_block_data(struct weir_block *block)
{
	return block->data;
}

size_t
weir_block_capacity(const struct weir_block *block)
{
	return block->capacity;
}

size_t
weir_block_headroom(const struct weir_block *block)
{
	return block->headroom;
}

void
weir_block_pool_finish(struct weir_system *system, struct weir_block_pool *pool)
{
	pool_collect(pool);
	for (uint32_t k = 0; k < WEIR_BLOCK_CLASSES; k++)
		while (pool->free[k] != NULL) {
			struct weir_block *block = pool->free[k];

			pool->free[k] = block->next;
			block_poison(block, false);
			weir_release(system, block, block->bytes);
		}
}
