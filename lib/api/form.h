/* SPDX-License-Identifier: MIT */
/* What comes percent-encoded, as JSON objects: the query, the path's parameters and a multipart
 * form, so that one reader serves every place of a request. */
#pragma once

#include "lib/api/scalars.h"

/* The texts of message's fields at place, with U+FFFD for each byte that is no UTF-8. query may be
 * NULL. The caller drops the object. */
MUST_CHECK json_t *form_texts(struct arena *arena, const struct message *message,
                              enum field_place place, const char *query);

/* The same of a form, with null where its file is. ret_file's data is the request's. */
MUST_CHECK json_t *form_read(struct arena *arena, const struct message *message,
                             const struct request_parts *parts, struct file *ret_file);

/* Takes the form's file for a field whose value is that null. A text is no file: false, after it
 * has added so. */
MUST_CHECK bool form_take_file(struct scalar_reader *reader, const struct location *where,
                               const json_t *value, struct file *ret_file);
