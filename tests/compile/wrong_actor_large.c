/* SPDX-License-Identifier: Apache-2.0 */
/* A message that is too large to be copied. */
#include <weir/weir.h>

struct page {
	char bytes[5000];
};

WEIR_PROTOCOL(printer, struct page); /* note */
