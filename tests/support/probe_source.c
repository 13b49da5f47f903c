/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_source.c - a source that counts what it was asked for
 *
 * Slices lie in blocks of a few units, by turns of the pool and of the heap.
 * One on the heap is overwritten when it is released, so that a slice that
 * outlives its block shows.
 */
#include "probe.h"

#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_UNITS 3u

/* A slice of bytes, and the origin it belongs to. */
struct unit {
	size_t at, length;
	uint32_t origin;
};

struct source_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	struct probe_source *probe;
};

struct source {
	size_t next, blocks;
};

static int
source_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct source_args *args = arguments;

	(void)stage;
	(void)state;
	args->probe->asked = args->probe->put = 0;
	args->probe->opened++;
	return 0;
}

/* -- slices ---------------------------------------------------------------- */

struct heap_block {
	size_t bytes;
	char data[];
};

static void
heap_block_release(void *ctx)
{
	struct heap_block *block = ctx;

	memset(block->data, '?', block->bytes);
	free(block);
}

static int
heap_block_make(struct weir_stage *stage, const char *bytes, size_t n,
	struct weir_block **ret)
{
	/* One byte behind it can be read. */
	struct heap_block *heap = malloc(sizeof(*heap) + n + 1);
	int rc;

	if (heap == NULL)
		abort();
	heap->bytes = n + 1;
	memcpy(heap->data, bytes, n);
	heap->data[n] = '\n';
	rc = weir_block_foreign(
		stage, heap->data, n, heap_block_release, heap, ret);
	if (rc < 0)
		free(heap);
	return rc;
}

static int
pool_block_make(struct weir_stage *stage, const char *bytes, size_t n,
	struct weir_block **ret)
{
	int rc = weir_block_acquire(stage, n + 1, ret);

	if (rc == 0) {
		memcpy(weir_block_data(*ret), bytes, n);
		weir_block_data(*ret)[n] = '\n';
	}
	return rc;
}

/* How many units go into the next block: neighbours of one origin. */
static size_t
block_units(const struct probe_source *probe, size_t next, size_t room)
{
	/* One more often than several, so that batches have many blocks. */
	size_t n = 1, most = next % 2 == 0 ? 1 : BLOCK_UNITS;

	while (n < room && n < most && next + n < probe->unit_count &&
		probe->units[next + n].origin == probe->units[next].origin)
		n++;
	return n;
}

static int
put_slices(struct weir_stage *stage, struct source *source,
	const struct probe_source *probe, struct weir_span room, size_t *ret)
{
	size_t n = block_units(probe, source->next, room.count);
	const struct unit *first = &probe->units[source->next];
	const struct unit *last = first + n - 1;
	const char *from = probe->bytes.data + first->at;
	size_t bytes = last->at + last->length - first->at;
	weir_record *slices = room.items;
	struct weir_block *block;
	int rc;

	if (source->blocks % 2 == 0)
		rc = heap_block_make(stage, from, bytes, &block);
	else
		rc = pool_block_make(stage, from, bytes, &block);
	if (rc < 0)
		return rc;
	source->blocks++;
	for (size_t i = 0; i < n; i++)
		slices[i] = (weir_record){
			weir_block_data(block) + first[i].at - first->at,
			first[i].length};
	weir_outlet_attach(stage, 0, block);
	weir_block_release(block);
	*ret = n;
	return 0;
}

/* -- steps ----------------------------------------------------------------- */

/* Make up to as many elements as there is room for. */
static int
put_some(struct weir_stage *stage, struct source *source,
	const struct probe_source *probe, struct weir_span room, size_t *ret)
{
	size_t left = probe->unit_count - source->next;
	size_t n = left < room.count ? left : room.count;

	if (probe->units != NULL) {
		room.count = n;
		return put_slices(stage, source, probe, room, ret);
	}
	for (size_t i = 0; i < n; i++) {
		int64_t value = probe->first + (int64_t)(source->next + i);

		if (probe->kind == KIND_LIVE)
			((live *)room.items)[i] = live_make(value);
		else
			((int64_t *)room.items)[i] = value;
	}
	*ret = n;
	return 0;
}

static int
source_step(struct weir_stage *stage, void *state)
{
	const struct source_args *args = weir_stage_args(stage);
	struct probe_source *probe = args->probe;
	struct source *source = state;

	while (source->next < probe->unit_count) {
		uint64_t demand = weir_outlet_demand(stage, 0);
		struct weir_span room;
		size_t n = 0;
		int rc;

		if (probe->hook != NULL)
			probe->hook(probe->ctx);
		if (probe->put + demand > probe->asked)
			probe->asked = probe->put + demand;
		if (probe->units != NULL)
			weir_outlet_origin(
				stage, 0, probe->units[source->next].origin);
		room = weir_outlet_room(stage, 0);
		if (room.count == 0)
			return WEIR_ROOM;
		rc = put_some(stage, source, probe, room, &n);
		if (rc < 0)
			return rc == -EAGAIN ? WEIR_EVENT : rc;
		weir_outlet_put(stage, 0, n);
		source->next += n;
		probe->put += n;
	}
	if (probe->code != 0)
		return weir_stage_fail(stage, probe->code, "failed as told");
	return WEIR_DONE;
}

static void
source_close(struct weir_stage *stage, void *state)
{
	const struct source_args *args = weir_stage_args(stage);

	(void)state;
	args->probe->closed++;
}

static const struct weir_operator op_probe_source = {
	.name = "probe_source",
	.summary = "emits what a test says",
	.inlets = (const struct weir_port[]){{NULL, NULL, 0}},
	.outlets =
		(const struct weir_port[]){
			{"elements", NULL, offsetof(struct source_args, type)},
			{NULL, NULL, 0}},
	.args_bytes = sizeof(struct source_args),
	.state_bytes = sizeof(struct source),
	.open = source_open,
	.step = source_step,
	.close = source_close,
};

/* -- making it ------------------------------------------------------------- */

static void
unit_add(struct probe_source *probe, size_t at, size_t length, uint32_t origin)
{
	probe->units = realloc(
		probe->units, (probe->unit_count + 1) * sizeof(*probe->units));
	if (probe->units == NULL)
		abort();
	probe->units[probe->unit_count++] = (struct unit){at, length, origin};
}

/* Cut the bytes from @from on into chunks of @origin. */
static void
chunks_add(struct probe_source *probe, size_t from, uint32_t origin)
{
	while (from < probe->bytes.length) {
		size_t left = probe->bytes.length - from;
		size_t n = probe->cut;

		if (n == 0)
			n = 1 + probe->unit_count * 7 % 13;
		n = n < left ? n : left;
		unit_add(probe, from, n, origin);
		from += n;
	}
}

/* All lines, one behind the other, as records or as chunks of bytes. */
static void
units_make(struct probe_source *probe)
{
	size_t from = 0;
	uint32_t origin = 1;

	for (size_t i = 0; i < probe->n; i++) {
		size_t at = probe->bytes.length;
		char line[LINE_MAX_BYTES];
		int64_t value = probe->first + (int64_t)i;
		size_t length = probe->line != NULL ? probe->line(value, line)
						    : line_of(value, line);

		text_add(&probe->bytes, line, length);
		if (!probe->no_newline || i + 1 < probe->n)
			text_add(&probe->bytes, "\n", 1);
		if (probe->kind == KIND_RECORD)
			unit_add(probe, at, length, 0);
		else if (probe->origin_lines != 0 &&
			 (i + 1) % probe->origin_lines == 0) {
			chunks_add(probe, from, origin++);
			from = probe->bytes.length;
		}
	}
	if (probe->kind == KIND_BYTES)
		chunks_add(probe, from, origin);
}

struct weir_flow
probe_from(struct weir_graph *graph, struct probe_source *probe,
	const struct weir_stage_opts *opts)
{
	struct source_args args = {
		.type = kind_type(probe->kind), .probe = probe};

	if (opts != NULL)
		args.opts = *opts;
	probe->unit_count = 0;
	if (probe->kind == KIND_RECORD || probe->kind == KIND_BYTES)
		units_make(probe);
	else
		probe->unit_count = probe->n;
	return weir_source_add(graph, &op_probe_source, &args);
}

void
probe_source_free(struct probe_source *probe)
{
	free(probe->units);
	probe->units = NULL;
	text_free(&probe->bytes);
}
