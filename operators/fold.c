/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.c - one result of all elements: by a kernel or a plain function
 *
 * The accumulator is worked on in a block of the stage's own, so that the
 * caller's memory is written once, on completion.
 */
#include "fold.h"

#include "operators_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fold_args {
	struct weir_stage_opts opts;
	const struct weir_type *type;
	weir_fold_batch_fn kernel;
	weir_fold_fn each;
	void *ctx;
	void *acc;
	size_t acc_bytes;
};

/* An accumulator that is kept in the state itself, aligned as far as a type of
 * that size may ask for. */
#define SMALL_BYTES 64u

struct fold {
	void *acc; /* in small, or in block */
	struct weir_block *block;
	_Alignas(SMALL_BYTES) char small[SMALL_BYTES];
};

static const struct weir_port fold_inlets[] = {
	{"elements", NULL, offsetof(struct fold_args, type)}, {NULL, NULL, 0}};

static int
fold_check(const void *arguments, char *text, size_t text_bytes,
	const char **ret_key, size_t *ret_at)
{
	const struct fold_args *args = arguments;

	(void)ret_key;
	(void)ret_at;
	if (args->acc == NULL || args->acc_bytes == 0) {
		snprintf(text, text_bytes, "has no memory for its result");
		return -EINVAL;
	}
	return weir_check_function(
		args->kernel != NULL || args->each != NULL, text, text_bytes);
}

static int
fold_open(struct weir_stage *stage, void *state, const void *arguments)
{
	const struct fold_args *args = arguments;
	struct fold *fold = state;
	int rc;

	fold->acc = fold->small;
	if (args->acc_bytes > SMALL_BYTES) {
		rc = weir_block_acquire(stage, args->acc_bytes, &fold->block);
		if (rc < 0)
			return rc;
		fold->acc = weir_block_data(fold->block);
	}
	memcpy(fold->acc, args->acc, args->acc_bytes);
	return 0;
}

/* Fold the @n elements @items one by one; how many before a failure. */
__attribute__((noinline)) static size_t
fold_each(const struct fold_args *args, void *acc, const char *items, size_t n,
	int *ret)
{
	/* In registers, since the function called might change the rest. */
	weir_fold_fn each = args->each;
	size_t bytes = args->type->size, i;
	void *ctx = args->ctx;
	int rc = 0;

	for (i = 0; i < n && rc >= 0; i++, items += bytes)
		rc = each(ctx, acc, items);
	*ret = rc;
	return rc < 0 ? i - 1 : i;
}

static int
fold_step(struct weir_stage *stage, void *state)
{
	const struct fold_args *args = weir_stage_args(stage);
	struct fold *fold = state;
	struct weir_span in;

	while ((in = weir_inlet_peek(stage, 0)).count > 0) {
		bool restart = false;
		size_t done = in.count;
		int rc = 0;

		if (args->kernel != NULL)
			args->kernel(args->ctx, fold->acc, in.items, done);
		else
			done = fold_each(
				args, fold->acc, in.items, in.count, &rc);
		weir_inlet_take(stage, 0, done);
		if (done == in.count)
			continue;
		rc = weir_user_failed(
			stage, rc, weir_inlet_taken(stage, 0) + 1, &restart);
		if (rc < 0)
			return rc;
		weir_drop_dead(stage, 0);
		if (restart)
			memcpy(fold->acc, args->acc, args->acc_bytes);
	}
	return weir_stage_wait(stage);
}

static void
fold_finish(struct weir_stage *stage, void *state)
{
	const struct fold_args *args = weir_stage_args(stage);
	const struct fold *fold = state;

	memcpy(args->acc, fold->acc, args->acc_bytes);
}

static void
fold_close(struct weir_stage *stage, void *state)
{
	struct fold *fold = state;

	(void)stage;
	weir_block_release(fold->block);
}

const struct weir_operator weir_op_fold = {
	.name = "fold",
	.summary = "works all elements into one result",
	.inlets = fold_inlets,
	.outlets = weir_no_ports,
	.args_bytes = sizeof(struct fold_args),
	.state_bytes = sizeof(struct fold),
	.check = fold_check,
	.open = fold_open,
	.step = fold_step,
	.finish = fold_finish,
	.close = fold_close,
};

void
weir_fold_by(struct weir_flow in, const char *name,
	const struct weir_type *type, weir_fold_batch_fn kernel, void *ctx,
	void *acc, size_t acc_bytes, const struct weir_stage_opts *opts)
{
	struct fold_args args = {.opts = weir_opts(opts),
		.type = type,
		.kernel = kernel,
		.ctx = ctx,
		.acc = acc,
		.acc_bytes = acc_bytes};

	if (args.opts.name == NULL)
		args.opts.name = name;
	weir_operator_add(&weir_op_fold, &in, 1, &args);
}

void
weir_to_fold(struct weir_flow in, weir_fold_fn fn, void *ctx, void *acc,
	size_t acc_bytes, const struct weir_stage_opts *opts)
{
	struct fold_args args = {.opts = weir_opts(opts),
		.type = weir_flow_type(in),
		.each = fn,
		.ctx = ctx,
		.acc = acc,
		.acc_bytes = acc_bytes};

	weir_operator_add(&weir_op_fold, &in, 1, &args);
}
