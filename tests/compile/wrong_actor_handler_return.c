/* SPDX-License-Identifier: Apache-2.0 */
/* A handler that returns its state. */
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
	return account; /* error */
}
