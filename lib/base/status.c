/* SPDX-License-Identifier: MIT */
#include "lib/base/status.h"

#include <assert.h>

struct status_row {
    const char *name;
    int http;
    const char *text;
};

static const struct status_row rows[] = {
#define STATUS_ROW(name, http, text) [STATUS_##name] = {#name, http, text},
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *row_of(enum status status)
{
    assert((size_t)status < ARRAY_LEN(rows));
    return &rows[status];
}

int status_http(enum status status)
{
    return row_of(status)->http;
}

const char *status_name(enum status status)
{
    return row_of(status)->name;
}

const char *status_text(enum status status)
{
    return row_of(status)->text;
}

enum status status_from_http(int http)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].http == http)
            return (enum status)i;
    return STATUS_INTERNAL;
}
