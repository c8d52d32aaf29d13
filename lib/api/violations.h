/* SPDX-License-Identifier: MIT */
/* What is wrong with a request, collected in the form of FastAPI's 422 replies:
 * {"detail":[{"type","loc","msg","input"[,"ctx"]}, …]}. */
#pragma once

#include "lib/base/json_writer.h"

#include <jansson.h>

/* Where in the request: ["body", "items", 3, "name"] as a chain from the innermost part outwards.
 */
struct location {
    const struct location *parent; /* NULL: this is "body", "query" or "path" */
    const char *name;              /* NULL: an index */
    size_t index;
};

struct violations {
    struct json_writer writer;
    size_t count;
};

/* Begins the list in out, which must be empty. */
void violations_init(struct violations *violations, struct buffer *out);

/* Adds one. input is borrowed, NULL stands for null. ctx is JSON text, or NULL for none. */
void violations_add(struct violations *violations, const char *type, const struct location *where,
                    const char *message, const json_t *input, const char *ctx);

/* Completes the JSON. */
void violations_done(struct violations *violations);
