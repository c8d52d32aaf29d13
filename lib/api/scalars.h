/* SPDX-License-Identifier: MIT */
/* JSON scalars to C values by pydantic's lax rules: "80" and 80.0 are integers, "yes" and 1 are
 * booleans, numbers are no strings. Each returns false after it has added what is wrong. */
#pragma once

#include "lib/api/message.h"
#include "lib/api/violations.h"

struct scalar_reader {
    struct violations *violations;
    struct arena *arena;
    struct file file; /* a form's */
};

MUST_CHECK bool scalar_read_text(struct scalar_reader *reader, const struct field *field,
                                 const struct location *where, const json_t *value,
                                 const char **ret_text);
MUST_CHECK bool scalar_read_uuid(struct scalar_reader *reader, const struct location *where,
                                 const json_t *value, const char **ret_uuid);
MUST_CHECK bool scalar_read_int(struct scalar_reader *reader, const struct field *field,
                                const struct location *where, const json_t *value,
                                int64_t *ret_int);
MUST_CHECK bool scalar_read_real(struct scalar_reader *reader, const struct field *field,
                                 const struct location *where, const json_t *value,
                                 double *ret_real);
MUST_CHECK bool scalar_read_bool(struct scalar_reader *reader, const struct location *where,
                                 const json_t *value, bool *ret_bool);
