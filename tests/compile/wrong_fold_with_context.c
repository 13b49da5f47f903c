/* SPDX-License-Identifier: Apache-2.0 */
/* A context of another type than the fold's. */
#include <weir/weir.h>

struct rule {
	int64_t factor;
};

WEIR_FOLD_WITH(f, struct rule, rule, int64_t, x, int64_t, sum)
{
	return sum + rule->factor * x;
}

void use(struct weir_flow in, double *factor, int64_t *result);

void
use(struct weir_flow in, double *factor, int64_t *result)
{
	f(in, factor, result, NULL); /* error */
}
