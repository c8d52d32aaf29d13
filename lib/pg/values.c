/* SPDX-License-Identifier: MIT */
/* Values on their way to Postgres and back, all as text. */
#include "lib/base/text.h"
#include "lib/pg/pg.h"

#include <assert.h>
#include <inttypes.h>

struct pg_param pg_param_int(int64_t value)
{
    struct pg_param param = {.text = NULL};
    snprintf(param.number, sizeof(param.number), "%" PRId64, value);
    return param;
}

/* A column that the query does not have is our bug. */
static const char *find_value(const PGresult *rows, int row, const char *column)
{
    int number = PQfnumber(rows, column);
    assert(number >= 0 && row >= 0 && row < PQntuples(rows));
    return PQgetisnull(rows, row, number) ? NULL : PQgetvalue(rows, row, number);
}

const char *pg_text(const PGresult *rows, int row, const char *column, struct arena *arena)
{
    return arena_text(arena, find_value(rows, row, column));
}

int64_t pg_int(const PGresult *rows, int row, const char *column)
{
    const char *value = find_value(rows, row, column);
    int64_t number = 0;
    bool ok = !value || text_parse_int(value, INT64_MIN, INT64_MAX, &number);
    assert(ok);
    (void)ok;
    return number;
}

bool pg_bool(const PGresult *rows, int row, const char *column)
{
    const char *value = find_value(rows, row, column);
    return value && *value == 't';
}

bool pg_is_null(const PGresult *rows, int row, const char *column)
{
    return find_value(rows, row, column) == NULL;
}
