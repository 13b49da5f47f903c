/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uring.c - the I/O backend on io_uring
 *
 * Operations are written to the submission queue as they come and go to the
 * kernel together, when the worker polls or parks: one system call for all.
 * A slot table gives each operation in flight an index and a generation, which
 * travel as user_data; an answer that fits no slot is a cancel's own, or late.
 */
#include "backend.h"
#include "host_internal.h"

#include "../actors/worker_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES 256u
#define ENTRIES_MIN 16u
#define SLOTS_FIRST 64u
#define NOBODY UINT32_MAX
#define ERESTARTSYS 512 /* the kernel's own: interrupted before it began */

/* Linux 6.18; liburing 2.3 does not know it.  A pipe without a reader is
 * -EPIPE, and no SIGPIPE kills a program that did not think of it. */
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x00000100
#endif

/* user_data that names no slot: its upper half is no generation. */
#define DATA_WAKE UINT64_MAX
#define DATA_CANCEL (UINT64_MAX - 1)

struct slot {
	struct weir_io_op *op; /* NULL: free */
	uint32_t generation, next_free;
	bool cancel_owed; /* there was no entry to ask for it */
};

struct uring {
	struct weir_system *system;
	struct weir_worker *worker; /* which made it */
	struct io_uring ring;
	struct slot *slots;
	uint32_t slot_count, free_slot;
	size_t in_flight;
	bool wake_armed;   /* a poll of the eventfd is in the ring */
	bool not_ours;     /* another thread made it: it takes no entry of us */
	pid_t process;     /* which made it; its memory is not in a child's */
	bool signals;      /* the kernel has no RWF_NOSIGNAL */
	bool cancels_owed; /* in some slot */
	struct weir_io_op *backlog, *backlog_last; /* found no entry */
	struct weir_io_op *ended, *ended_last;     /* end without the kernel */
};

/* -- the ring ------------------------------------------------------------ */

/* Why the kernel refused, and what to do. */
static void
explain(int code, char *text, size_t text_bytes)
{
	const char *why = "the kernel refused it";

	if (code == -EPERM || code == -EACCES)
		why = "it is forbidden here, as in many containers: allow "
		      "io_uring in the seccomp profile, or set "
		      "kernel.io_uring_disabled to 0";
	else if (code == -ENOSYS)
		why = "the kernel has none, or a container hides it: Linux "
		      "5.19 or newer is needed";
	else if (code == -ENOMEM)
		why = "the limit of locked memory is too low: raise "
		      "'ulimit -l'";
	else if (code == -EMFILE || code == -ENFILE)
		why = "too many files are open: raise 'ulimit -n'";
	snprintf(text, text_bytes, "cannot use io_uring: %s (%s)", why,
		strerrordesc_np(-code));
}

/* A ring with the best of the features there are. */
static int
ring_open(struct uring *uring)
{
	static const unsigned flags[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
			IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
			IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_SUBMIT_ALL,
		0,
	};
	unsigned entries = ENTRIES, tries = sizeof(flags) / sizeof(flags[0]);
	int rc = -EINVAL;

	for (unsigned i = 0; i < tries && rc == -EINVAL; i++)
		do {
			struct io_uring_params params = {.flags = flags[i]};

			rc = io_uring_queue_init_params(
				entries, &uring->ring, &params);
		} while (rc == -ENOMEM && (entries /= 2) >= ENTRIES_MIN);
	if (rc < 0)
		return rc;
	/* Without it each call looks the descriptor up: slower, not wrong. */
	(void)io_uring_register_ring_fd(&uring->ring);
	(void)io_uring_ring_dontfork(&uring->ring);
	return 0;
}

static int
uring_create(struct weir_system *system, const void *ctx, void **ret,
	char *text, size_t text_bytes)
{
	struct uring *uring = weir_allocate(system, sizeof(*uring));
	int rc;

	(void)ctx;
	if (uring == NULL)
		return -ENOMEM;
	memset(uring, 0, sizeof(*uring));
	uring->system = system;
	uring->worker = weir_worker_self(system);
	uring->process = getpid();
	uring->free_slot = NOBODY;
	rc = ring_open(uring);
	if (rc < 0) {
		explain(rc, text, text_bytes);
		weir_release(system, uring, sizeof(*uring));
		return rc;
	}
	*ret = uring;
	return 0;
}

/* -- slots --------------------------------------------------------------- */

static int
slots_grow(struct uring *uring)
{
	uint32_t count =
		uring->slot_count == 0 ? SLOTS_FIRST : uring->slot_count * 2;
	struct slot *slots =
		weir_allocate(uring->system, count * sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	if (uring->slot_count > 0)
		memcpy(slots, uring->slots, uring->slot_count * sizeof(*slots));
	for (uint32_t i = uring->slot_count; i < count; i++)
		slots[i] = (struct slot){
			.next_free = i + 1 < count ? i + 1 : NOBODY};
	weir_release(uring->system, uring->slots,
		uring->slot_count * sizeof(*slots));
	uring->slots = slots;
	uring->free_slot = uring->slot_count;
	uring->slot_count = count;
	return 0;
}

static int
slot_take(struct uring *uring, struct weir_io_op *op)
{
	struct slot *slot;

	if (uring->free_slot == NOBODY && slots_grow(uring) < 0)
		return -ENOMEM;
	slot = &uring->slots[uring->free_slot];
	op->token = uring->free_slot;
	op->generation = slot->generation;
	uring->free_slot = slot->next_free;
	slot->op = op;
	return 0;
}

static void
slot_give(struct uring *uring, uint32_t index)
{
	struct slot *slot = &uring->slots[index];

	slot->op = NULL;
	slot->cancel_owed = false;
	/* Never the generation of DATA_WAKE and DATA_CANCEL. */
	slot->generation = (slot->generation + 1) & (UINT32_MAX >> 1);
	slot->next_free = uring->free_slot;
	uring->free_slot = index;
}

static uint64_t
data_of(const struct weir_io_op *op)
{
	return (uint64_t)op->generation << 32 | op->token;
}

/* -- submission ---------------------------------------------------------- */

static void
list_append(struct weir_io_op **first, struct weir_io_op **last,
	struct weir_io_op *op)
{
	op->next = NULL;
	if (*first == NULL)
		*first = op;
	else
		(*last)->next = op;
	*last = op;
}

/* A free entry, after handing what is there to the kernel if need be. */
static struct io_uring_sqe *
entry(struct uring *uring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);

	if (sqe == NULL) {
		io_uring_submit(&uring->ring);
		sqe = io_uring_get_sqe(&uring->ring);
	}
	return sqe;
}

static void
entry_fill(const struct uring *uring, struct io_uring_sqe *sqe,
	const struct weir_io_op *op)
{
	switch (op->code) {
	case WEIR_IO_READ:
		io_uring_prep_read(sqe, op->fd, op->data, (unsigned)op->length,
			(uint64_t)op->offset);
		break;
	case WEIR_IO_WRITE:
		io_uring_prep_writev(sqe, op->fd, op->vector, op->vector_count,
			(uint64_t)op->offset);
		if (!uring->signals)
			sqe->rw_flags = RWF_NOSIGNAL;
		break;
	case WEIR_IO_FSYNC:
		io_uring_prep_fsync(sqe, op->fd, 0);
		break;
	case WEIR_IO_POLL:
		io_uring_prep_poll_add(sqe, op->fd, (unsigned)op->length);
		break;
	case WEIR_IO_OPEN:
		io_uring_prep_openat(sqe, AT_FDCWD, op->data,
			(int)op->length | O_CLOEXEC | O_NOCTTY, 0);
		/* Else it is tried as with O_NONBLOCK, and fails. */
		sqe->flags |= IOSQE_ASYNC;
		break;
	case WEIR_IO_CODES:
		break;
	}
	io_uring_sqe_set_data64(sqe, data_of(op));
}

static void
end_later(struct uring *uring, struct weir_io_op *op, int result)
{
	op->length = (size_t)-result;
	list_append(&uring->ended, &uring->ended_last, op);
}

static void
uring_submit(void *io, struct weir_io_op *op)
{
	struct uring *uring = io;
	struct io_uring_sqe *sqe;

	uring->in_flight++;
	op->token = NOBODY;
	if (uring->backlog != NULL || (sqe = entry(uring)) == NULL) {
		list_append(&uring->backlog, &uring->backlog_last, op);
		return;
	}
	if (slot_take(uring, op) < 0) {
		/* The entry must be something: it does nothing. */
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, DATA_CANCEL);
		end_later(uring, op, -ENOMEM);
		return;
	}
	entry_fill(uring, sqe, op);
}

/* Give entries to those that found none. */
static void
backlog_submit(struct uring *uring)
{
	struct weir_io_op *op = uring->backlog;

	uring->backlog = NULL;
	while (op != NULL) {
		struct weir_io_op *next = op->next;

		uring->in_flight--;
		uring_submit(uring, op);
		op = next;
	}
}

/* Take @op out of the backlog; false: it is not there. */
static bool
backlog_remove(struct uring *uring, struct weir_io_op *op)
{
	struct weir_io_op *before = NULL, *at = uring->backlog;

	while (at != NULL && at != op) {
		before = at;
		at = at->next;
	}
	if (at == NULL)
		return false;
	if (before == NULL)
		uring->backlog = op->next;
	else
		before->next = op->next;
	if (uring->backlog_last == op)
		uring->backlog_last = before;
	return true;
}

static void
slot_cancel(struct uring *uring, uint32_t index)
{
	struct slot *slot = &uring->slots[index];
	struct io_uring_sqe *sqe = entry(uring);

	slot->cancel_owed = sqe == NULL;
	uring->cancels_owed |= sqe == NULL;
	if (sqe == NULL)
		return;
	io_uring_prep_cancel64(sqe, data_of(slot->op), 0);
	io_uring_sqe_set_data64(sqe, DATA_CANCEL);
}

static void
uring_cancel(void *io, struct weir_io_op *op)
{
	struct uring *uring = io;

	if (uring->process != getpid())
		return;
	if (op->token != NOBODY)
		slot_cancel(uring, op->token);
	else if (backlog_remove(uring, op))
		end_later(uring, op, -ECANCELED);
}

/* Ask for the cancels that found no entry when they were wanted. */
static void
cancels_submit(struct uring *uring)
{
	uring->cancels_owed = false;
	for (uint32_t i = 0; i < uring->slot_count; i++)
		if (uring->slots[i].cancel_owed)
			slot_cancel(uring, i);
}

/* -- completion ---------------------------------------------------------- */

static void
wake_arm(struct uring *uring)
{
	struct io_uring_sqe *sqe;

	if (uring->wake_armed || (sqe = entry(uring)) == NULL)
		return;
	io_uring_prep_poll_add(
		sqe, weir_worker_eventfd(uring->worker), POLL_IN);
	io_uring_sqe_set_data64(sqe, DATA_WAKE);
	uring->wake_armed = true;
}

static void
complete(struct uring *uring, uint64_t data, int result)
{
	uint32_t index = (uint32_t)data, generation = (uint32_t)(data >> 32);
	struct weir_io_op *op;
	uint64_t count;

	if (data == DATA_WAKE) {
		uring->wake_armed = false;
		(void)!read(weir_worker_eventfd(uring->worker), &count,
			sizeof(count));
		return;
	}
	if (data == DATA_CANCEL || index >= uring->slot_count)
		return;
	op = uring->slots[index].op;
	if (op == NULL || uring->slots[index].generation != generation)
		return;
	slot_give(uring, index);
	uring->in_flight--;
	if (op->code == WEIR_IO_WRITE && result == -EOPNOTSUPP &&
		!uring->signals) {
		uring->signals = true;
		uring_submit(uring, op);
		return;
	}
	op->done(op, result == -ERESTARTSYS ? -EINTR : result);
}

static void
reap(struct uring *uring)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&uring->ring, &cqe) == 0) {
		uint64_t data = io_uring_cqe_get_data64(cqe);
		int result = cqe->res;

		/* Seen before done(), which may submit and so reap again. */
		io_uring_cqe_seen(&uring->ring, cqe);
		complete(uring, data, result);
	}
	while (uring->ended != NULL) {
		struct weir_io_op *op = uring->ended;

		uring->ended = op->next;
		uring->in_flight--;
		op->done(op, -(int64_t)op->length);
	}
	if (uring->backlog != NULL)
		backlog_submit(uring);
	if (uring->cancels_owed)
		cancels_submit(uring);
}

static void
uring_poll(void *io)
{
	struct uring *uring = io;

	/* A refused submit (EAGAIN, EBUSY) leaves the entries where they are:
	 * the next call hands them over, after completions were taken. */
	if (io_uring_sq_ready(&uring->ring) > 0)
		io_uring_submit_and_get_events(&uring->ring);
	else if (uring->in_flight > 0 &&
		 IO_URING_READ_ONCE(*uring->ring.sq.kflags) &
			 (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW))
		io_uring_get_events(&uring->ring);
	reap(uring);
}

static void
uring_park(void *io, int64_t timeout_ns)
{
	struct uring *uring = io;
	struct __kernel_timespec timeout = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};
	struct io_uring_cqe *cqe;
	int rc;

	wake_arm(uring);
	/* Whom nobody could wake does not sleep. */
	if (!uring->wake_armed)
		timeout = (struct __kernel_timespec){0};
	if (uring->ended == NULL) {
		rc = io_uring_submit_and_wait_timeout(&uring->ring, &cqe, 1,
			timeout_ns < 0 && uring->wake_armed ? NULL : &timeout,
			NULL);
		/* Refused for want of memory or room: what has completed is
		 * taken below, and the worker comes back. */
		uring->not_ours = rc == -EEXIST;
	}
	reap(uring);
}

static void
uring_wake(void *io)
{
	struct uring *uring = io;

	weir_worker_kick(uring->worker);
}

static size_t
uring_in_flight(const void *io)
{
	const struct uring *uring = io;

	return uring->in_flight;
}

static void
uring_destroy(void *io)
{
	struct uring *uring = io;

	/* In a child what was lent stays lent, as far as it can tell. */
	uring->not_ours |= uring->process != getpid();
	for (uint32_t i = 0; i < uring->slot_count; i++)
		if (uring->slots[i].op != NULL)
			uring_cancel(uring, uring->slots[i].op);
	/* From a thread that did not make the ring nothing can be cancelled:
	 * what is lent stays lent, and is not freed under the kernel. */
	while (uring->in_flight > 0 && !uring->not_ours)
		uring_park(uring, -1);
	io_uring_queue_exit(&uring->ring);
	weir_release(uring->system, uring->slots,
		uring->slot_count * sizeof(*uring->slots));
	weir_release(uring->system, uring, sizeof(*uring));
}

const struct weir_io_backend weir_io_uring = {
	.name = "io_uring",
	.create = uring_create,
	.destroy = uring_destroy,
	.submit = uring_submit,
	.cancel = uring_cancel,
	.park = {uring_poll, uring_park, uring_wake},
	.in_flight = uring_in_flight,
	.open = weir_host_open,
	.stat = weir_host_stat,
	.close = weir_host_close,
	.seek = weir_host_seek,
	.truncate = weir_host_truncate,
	.look = weir_host_look,
};
