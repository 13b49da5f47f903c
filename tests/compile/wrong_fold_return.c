/* SPDX-License-Identifier: Apache-2.0 */
/* A fold that returns a pointer for its accumulator. */
#include <weir/weir.h>

WEIR_FOLD(f, weir_record, x, int64_t, sum)
{
	return sum > 0 ? x.data : NULL; /* error */
}
