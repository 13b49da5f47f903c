/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators.h - all operators
 *
 * Each has a header of its own that says when it emits, requests, completes
 * and fails, and how much it buffers.
 */
#ifndef WEIR_OPERATORS_OPERATORS_H
#define WEIR_OPERATORS_OPERATORS_H

#include "array.h"
#include "async.h"
#include "balance.h"
#include "broadcast.h"
#include "collect.h"
#include "count.h"
#include "decimal.h"
#include "filter.h"
#include "filter_map.h"
#include "fold.h"
#include "grep.h"
#include "lines.h"
#include "map.h"
#include "merge.h"
#include "null.h"
#include "parallel.h"
#include "range.h"
#include "skip.h"
#include "take.h"
#include "tap.h"
#include "text.h"

WEIR_BEGIN

/** The descriptors of the operators, NULL at the end.  Those with an example
 *  are stages of the pipeline language. */
WEIR_API extern const struct weir_operator *const weir_operators[];

WEIR_END

#endif /* WEIR_OPERATORS_OPERATORS_H */
