/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_log.c - a log file to measure on, the same every time
 *
 * Lines of about 112 bytes as a web service writes them; one in ten says
 * ERROR.
 *
 *	bench_log BYTES
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Xorshift: G. Marsaglia, "Xorshift RNGs", 2003. */
static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static const char *
level(uint64_t x)
{
	unsigned k = (unsigned)(x % 100);

	return k < 60 ? "INFO" : k < 82 ? "DEBUG" : k < 90 ? "WARN" : "ERROR";
}

int
main(int argc, char **argv)
{
	uint64_t bytes, written = 0, x = 88172645463325252u;

	if (argc != 2) {
		fputs("usage: bench_log BYTES\n", stderr);
		return 2;
	}
	bytes = strtoull(argv[1], NULL, 10);
	for (uint64_t i = 0; written < bytes; i++) {
		int n;

		next(&x);
		n = printf("2026-11-23T13:%02u:%02u.%06uZ %s worker-%02u "
			   "req=%016" PRIx64 " path=/api/v1/items/%05u "
			   "status=%u bytes=%u\n",
			(unsigned)(i / 60000 % 60), (unsigned)(i / 1000 % 60),
			(unsigned)(x % 1000000), level(x),
			(unsigned)(x >> 20) % 64, x,
			(unsigned)(x >> 33) % 100000,
			x % 100 < 90 ? 200u : 500u,
			(unsigned)(x >> 40) % 65536);
		if (n < 0)
			return 1;
		written += (uint64_t)n;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
