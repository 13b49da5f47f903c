/* SPDX-License-Identifier: Apache-2.0 */
/* An init function of another state. */
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

int begin(struct weir_actor *self, struct take *state);

WEIR_ACTOR_WITH(account, begin, NULL, NULL, /* error */
	self, struct account, account, struct add, add)
{
	account->total += add->n;
	return 0;
}
