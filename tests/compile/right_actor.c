/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols and actors as they are meant, each in use. */
#include <weir/weir.h>

struct add {
	int64_t n;
};

struct account {
	int64_t total;
};

struct job {
	char *text;
	size_t length;
	struct weir_ref from;
};

struct worker {
	uint64_t done;
	struct account *of;
};

WEIR_PROTOCOL(account, struct add);
WEIR_PROTOCOL(worker, struct job);
WEIR_PROTOCOL(sink, double);
WEIR_PROTOCOL(owner, char *);

int worker_begin(struct weir_actor *self, struct worker *worker);
void job_release(struct job *job);

WEIR_ACTOR(account, self, struct account, account, struct add, add)
{
	account->total += add->n;
	return 0;
}

WEIR_ACTOR_WITH(worker, worker_begin, NULL, job_release, self, struct worker,
	worker, struct job, job)
{
	struct account_ref nobody = {{NULL, 0}};
	struct add add;

	job->length = 0;
	worker->done++;
	add.n = 1;
	if (weir_ref_is(worker_self(self).any, job->from))
		return account_send(nobody, add);
	return worker_stop(worker_self(self));
}

WEIR_ACTOR(sink, self, double, total, double, x)
{
	*total += *x;
	return *total > 1e9 ? -1 : 0;
}

WEIR_ACTOR(owner, self, char *, last, char *, text)
{
	*last = *text;
	*text = NULL;
	return 0;
}

int use(struct weir_system *system);

int
use(struct weir_system *system)
{
	struct worker first = {0, NULL};
	struct add many[2] = {{1}, {2}};
	struct account_ref account;
	struct worker_ref worker;
	struct owner_ref owner;
	struct sink_ref sink;
	struct job job = {NULL, 0, {NULL, 0}};
	char text[] = "text";

	if (account_spawn(system, NULL, NULL, &account) < 0 ||
		worker_spawn(system, &first, NULL, &worker) < 0 ||
		sink_spawn(system, NULL, NULL, &sink) < 0 ||
		owner_spawn(system, NULL, NULL, &owner) < 0)
		return -1;
	job.from = account.any;
	return account_send_n(account, many, 2) + worker_send(worker, job) +
	       sink_send(sink, 1.5) + owner_send(owner, text) +
	       worker_send_wait(worker, job, -1);
}
