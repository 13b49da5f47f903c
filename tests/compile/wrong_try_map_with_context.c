/* SPDX-License-Identifier: Apache-2.0 */
/* A context of another type than the try_map's. */
#include <weir/weir.h>

struct rule {
	int64_t least;
};

WEIR_TRY_MAP_WITH(f, struct rule, rule, stage, int64_t, x, int64_t, ret)
{
	(void)stage;
	*ret = x;
	return x < rule->least ? -1 : 0;
}

struct weir_flow use(struct weir_flow in, double *least);

struct weir_flow
use(struct weir_flow in, double *least)
{
	return f(in, least, NULL); /* error */
}
