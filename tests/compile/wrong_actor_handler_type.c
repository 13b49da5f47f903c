/* SPDX-License-Identifier: Apache-2.0 */
/* An actor whose messages are not those of its protocol. */
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

WEIR_ACTOR(account, self, struct account, account, struct take, take) /* note */
{
	account->total += take->n;
	return 0;
}
