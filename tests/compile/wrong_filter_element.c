/* SPDX-License-Identifier: Apache-2.0 */
/* A filter whose body takes a number for a record. */
#include <weir/weir.h>

WEIR_FILTER(f, int64_t, x)
{
	return x.length > 0; /* error */
}
