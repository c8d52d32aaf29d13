/* SPDX-License-Identifier: MIT */
/* Settings from the environment. A service lists them once, in its config.def:
 *
 *     SETTING(workers, UINT, "4", 1, 64, "worker threads per pool")
 *
 * and that line is the struct's member, the variable WORKERS, its range check, and its line in
 * --help and the table that `make docs` writes. Types: UINT (unsigned), BYTES (uint64_t, for what
 * may pass 4 GiB), BOOL (0 or 1), REAL (double), TEXT (const char *), SECRET (const char *, masked
 * in print-outs, also read from the file that <NAME>_FILE names, less one newline at its end). min
 * and max bound the value of UINT, BYTES and REAL and the length of TEXT and SECRET. A NULL default
 * means that the setting must be given.
 */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
    CONFIG_UINT,
    CONFIG_BYTES,
    CONFIG_BOOL,
    CONFIG_REAL,
    CONFIG_TEXT,
    CONFIG_SECRET
};

struct config_setting {
    const char *name; /* the member; its variable is this in upper case */
    enum config_type type;
    const char *initial;
    double min;
    double max;
    const char *help;
    size_t offset;
};

typedef unsigned config_uint_t;
typedef uint64_t config_bytes_t;
typedef bool config_bool_t;
typedef double config_real_t;
typedef const char *config_text_t;
typedef const char *config_secret_t;

/* #define SETTING CONFIG_MEMBER before including a config.def inside a struct. */
#define CONFIG_MEMBER_UINT config_uint_t
#define CONFIG_MEMBER_BYTES config_bytes_t
#define CONFIG_MEMBER_BOOL config_bool_t
#define CONFIG_MEMBER_REAL config_real_t
#define CONFIG_MEMBER_TEXT config_text_t
#define CONFIG_MEMBER_SECRET config_secret_t
#define CONFIG_MEMBER(member, type, initial, min, max, help) CONFIG_MEMBER_##type member;

/* #define SETTING(...) CONFIG_ROW(struct auth_config, __VA_ARGS__) before including it inside an
 * array. */
#define CONFIG_ROW(parent, member, type, initial, min, max, help)                                  \
    {#member, CONFIG_##type, initial, min, max, help, offsetof(parent, member)},

/* Reads all settings of table into target. On false, problems holds a line for every one that is
 * wrong or missing, not just the first. Texts live until config_done. */
MUST_CHECK bool config_load(const struct config_setting *table, size_t count, void *target,
                            struct buffer *problems);

/* NAME=value lines, secrets as "***". */
void config_print(const struct config_setting *table, size_t count, const void *target,
                  struct buffer *out);

/* Name, default, range and help of each setting, for --help; as a Markdown table for docs/. */
void config_help(const struct config_setting *table, size_t count, struct buffer *out);
void config_markdown(const struct config_setting *table, size_t count, struct buffer *out);

void config_done(const struct config_setting *table, size_t count, void *target);
