/* SPDX-License-Identifier: Apache-2.0 */
/* A context of another type than the filter's. */
#include <weir/weir.h>

struct rule {
	int64_t least;
};

WEIR_FILTER_WITH(f, struct rule, rule, int64_t, x)
{
	return x >= rule->least;
}

struct weir_flow use(struct weir_flow in, int64_t *least);

struct weir_flow
use(struct weir_flow in, int64_t *least)
{
	return f(in, least, NULL); /* error */
}
