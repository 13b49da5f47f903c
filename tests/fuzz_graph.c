/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_graph.c - the simulation, with a fuzzer's input in place of its seed
 *
 * The input is read as the choices that draw a plan (sim/plan.h): which graph,
 * and what goes wrong in it.  It is executed and judged as any other plan.
 */
#include "sim/sim.h"

#include "support/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan;
	struct dice dice = {.bytes = data, .length = size};

	plan.seed = 0;
	plan_draw(&plan, &dice);
	sim_try(&plan, false);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_SEED("\x02\x1f\x00\x01\x02\x00\x00\x00\x00\x0a\x04\x00\x00\x30"
		  "\x05\x01\x02\x03\x04\x05\x06\x07\x08\x09 choices"),
	FUZZ_SEED("\x00\x08\x03\x00\x00\x00\x00\x10\x01\x01\x40\x00\x00\x01"
		  "\x02\x00\x01\x01\x02\x00\x02\x02\x03 forks and joins"),
	FUZZ_SEED("\x01\x03\x01\x00\x07\x09\x20\x00\x03\x07\x01\x02\x00\x05"
		  "\x04\x06\x02\x00\x05\x03\x01\x01\x02\x07 files, lines"),
	FUZZ_SEED("\x02\x05\x00\x01\x09\x1e\x01\x03\x00\x05\x02\x04\x0c\x00"
		  "\x01\x09\x07\x05\x01\x02 memory runs out while aborted"),
	{NULL, 0}};

const unsigned fuzz_rounds = 3000;
