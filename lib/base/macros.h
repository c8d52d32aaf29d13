/* SPDX-License-Identifier: MIT */
/* The few macros that the whole suite is written with. */
#pragma once

#include "lib/base/banned.h"

#include <stdlib.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A result that must not be dropped. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* AUTO(PQclear) PGresult *rows: runs PQclear(rows) at the end of the scope unless rows is NULL.
 * Each destructor is made known once, in the header that wraps its library: AUTO_DEFINE(PGresult *,
 * PQclear). */
#define AUTO(destroy) __attribute__((cleanup(auto_##destroy)))
#define AUTO_DEFINE(type, destroy)                                                                 \
    static inline __attribute__((unused)) void auto_##destroy(type *handle)                        \
    {                                                                                              \
        if (*handle)                                                                               \
            destroy(*handle);                                                                      \
    }

/* Hands an AUTO handle over: its value, and NULL stays behind. */
#define TAKE(handle)                                                                               \
    __extension__({                                                                                \
        __typeof__(handle) taken_ = (handle);                                                      \
        (handle) = NULL;                                                                           \
        taken_;                                                                                    \
    })

/* AUTO(free) is for pointers of any type. */
static inline __attribute__((unused)) void auto_free(void *handle)
{
    void *memory;
    memcpy(&memory, handle, sizeof(memory));
    free(memory);
}
