/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dead_letter.c - messages that nobody handles: counted, and told
 */
#include "actor_internal.h"

/* The actor whose handler runs on this thread; nobody if none does. */
static struct weir_ref
sender_of(struct weir_system *system)
{
	const struct weir_worker *worker = weir_worker_self(system);

	if (worker == NULL || worker->current == NULL ||
		worker->current->ops != &weir_actor_ops)
		return (struct weir_ref){NULL, 0};
	return weir_cell_ref(worker->current);
}

void
weir_dead_letter_report(
	struct weir_system *system, struct weir_dead_letter *letter)
{
	weir_fetch_add(&system->dead_letters, 1, relaxed);
	if (system->dead_letter == NULL)
		return;
	/* What its own actor did not come to is from anybody. */
	if (letter->reason == WEIR_DEAD_GONE ||
		letter->reason == WEIR_DEAD_DROPPED)
		letter->from = sender_of(system);
	system->dead_letter(system->dead_letter_ctx, letter);
}

void
weir_dead_letter_bury(const struct weir_actor_kind *kind, struct weir_ref to,
	uint64_t word, enum weir_dead_reason reason, int code)
{
	struct weir_dead_letter letter = {
		.to = to,
		.name = kind->behaviour->name,
		.message = weir_actor_message(kind, &word),
		.message_bytes = kind->behaviour->message_bytes,
		.reason = reason,
		.code = code,
	};

	weir_dead_letter_report(kind->system, &letter);
	weir_actor_message_release(kind, word);
}

uint64_t
weir_system_dead_letters(const struct weir_system *system)
{
	return weir_load(&system->dead_letters, relaxed);
}
