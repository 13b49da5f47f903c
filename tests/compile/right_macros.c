/* SPDX-License-Identifier: Apache-2.0 */
/* Every macro as it is meant, each in use. */
#include <weir/weir.h>

struct rule {
	int64_t factor, least;
};

typedef struct point {
	int64_t x, y;
} point;

typedef struct handle_body *handle;

void handle_release(handle h);

WEIR_TYPE(point, "point", NULL, NULL);
WEIR_POINTER_TYPE(handle, "handle", handle_release);

WEIR_MAP(triple, int64_t, x, int64_t)
{
	return x * 3;
}

WEIR_MAP(length_of, weir_record, line, uint64_t)
{
	return line.length;
}

WEIR_MAP_WITH(place, struct rule, rule, int64_t, x, point)
{
	point p;

	p.x = x;
	p.y = rule->factor;
	return p;
}

WEIR_TRY_MAP(halve, stage, int64_t, x, int64_t, ret)
{
	if (x % 2 != 0)
		return weir_stage_fail(stage, -1, "is odd");
	*ret = x / 2;
	return 0;
}

WEIR_TRY_MAP_WITH(divide, struct rule, rule, stage, int64_t, x, double, ret)
{
	if (rule->factor == 0)
		return weir_stage_fail(stage, -1, "by nothing");
	*ret = (double)x / (double)rule->factor;
	return 0;
}

WEIR_FILTER(is_even, int64_t, x)
{
	return x % 2 == 0;
}

WEIR_FILTER_WITH(is_large, struct rule, rule, int64_t, x)
{
	return x >= rule->least;
}

WEIR_FILTER(is_filled, weir_record, line)
{
	return line.length > 0;
}

WEIR_FOLD(sum, int64_t, x, int64_t, acc)
{
	return acc + x;
}

WEIR_FOLD(longest, uint64_t, x, uint64_t, acc)
{
	return x > acc ? x : acc;
}

WEIR_FOLD_WITH(weigh, struct rule, rule, int64_t, x, int64_t, acc)
{
	return acc + rule->factor * x;
}

int use(struct weir_graph *graph, struct rule *rule, int64_t *results,
	uint64_t *most);

int
use(struct weir_graph *graph, struct rule *rule, int64_t *results,
	uint64_t *most)
{
	struct weir_flow branches[4];
	struct weir_flow f = weir_from_range(graph, 1, 100, NULL);

	f = is_large(is_even(triple(f, NULL), NULL), rule, NULL);
	weir_broadcast(halve(f, NULL), branches, 4, NULL);
	weir_to_null(place(branches[0], rule, NULL), NULL);
	sum(branches[1], &results[0], NULL);
	weigh(branches[2], rule, &results[1], NULL);
	weir_to_null(divide(branches[3], rule, NULL), NULL);
	f = weir_decimal(weir_from_range(graph, 1, 100, NULL), NULL);
	longest(length_of(is_filled(f, NULL), NULL), most, NULL);
	return weir_graph_run(graph, NULL);
}
