/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_burst.c - several messages in a row to one actor
 *
 * The mailbox's ticket is predicted from the sender's own last send instead of
 * loaded, see weir_mailbox_burst_post_if().  A ticket that is still there is of
 * the same life of the actor, so its name is looked at only where the
 * prediction failed.
 */
#include "actor_internal.h"

#include <string.h>

struct weir_burst
weir_burst_begin(struct weir_ref to, size_t bytes)
{
	struct weir_burst burst = {.to = to, .bytes = bytes};
	struct weir_cell *cell = weir_ref_cell(to);

	/* Without a mailbox each send goes the ordinary way. */
	if (cell == NULL || bytes > sizeof(uint64_t))
		return burst;
	/* Pairs with the release in weir_cell_release(). */
	burst.state = weir_load(&cell->state, acquire);
	if (weir_state_is_meant(burst.state, to.id, bytes))
		burst.mailbox = weir_mailbox_burst_begin(&cell->mailbox);
	return burst;
}

int
weir_burst_send_word(struct weir_burst *burst, uint64_t word)
{
	struct weir_cell *cell = (struct weir_cell *)burst->mailbox.mailbox;
	struct weir_mailbox_guard guard;
	int rc;

	if (cell == NULL || weir_outbox_open() != NULL)
		return weir_send_word(burst->to, word, burst->bytes);
	guard = (struct weir_mailbox_guard){
		&cell->state, (uint32_t)(burst->state >> 32)};
	rc = weir_mailbox_burst_post_if(&burst->mailbox, &guard, word);
	if (rc < 0) /* for its policy, or for the reason */
		return weir_send_word(burst->to, word, burst->bytes);
	if (rc > 0)
		weir_cell_schedule(cell);
	return 0;
}

int
weir_burst_send(struct weir_burst *burst, const void *message)
{
	uint64_t word = 0;

	if (burst->bytes > sizeof(word))
		return weir_send(burst->to, message, burst->bytes);
	memcpy(&word, message, burst->bytes);
	return weir_burst_send_word(burst, word);
}
