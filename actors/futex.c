/* SPDX-License-Identifier: Apache-2.0 */
/*
 * futex.c - futex(2), for threads of this process
 */
#include "futex_internal.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void
weir_futex_wait(_Atomic uint32_t *word, uint32_t seen, int64_t timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen,
		timeout_ns < 0 ? NULL : &timeout, NULL, 0);
}

void
weir_futex_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
