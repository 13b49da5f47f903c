/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_memory.c - where the blocks of actors come from, and go to
 */
#include "actor_internal.h"

#include <string.h>

void *
weir_actor_memory(struct weir_system *system, size_t bytes)
{
	struct weir_worker *worker = weir_worker_self(system);

	if (bytes > WEIR_MESSAGE_BYTES_MAX)
		return weir_allocate(system, bytes);
	if (worker != NULL)
		return weir_message_get(&worker->messages, bytes);
	return weir_message_shared_get(&system->messages, bytes);
}

void
weir_actor_memory_release(
	struct weir_system *system, void *memory, size_t bytes)
{
	struct weir_worker *worker;

	if (memory == NULL)
		return;
	if (bytes > WEIR_MESSAGE_BYTES_MAX) {
		weir_release(system, memory, bytes);
		return;
	}
	worker = weir_worker_self(system);
	weir_message_put(worker != NULL ? &worker->messages : NULL, memory);
}

void
weir_actor_message_release(const struct weir_actor_kind *kind, uint64_t word)
{
	const struct weir_behaviour *behaviour = kind->behaviour;

	if (behaviour->drop != NULL)
		behaviour->drop(weir_actor_message(kind, &word));
	if (!kind->by_word)
		weir_actor_memory_release(kind->system, (void *)(uintptr_t)word,
			behaviour->message_bytes);
}

struct weir_actor_more *
weir_actor_more(struct weir_cell *cell)
{
	struct weir_actor *actor = weir_actor_of(cell);
	struct weir_actor_more *more = actor->more;

	if (more != NULL)
		return more;
	more = weir_actor_memory(cell->system, sizeof(*more));
	if (more == NULL)
		return NULL;
	memset(more, 0, sizeof(*more));
	actor->more = more;
	return more;
}
