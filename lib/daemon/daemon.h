/* SPDX-License-Identifier: MIT */
/* The life of every daemon: block signals → read the configuration → connect to NATS and Postgres
 * with retries → migrate → start → ready → wait for a signal → not ready → stop → close. Loss of
 * NATS or Postgres while it runs makes it not ready; it reconnects and never exits for that.
 *
 * Flags: --help, --version, --check-config, --print-config, --markdown-config, --migrate-only,
 * --health (asks the running daemon's /readyz: exit 0 or 1); or the name of a command and its
 * arguments. */
#pragma once

#include "lib/base/config.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "lib/bus/bus.h"
#include "lib/daemon/database.h"

#include <stdbool.h>

struct daemon_config {
#define SETTING CONFIG_MEMBER
#include "lib/daemon/config.def"
#undef SETTING
};

struct service_config {
#define SETTING CONFIG_MEMBER
#include "lib/daemon/service.def"
#undef SETTING
};

/* What a running daemon hands to the program's own start. */
struct daemon {
    const char *name;
    const void *config; /* the program's own config struct */
    struct bus *bus;
    struct metrics *metrics;
};

/* Something else that the program does instead of serving: `ttb-auth grant NAME admin`. It runs
 * with the configuration of the daemon, after the migrations, without the bus and the ops port. */
struct daemon_command {
    const char *name;
    const char *arguments; /* "NAME ROLE", for --help, or ""; their number is checked */
    const char *help;      /* one line */
    /* Prints what came of it; returns the exit code. */
    int (*run)(const void *config, const char *const *arguments);
};

struct daemon_program {
    const char *name;        /* "auth" */
    const char *description; /* one line, for --help */

    /* The program's config struct: `struct daemon_config daemon` at its start, then, where there is
     * a database, `struct service_config service`, then its own. */
    const struct config_setting *settings; /* the common ones, by the macros below, and its own */
    size_t settings_count;
    size_t config_size;

    const struct daemon_database *database; /* &daemon_database; NULL: it has none, nor the rest */
    size_t service_offset;                  /* of `service` */
    const struct migrations *migrations;

    const struct daemon_command *commands; /* may be NULL */
    size_t command_count;

    /* Rules that the ranges can't say, such as a weak secret with ENV=prod; appends a line a
     * problem. May be NULL. */
    void (*check_config)(const void *config, struct buffer *problems);

    /* Starts serving. The app it returns is handed to the others. */
    enum status (*start)(struct daemon *daemon, void **ret_app);
    /* What else must hold for /readyz, beside NATS and the database; a short reason while it does
     * not. May be NULL. */
    bool (*ready)(void *app, const char **ret_reason);
    /* Refuses what is new, finishes what was accepted, stops the threads, frees the app. The bus is
     * still open. */
    void (*stop)(void *app);
};

/* The body of main: returns its exit code. */
int daemon_main(const struct daemon_program *program, int argc, char **argv);

/* Rows of the common settings for a program's table, whose config struct is `parent`. */
#define DAEMON_ROW(parent, member, type, initial, min, max, help)                                  \
    {#member,                                                                                      \
     CONFIG_##type,                                                                                \
     initial,                                                                                      \
     min,                                                                                          \
     max,                                                                                          \
     help,                                                                                         \
     offsetof(parent, daemon) + offsetof(struct daemon_config, member)},
#define SERVICE_ROW(parent, member, type, initial, min, max, help)                                 \
    {#member,                                                                                      \
     CONFIG_##type,                                                                                \
     initial,                                                                                      \
     min,                                                                                          \
     max,                                                                                          \
     help,                                                                                         \
     offsetof(parent, service) + offsetof(struct service_config, member)},
