/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actor_kind.c - what actors spawned alike have in common
 *
 * A list that only grows, so it is read without its lock.  It is as long as
 * there are combinations of behaviour and options in a program.
 */
#include "actor_internal.h"

#include <errno.h>
#include <string.h>

#define MAILBOX_ITEMS 1024u
#define OUTBOX_ITEMS 64u
#define OUTBOX_ITEMS_MAX WEIR_OUTBOX_MAX

/* Called for what is left when an actor ends, and for the oldest message where
 * that is dropped, by whoever took it out. */
static void
limits_drop(void *ctx, uint64_t word)
{
	const struct weir_actor_kind *kind = ctx;
	const struct weir_cell *cell = weir_actor_draining();
	struct weir_ref nobody = {NULL, 0};

	if (cell != NULL)
		weir_dead_letter_bury(
			kind, weir_cell_ref(cell), word, WEIR_DEAD_STOPPED, 0);
	else
		weir_dead_letter_bury(kind, nobody, word, WEIR_DEAD_DROPPED, 0);
}

/* What the mailbox itself does at its bound; the rest is done by who sends. */
static enum weir_overflow
mailbox_overflow(enum weir_overflow overflow)
{
	if (overflow == WEIR_OVERFLOW_FAIL ||
		overflow == WEIR_OVERFLOW_DROP_OLD)
		return overflow;
	return WEIR_OVERFLOW_REJECT;
}

static size_t
limits_bytes_of(void *ctx, uint64_t word)
{
	return weir_actor_weigh(ctx, &word);
}

/* Whether it may be the bound of a mailbox that drops its oldest message. */
static bool
is_lossy_bound(size_t items)
{
	return items == 0 || (items >= 2 && items <= WEIR_RING_CAPACITY_MAX &&
				     (items & (items - 1)) == 0);
}

static int
kind_check(const struct weir_behaviour *behaviour,
	const struct weir_spawn_opts *opts)
{
	if (behaviour->receive == NULL || behaviour->message_bytes == 0 ||
		behaviour->message_bytes > WEIR_MESSAGE_MAX ||
		opts->mailbox_items > WEIR_MAILBOX_BOUND_MAX ||
		opts->outbox_items > OUTBOX_ITEMS_MAX ||
		opts->overflow > WEIR_OVERFLOW_FAIL ||
		opts->dispatcher > WEIR_DISPATCH_PINNED)
		return -EINVAL;
	if (opts->overflow == WEIR_OVERFLOW_DROP_OLD &&
		(opts->mailbox_bytes != 0 ||
			!is_lossy_bound(opts->mailbox_items)))
		return -EINVAL;
	return 0;
}

static void
kind_fill(struct weir_actor_kind *kind, struct weir_system *system,
	const struct weir_behaviour *behaviour,
	const struct weir_spawn_opts *opts)
{
	memset(kind, 0, sizeof(*kind));
	kind->system = system;
	kind->behaviour = behaviour;
	kind->overflow = opts->overflow;
	kind->dispatcher = opts->dispatcher;
	kind->budget = opts->budget != 0 ? opts->budget : WEIR_TURN_MESSAGES;
	kind->outbox_items = opts->outbox_items != 0
				     ? (uint32_t)opts->outbox_items
				     : OUTBOX_ITEMS;
	kind->by_word = behaviour->message_bytes <= sizeof(uint64_t);
	kind->state_inside = behaviour->state_bytes <= sizeof(void *);
	kind->limits.bound = opts->mailbox_items != 0
				     ? (uint32_t)opts->mailbox_items
				     : MAILBOX_ITEMS;
	kind->limits.overflow = mailbox_overflow(opts->overflow);
	kind->limits.drop = limits_drop;
	if (opts->mailbox_bytes == 0)
		return;
	kind->limits.bytes_max = opts->mailbox_bytes;
	kind->limits.bytes_of = limits_bytes_of;
	kind->limits.bytes_offset =
		(ptrdiff_t)(offsetof(struct weir_cell, place) +
			    offsetof(struct weir_actor, bytes) -
			    offsetof(struct weir_cell, mailbox));
}

static bool
kind_is(const struct weir_actor_kind *a, const struct weir_actor_kind *b)
{
	return a->behaviour == b->behaviour && a->overflow == b->overflow &&
	       a->dispatcher == b->dispatcher && a->budget == b->budget &&
	       a->outbox_items == b->outbox_items &&
	       a->limits.bound == b->limits.bound &&
	       a->limits.bytes_max == b->limits.bytes_max;
}

static const struct weir_actor_kind *
kind_find(struct weir_system *system, const struct weir_actor_kind *like)
{
	/* Pairs with the release in kind_add(): each is written. */
	const struct weir_actor_kind *kind =
		weir_load(&system->actor_kinds, acquire);

	while (kind != NULL && !kind_is(kind, like))
		kind = kind->next;
	return kind;
}

static int
kind_add(struct weir_system *system, const struct weir_actor_kind *like,
	const struct weir_actor_kind **ret)
{
	struct weir_actor_kind *kind = weir_allocate(system, sizeof(*kind));

	if (kind == NULL)
		return -ENOMEM;
	*kind = *like;
	kind->limits.ctx = kind;
	/* Another thread may add the same now: then there are two. */
	kind->next = weir_load(&system->actor_kinds, relaxed);
	while (!weir_compare_exchange(
		&system->actor_kinds, &kind->next, kind, release, relaxed))
		;
	*ret = kind;
	return 0;
}

int
weir_actor_kind_get(struct weir_system *system,
	const struct weir_behaviour *behaviour,
	const struct weir_spawn_opts *opts, const struct weir_actor_kind **ret)
{
	static const struct weir_spawn_opts none;
	const struct weir_actor_kind *found;
	struct weir_actor_kind like;
	int rc;

	if (opts == NULL)
		opts = &none;
	rc = kind_check(behaviour, opts);
	if (rc < 0)
		return rc;
	kind_fill(&like, system, behaviour, opts);
	found = kind_find(system, &like);
	if (found == NULL)
		return kind_add(system, &like, ret);
	*ret = found;
	return 0;
}

void
weir_actor_kinds_finish(struct weir_system *system)
{
	struct weir_actor_kind *kind = weir_load(&system->actor_kinds, relaxed);

	while (kind != NULL) {
		struct weir_actor_kind *next = kind->next;

		weir_release(system, kind, sizeof(*kind));
		kind = next;
	}
}
