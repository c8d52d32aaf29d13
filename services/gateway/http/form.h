/* SPDX-License-Identifier: MIT */
/* A multipart form, as it comes in: its texts, and its one file. What is kept of it is bounded, and
 * the whole of it by who calls (intake.h). */
#pragma once

#include "services/gateway/body.h"
#include "services/gateway/http/form_heads.h"

#include <microhttpd.h>

#define FORM_PARTS_MAX 16
#define FORM_FILES_MAX 1 /* two would be two names for one body */
#define FORM_TEXT_MAX_BYTES 4096

struct form;

/* Whether a Content-Type, which may be NULL, is that of a form. */
bool form_is_multipart(const char *content_type);

/* For a request whose Content-Type is; the file has file_max bytes at most, counted in bodies. */
struct form *form_new(struct MHD_Connection *connection, struct bodies *bodies, size_t file_max);

/* Takes the next bytes. STATUS_BAD_REQUEST for what is no form, or has too many parts (in
 * Starlette's words; form_problem), STATUS_TOO_LARGE for a text past its bound or all texts past
 * CALL_FORM_MAX_BYTES, or what body_add says. After a failure it is of no use. */
MUST_CHECK enum status form_take(struct form *form, const char *data, size_t size);

/* After all bytes. STATUS_BAD_REQUEST for a form without an end, unless there were no bytes at all:
 * then there are no parts. STATUS_TOO_LARGE as above. */
MUST_CHECK enum status form_end(struct form *form);

/* The `detail` of a STATUS_BAD_REQUEST. */
const char *form_problem(const struct form *form);

/* After form_end: the texts as "a=1&b=2" and the file as "field=file&filename=boom.mp3",
 * percent-encoded, NULL for none; and its data. They belong to the form. */
const char *form_fields(const struct form *form);
const char *form_file(const struct form *form);
struct slice form_data(const struct form *form);

/* Takes NULL. */
void form_free(struct form *form);

AUTO_DEFINE(struct form *, form_free)
