/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_actors.c - what actors cost: messages, turns, spawns
 *
 * One operation is what the measure's name says: a round trip, a message, a
 * hop, a spawn.  Making the system and the actors is left out, but for spawn.
 * The floor of ping-pong is two bare mailboxes on one thread, each received
 * from and put to rest as an actor's turn does.
 *
 *	bench_actors [PART OF A MEASURE'S NAME]
 */
#include <weir/weir.h>

#include <unistd.h>

#include "actors/mailbox_internal.h"
#include "actors/system_internal.h"
#include "bench.h"

#define TRIPS INT64_C(2000000)
#define COUNTED INT64_C(4000000)
#define SENDERS 8
#define LOT                                                                    \
	32 /* messages of a sender in a row: fewer than its outbox holds       \
	    */
#define RING 503
#define HOPS INT64_C(2000000)
#define CROWD 120
#define CROWD_ROUNDS INT64_C(100)
#define SPAWNED INT64_C(1000000)

static struct weir_system *
system_new(unsigned workers)
{
	struct weir_system_opts opts = {.workers = workers};
	struct weir_system *system;

	if (bench_workers() == 1)
		opts.workers = 1;
	if (weir_system_create(&opts, &system) < 0)
		exit(1);
	return system;
}

/* From the first message to the call of weir_system_stop(). */
static void
system_time(struct weir_system *system)
{
	if (weir_system_run(system, -1) < 0)
		exit(1);
	bench_stop();
}

static void
must(int rc)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_actors: %s\n", strerror(-rc));
	exit(1);
}

/* Where no floor gives the answer too. */
static int64_t
right(int64_t answer, int64_t expected)
{
	if (answer == expected)
		return answer;
	fprintf(stderr, "bench_actors: %" PRId64 ", not %" PRId64 "\n", answer,
		expected);
	exit(1);
}

/* -- ping-pong ---------------------------------------------------------------
 */

WEIR_PROTOCOL(pong, int64_t);
WEIR_PROTOCOL(ping, int64_t);

struct pong {
	struct ping_ref ping;
};

WEIR_ACTOR(pong, self, struct pong, pong, int64_t, left)
{
	return ping_send(pong->ping, *left);
}

struct ping {
	struct pong_ref pong;
	int64_t *answer;
};

static int
ping_begin(struct weir_actor *self, struct ping *ping)
{
	struct pong pong = {ping_self(self)};

	return pong_spawn(weir_self(self).system, &pong, NULL, &ping->pong);
}

WEIR_ACTOR_WITH(
	ping, ping_begin, NULL, NULL, self, struct ping, ping, int64_t, left)
{
	if (*left == 0) {
		weir_system_stop(ping->pong.any.system);
		return 0;
	}
	++*ping->answer;
	return pong_send(ping->pong, *left - 1);
}

static int64_t
ping_pong(void *ctx)
{
	struct weir_system *system = system_new(*(unsigned *)ctx);
	int64_t answer = 0;
	struct ping ping = {.answer = &answer};
	struct ping_ref ref;

	must(ping_spawn(system, &ping, NULL, &ref));
	must(ping_send(ref, bench_ops(TRIPS)));
	system_time(system);
	weir_system_destroy(system);
	return answer;
}

/* A message into an idle mailbox, out of it, and to rest, as often as in
 * ping-pong; who would run it is known. */
static int64_t
bare_mailboxes(void *ctx)
{
	static const struct weir_mailbox_limits limits = {.bound = 1024};
	struct weir_system *system = system_new(1);
	_Alignas(64) struct weir_mailbox boxes[2];
	int64_t answer = 0, left = bench_ops(TRIPS);
	uint64_t word;

	(void)ctx;
	for (int i = 0; i < 2; i++) {
		must(weir_mailbox_init(&boxes[i], &system->rings, &limits));
		(void)weir_mailbox_rest(&boxes[i]);
	}
	bench_start();
	for (; left > 0; left--) {
		for (int i = 0; i < 2; i++) {
			must(weir_mailbox_post(&boxes[i], (uint64_t)left));
			(void)weir_mailbox_receive(&boxes[i], &word, 1);
			(void)weir_mailbox_rest(&boxes[i]);
		}
		answer++;
	}
	bench_stop();
	for (int i = 0; i < 2; i++)
		weir_mailbox_finish(&boxes[i]);
	weir_system_destroy(system);
	return answer;
}

/* -- one receiver, many senders ---------------------------------------------
 */

WEIR_PROTOCOL(adder, int64_t);
WEIR_PROTOCOL(giver, struct adder_ref);

struct adder {
	int64_t left;
	int64_t *answer;
};

WEIR_ACTOR(adder, self, struct adder, adder, int64_t, n)
{
	*adder->answer += *n;
	if (--adder->left == 0)
		weir_system_stop(weir_self(self).system);
	return 0;
}

struct giver {
	int64_t left;
};

/* A lot of messages, which wait in its outbox where there is no room, and then
 * one to itself. */
WEIR_ACTOR(giver, self, struct giver, giver, struct adder_ref, to)
{
	for (int i = 0; i < LOT && giver->left > 0; i++, giver->left--)
		must(adder_send(*to, giver->left & 1));
	return giver->left > 0 ? giver_send(giver_self(self), *to) : 0;
}

static int64_t
fan_in(void *ctx)
{
	struct weir_spawn_opts waits = {.overflow = WEIR_OVERFLOW_WAIT};
	struct weir_system *system = system_new(0);
	int64_t senders = *(int64_t *)ctx, answer = 0;
	int64_t each = bench_ops(COUNTED) / senders;
	struct adder adder = {.left = each * senders, .answer = &answer};
	struct giver giver = {.left = each};
	struct giver_ref from[SENDERS];
	struct adder_ref to;

	must(adder_spawn(system, &adder, &waits, &to));
	for (int64_t i = 0; i < senders; i++)
		must(giver_spawn(system, &giver, NULL, &from[i]));
	bench_start();
	for (int64_t i = 0; i < senders; i++)
		must(giver_send(from[i], to));
	system_time(system);
	weir_system_destroy(system);
	return right(answer, (each + 1) / 2 * senders);
}

/* -- a ring ------------------------------------------------------------------
 */

WEIR_PROTOCOL(link, int64_t);

/* Told how many hops are left; the first one makes the others. */
struct link {
	struct link_ref next;
	int64_t *answer;
};

WEIR_ACTOR(link, self, struct link, link, int64_t, left)
{
	++*link->answer;
	if (*left > 0)
		return link_send(link->next, *left - 1);
	weir_system_stop(link->next.any.system);
	return 0;
}

/* The last one made is the first one's next, which is told when it begins. */
WEIR_PROTOCOL(first, int64_t);

static int
first_begin(struct weir_actor *self, struct link *link)
{
	struct weir_ref own = first_self(self).any;
	struct link like = {.answer = link->answer};

	/* A message of a link is one of the first. */
	like.next.any = own;
	for (int i = 1; i < RING; i++) {
		int rc = link_spawn(own.system, &like, NULL, &like.next);

		if (rc < 0)
			return rc;
	}
	link->next = like.next;
	return 0;
}

WEIR_ACTOR_WITH(
	first, first_begin, NULL, NULL, self, struct link, link, int64_t, left)
{
	return link_handle(self, link, left);
}

static int64_t
ring(void *ctx)
{
	struct weir_system *system = system_new(0);
	int64_t answer = 0;
	struct link link = {.answer = &answer};
	struct first_ref first;

	(void)ctx;
	must(first_spawn(system, &link, NULL, &first));
	must(first_send(first, bench_ops(HOPS) - 1));
	system_time(system);
	weir_system_destroy(system);
	return right(answer, bench_ops(HOPS));
}

/* -- all to all ---------------------------------------------------------------
 */

/* From whom, by its index, and whether it is the answer. */
struct call {
	uint32_t from;
	uint32_t is_answer;
};

WEIR_PROTOCOL(member, struct call);
WEIR_PROTOCOL(crowd, int64_t);

/* What all see, written before the first message. */
struct hall {
	struct member_ref members[CROWD];
	struct crowd_ref crowd;
};

struct member {
	const struct hall *hall;
	uint32_t index, answers;
	int64_t rounds, calls;
};

static int
call_all(struct member *member)
{
	struct call call = {member->index, false};

	for (uint32_t i = 0; i < CROWD; i++)
		if (i != member->index)
			must(member_send(member->hall->members[i], call));
	return 0;
}

/* It is called by itself to begin. */
WEIR_ACTOR(member, self, struct member, member, struct call, call)
{
	struct call answer = {member->index, true};

	if (call->from == member->index)
		return call_all(member);
	if (!call->is_answer) {
		member->calls++;
		return member_send(member->hall->members[call->from], answer);
	}
	if (++member->answers < CROWD - 1)
		return 0;
	member->answers = 0;
	if (--member->rounds > 0)
		return call_all(member);
	return crowd_send(member->hall->crowd, CROWD - 1);
}

struct crowd {
	int left;
	int64_t *answer;
};

WEIR_ACTOR(crowd, self, struct crowd, crowd, int64_t, n)
{
	*crowd->answer += *n;
	if (--crowd->left == 0)
		weir_system_stop(weir_self(self).system);
	return 0;
}

static int64_t
all_to_all(void *ctx)
{
	static struct hall hall;
	struct weir_system *system = system_new(0);
	int64_t rounds = bench_ops(CROWD_ROUNDS), answer = 0;
	struct crowd crowd = {.left = CROWD, .answer = &answer};
	struct member member = {.hall = &hall, .rounds = rounds};

	(void)ctx;
	must(crowd_spawn(system, &crowd, NULL, &hall.crowd));
	for (uint32_t i = 0; i < CROWD; i++) {
		member.index = i;
		must(member_spawn(system, &member, NULL, &hall.members[i]));
	}
	bench_start();
	for (uint32_t i = 0; i < CROWD; i++)
		must(member_send(hall.members[i], (struct call){i, false}));
	system_time(system);
	weir_system_destroy(system);
	return right(answer, CROWD * (CROWD - 1));
}

/* -- spawn --------------------------------------------------------------------
 */

WEIR_PROTOCOL(idler, int64_t);

WEIR_ACTOR(idler, self, int64_t, sum, int64_t, n)
{
	*sum += *n;
	return 0;
}

static double
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double each_bytes;

static int64_t
spawn(void *ctx)
{
	struct weir_system *system = system_new(1);
	int64_t n = bench_ops(SPAWNED), made = 0;
	double before = resident_bytes();
	struct idler_ref idler;

	(void)ctx;
	must(weir_system_enter(system));
	bench_start();
	for (; made < n; made++)
		must(idler_spawn(system, NULL, NULL, &idler));
	bench_stop();
	weir_system_leave(system);
	each_bytes = (resident_bytes() - before) / (double)n;
	weir_system_destroy(system);
	return made;
}

/* What a spawn has to do at least: memory of that size, zeroed. */
static int64_t
zeroed_memory(void *ctx)
{
	int64_t n = bench_ops(SPAWNED), made = 0;
	void **all = calloc((size_t)n, sizeof(*all));

	(void)ctx;
	if (all == NULL)
		exit(1);
	bench_start();
	for (; made < n; made++) {
		all[made] = malloc(192);
		if (all[made] == NULL)
			exit(1);
		memset(all[made], 0, 192);
	}
	bench_stop();
	for (int64_t i = 0; i < n; i++)
		free(all[i]);
	free(all);
	return made;
}

/* -- all of them --------------------------------------------------------------
 */

int
main(int argc, char **argv)
{
	unsigned one = 1, two = 0;
	int64_t single = 1, several = SENDERS;

	bench_init(argc, argv);
	bench_run(&(struct bench_measure){
		.name = "ping-pong of two actors, one worker",
		.per = TRIPS,
		.contestants = {{"weir", ping_pong, &one},
			{"two mailboxes in a loop", bare_mailboxes, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "ping-pong of two actors, two workers",
		.per = TRIPS,
		.contestants = {{"weir", ping_pong, &two},
			{"two mailboxes in a loop", bare_mailboxes, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "count, 1 sender, bound 1024, two workers",
		.per = COUNTED,
		.contestants = {{"weir", fan_in, &single}}});
	bench_run(&(struct bench_measure){
		.name = "fan-in of 8 senders, bounded, two workers",
		.per = COUNTED,
		.contestants = {{"weir", fan_in, &several}}});
	bench_run(&(struct bench_measure){
		.name = "ring of 503 actors, a hop, two workers",
		.per = HOPS,
		.contestants = {{"weir", ring, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "all-to-all of 120 actors, two workers",
		.per = 2 * CROWD * (CROWD - 1) * CROWD_ROUNDS,
		.contestants = {{"weir", all_to_all, NULL}}});
	bench_run(&(struct bench_measure){
		.name = "spawn of a million actors, each",
		.per = SPAWNED,
		.contestants = {{"weir", spawn, NULL},
			{"malloc, memset", zeroed_memory, NULL}}});
	if (bench_wanted("memory of an idle actor") && !bench_untimed()) {
		(void)spawn(NULL);
		bench_row("memory of an idle actor", "weir", each_bytes,
			each_bytes, "bytes", 0);
	}
	return 0;
}
