/* SPDX-License-Identifier: Apache-2.0 */
/* A drop function for other messages. */
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

void take_release(struct take *take);

WEIR_ACTOR_WITH(account, NULL, NULL, take_release, /* error */
	self, struct account, account, struct add, add)
{
	account->total += add->n;
	return 0;
}
