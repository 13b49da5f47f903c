/* SPDX-License-Identifier: Apache-2.0 */
/* An element type without WEIR_TYPE. */
#include <weir/weir.h>

typedef struct point {
	int64_t x, y;
} point;

WEIR_MAP(mirror, point, p, point) /* note */
{
	return p;
}
