/* SPDX-License-Identifier: Apache-2.0 */
/* An element type that is not declared. */
#include <weir/weir.h>

WEIR_MAP(f, celsius, x, int64_t) /* error */
{
	return 1;
}
