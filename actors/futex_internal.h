/* SPDX-License-Identifier: Apache-2.0 */
/*
 * futex_internal.h - how a thread that is no worker waits for a word to change
 */
#ifndef WEIR_ACTORS_FUTEX_INTERNAL_H
#define WEIR_ACTORS_FUTEX_INTERNAL_H

#include "atomic_internal.h"

#include <stdint.h>

/** Sleep while *@word is @seen, at most @timeout_ns (negative: no limit); may
 *  return early.  Blocks. */
void weir_futex_wait(_Atomic uint32_t *word, uint32_t seen, int64_t timeout_ns);

/** Wake all that sleep on @word, which was changed before. */
void weir_futex_wake(_Atomic uint32_t *word);

#endif /* WEIR_ACTORS_FUTEX_INTERNAL_H */
