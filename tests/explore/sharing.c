/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sharing.c - which addresses it matters for that somebody else goes first
 *
 * Only those that two threads touch, one of them writing.  To stop before any
 * other makes no difference, so there is no choice.  What is shared is learnt
 * from the executions themselves: first from some walks, and a level is begun
 * anew when it has brought something new to light.
 */
#include "engine.h"

#include <string.h>

#define NAMES 16384u /* a power of two */

/* Memory is named by its place in the arena: the same thing in each execution,
 * or at worst several, which are then shared together. */
struct name {
	uintptr_t name; /* + 1; 0: free */
	uint8_t readers, writers;
	bool matters;
};

static struct name names[NAMES];
static unsigned n_names;

void
sharing_forget(void)
{
	memset(names, 0, sizeof(names));
	n_names = 0;
}

static bool
is_shared(const struct name *name)
{
	unsigned both = name->readers | name->writers;

	return name->writers != 0 && (both & (both - 1)) != 0;
}

static struct name *
name_of(uintptr_t address)
{
	unsigned i = (unsigned)(address / 4 * 2654435761u) & (NAMES - 1);

	while (names[i].name != 0 && names[i].name != address + 1)
		i = (i + 1) & (NAMES - 1);
	if (names[i].name == 0) {
		if (++n_names == NAMES / 2)
			explore_broken("it can name no more places");
		names[i].name = address + 1;
	}
	return &names[i];
}

bool
sharing_matters(const volatile void *object, bool write)
{
	struct name *name = name_of(memory_name(object));

	name->readers |= (uint8_t)(1u << world.current);
	if (write)
		name->writers |= (uint8_t)(1u << world.current);
	return name->matters;
}

bool
sharing_learn(void)
{
	bool learnt = false;

	for (unsigned i = 0; i < NAMES; i++)
		if (is_shared(&names[i]) && !names[i].matters)
			names[i].matters = learnt = true;
	return learnt;
}
