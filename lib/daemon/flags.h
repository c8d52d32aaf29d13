/* SPDX-License-Identifier: MIT */
/* The flags of a daemon that only print or ask. */
#pragma once

#include "lib/daemon/daemon.h"

#define EXIT_USAGE 2

/* Answers --help, --version, --markdown-config and --health, which need no configuration. False for
 * any other flag. */
bool flags_answer(const struct daemon_program *program, const char *flag, int *ret_code);

/* --print-config. */
int flags_print_config(const struct daemon_program *program, const void *config);
