/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_run.c - run a pipeline to its end, and say how it went
 *
 * The run progresses inside weir_run_wait(), on this thread; between two waits
 * the progress is drawn and the time of --for is looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "complain.h"
#include "program.h"
#include "progress.h"
#include "report.h"
#include "signals.h"
#include "units.h"

/* ThreadSanitizer delivers a signal at the next function it intercepts, and
 * the wait of the ring is none: there the run has to be looked at now and
 * then. */
#if defined(__SANITIZE_THREAD__)
#define LOOK_NS ((int64_t)50000000)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOOK_NS ((int64_t)50000000)
#endif
#endif
#ifndef LOOK_NS
#define LOOK_NS ((int64_t)-1)
#endif

struct session {
	const struct cli_options *options;
	struct cli_program *program;
	struct weir_run *run; /* NULL: it did not start */
	struct weir_error error;
	struct cli_progress progress;
	int64_t until_ns; /* when to drain; INT64_MAX: at the end */
};

/* -- what the environment asks for ------------------------------------------
 */

static int
read_backend(void)
{
	const char *name = getenv("WEIR_IO");

	if (name == NULL || *name == '\0' || strcmp(name, "uring") == 0)
		return CLI_DONE;
	if (strcmp(name, "epoll") != 0)
		return cli_complain("choose one of uring, epoll",
			"WEIR_IO: there is no backend '%s'", name);
	(void)cli_complain(NULL, "WEIR_IO: the backend 'epoll' is not in this "
				 "version");
	return CLI_UNOPENED;
}

static int
read_seed(uint64_t *ret)
{
	const char *text = getenv("WEIR_SEED");
	struct cli_number number = {0};
	const char *fault = NULL;

	*ret = 0;
	if (text == NULL || *text == '\0')
		return CLI_DONE;
	fault = cli_number_read(WEIR_OPTION_COUNT, text, &number);
	if (fault == NULL && number.magnitude == 0)
		fault = "is no seed: it must be above 0";
	if (fault != NULL)
		return cli_complain(NULL, "WEIR_SEED: '%s' %s", text, fault);
	*ret = number.magnitude;
	return CLI_DONE;
}

/* -- running ------------------------------------------------------------- */

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* How long to wait for the run before there is something else to do. */
static int64_t
wait_ns(const struct session *s)
{
	int64_t wait = cli_progress_wait_ns(&s->progress), left;

	if (wait < 0)
		wait = LOOK_NS;
	if (s->until_ns == INT64_MAX)
		return wait;
	left = s->until_ns - now_ns();
	if (left < 0)
		left = 0;
	return wait < 0 || left < wait ? left : wait;
}

/* Progress until the run has ended. */
static void
drive(struct session *s)
{
	int64_t drawn_ns = now_ns();

	/* A run that goes on leaves the error alone; one that failed may have
	 * done so with any code. */
	while (weir_run_wait(s->run, wait_ns(s), &s->error) == -ETIMEDOUT &&
		s->error.code == 0) {
		if (now_ns() >= s->until_ns) {
			(void)weir_run_drain(s->run, 0);
			s->until_ns = INT64_MAX;
		}
		if (now_ns() - drawn_ns < CLI_PROGRESS_NS)
			continue;
		drawn_ns = now_ns();
		cli_progress_draw(&s->progress, s->run);
	}
}

static void
run(struct session *s)
{
	int64_t for_ns = s->options->for_ns;

	cli_signals_catch();
	if (weir_graph_start(s->program->graph, &s->run, &s->error) < 0)
		return;
	s->until_ns = INT64_MAX;
	if (for_ns > 0 && now_ns() < INT64_MAX - for_ns)
		s->until_ns = now_ns() + for_ns;
	cli_signals_watch(s->run);
	cli_progress_begin(&s->progress, stderr, !s->options->quiet,
		&s->program->pipeline);
	drive(s);
	cli_signals_watch(NULL);
	cli_progress_end(&s->progress);
}

/* -- the end ------------------------------------------------------------- */

/* What a signal makes of a run is no failure. */
static bool
is_interruption(const struct session *s)
{
	return cli_signals_came() &&
	       (s->error.code == 0 || s->error.code == -ECANCELED ||
		       s->error.code == -EINTR);
}

static enum cli_exit
exit_code(const struct session *s)
{
	if (is_interruption(s))
		return CLI_INTERRUPTED;
	if (s->error.code == 0)
		return CLI_DONE;
	/* The memory option is too small for the graph. */
	if (s->error.code == -ENOBUFS)
		return CLI_BAD;
	return s->run == NULL && s->error.opening ? CLI_UNOPENED : CLI_FAILED;
}

static void
print_error(struct session *s)
{
	struct cli_program *program = s->program;

	if (s->error.stage_index >= program->built.count) {
		(void)cli_complain(NULL, "%s", s->error.text);
		return;
	}
	(void)cli_built_problem(&program->input, &program->built, &s->error);
	cli_problem_print(&program->input, stderr);
}

static void
print_report(const struct session *s, enum cli_exit code)
{
	struct cli_program *program = s->program;
	struct cli_arena *arena = &program->input.arena;
	const struct cli_report report = {
		.rows = cli_rows_make(arena, &program->built, s->run),
		.boundaries =
			cli_boundaries_make(arena, &program->built, s->run),
		.code = code};

	if (s->options->json) {
		if (cli_report_json(&report, stderr) < 0)
			(void)cli_complain(NULL, "out of memory");
	} else if (!s->options->quiet && s->run != NULL) {
		cli_report_text(&report, stderr);
	}
}

int
cli_command_run(const struct cli_options *options)
{
	struct cli_program program = {0};
	struct session s = {.options = options, .program = &program};
	enum cli_exit code;
	uint64_t seed;
	int rc;

	if ((rc = read_backend()) != CLI_DONE ||
		(rc = read_seed(&seed)) != CLI_DONE)
		return rc;
	rc = cli_program_make(options, seed, &program);
	if (rc == CLI_DONE) {
		run(&s);
		code = exit_code(&s);
		if (code != CLI_DONE && code != CLI_INTERRUPTED)
			print_error(&s);
		print_report(&s, code);
		rc = (int)code;
	}
	cli_program_finish(&program);
	return rc;
}
