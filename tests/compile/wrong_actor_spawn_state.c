/* SPDX-License-Identifier: Apache-2.0 */
/* A spawn with a state of another type. */
#include <weir/weir.h>

struct add {
	int64_t n;
};

struct take {
	int64_t n;
};

struct account {
	int64_t total;
};

WEIR_PROTOCOL(account, struct add);
WEIR_PROTOCOL(other, struct take);

WEIR_ACTOR(account, self, struct account, account, struct add, add)
{
	account->total += add->n;
	return 0;
}

int use(struct weir_system *system, struct take *first,
	struct account_ref *ret);

int
use(struct weir_system *system, struct take *first, struct account_ref *ret)
{
	return account_spawn(system, first, NULL, ret); /* error */
}
