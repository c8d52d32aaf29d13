/* SPDX-License-Identifier: MIT */
/* SQL statements as data. A store writes each as a PG_QUERY above the function that runs it; a
 * connection prepares all of the program's queries when it connects, so that a typo stops the start
 * instead of a request. */
#pragma once

#include "lib/base/macros.h"

struct pg_query {
    const char *name; /* unique in the program; NULL: parsed at each run instead of prepared */
    const char *sql;
};

/* PG_QUERY(users_find, "select …", …): defines users_find and registers it. */
#define PG_QUERY(query, text)                                                                      \
    static const struct pg_query query = {.name = #query, .sql = (text)};                          \
    static const struct pg_query *const query##_registered                                         \
        __attribute__((section("pg_queries"), used)) = &query
