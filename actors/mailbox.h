/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h - bounded queue of many senders and one consumer
 */
#ifndef WEIR_ACTORS_MAILBOX_H
#define WEIR_ACTORS_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

WEIR_BEGIN

/** What happens to a message that meets a mailbox at its bound. */
enum weir_overflow {
	WEIR_OVERFLOW_REJECT,   /* -EAGAIN: its sender keeps it */
	WEIR_OVERFLOW_WAIT,     /* its sender waits for room */
	WEIR_OVERFLOW_DROP_NEW, /* it is released and counted */
	WEIR_OVERFLOW_DROP_OLD, /* the oldest one is released and counted */
	WEIR_OVERFLOW_FAIL,     /* -EAGAIN, and the receiver fails */
};

WEIR_END

#endif /* WEIR_ACTORS_MAILBOX_H */
