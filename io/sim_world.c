/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_world.c - a simulated world: its files, and what tests plant in it
 */
#include "sim_world_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
weir_sim_create(struct weir_sim **ret)
{
	struct weir_sim *sim = calloc(1, sizeof(*sim));

	if (sim == NULL)
		return -ENOMEM;
	sim->backend = weir_io_sim;
	sim->backend.ctx = sim;
	*ret = sim;
	return 0;
}

void
weir_sim_destroy(struct weir_sim *sim)
{
	struct weir_sim_file *file;

	if (sim == NULL)
		return;
	while ((file = sim->files) != NULL) {
		sim->files = file->next;
		free(file->path);
		free(file->data);
		free(file);
	}
	for (int i = 0; i < WEIR_SIM_DESCRIPTORS; i++)
		weir_sim_descriptor_release(sim->descriptors[i]);
	free(sim);
}

const struct weir_io_backend *
weir_sim_backend(struct weir_sim *sim)
{
	return &sim->backend;
}

void
weir_sim_descriptor_release(struct weir_sim_descriptor *descriptor)
{
	if (descriptor != NULL && --descriptor->references == 0)
		free(descriptor);
}

struct weir_sim_file *
weir_sim_file_find(struct weir_sim *sim, const char *path)
{
	struct weir_sim_file *file = sim->files;

	while (file != NULL && strcmp(file->path, path) != 0)
		file = file->next;
	return file;
}

struct weir_sim_file *
weir_sim_file_make(struct weir_sim *sim, const char *path)
{
	struct weir_sim_file *file = weir_sim_file_find(sim, path);

	if (file != NULL)
		return file;
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->path = strdup(path);
	if (file->path == NULL) {
		free(file);
		return NULL;
	}
	file->inode = ++sim->inodes;
	file->next = sim->files;
	sim->files = file;
	return file;
}

int
weir_sim_file_reserve(struct weir_sim_file *file, size_t length)
{
	size_t capacity = file->capacity == 0 ? 256 : file->capacity;
	char *data;

	if (length <= file->capacity)
		return 0;
	while (capacity < length)
		capacity *= 2;
	data = realloc(file->data, capacity);
	if (data == NULL)
		return -ENOMEM;
	file->data = data;
	file->capacity = capacity;
	return 0;
}

int
weir_sim_file_set(
	struct weir_sim *sim, const char *path, const void *data, size_t length)
{
	struct weir_sim_file *file = weir_sim_file_make(sim, path);

	if (file == NULL || weir_sim_file_reserve(file, length + 1) < 0)
		return -ENOMEM;
	assert(file->data != NULL); /* one byte at least is reserved */
	if (length > 0)
		memcpy(file->data, data, length);
	file->length = length;
	return 0;
}

const void *
weir_sim_file_get(struct weir_sim *sim, const char *path, size_t *ret_length)
{
	struct weir_sim_file *file = weir_sim_file_find(sim, path);

	if (file == NULL)
		return NULL;
	if (ret_length != NULL)
		*ret_length = file->length;
	return file->data == NULL ? "" : file->data;
}

int
weir_sim_file_pipe(struct weir_sim *sim, const char *path, size_t piece)
{
	struct weir_sim_file *file = weir_sim_file_make(sim, path);

	if (file == NULL)
		return -ENOMEM;
	file->piece = piece;
	return 0;
}

int
weir_sim_file_limit(struct weir_sim *sim, const char *path, size_t bytes)
{
	struct weir_sim_file *file = weir_sim_file_make(sim, path);

	if (file == NULL)
		return -ENOMEM;
	file->limit = bytes;
	return 0;
}

void
weir_sim_fault(struct weir_sim *sim, const struct weir_sim_fault *fault)
{
	sim->faults[fault->code] = *fault;
	sim->faults[fault->code].nth += sim->counts[fault->code];
}

void
weir_sim_short(struct weir_sim *sim, size_t bytes)
{
	sim->short_bytes = bytes;
}

void
weir_sim_hold(struct weir_sim *sim, enum weir_io_code code, bool held)
{
	sim->held[code] = held;
}

uint64_t
weir_sim_count(const struct weir_sim *sim, enum weir_io_code code)
{
	return sim->counts[code];
}

unsigned
weir_sim_open_files(const struct weir_sim *sim)
{
	unsigned n = 0;

	for (int i = 0; i < WEIR_SIM_DESCRIPTORS; i++)
		n += sim->descriptors[i] != NULL;
	return n;
}
