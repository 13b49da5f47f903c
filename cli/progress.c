/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.c - one line on a terminal while a pipeline runs
 */
#include "progress.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "human.h"

#define LEFT_NS_MAX 3.6e15 /* a thousand hours: who would wait? */

/* -- how much there is to read --------------------------------------------- */

/* The bytes behind the position of a regular file; 0: it is none. */
static uint64_t
size_of(const struct stat *st, off_t position)
{
	if (!S_ISREG(st->st_mode) || position < 0 || st->st_size <= position)
		return 0;
	return (uint64_t)(st->st_size - position);
}

/* The value of option @key of @stage, which is @bytes wide. */
static bool
argument(
	const struct cli_stage *stage, const char *key, void *ret, size_t bytes)
{
	for (size_t o = 0; o < stage->entry->options_count; o++) {
		const struct weir_option *option = &stage->entry->options[o];

		if (strcmp(option->key, key) != 0)
			continue;
		memcpy(ret, (const char *)stage->args + option->offset, bytes);
		return true;
	}
	return false;
}

static uint64_t
files_size(const struct cli_stage *stage)
{
	const char *const *paths = NULL;
	uint64_t repeat = 0, sum = 0;
	struct stat st;

	if (!argument(stage, "path", &paths, sizeof(paths)) || paths == NULL)
		return 0;
	(void)argument(stage, "repeat", &repeat, sizeof(repeat));
	for (size_t i = 0; paths[i] != NULL; i++) {
		uint64_t size = stat(paths[i], &st) == 0 ? size_of(&st, 0) : 0;

		if (size == 0)
			return 0;
		sum += size;
	}
	return sum * (repeat == 0 ? 1 : repeat);
}

/* What @stage, a source, will read; 0: unknown. */
static uint64_t
source_size(const struct cli_stage *stage)
{
	struct stat st;

	if (strcmp(stage->entry->name, "file") == 0)
		return files_size(stage);
	if (strcmp(stage->entry->name, "stdin") == 0 &&
		fstat(STDIN_FILENO, &st) == 0)
		return size_of(&st, lseek(STDIN_FILENO, 0, SEEK_CUR));
	return 0;
}

/* What all sources of @pipeline will read; 0: unknown. */
static uint64_t
pipeline_size(const struct cli_pipeline *pipeline)
{
	const struct cli_stage *first = &pipeline->stages[0];
	uint64_t sum = 0;

	if (first->entry->compose != CLI_MERGE)
		return source_size(first);
	for (size_t i = 0; i < first->group->count; i++) {
		uint64_t size = pipeline_size(&first->group->parts[i]);

		if (size == 0)
			return 0;
		sum += size;
	}
	return sum;
}

/* -- the line ------------------------------------------------------------ */

static uint64_t
per_second(uint64_t before, uint64_t now, uint64_t ns)
{
	if (ns == 0 || now < before)
		return 0;
	return (uint64_t)((double)(now - before) * 1e9 / (double)ns);
}

char *
cli_progress_line(const struct cli_reached *before,
	const struct cli_reached *now, char *text)
{
	uint64_t ns = now->elapsed_ns - before->elapsed_ns;
	char amount[CLI_HUMAN_BYTES], rate[CLI_HUMAN_BYTES];
	char left[CLI_HUMAN_BYTES];
	double left_ns;
	int n;

	if (now->bytes == 0 && now->bytes_all == 0) {
		(void)snprintf(text, CLI_PROGRESS_BYTES, "%s elements, %s/s",
			cli_human_count(now->elements, amount),
			cli_human_count(
				per_second(before->elements, now->elements, ns),
				rate));
		return text;
	}
	n = snprintf(text, CLI_PROGRESS_BYTES, "%s, %s/s",
		cli_human_bytes(now->bytes, amount),
		cli_human_bytes(
			per_second(before->bytes, now->bytes, ns), rate));
	if (now->bytes == 0 || now->bytes > now->bytes_all)
		return text;
	/* At the pace of the whole run, which varies less. */
	left_ns = (double)now->elapsed_ns *
		  (double)(now->bytes_all - now->bytes) / (double)now->bytes;
	if (left_ns > LEFT_NS_MAX)
		return text;
	(void)snprintf(text + n, CLI_PROGRESS_BYTES - (size_t)n,
		", %.0f %%, %s left",
		100.0 * (double)now->bytes / (double)now->bytes_all,
		cli_human_clock((uint64_t)left_ns, left));
	return text;
}

void
cli_progress_begin(struct cli_progress *progress, FILE *file, bool wanted,
	const struct cli_pipeline *pipeline)
{
	*progress = (struct cli_progress){0};
	if (!wanted || isatty(fileno(file)) != 1)
		return;
	progress->file = file;
	progress->bytes_all = pipeline_size(pipeline);
}

int64_t
cli_progress_wait_ns(const struct cli_progress *progress)
{
	return progress->file == NULL ? -1 : CLI_PROGRESS_NS;
}

void
cli_progress_draw(struct cli_progress *progress, const struct weir_run *run)
{
	struct cli_reached now = {.bytes_all = progress->bytes_all};
	char line[CLI_PROGRESS_BYTES];
	struct weir_stage_stats stage;
	struct weir_totals all;

	if (progress->file == NULL)
		return;
	weir_run_totals(run, &all);
	now.elapsed_ns = all.elapsed_ns;
	for (uint32_t s = 0; weir_run_stage_stats(run, s, &stage) == 0; s++)
		if (stage.is_source) {
			now.bytes += stage.bytes_out;
			now.elements += stage.tally[WEIR_OUT];
		}
	fprintf(progress->file, "\r%s\033[K",
		cli_progress_line(&progress->last, &now, line));
	(void)fflush(progress->file);
	progress->last = now;
	progress->drawn = true;
}

void
cli_progress_end(struct cli_progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", progress->file);
	(void)fflush(progress->file);
	progress->drawn = false;
}
