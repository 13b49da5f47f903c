/* SPDX-License-Identifier: Apache-2.0 */
/* A map that returns its element where another type is due. */
#include <weir/weir.h>

WEIR_MAP(f, weir_record, x, int64_t)
{
	return x; /* error */
}
