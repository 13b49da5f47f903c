/* SPDX-License-Identifier: Apache-2.0 */
/* A fold whose body adds a record to a number. */
#include <weir/weir.h>

WEIR_FOLD(f, weir_record, x, int64_t, sum)
{
	return sum + x; /* error */
}
