/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what a fuzzer gives its driver
 *
 * A fuzzer, tests/fuzz_NAME.c, defines what is declared here.  With libFuzzer
 * only the function is used; fuzz_main.c drives it everywhere else.
 */
#ifndef WEIR_TESTS_FUZZ_H
#define WEIR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** An input to begin with; mutations are made of it. */
struct fuzz_seed {
	const char *data; /* NULL ends the table */
	size_t length;
};

/** A seed of a string constant, which may hold NUL bytes. */
#define FUZZ_SEED(text)                                                        \
	{                                                                      \
		(text), sizeof(text) - 1                                       \
	}

extern const struct fuzz_seed fuzz_seeds[];

/** How many mutated inputs the driver tries. */
extern const unsigned fuzz_rounds;

/** Try one input; aborts when something is wrong.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* WEIR_TESTS_FUZZ_H */
