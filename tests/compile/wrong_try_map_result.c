/* SPDX-License-Identifier: Apache-2.0 */
/* A try_map that stores another type than it says. */
#include <weir/weir.h>

WEIR_TRY_MAP(f, stage, int64_t, x, weir_record, ret)
{
	(void)stage;
	*ret = x; /* error */
	return 0;
}
