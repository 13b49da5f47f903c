/* SPDX-License-Identifier: Apache-2.0 */
/*
 * park_internal.h - how a worker sleeps before there is a ring to sleep in
 */
#ifndef WEIR_ACTORS_PARK_INTERNAL_H
#define WEIR_ACTORS_PARK_INTERNAL_H

#include "system_internal.h"

/** Let the worker of @system sleep by @ops (NULL: on its eventfd). */
void weir_park_init(
	struct weir_system *system, const struct weir_park_ops *ops, void *ctx);

#endif /* WEIR_ACTORS_PARK_INTERNAL_H */
