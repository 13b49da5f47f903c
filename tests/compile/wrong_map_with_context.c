/* SPDX-License-Identifier: Apache-2.0 */
/* A context of another type than the map's. */
#include <weir/weir.h>

struct rule {
	int64_t factor;
};

WEIR_MAP_WITH(f, struct rule, rule, int64_t, x, int64_t)
{
	return x * rule->factor;
}

struct weir_flow use(struct weir_flow in, int64_t *factor);

struct weir_flow
use(struct weir_flow in, int64_t *factor)
{
	return f(in, factor, NULL); /* error */
}
