/* SPDX-License-Identifier: Apache-2.0 */
/* A try_map that returns a pointer where a code is due. */
#include <weir/weir.h>

WEIR_TRY_MAP(f, stage, weir_record, x, int64_t, ret)
{
	(void)stage;
	*ret = 1;
	return x.data; /* error */
}
