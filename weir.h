/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weir.h - all of Weir: reactive streams with backpressured actors
 *
 * Start reading at streams/graph.h.
 */
#ifndef WEIR_H
#define WEIR_H

#include "actors/actor.h"
#include "actors/mailbox.h"
#include "actors/protocol.h"
#include "actors/system.h"
#include "io/backend.h"
#include "io/file.h"
#include "operators/operators.h"
#include "streams/graph.h"
#include "streams/kernel.h"
#include "streams/stage.h"
#include "streams/type.h"

#endif /* WEIR_H */
