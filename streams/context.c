/* SPDX-License-Identifier: Apache-2.0 */
/*
 * context.c - what a stage may ask of the run around it: to fail, to wake, to
 * count, and memory
 */
#include "run_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FAILURE_BYTES ((size_t)512)   /* what a stage may say */
#define KEEP_BYTES ((size_t)16 << 10) /* of the block small slices share */

/* A place for what a stage says: it lives as long as the graph does. */
static char *
text_get(struct weir_graph *graph)
{
	char *text;

	pthread_mutex_lock(&graph->lock);
	text = weir_arena_get(&graph->arena, FAILURE_BYTES, 1);
	pthread_mutex_unlock(&graph->lock);
	return text;
}

static int
fail(struct weir_stage *stage, int code, uint64_t element, const char *format,
	va_list args)
{
	struct weir_error *failure = &stage->failure;

	if (code >= 0)
		code = -EIO;
	/* What was said first counts; the caller may know where it was. */
	if (failure->code != 0) {
		if (failure->element == 0)
			failure->element = element;
		return failure->code;
	}
	failure->code = code;
	failure->element = element;
	/* One place a stage, however often it is forgiven. */
	if (stage->failure_text == NULL)
		stage->failure_text = text_get(stage->run->graph);
	if (stage->failure_text != NULL)
		vsnprintf(stage->failure_text, FAILURE_BYTES, format, args);
	failure->text = stage->failure_text;
	return code;
}

int
weir_stage_fail(struct weir_stage *stage, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fail(stage, code, 0, format, args);
	va_end(args);
	return code;
}

int
weir_stage_fail_at(struct weir_stage *stage, int code, uint64_t element,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fail(stage, code, element, format, args);
	va_end(args);
	return code;
}

int
weir_stage_fail_on(struct weir_stage *stage, uint32_t inlet)
{
	stage->failure = *stage->inlets[inlet]->failure;
	return stage->failure.code;
}

void
weir_stage_forgive(struct weir_stage *stage)
{
	stage->failure = (struct weir_error){0};
}

const void *
weir_stage_args(const struct weir_stage *stage)
{
	return stage->args;
}

const char *
weir_stage_name(const struct weir_stage *stage)
{
	return stage->name;
}

struct weir_system *
weir_stage_system(const struct weir_stage *stage)
{
	return stage->run->system;
}

struct weir_graph *
weir_stage_graph(const struct weir_stage *stage)
{
	return stage->run->graph;
}

void
weir_stage_when_idle(struct weir_stage *stage)
{
	stage->island->when_idle[stage->slot / 64] |= (uint64_t)1
						      << (stage->slot % 64);
}

bool
weir_stage_is_idle(const struct weir_stage *stage)
{
	return stage->island->idling;
}

size_t
weir_stage_batch_items(const struct weir_stage *stage)
{
	return stage->run->batch_items;
}

static void
stage_wake(void *target)
{
	struct weir_stage *stage = target;

	if (!stage->ended)
		weir_stage_ready(stage);
}

struct weir_waker
weir_stage_waker(struct weir_stage *stage)
{
	/* A waker that names nothing, should there be no memory for one. */
	struct weir_waker none = {UINT32_MAX, UINT32_MAX};

	if (stage->has_waker)
		return stage->waker;
	if (weir_waker_acquire(stage->run->system, stage->island->cell,
		    stage_wake, stage, &stage->waker) < 0) {
		stage->out_of_memory = true;
		return none;
	}
	stage->has_waker = true;
	return stage->waker;
}

void
weir_stage_alarm(struct weir_stage *stage, int64_t at_ns)
{
	stage->alarm_ns = at_ns;
	if (at_ns < stage->island->next_alarm_ns)
		stage->island->next_alarm_ns = at_ns;
}

void
weir_stage_tally(struct weir_stage *stage, enum weir_tally what, int64_t n)
{
	weir_count_add(&stage->tally[what], (uint64_t)n);
}

void
weir_stage_tally_bytes(struct weir_stage *stage, uint64_t in, uint64_t out)
{
	weir_count_add(&stage->bytes_in, in);
	weir_count_add(&stage->bytes_out, out);
}

int
weir_block_acquire(
	struct weir_stage *stage, size_t bytes, struct weir_block **ret)
{
	int rc = weir_block_get(stage->run->account, stage->index, bytes, ret);

	if (rc == -EAGAIN)
		stage->waits_for_memory = true;
	if (rc == -ENOBUFS)
		weir_stage_fail(stage, rc,
			"needs a block of %zu bytes, which with what belongs "
			"to it is more than the %zu bytes of memory the run "
			"may use: raise its memory",
			bytes, stage->run->account->limit);
	return rc;
}

size_t
weir_block_limit(const struct weir_stage *stage)
{
	return stage->run->account->limit;
}

size_t
weir_block_used(const struct weir_stage *stage)
{
	return weir_load(&stage->run->account->used, relaxed);
}

int
weir_block_foreign(struct weir_stage *stage, const char *data, size_t bytes,
	void (*release)(void *ctx), void *ctx, struct weir_block **ret)
{
	return weir_block_wrap(
		stage->run->system, data, bytes, release, ctx, ret);
}

/* Room for @length bytes and one more in the block that small slices kept by
 * this stage share. */
static int
keep_room(struct weir_stage *stage, size_t length)
{
	struct weir_block *block = stage->keep_block;
	int rc;

	if (block != NULL &&
		weir_block_capacity(block) - stage->keep_used > length)
		return 0;
	rc = weir_block_acquire(
		stage, length < KEEP_BYTES ? KEEP_BYTES : length + 1, &block);
	if (rc < 0)
		return rc;
	weir_block_release(stage->keep_block);
	/* A stage may emit what it kept, and keep on keeping it. */
	weir_store(&block->kept, true, relaxed);
	stage->keep_block = block;
	stage->keep_used = 0;
	return 0;
}

int
weir_bytes_keep(struct weir_stage *stage, const char *slice, size_t length,
	struct weir_kept *ret)
{
	struct weir_block *block = NULL;
	char *copy;
	int rc;

	for (uint32_t i = 0; i < stage->inlet_count && block == NULL; i++)
		block = weir_inlet_block(stage, i, slice);
	/* A small slice would pin a large block: a quarter is the bound. */
	if (block != NULL && length >= weir_block_capacity(block) / 4) {
		/* Said of the block: which batches hold it is not known. */
		weir_store(&block->kept, true, relaxed);
		weir_block_retain(block);
		*ret = (struct weir_kept){slice, length, block};
		return 0;
	}
	rc = keep_room(stage, length);
	if (rc < 0)
		return rc;
	block = stage->keep_block;
	copy = weir_block_data(block) + stage->keep_used;
	memcpy(copy, slice, length);
	copy[length] = '\0';
	stage->keep_used += length + 1;
	weir_block_retain(block);
	*ret = (struct weir_kept){copy, length, block};
	return 0;
}
