/* SPDX-License-Identifier: MIT */
/* A request as the routes see it and the reply that they fill; both live in the scratch arena. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"

#include <stdint.h>

#define REQUEST_ARGS_MAX 96
#define REPLY_HEADERS_MAX 12
#define REPLY_BODY_MAX_BYTES (16u << 20)

struct request {
    struct arena *arena;
    const char *method; /* "GET" or "POST" */
    const char *path;
    const char *name;                   /* the part of the path that the route leaves open */
    const char *args[REQUEST_ARGS_MAX]; /* decoded, as "key=value" */
    size_t arg_count;
    const char *user_agent; /* "" when absent, as the next */
    const char *cookie;
    const char *host;
    const char *api_key; /* x-api-key or x-jwt-key */
    struct slice body;
};

struct reply {
    int status;
    const char *content_type;
    struct {
        const char *name;
        const char *value;
    } headers[REPLY_HEADERS_MAX];
    size_t header_count;
    struct buffer *body;
};

/* The first value of an argument, NULL when absent. */
const char *request_arg(const struct request *request, const char *key);

/* The argument as a positive number, 0 when absent or anything else. */
int64_t request_arg_id(const struct request *request, const char *key);

void reply_header(struct reply *reply, const char *name, const char *value);

/* A whole reply in one go: status, type and text. */
void reply_text(struct reply *reply, int status, const char *content_type, const char *text);
void reply_json_error(struct reply *reply, int status, const char *message);
