/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_version.c - what this is made of, and what the kernel offers it
 *
 * The features are those the library asks for: they are found by setting up a
 * small ring as it would, and by the kernel's own list of operations.
 */
#include <jansson.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "commands.h"
#include "complain.h"

struct feature {
	const char *name;
	unsigned value;
};

/* Flags of setup, each with those it depends on. */
static const struct feature setups[] = {
	{"submit-all", IORING_SETUP_SUBMIT_ALL},
	{"coop-taskrun", IORING_SETUP_COOP_TASKRUN},
	{"single-issuer", IORING_SETUP_SINGLE_ISSUER},
	{"defer-taskrun",
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
};

static const struct feature operations[] = {
	{"readv", IORING_OP_READV},
	{"read", IORING_OP_READ},
	{"writev", IORING_OP_WRITEV},
	{"fsync", IORING_OP_FSYNC},
	{"poll", IORING_OP_POLL_ADD},
	{"cancel", IORING_OP_ASYNC_CANCEL},
	{"splice", IORING_OP_SPLICE},
	{"accept", IORING_OP_ACCEPT},
	{"recv", IORING_OP_RECV},
	{"send", IORING_OP_SEND},
	{"send-zc", IORING_OP_SEND_ZC},
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static int
ring_setup(unsigned flags, unsigned *ret_features)
{
	struct io_uring_params params = {.flags = flags};
	struct io_uring ring;
	int rc = io_uring_queue_init_params(2, &ring, &params);

	if (rc < 0)
		return rc;
	*ret_features = params.features;
	io_uring_queue_exit(&ring);
	return 0;
}

static void
print_setups(void)
{
	unsigned features;

	for (size_t i = 0; i < COUNT(setups); i++)
		if (ring_setup(setups[i].value, &features) == 0)
			printf(" %s", setups[i].name);
}

static void
print_operations(void)
{
	struct io_uring_probe *probe = io_uring_get_probe();

	if (probe == NULL)
		return;
	for (size_t i = 0; i < COUNT(operations); i++)
		if (io_uring_opcode_supported(probe, (int)operations[i].value))
			printf(" %s", operations[i].name);
	io_uring_free_probe(probe);
}

static void
print_kernel(void)
{
	struct utsname name;
	unsigned features = 0;
	int rc = ring_setup(0, &features);

	if (uname(&name) == 0)
		printf("%s %s\n", name.sysname, name.release);
	if (rc < 0) {
		printf("io_uring: not usable (%s)\n", strerror(-rc));
		return;
	}
	printf("io_uring setup:");
	print_setups();
	printf("\nio_uring operations:");
	print_operations();
	printf("\nio_uring features:");
	if (features & IORING_FEAT_NODROP)
		printf(" no-drop");
	if (features & IORING_FEAT_FAST_POLL)
		printf(" fast-poll");
	if (features & IORING_FEAT_EXT_ARG)
		printf(" ext-arg");
	if (features & IORING_FEAT_CQE_SKIP)
		printf(" cqe-skip");
	if (features & IORING_FEAT_LINKED_FILE)
		printf(" linked-file");
	putchar('\n');
}

int
cli_command_version(void)
{
	char pcre2[64] = "";

	(void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
	pcre2[strcspn(pcre2, " ")] = '\0';
	printf("weir %s\n", WEIR_VERSION);
	printf("liburing %s, PCRE2 %s, jansson %s\n", WEIR_URING_VERSION, pcre2,
		jansson_version_str());
	print_kernel();
	return cli_printed();
}
