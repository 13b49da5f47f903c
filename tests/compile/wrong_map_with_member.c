/* SPDX-License-Identifier: Apache-2.0 */
/* A context that lacks what the body uses. */
#include <weir/weir.h>

struct rule {
	int64_t factor;
};

WEIR_MAP_WITH(f, struct rule, rule, int64_t, x, int64_t)
{
	return x * rule->summand; /* error */
}
