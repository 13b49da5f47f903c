/* SPDX-License-Identifier: Apache-2.0 */
/* Macros that nobody uses. */
#include <weir/weir.h>

WEIR_MAP(unused_map, int64_t, x, int64_t)
{
	return x;
}

WEIR_FILTER(unused_filter, double, x)
{
	return x > 0;
}

WEIR_FOLD(unused_fold, double, x, double, acc)
{
	return acc + x;
}
