/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stall.c - a run that stands still is failed, and told why
 *
 * Who waits for the run judges it when its worker has nothing to do: it seizes
 * all islands, as a poster would.  If one is not idle, the run goes on; if all
 * are, nothing is on its way between them, and they may be looked at.
 */
#include "run_internal.h"

#include "../actors/worker_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* Who holds the run's memory, the largest first, as text. */
static void
holders_name(const struct weir_run *run, char *text, size_t bytes)
{
	struct weir_account *account = run->account;
	uint64_t told[2] = {UINT64_MAX, UINT64_MAX};
	size_t at = 0;

	text[0] = '\0';
	for (int k = 0; k < 3 && at < bytes; k++) {
		uint64_t most = 0, who = 0;

		for (uint32_t i = 0; i < run->stage_count; i++) {
			uint64_t held =
				weir_load(&account->holders[i].held, relaxed);

			if (held > most && i != told[0] && i != told[1]) {
				most = held;
				who = i;
			}
		}
		if (most == 0)
			break;
		if (k < 2)
			told[k] = who;
		at += (size_t)snprintf(text + at, bytes - at,
			"%s'%s' %" PRIu64 " KiB", k == 0 ? "" : ", ",
			run->stages[who].name, most >> 10);
	}
}

static const char *
wait_name(enum weir_wait wait)
{
	static const char *const names[] = {
		"its turn", "input", "room", "an event", "nothing"};

	return names[wait];
}

/* Nothing is ready and nothing will come: fail, and say who stands still. */
static void
stall(struct weir_run *run)
{
	struct weir_stage *stuck = NULL;
	char holders[256];

	for (uint32_t i = 0; i < run->stage_count; i++) {
		struct weir_stage *stage = &run->stages[i];

		if (stage->ended)
			continue;
		if (stage->waits_for_memory) {
			holders_name(run, holders, sizeof(holders));
			weir_stage_fail(stage, -ENOBUFS,
				"all %zu bytes of memory the run may use are "
				"held, by %s: raise its memory",
				run->account->limit, holders);
			stuck = stage;
			break;
		}
		/* The one with input waiting whose outlets have room. */
		if (stuck == NULL || stage->wait == WEIR_EVENT ||
			(stage->inlet_count > 0 &&
				stage->inlets[0]->first != NULL))
			stuck = stage;
	}
	if (stuck == NULL)
		return;
	if (!stuck->waits_for_memory)
		weir_stage_fail(stuck, -EDEADLK,
			"stands still: it waits for %s, and nothing that could "
			"end that is on its way",
			wait_name(stuck->wait));
	stuck->failure.stage = stuck->name;
	stuck->failure.stage_index = stuck->index;
	weir_run_fail(run, &stuck->failure);
	weir_stage_end(stuck, &stuck->failure, &stuck->failure);
}

/* Whether something may still happen though no stage is ready.  @returns: the
 * wait has an end, after which the caller may do something. */
static bool
may_move(const struct weir_run *run, bool returns)
{
	for (uint32_t i = 0; i < run->island_count; i++)
		if (run->islands[i].next_alarm_ns != INT64_MAX)
			return true;
	if (run->system->virtual_time && !returns)
		return false;
	/* A waker that somebody out there may hold. */
	for (uint32_t i = 0; i < run->stage_count; i++)
		if (!run->stages[i].ended && run->stages[i].has_waker &&
			run->stages[i].wait == WEIR_EVENT &&
			!run->stages[i].waits_for_memory)
			return true;
	return false;
}

static void
let_go_all(struct weir_run *run, uint32_t n)
{
	while (n-- > 0)
		weir_island_let_go(&run->islands[n]);
}

/* Hold all islands with nothing on its way to them, or none.  One that was
 * seized first may have been posted to by one that was seized later; once all
 * are held nobody posts any more. */
static bool
seize_all(struct weir_run *run)
{
	bool mail = false;

	for (uint32_t i = 0; i < run->island_count; i++)
		if (!weir_island_seize(&run->islands[i])) {
			let_go_all(run, i);
			return false;
		}
	for (uint32_t i = 0; i < run->island_count; i++)
		mail |= weir_island_has_mail(&run->islands[i]);
	if (mail)
		let_go_all(run, run->island_count);
	return !mail;
}

bool
weir_run_judge(struct weir_run *run, bool returns)
{
	/* I/O in flight will wake an island. */
	if (weir_system_pending(run->system) > 0)
		return false;
	/* The last one to go idle makes this worker look again.  Pairs with
	 * the release in rest(). */
	if (weir_load(&run->active, acquire) > 0)
		return false;
	/* One that is about to go idle is so in a moment, what came has its
	 * turn. */
	if (!seize_all(run))
		return true;
	if (!may_move(run, returns)) {
		stall(run);
		for (uint32_t i = 0; i < run->island_count; i++)
			weir_island_schedule(&run->islands[i]);
		return true;
	}
	let_go_all(run, run->island_count);
	return false;
}
