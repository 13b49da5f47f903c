/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type.c - when two element types are the same
 */
#include "type.h"

#include "batch_internal.h"
#include "block.h"

#include <string.h>

bool
weir_type_equal(const struct weir_type *a, const struct weir_type *b)
{
	if (a == b)
		return true;
	return a != NULL && b != NULL && a->size == b->size &&
	       a->align == b->align && a->drop == b->drop &&
	       a->share == b->share && strcmp(a->name, b->name) == 0;
}

bool
weir_type_is_slice(const struct weir_type *type)
{
	return weir_type_equal(type, &weir_type_weir_record) ||
	       weir_type_equal(type, &weir_type_weir_bytes);
}

void
weir_kept_release(struct weir_kept *kept)
{
	weir_block_release(kept->block);
	*kept = (struct weir_kept){0};
}

void
weir_kept_drop(void *elements, size_t n)
{
	struct weir_kept *kept = elements;

	for (size_t i = 0; i < n; i++)
		weir_block_release(kept[i].block);
}

void
weir_kept_share(void *elements, size_t n)
{
	struct weir_kept *kept = elements;

	for (size_t i = 0; i < n; i++)
		if (kept[i].block != NULL)
			weir_block_retain(kept[i].block);
}
