/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_send.c - from a name to a mailbox, and what becomes of a refusal
 *
 * An id is an index and a generation, the state word of the cell at that index
 * has its generation and the size of its messages: one comparison says whether
 * the message is meant for whoever is there.  The mailbox compares the
 * generation once more between the load of its ticket and the exchange, so a
 * message never reaches the next owner of the cell.
 */
#include "actor_internal.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#define WORDS_AT_ONCE 64u

/* 0, or why it was refused; nothing is reported. */
static inline int
post(struct weir_cell *cell, uint64_t state, uint64_t word)
{
	struct weir_mailbox_guard guard = {
		&cell->state, (uint32_t)(state >> 32)};
	int rc = weir_mailbox_post_if(&cell->mailbox, &guard, word);

	if (rc <= 0)
		return rc;
	weir_cell_schedule(cell);
	return 0;
}

static int
gone(struct weir_ref to, const void *message, size_t bytes)
{
	struct weir_dead_letter letter = {
		.to = to,
		.message = message,
		.message_bytes = bytes,
		.reason = WEIR_DEAD_GONE,
	};

	if (to.system != NULL)
		weir_dead_letter_report(to.system, &letter);
	return -ESRCH;
}

/* The kind of the actor in @cell if it still is that of @state. */
static const struct weir_actor_kind *
kind_at(struct weir_cell *cell, uint64_t state)
{
	/* Pairs with the release in actor_init(): a kind of a later life shows
	 * its generation. */
	const struct weir_actor_kind *kind =
		weir_load(&weir_actor_of(cell)->kind, acquire);

	return weir_load(&cell->state, acquire) >> 32 == state >> 32 ? kind
								     : NULL;
}

/* The mailbox of @cell is full, and its policy is to wait. */
static int
wait_for_room(struct weir_cell *cell, const struct weir_actor_kind *kind,
	uint64_t id, uint64_t word)
{
	struct weir_worker *worker = weir_worker_self(kind->system);

	if (worker == NULL || worker->current == NULL ||
		worker->current->ops != &weir_actor_ops)
		return -EAGAIN;
	if (worker->current == cell)
		return -EDEADLK;
	return weir_outbox_add(worker, kind, id, word);
}

/* @word was refused with @rc. */
static int
refused(struct weir_ref to, struct weir_cell *cell, uint64_t state,
	uint64_t word, int rc)
{
	const struct weir_actor_kind *kind = kind_at(cell, state);

	if (rc != -EAGAIN)
		return rc == -ENOMEM ? rc : -ESRCH;
	if (kind == NULL)
		return -ESRCH;
	switch (kind->overflow) {
	case WEIR_OVERFLOW_WAIT:
		return wait_for_room(cell, kind, to.id, word);
	case WEIR_OVERFLOW_DROP_NEW:
		weir_fetch_add(&weir_actor_of(cell)->dropped, 1, relaxed);
		weir_dead_letter_bury(kind, to, word, WEIR_DEAD_DROPPED, 0);
		return 0;
	default:
		return -EAGAIN;
	}
}

/* Behind what waits for @to in the sender's outbox, or into its mailbox. */
static int
deliver(struct weir_ref to, struct weir_cell *cell, uint64_t state,
	uint64_t word)
{
	int rc = -EAGAIN;

	if (weir_outbox_open() == NULL || !weir_outbox_holds(to))
		rc = post(cell, state, word);
	return rc < 0 ? refused(to, cell, state, word, rc) : 0;
}

/* Why @to is not meant by a message of @bytes. */
static int
not_meant(struct weir_ref to, uint64_t state, const void *message, size_t bytes)
{
	return weir_state_is(state, to.id) && (state & WEIR_ACTOR_SIZE) != 0
		       ? -EMSGSIZE
		       : gone(to, message, bytes);
}

/* All of weir_send_word(), however it goes. */
static __attribute__((noinline)) int
send_word_slow(struct weir_ref to, uint64_t word, size_t bytes)
{
	struct weir_cell *cell = weir_ref_cell(to);
	uint64_t state;
	int rc;

	if (bytes > sizeof(word))
		return -EMSGSIZE; /* it would be taken for an address */
	if (cell == NULL)
		return gone(to, &word, bytes);
	/* Pairs with the release in weir_cell_release(). */
	state = weir_load(&cell->state, acquire);
	if (!weir_state_is_meant(state, to.id, bytes))
		return not_meant(to, state, &word, bytes);
	rc = deliver(to, cell, state, word);
	return rc == -ESRCH ? gone(to, &word, bytes) : rc;
}

static __attribute__((noinline)) int
schedule(struct weir_cell *cell)
{
	weir_cell_schedule(cell);
	return 0;
}

/* What is seldom is a call at its end, so it saves no registers. */
int
weir_send_word(struct weir_ref to, uint64_t word, size_t bytes)
{
	struct weir_cell *cell = weir_ref_cell(to);
	struct weir_mailbox_guard guard;
	uint64_t state;
	int rc;

	if (cell == NULL || bytes > sizeof(word) || weir_outbox_open() != NULL)
		return send_word_slow(to, word, bytes);
	/* Pairs with the release in weir_cell_release(). */
	state = weir_load(&cell->state, acquire);
	if (!weir_state_is_meant(state, to.id, bytes))
		return send_word_slow(to, word, bytes);
	guard = (struct weir_mailbox_guard){
		&cell->state, (uint32_t)(state >> 32)};
	rc = weir_mailbox_try(&cell->mailbox, &guard, word);
	if (rc == 0)
		return 0;
	return rc > 0 ? schedule(cell) : send_word_slow(to, word, bytes);
}

/* A copy of the @bytes at @message in a block, or in the word itself. */
static bool
word_of(struct weir_system *system, const void *message, size_t bytes,
	uint64_t *ret)
{
	void *block;

	if (bytes <= sizeof(*ret)) {
		*ret = 0;
		memcpy(ret, message, bytes);
		return true;
	}
	block = weir_actor_memory(system, bytes);
	if (block == NULL)
		return false;
	memcpy(block, message, bytes);
	*ret = (uintptr_t)block;
	return true;
}

static void
word_release(struct weir_system *system, uint64_t word, size_t bytes)
{
	if (bytes > sizeof(word))
		weir_actor_memory_release(
			system, (void *)(uintptr_t)word, bytes);
}

int
weir_send(struct weir_ref to, const void *message, size_t bytes)
{
	struct weir_cell *cell = weir_ref_cell(to);
	uint64_t state, word;
	int rc;

	if (cell == NULL)
		return gone(to, message, bytes);
	/* Pairs with the release in weir_cell_release(). */
	state = weir_load(&cell->state, acquire);
	if (!weir_state_is_meant(state, to.id, bytes))
		return not_meant(to, state, message, bytes);
	if (!word_of(to.system, message, bytes, &word))
		return -ENOMEM;
	rc = deliver(to, cell, state, word);
	if (rc == 0)
		return 0;
	word_release(to.system, word, bytes);
	return rc == -ESRCH ? gone(to, message, bytes) : rc;
}

/* Send up to WORDS_AT_ONCE of @n messages by one claim; how many were. */
static size_t
send_lot(struct weir_ref to, const char *messages, size_t bytes, size_t n)
{
	struct weir_cell *cell = weir_ref_cell(to);
	uint64_t words[WORDS_AT_ONCE], state;
	struct weir_mailbox_guard guard;
	size_t made = 0, sent = 0;
	int rc = -ESRCH;

	if (cell == NULL || weir_outbox_open() != NULL)
		return 0;
	/* Pairs with the release in weir_cell_release(). */
	state = weir_load(&cell->state, acquire);
	if (!weir_state_is_meant(state, to.id, bytes))
		return 0;
	while (made < n && made < WORDS_AT_ONCE &&
		word_of(to.system, messages + made * bytes, bytes,
			&words[made]))
		made++;
	guard = (struct weir_mailbox_guard){
		&cell->state, (uint32_t)(state >> 32)};
	if (made > 0)
		rc = weir_mailbox_post_n_if(
			&cell->mailbox, &guard, words, made, &sent);
	if (rc < 0)
		sent = 0;
	for (size_t i = sent; i < made; i++)
		word_release(to.system, words[i], bytes);
	if (rc > 0)
		weir_cell_schedule(cell);
	return sent;
}

int
weir_send_n(struct weir_ref to, const void *messages, size_t bytes, size_t n)
{
	const char *at = messages;
	size_t sent = 0, lot;
	int rc = 0;

	if (n > INT_MAX)
		n = INT_MAX;
	while (sent < n && rc == 0) {
		lot = send_lot(to, at + sent * bytes, bytes, n - sent);
		sent += lot;
		if (lot > 0 || sent == n)
			continue;
		/* One by itself: for its policy, or for the reason. */
		rc = weir_send(to, at + sent * bytes, bytes);
		if (rc == 0)
			sent++;
	}
	return sent > 0 ? (int)sent : rc;
}

int
weir_actor_post(const struct weir_actor_kind *kind, uint64_t id, uint64_t word)
{
	struct weir_ref to = {kind->system, id};
	struct weir_cell *cell = weir_ref_cell(to);
	uint64_t state = weir_load(&cell->state, acquire);
	int rc;

	if (!weir_state_is(state, id))
		return -ESRCH;
	rc = post(cell, state, word);
	return rc == -ESHUTDOWN ? -ESRCH : rc;
}

/* Whether a refusal by @to is one to wait for. */
static bool
lets_wait(struct weir_ref to)
{
	struct weir_cell *cell = weir_ref_cell(to);
	uint64_t state = weir_load(&cell->state, acquire);
	const struct weir_actor_kind *kind = kind_at(cell, state);

	return kind != NULL && weir_state_is(state, to.id) &&
	       kind->overflow == WEIR_OVERFLOW_WAIT;
}

static int64_t
deadline_of(int64_t timeout_ns)
{
	struct timespec now;
	int64_t now_ns;

	if (timeout_ns < 0)
		return INT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	return timeout_ns < INT64_MAX - now_ns ? now_ns + timeout_ns
					       : INT64_MAX;
}

int
weir_send_wait(struct weir_ref to, const void *message, size_t bytes,
	int64_t timeout_ns)
{
	int64_t deadline_ns = 0;
	int rc;

	for (;;) {
		rc = weir_send(to, message, bytes);
		if (rc != -EAGAIN || weir_worker_self(to.system) != NULL ||
			!lets_wait(to))
			return rc;
		if (deadline_ns == 0)
			deadline_ns = deadline_of(timeout_ns);
		rc = weir_waiter_block(to, deadline_ns);
		if (rc < 0)
			return rc;
	}
}
