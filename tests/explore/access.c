/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.c - what an access does
 *
 * A store goes into its thread's buffer, where only its own loads see it, and
 * leaves it in order, as on x86 (P. Sewell et al., "x86-TSO", CACM 2010): all
 * of them before a locked operation, a sequentially consistent store or a
 * fence of that order.  When another thread goes on, the explorer chooses how
 * many are kept back; a thread that runs on does not see the difference.
 */
#include "engine.h"

#include <string.h>

static struct thread *
self(void)
{
	return &world.threads[world.current];
}

static bool
acquires(enum explore_order order)
{
	return order == EXPLORE_acquire || order >= EXPLORE_acq_rel;
}

static bool
releases(enum explore_order order)
{
	return order >= EXPLORE_release;
}

static uint64_t
number_of(const void *value, size_t bytes)
{
	uint64_t number = 0;

	memcpy(&number, value, bytes < 8 ? bytes : 8);
	return number;
}

static void
write_now(volatile void *address, const void *value, size_t bytes)
{
	if (memcmp((const void *)(uintptr_t)address, value, bytes) != 0) {
		schedule_changed(address);
		if (bytes > 8)
			schedule_changed((volatile char *)address + 8);
	}
	memcpy((void *)(uintptr_t)address, value, bytes);
}

void
access_flush(struct thread *thread)
{
	struct held held = thread->held[0];

	thread->n_held--;
	memmove(thread->held, thread->held + 1,
		thread->n_held * sizeof(thread->held[0]));
	write_now(held.address, held.value, held.bytes);
	*race_published(held.address) = held.publishes;
}

static void
drain(struct thread *thread)
{
	while (thread->n_held > 0)
		access_flush(thread);
}

/* What @thread reads: its own latest store, else memory. */
static void
read_now(const struct thread *thread, const volatile void *address, void *value,
	size_t bytes)
{
	for (unsigned i = thread->n_held; i-- > 0;)
		if (thread->held[i].address == address) {
			memcpy(value, thread->held[i].value, bytes);
			return;
		}
	memcpy(value, (const void *)(uintptr_t)address, bytes);
}

static void
learn(const volatile void *address, enum explore_order order)
{
	const struct clock *published = race_published(address);

	if (acquires(order))
		clock_join(&self()->clock, published);
	else
		clock_join(&self()->glimpsed, published);
}

/* What a store of @order publishes; time goes on. */
static struct clock
publish(enum explore_order order)
{
	struct thread *thread = self();
	struct clock clock = thread->fenced;

	if (releases(order)) {
		clock = thread->clock;
		thread->clock.at[world.current]++;
	}
	return clock;
}

static void
enter(const volatile void *address, size_t bytes, bool write, const char *site)
{
	const volatile char *second = (const volatile char *)address + 8;

	/* Of a pair the second half may be read alone. */
	if (bytes > 8) {
		(void)sharing_matters(second, write);
		schedule_looked(second);
	}
	schedule_point(address, write, site);
	memory_touch(address, bytes, site);
	schedule_looked(address);
}

void *
explore_load(const volatile void *object, void *value, size_t bytes,
	enum explore_order order, const char *site)
{
	enter(object, bytes, false, site);
	race_atomic(object, false, site);
	read_now(self(), object, value, bytes);
	learn(object, order);
	explore_trace("%s load %#zx: %#lx", site, memory_name(object),
		number_of(value, bytes));
	return value;
}

void
explore_store(volatile void *object, const void *value, size_t bytes,
	enum explore_order order, const char *site)
{
	struct thread *thread = self();
	struct held *held;

	enter(object, bytes, true, site);
	race_atomic(object, true, site);
	explore_trace("%s store %#zx: %#lx", site, memory_name(object),
		number_of(value, bytes));
	if (thread->n_held == HELD_MAX)
		access_flush(thread);
	held = &thread->held[thread->n_held++];
	held->address = object;
	held->bytes = bytes;
	memcpy(held->value, value, bytes);
	held->publishes = publish(order);
	if (order == EXPLORE_seq_cst || world.current == MAIN)
		drain(thread);
}

/* The second half of a locked operation. */
static void
replace(volatile void *object, const void *value, size_t bytes,
	enum explore_order order)
{
	struct clock clock = publish(order);

	/* What was published before stays so: a release sequence. */
	clock_join(race_published(object), &clock);
	write_now(object, value, bytes);
}

static uint64_t
calculate(uint64_t was, uint64_t value, enum explore_operation operation)
{
	switch (operation) {
	case EXPLORE_ADD:
		return was + value;
	case EXPLORE_SUB:
		return was - value;
	case EXPLORE_AND:
		return was & value;
	case EXPLORE_OR:
		return was | value;
	case EXPLORE_EXCHANGE:
		break;
	}
	return value;
}

void *
explore_change(volatile void *object, void *value, size_t bytes,
	enum explore_operation operation, enum explore_order order,
	const char *site)
{
	unsigned char was[VALUE_BYTES_MAX];

	enter(object, bytes, true, site);
	drain(self());
	race_atomic(object, true, site);
	read_now(self(), object, was, bytes);
	learn(object, order);
	if (operation != EXPLORE_EXCHANGE) {
		uint64_t result = calculate(number_of(was, bytes),
			number_of(value, bytes), operation);

		memcpy(value, &result, bytes);
	}
	replace(object, value, bytes, order);
	explore_trace("%s change %#zx: %#lx -> %#lx", site, memory_name(object),
		number_of(was, bytes), number_of(value, bytes));
	return memcpy(value, was, bytes);
}

bool
explore_compare(volatile void *object, void *expected, const void *value,
	size_t bytes, enum explore_order order, enum explore_order failed,
	const char *site)
{
	unsigned char was[VALUE_BYTES_MAX];
	bool same;

	enter(object, bytes, true, site);
	drain(self());
	read_now(self(), object, was, bytes);
	same = memcmp(was, expected, bytes) == 0;
	race_atomic(object, same, site);
	learn(object, same ? order : failed);
	explore_trace("%s compare %#zx: %#lx %s %#lx", site,
		memory_name(object), number_of(was, bytes),
		same ? "->" : "is not",
		number_of(same ? value : expected, bytes));
	if (same)
		replace(object, value, bytes, order);
	else
		memcpy(expected, was, bytes);
	return same;
}

void
explore_fence(enum explore_order order, const char *site)
{
	struct thread *thread = self();

	schedule_point(NULL, true, site);
	explore_trace("%s fence", site);
	if (acquires(order))
		clock_join(&thread->clock, &thread->glimpsed);
	if (releases(order)) {
		thread->fenced = thread->clock;
		thread->clock.at[world.current]++;
	}
	if (order == EXPLORE_seq_cst)
		drain(thread);
}

/* An atomic object that its own thread touches as plain data. */
static void
drain_for(struct thread *thread, const volatile void *object, size_t bytes)
{
	for (unsigned i = thread->n_held; i-- > 0;)
		if ((uintptr_t)thread->held[i].address - (uintptr_t)object <
			bytes) {
			drain(thread);
			return;
		}
}

void *
explore_plain(
	const volatile void *object, size_t bytes, bool write, const char *site)
{
	memory_touch(object, bytes, site);
	race_plain(object, bytes, write, site);
	drain_for(self(), object, bytes);
	explore_trace("%s plain %s %#zx", site, write ? "write" : "read",
		memory_name(object));
	/* The caller reads or writes it. */
	if (write)
		schedule_changed(object);
	else
		schedule_looked(object);
	return (void *)(uintptr_t)object;
}
