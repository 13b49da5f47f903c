/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers.c - typed operators: the loop over a batch, with your code inside
 *
 * Each macro defines a flow function of the name given.  The prime numbers up
 * to 10,000 that end in a digit of our choice are summed up, and so are their
 * reciprocals.
 */
#include <weir/weir.h>

#include <inttypes.h>
#include <stdio.h>

/* A context for ends_in; it has to live until the run has ended. */
struct rule {
	int64_t digit;
};

struct sums {
	int64_t count, sum;
};

WEIR_FILTER(is_prime, int64_t, x)
{
	for (int64_t i = 2; i * i <= x; i++)
		if (x % i == 0)
			return false;
	return x > 1;
}

WEIR_FILTER_WITH(ends_in, struct rule, rule, int64_t, x)
{
	return x % 10 == rule->digit;
}

WEIR_MAP(reciprocal, int64_t, x, double)
{
	return 1 / (double)x;
}

WEIR_FOLD(add_up, int64_t, x, struct sums, sums)
{
	sums.count++;
	sums.sum += x;
	return sums;
}

WEIR_FOLD(total, double, x, double, sum)
{
	return sum + x;
}

int
main(void)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct rule rule = {.digit = 7};
	struct sums sums = {0, 0};
	struct weir_flow f, both[2];
	struct weir_error error;
	double reciprocals = 0;
	int rc;

	f = weir_from_range(g, 1, 10000, NULL);
	f = is_prime(f, NULL);
	f = ends_in(f, &rule, NULL);
	weir_broadcast(f, both, 2, NULL);
	add_up(both[0], &sums, NULL);
	total(reciprocal(both[1], NULL), &reciprocals, NULL);

	rc = weir_graph_run(g, &error);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	else
		printf("%" PRId64 " primes end in %" PRId64 ", their sum is "
		       "%" PRId64 ", that of their reciprocals %.6f\n",
			sums.count, rule.digit, sums.sum, reciprocals);
	weir_graph_destroy(g);
	return rc == 0 && sums.count == 308 ? 0 : 1;
}
