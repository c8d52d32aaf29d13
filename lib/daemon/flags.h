/* SPDX-License-Identifier: MIT */
/* The flags of a daemon that only print or ask, and the names of its commands. */
#pragma once

#include "lib/daemon/daemon.h"

#define EXIT_USAGE 2

/* Answers --help, --version, --markdown-config and --health, which need no configuration. False for
 * any other flag. */
bool flags_answer(const struct daemon_program *program, const char *flag, int *ret_code);

/* --print-config. */
int flags_print_config(const struct daemon_program *program, const void *config);

/* The command that argv[1] names. NULL, and the reason on stderr, when there is none of this name
 * or it takes another number of arguments. */
const struct daemon_command *flags_find_command(const struct daemon_program *program, int argc,
                                                char **argv);
