/* SPDX-License-Identifier: Apache-2.0 */
/* A map whose body takes a record for a number. */
#include <weir/weir.h>

WEIR_MAP(f, weir_record, x, int64_t)
{
	return x * 3; /* error */
}
