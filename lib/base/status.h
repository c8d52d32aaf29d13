/* SPDX-License-Identifier: MIT */
/* What came of an operation. One table gives each status its HTTP status, its level in the log and
 * the text that a client sees when nobody set a better one. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>

/* STATUS_ROW(name, HTTP status, default detail) */
#define STATUS_TABLE(STATUS_ROW)                                                                   \
    STATUS_ROW(OK, 200, "ok")                                                                      \
    STATUS_ROW(BAD_REQUEST, 400, "Bad Request")                                                    \
    STATUS_ROW(UNAUTHENTICATED, 401, "Unauthorized")                                               \
    STATUS_ROW(FORBIDDEN, 403, "Forbidden")                                                        \
    STATUS_ROW(NOT_FOUND, 404, "Not Found")                                                        \
    STATUS_ROW(METHOD_NOT_ALLOWED, 405, "Method Not Allowed")                                      \
    STATUS_ROW(CONFLICT, 409, "Conflict")                                                          \
    STATUS_ROW(TOO_LARGE, 413, "Request Entity Too Large")                                         \
    STATUS_ROW(INVALID, 422, "Unprocessable Entity")                                               \
    STATUS_ROW(TOO_MANY, 429, "Too Many Requests")                                                 \
    STATUS_ROW(INTERNAL, 500, "Internal Server Error")                                             \
    STATUS_ROW(UNAVAILABLE, 503, "Service Unavailable")                                            \
    STATUS_ROW(TIMEOUT, 504, "Gateway Timeout")                                                    \
    STATUS_ROW(NO_SPACE, 507, "Insufficient Storage")

enum status {
#define STATUS_ROW(name, http, text) STATUS_##name,
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

int status_http(enum status status);

/* "CONFLICT". */
const char *status_name(enum status status);

/* The default `detail` of an error reply. */
const char *status_text(enum status status);

/* The status whose HTTP status is http; STATUS_INTERNAL for one that is not in the table. */
enum status status_from_http(int http);
