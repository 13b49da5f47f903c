/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.c - rounds of contestants, medians, lines of output
 */
#include "../bench.h"

#include <ctype.h>
#include <time.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else /* counting says that it cannot */
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(text) (void)(text)
#define RUNNING_ON_VALGRIND 0
#endif

#define ROUNDS_MAX 31
#define TRIES 3      /* so many rounds for one that counts, at most */
#define STEADY_MIN 5 /* fewer samples do not make a median */
#define STEADY 1.15  /* how far a line may differ before and after */
#define QUICK 50     /* what a quick run divides by */

enum { P50, P99, P999, FIGURES };

static const struct {
	const char *suffix;
	uint32_t millionths;
} points[FIGURES] = {{", p50", 500000}, {", p99", 990000}, {", p99.9", 999000}};

/* What a contestant's samples came to.  Without BENCH_LATENCY only the first
 * figure is used: ns an operation. */
struct samples {
	const struct bench_contestant *contestant;
	double figure[FIGURES][TRIES * ROUNDS_MAX];
	double line[TRIES * ROUNDS_MAX]; /* 1 without BENCH_ACROSS */
	bool steady[TRIES * ROUNDS_MAX];
	int n, n_steady;
	bool skipped;
	struct bench_histogram all;
};

static const char *filter, *folder;
static int rounds = 9;
static bool quick, counting;

/* Of the contestant that runs now. */
static uint64_t start_ns, spent_ns;
static bool is_clocked; /* it called bench_start() */
static bool skips;
static struct bench_histogram latencies;

static struct samples results[BENCH_CONTESTANTS_MAX];
static int results_count;

uint64_t
bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void
bench_init(int argc, char **argv)
{
	const char *text = getenv("BENCH_ROUNDS");

	filter = argc > 1 ? argv[1] : NULL;
	folder = getenv("BENCH_FOLDER");
	quick = getenv("BENCH_QUICK") != NULL;
	counting = getenv("BENCH_COUNT") != NULL;
	if (text != NULL)
		rounds = atoi(text);
	if (quick)
		rounds = 1;
	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "BENCH_ROUNDS is to be 1 to %d\n", ROUNDS_MAX);
		exit(1);
	}
	if (counting && !RUNNING_ON_VALGRIND) {
		fprintf(stderr, "BENCH_COUNT: needs callgrind, and at build "
				"time <valgrind/callgrind.h>\n");
		exit(1);
	}
}

bool
bench_wanted(const char *name)
{
	return filter == NULL || strstr(name, filter) != NULL;
}

bool
bench_untimed(void)
{
	return quick || counting;
}

int64_t
bench_ops(int64_t n)
{
	if (!bench_untimed())
		return n;
	return n < QUICK ? 1 : n / QUICK;
}

unsigned
bench_workers(void)
{
	return counting ? 1 : 0;
}

int
bench_rounds(void)
{
	return rounds;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
bench_median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return n > 0 ? values[n / 2] : 0;
}

/* -- within a contestant --------------------------------------------------- */

void
bench_start(void)
{
	if (counting) {
		CALLGRIND_START_INSTRUMENTATION;
		if (!is_clocked)
			CALLGRIND_ZERO_STATS;
	}
	is_clocked = true;
	start_ns = bench_now_ns();
}

void
bench_stop(void)
{
	spent_ns += bench_now_ns() - start_ns;
	if (counting)
		CALLGRIND_STOP_INSTRUMENTATION;
}

void
bench_latency(uint64_t ns)
{
	bench_histogram_record(&latencies, ns);
}

void
bench_skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	skips = true;
}

/* -- output ---------------------------------------------------------------- */

void
bench_row(const char *measure, const char *contestant, double median,
	double min, const char *unit, double times)
{
	if (bench_untimed() || !bench_wanted(measure))
		return;
	printf("%s\t%s\t%.6g\t%.6g\t%s\t%.4g\n", measure, contestant, median,
		min, unit != NULL ? unit : "ns", times);
	fflush(stdout);
}

/* The median of the samples that count, in ns or as multiples of the line. */
static double
median_of(const struct samples *s, int figure, bool of_line)
{
	double values[TRIES * ROUNDS_MAX];
	bool all = s->n_steady < STEADY_MIN && s->n_steady < rounds;
	int n = 0;

	for (int i = 0; i < s->n; i++)
		if (all || s->steady[i])
			values[n++] = s->figure[figure][i] /
				      (of_line ? s->line[i] : 1);
	return bench_median(values, n);
}

static double
min_of(const struct samples *s, int figure)
{
	double min = s->figure[figure][0];

	for (int i = 1; i < s->n; i++)
		if (s->figure[figure][i] < min)
			min = s->figure[figure][i];
	return min;
}

static void
line_print(const char *name, const char *unit, struct samples *s, double times)
{
	double min = s->line[0];

	for (int i = 1; i < s->n; i++)
		if (s->line[i] < min)
			min = s->line[i];
	bench_row(name, BENCH_LINE, bench_median(s->line, s->n), min, unit,
		times);
}

static void
figure_print(const struct bench_measure *measure, int figure)
{
	bool across = (measure->flags & BENCH_ACROSS) != 0;
	double ours = median_of(&results[0], figure, across);
	char name[128];

	snprintf(name, sizeof(name), "%s%s", measure->name,
		measure->flags & BENCH_LATENCY ? points[figure].suffix : "");
	for (int i = 0; i < results_count; i++) {
		struct samples *s = &results[i];
		double theirs = median_of(s, figure, across);

		if (s->skipped || s->n == 0)
			continue;
		bench_row(name, s->contestant->name,
			median_of(s, figure, false), min_of(s, figure),
			measure->unit, theirs > 0 ? ours / theirs : 0);
	}
	if (across && results[0].n > 0)
		line_print(name, measure->unit, &results[0], ours);
}

static void
unsteady_print(const struct bench_measure *measure)
{
	for (int i = 0; i < results_count; i++) {
		const struct samples *s = &results[i];

		if (s->n_steady < STEADY_MIN && s->n_steady < rounds &&
			!s->skipped)
			fprintf(stderr,
				"%s, %s: a line's round trip was steady in %d "
				"of %d samples; all are used\n",
				measure->name, s->contestant->name, s->n_steady,
				s->n);
	}
}

/* The name of a measure or contestant as part of a file's. */
static void
slug(char *to, size_t size, const char *name)
{
	size_t i = 0;

	for (; name[i] != '\0' && i + 1 < size; i++)
		to[i] = isalnum((unsigned char)name[i]) ? name[i] : '-';
	to[i] = '\0';
}

/* The whole distribution of a contestant, for the plot. */
static void
distribution_write(
	const char *measure, const char *name, const struct bench_histogram *h)
{
	char path[512], parts[2][96];
	FILE *file;

	slug(parts[0], sizeof(parts[0]), measure);
	slug(parts[1], sizeof(parts[1]), name);
	snprintf(
		path, sizeof(path), "%s/%s.%s.csv", folder, parts[0], parts[1]);
	file = fopen(path, "w");
	if (file != NULL)
		bench_histogram_write_csv(h, file);
	if (file == NULL || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

/* -- running --------------------------------------------------------------- */

/* Run a contestant once; returns ns an operation. */
static double
run_once(const struct bench_measure *measure,
	const struct bench_contestant *contestant, int64_t *expected)
{
	int64_t per = bench_ops(measure->per > 0 ? measure->per : 1), answer;
	uint64_t called_ns;

	bench_histogram_reset(&latencies);
	skips = is_clocked = false;
	spent_ns = 0;
	called_ns = bench_now_ns();
	answer = contestant->run(contestant->ctx);
	if (!is_clocked)
		spent_ns = bench_now_ns() - called_ns;
	if (skips)
		return 0;
	if (*expected == INT64_MIN)
		*expected = answer;
	if (answer != *expected) {
		fprintf(stderr,
			"%s, %s: the answer is %" PRId64 ", not %" PRId64 "\n",
			measure->name, contestant->name, answer, *expected);
		exit(1);
	}
	return (double)spent_ns / (double)per;
}

/* Run a contestant once, as a sample. */
static void
sample_take(const struct bench_measure *measure, struct samples *s,
	int64_t *expected, double *line)
{
	bool across = (measure->flags & BENCH_ACROSS) != 0 && !quick;
	double before = *line, ns;

	ns = run_once(measure, s->contestant, expected);
	*line = across ? bench_line_ns() : 1;
	s->line[s->n] = (before + *line) / 2;
	s->steady[s->n] = *line <= before * STEADY && before <= *line * STEADY;
	s->figure[0][s->n] = ns;
	if (measure->flags & BENCH_LATENCY)
		for (int i = 0; i < FIGURES; i++)
			s->figure[i][s->n] = (double)bench_histogram_quantile(
				&latencies, points[i].millionths);
	s->n_steady += s->steady[s->n];
	s->n++;
	bench_histogram_merge(&s->all, &latencies);
}

/* Whether someone lacks samples that count. */
static bool
is_wanting(void)
{
	for (int i = 0; i < results_count; i++)
		if (!results[i].skipped && results[i].n_steady < rounds)
			return true;
	return false;
}

static void
rounds_run(const struct bench_measure *measure, int64_t *expected)
{
	bool across = (measure->flags & BENCH_ACROSS) != 0 && !quick;
	double line = across ? bench_line_ns() : 1;

	for (int i = 0; i < TRIES * rounds && is_wanting(); i++) {
		for (int k = 0; k < results_count; k++) {
			struct samples *s = &results[(i + k) % results_count];

			if (!s->skipped)
				sample_take(measure, s, expected, &line);
		}
	}
}

/* Threads that spin for each other are no matter of instructions; weir then
 * runs on one worker. */
static bool
is_countable(const struct bench_measure *measure,
	const struct bench_contestant *contestant)
{
	return (measure->flags & BENCH_ACROSS) == 0 ||
	       strncmp(contestant->name, "weir", 4) == 0;
}

/* Everyone once, untimed; who cannot run here is left out. */
static void
warm_up(const struct bench_measure *measure, int64_t *expected)
{
	results_count = 0;
	for (int i = 0; i < BENCH_CONTESTANTS_MAX; i++) {
		const struct bench_contestant *c = &measure->contestants[i];

		if (c->run == NULL || (counting && !is_countable(measure, c)))
			continue;
		results[results_count].contestant = c;
		results[results_count].n = 0;
		results[results_count].n_steady = 0;
		bench_histogram_reset(&results[results_count].all);
		(void)run_once(measure, c, expected);
		results[results_count++].skipped = skips;
	}
}

/* What callgrind's dump is to be known by. */
static void
count_instructions(const struct bench_measure *measure, int64_t *expected)
{
	char label[256];

	for (int i = 0; i < results_count; i++) {
		if (results[i].skipped)
			continue;
		snprintf(label, sizeof(label), "%s|%s|%" PRId64, measure->name,
			results[i].contestant->name,
			bench_ops(measure->per > 0 ? measure->per : 1));
		CALLGRIND_START_INSTRUMENTATION;
		CALLGRIND_ZERO_STATS;
		(void)run_once(measure, results[i].contestant, expected);
		CALLGRIND_DUMP_STATS_AT(label);
		CALLGRIND_STOP_INSTRUMENTATION;
	}
}

void
bench_run(const struct bench_measure *measure)
{
	bool across = (measure->flags & BENCH_ACROSS) != 0;
	int64_t expected = INT64_MIN;

	if (!bench_wanted(measure->name))
		return;
	if (across && bench_cores() < 2) {
		fprintf(stderr, "%s: needs two cores\n", measure->name);
		return;
	}
	warm_up(measure, &expected);
	if (counting) {
		count_instructions(measure, &expected);
		return;
	}
	rounds_run(measure, &expected);
	if (quick) {
		fprintf(stderr, "%s: %d agree\n", measure->name, results_count);
		return;
	}
	unsteady_print(measure);
	for (int i = 0; i < (measure->flags & BENCH_LATENCY ? FIGURES : 1); i++)
		figure_print(measure, i);
	for (int i = 0; i < results_count && folder != NULL; i++)
		if (results[i].all.count > 0)
			distribution_write(measure->name,
				results[i].contestant->name, &results[i].all);
}
