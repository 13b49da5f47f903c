/* SPDX-License-Identifier: Apache-2.0 */
/* A filter that returns its element. */
#include <weir/weir.h>

WEIR_FILTER(f, weir_record, x)
{
	return x; /* error */
}
