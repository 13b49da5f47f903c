/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fiber.c - stacks that take turns on one thread
 *
 * swapcontext() makes two system calls for the signal mask, which is most of
 * the time of an execution; so there is a switch of our own where we know how.
 */
#include "fiber.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define STACK_BYTES ((size_t)64 << 10)
#define LOCAL_BYTES_MAX 256

static _Alignas(64) char stacks[FIBERS][STACK_BYTES];
static char locals[FIBERS][LOCAL_BYTES_MAX];

/* Where shim.h has put the thread-local variables. */
extern char __start_explore_local[] __attribute__((weak));
extern char __stop_explore_local[] __attribute__((weak));

static void
locals_exchange(unsigned from, unsigned to)
{
	uintptr_t start = (uintptr_t)__start_explore_local;
	size_t bytes = (uintptr_t)__stop_explore_local - start;

	if (bytes == 0)
		return;
	assert(bytes <= LOCAL_BYTES_MAX);
	memcpy(locals[from], (const void *)start, bytes);
	memcpy((void *)start, locals[to], bytes);
}

#ifdef __x86_64__

static void *saved[FIBERS];

/* Pushes what a function must preserve, exchanges stacks, pops it again. */
void fiber_exchange(void **save, void *to);
__asm__(".text\n"
	".type fiber_exchange, @function\n"
	"fiber_exchange:\n"
	"	push %rbp\n	push %rbx\n"
	"	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n"
	"	pop %rbx\n	pop %rbp\n"
	"	ret\n"
	".size fiber_exchange, .-fiber_exchange\n");

void
fiber_prepare(unsigned i, void (*entry)(void))
{
	/* Six registers, the entry as return address, an end of the chain;
	 * aligned as if entry had been called. */
	uint64_t *top = (uint64_t *)(stacks[i] + STACK_BYTES) - 8;

	memset(top, 0, 8 * sizeof(*top));
	memset(locals[i], 0, sizeof(locals[i]));
	top[6] = (uint64_t)(uintptr_t)entry;
	saved[i] = top;
}

void
fiber_switch(unsigned from, unsigned to)
{
	locals_exchange(from, to);
	fiber_exchange(&saved[from], saved[to]);
}

#else

#include <ucontext.h>

static ucontext_t saved[FIBERS];

void
fiber_prepare(unsigned i, void (*entry)(void))
{
	getcontext(&saved[i]);
	memset(locals[i], 0, sizeof(locals[i]));
	saved[i].uc_stack.ss_sp = stacks[i];
	saved[i].uc_stack.ss_size = STACK_BYTES;
	saved[i].uc_link = NULL;
	makecontext(&saved[i], entry, 0);
}

void
fiber_switch(unsigned from, unsigned to)
{
	locals_exchange(from, to);
	swapcontext(&saved[from], &saved[to]);
}

#endif
