/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_internal.h - when a sink is to fsync, as the pipeline language says it
 */
#ifndef WEIR_IO_SYNC_INTERNAL_H
#define WEIR_IO_SYNC_INTERNAL_H

#include <stdint.h>

/** What "none", "fsync" or a time above 0 such as "5ms" means: fsync never
 *  (negative), at the end (0), that often (in ns).  Returns 0 or -EINVAL. */
int weir_sync_parse(const char *word, int64_t *ret_ns);

#endif /* WEIR_IO_SYNC_INTERNAL_H */
