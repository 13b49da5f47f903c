/* SPDX-License-Identifier: Apache-2.0 */
/* A map given the address of a flow. */
#include <weir/weir.h>

WEIR_MAP(f, int64_t, x, int64_t)
{
	return x * 3;
}

struct weir_flow use(struct weir_flow in);

struct weir_flow
use(struct weir_flow in)
{
	return f(&in, NULL); /* error */
}
