/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system.c - create and destroy a system; clock, memory, random numbers
 */
#include "actor_internal.h"
#include "system_internal.h"

#include "worker_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VIRTUAL_START_NS ((uint64_t)1000000000)

static uint64_t
real_now_ns(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t
virtual_now_ns(void *ctx)
{
	struct weir_system *system = ctx;

	return weir_load(&system->virtual_ns, relaxed);
}

static void *
heap_allocate(void *ctx, size_t bytes, size_t align)
{
	void *memory = NULL;

	(void)ctx;
	if (posix_memalign(&memory, align, bytes) != 0)
		return NULL;
	return memory;
}

static void
heap_release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

/* A seed decides the order of all turns, and a given sleep is of one. */
static uint32_t
workers_goal(const struct weir_system_opts *opts)
{
	if (opts->seed != 0 || (opts->park != NULL && opts->workers == 0))
		return 1;
	return opts->workers != 0 ? opts->workers : weir_workers_default();
}

/* The system itself, without its workers. */
static void
system_free(struct weir_system *system)
{
	struct weir_allocator allocator = system->allocator;

	weir_message_shared_finish(&system->messages);
	weir_alarms_finish(&system->alarms);
	weir_ring_pool_finish(&system->rings);
	weir_wakers_finish(system);
	weir_table_finish(&system->cells);
	weir_arena_spares_finish(system);
	allocator.release(allocator.ctx, system, sizeof(*system));
}

int
weir_system_create(
	const struct weir_system_opts *opts, struct weir_system **ret)
{
	static const struct weir_system_opts none = {0};
	struct weir_allocator allocator = {heap_allocate, heap_release, NULL};
	struct weir_system *system;
	int rc;

	if (opts == NULL)
		opts = &none;
	if (opts->workers > WEIR_WORKERS_MAX)
		return -EINVAL;
	if (opts->allocator != NULL)
		allocator = *opts->allocator;
	system = allocator.allocate(allocator.ctx, sizeof(*system), 64);
	if (system == NULL)
		return -ENOMEM;
	memset(system, 0, sizeof(*system));
	system->allocator = allocator;
	system->clock = (struct weir_clock){real_now_ns, NULL};
	system->virtual_time = opts->seed != 0 && !opts->real_world;
	if (system->virtual_time)
		system->clock = (struct weir_clock){virtual_now_ns, system};
	if (opts->clock != NULL)
		system->clock = *opts->clock;
	weir_store(&system->virtual_ns, VIRTUAL_START_NS, relaxed);
	system->seed = system->random = opts->seed;
	system->io_ops = opts->io;
	system->dead_letter = opts->dead_letter;
	system->dead_letter_ctx = opts->dead_letter_ctx;
	weir_message_shared_init(&system->messages, system);
	weir_table_init(&system->cells, system, sizeof(struct weir_cell),
		offsetof(struct weir_cell, next_free));
	weir_wakers_init(system);
	weir_ring_pool_init(&system->rings, &system->allocator);
	weir_alarms_init(&system->alarms);
	rc = weir_workers_init(
		system, opts->park, opts->park_ctx, workers_goal(opts));
	if (rc < 0) {
		system_free(system);
		return rc;
	}
	*ret = system;
	return 0;
}

void
weir_system_destroy(struct weir_system *system)
{
	if (system == NULL)
		return;
	weir_workers_finish(system);
	system_free(system);
}

uint64_t
weir_system_now_ns(const struct weir_system *system)
{
	return system->clock.now_ns(system->clock.ctx);
}

uint64_t
weir_system_trace(const struct weir_system *system)
{
	return system->trace;
}

void *
weir_allocate_aligned(struct weir_system *system, size_t bytes, size_t align)
{
	return system->allocator.allocate(
		system->allocator.ctx, bytes, align < 64 ? 64 : align);
}

void *
weir_allocate(struct weir_system *system, size_t bytes)
{
	return weir_allocate_aligned(system, bytes, 64);
}

void
weir_release(struct weir_system *system, void *memory, size_t bytes)
{
	if (memory != NULL)
		system->allocator.release(system->allocator.ctx, memory, bytes);
}

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
uint64_t
weir_system_random(struct weir_system *system)
{
	uint64_t z = system->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t
weir_system_random_below(struct weir_system *system, uint64_t n)
{
	return weir_system_random(system) % n;
}

void
weir_system_trace_add(struct weir_system *system, uint64_t what)
{
	uint64_t z = (system->trace ^ what) + 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 32) * 0xd6e8feb86659fd93u;
	system->trace = z ^ z >> 29;
}
