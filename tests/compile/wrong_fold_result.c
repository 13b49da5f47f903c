/* SPDX-License-Identifier: Apache-2.0 */
/* A result of another type than the fold's accumulator. */
#include <weir/weir.h>

WEIR_FOLD(f, int64_t, x, int64_t, sum)
{
	return sum + x;
}

void use(struct weir_flow in, double *result);

void
use(struct weir_flow in, double *result)
{
	f(in, result, NULL); /* error */
}
