/* SPDX-License-Identifier: MIT */
#include "services/media/store/texts.h"

struct list texts_of(struct call *call, const PGresult *rows, const char *column)
{
    size_t count = (size_t)PQntuples(rows);
    const char **texts = ARENA_ARRAY(call->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = pg_text(rows, (int)i, column, call->arena);
    return (struct list){.items = texts, .count = count};
}
