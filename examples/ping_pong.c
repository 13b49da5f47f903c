/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ping_pong.c - how long a message takes there and back
 *
 * Two actors send a number to and fro.  The one that began takes the time of
 * each round trip; at the end percentiles are printed.
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 100000

/* The number of the round; ping begins when it is told -1. */
WEIR_PROTOCOL(pong, int64_t);
WEIR_PROTOCOL(ping, int64_t);

struct pong {
	struct ping_ref ping;
};

WEIR_ACTOR(pong, self, struct pong, pong, int64_t, round)
{
	return ping_send(pong->ping, *round);
}

struct ping {
	struct pong_ref pong;
	int64_t sent_ns;
	int64_t *trips_ns; /* of main(), ROUNDS of them */
};

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Its child answers to it. */
static int
begin(struct weir_actor *self, struct ping *ping)
{
	struct pong pong = {ping_self(self)};

	return pong_spawn(weir_self(self).system, &pong, NULL, &ping->pong);
}

WEIR_ACTOR_WITH(
	ping, begin, NULL, NULL, self, struct ping, ping, int64_t, round)
{
	int64_t at_ns = now_ns();

	if (*round >= 0)
		ping->trips_ns[*round] = at_ns - ping->sent_ns;
	if (*round + 1 == ROUNDS) {
		weir_system_stop(weir_self(self).system);
		return 0;
	}
	ping->sent_ns = at_ns;
	return pong_send(ping->pong, *round + 1);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(int64_t *trips_ns)
{
	static const double percentiles[] = {50, 90, 99, 99.9, 100};

	qsort(trips_ns, ROUNDS, sizeof(trips_ns[0]), compare);
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(double); i++) {
		size_t at = (size_t)(percentiles[i] / 100 * (ROUNDS - 1));

		printf("p%-5g %8" PRId64 " ns\n", percentiles[i], trips_ns[at]);
	}
}

static int
play(struct weir_system *system, int64_t *trips_ns)
{
	struct ping ping = {.trips_ns = trips_ns};
	struct ping_ref ref;
	int rc = ping_spawn(system, &ping, NULL, &ref);

	if (rc == 0)
		rc = ping_send(ref, -1);
	return rc < 0 ? rc : weir_system_run(system, -1);
}

int
main(void)
{
	int64_t *trips_ns = calloc(ROUNDS, sizeof(*trips_ns));
	struct weir_system *system;
	int rc;

	if (trips_ns == NULL || weir_system_create(NULL, &system) < 0) {
		free(trips_ns);
		return 1;
	}
	rc = play(system, trips_ns);
	weir_system_destroy(system);
	if (rc == 0)
		report(trips_ns);
	free(trips_ns);
	return rc == 0 ? 0 : 1;
}
