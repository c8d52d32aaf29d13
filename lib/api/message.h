/* SPDX-License-Identifier: MIT */
/* JSON objects as C structs, described by tables that tools/protogen makes from the files in
 * proto/. One decoder validates a request against its table and collects all errors in FastAPI's
 * form; one encoder writes replies.
 *
 * A member is: TEXT const char * (NULL when absent or null) · FILE struct file (of a form) · INT
 * int64_t · REAL double · BOOL bool · OBJECT a nested struct by value · LIST struct list. Optional
 * INT, REAL, BOOL and OBJECT members have a `bool has_<name>` beside them. */
#pragma once

#include "lib/api/list.h"
#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

AUTO_DEFINE(json_t *, json_decref)

enum field_type {
    FIELD_TEXT,
    FIELD_FILE,
    FIELD_UUID,
    FIELD_INT,
    FIELD_REAL,
    FIELD_BOOL,
    FIELD_OBJECT,
    FIELD_LIST
};

/* Where a request's field comes from; the words of FastAPI's `loc`. */
enum field_place { FIELD_BODY, FIELD_QUERY, FIELD_PATH };

struct message;

struct field {
    const char *name;
    enum field_type type;
    enum field_place place;
    size_t offset;
    size_t has_offset; /* of has_<name>; 0 when there is none */
    bool required; /* a request without it is 422; a reply always writes it, as null if need be */
    bool nullable;
    const int64_t *min;     /* an INT, a text's code points, a list's items; NULL: unbounded */
    const int64_t *max;     /* the same */
    const double *real_min; /* a REAL; NULL: unbounded */
    const double *real_max;
    const char *const *choices; /* an enumeration's values, NULL at the end; NULL when it is none */
    const char *initial;        /* the default as JSON text; NULL when there is none */
    enum field_type item;       /* a list's item type */
    const int64_t *item_max;    /* code points of a list's texts; NULL: unbounded */
    const struct message *message; /* of an OBJECT, or a LIST's objects */
    /* A LIST of a reply that is written as an object: the objects' member, a TEXT, that is each
     * one's name there. NULL: an array. */
    const char *key;
};

struct message {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t count;
    bool has_body;      /* a request that reads a body: JSON, unless is_form */
    bool body_optional; /* no body at all stands for {} */
    bool is_form;       /* the body is a multipart form: texts, and at most one FILE */
};

/* A file that a form came with; it is there for as long as the call. */
struct file {
    const char *name; /* NULL: no file came; "": the client gives it no name */
    struct slice data;
};

/* A reply that is no JSON: what a handler gives where the endpoint has x-reply-types. The data, of
 * BUS_REPLY_MAX_BYTES at most, is in call->body, in the call's arena, or lives longer. */
struct binary {
    const char *content_type;
    struct slice data;
};
extern const struct message binary_message;

/* A request as the gateway passes it on; texts may be NULL. Without form and file it came with no
 * multipart form, whatever its body is. */
struct request_parts {
    const char *content_type;
    const char *query; /* "a=1&b=2", percent-encoded */
    const char *path;  /* the path's parameters, in the same form */
    const char *form;  /* a form's texts, in the same form */
    const char *file;  /* "field=file&filename=a.mp3", in the same form: whose data is the body */
    struct slice body;
};

/* Fills out (message->size zeroed bytes) from the parts. On STATUS_INVALID, errors holds the
 * reply's body {"detail":[…]}, or has overflowed: inputs are repeated in it. Texts live in the
 * arena. Source of the error forms: pydantic 2 as FastAPI 0.115 shows it (docs/adr/0002). */
MUST_CHECK enum status message_decode_request(const struct message *message,
                                              const struct request_parts *parts,
                                              struct arena *arena, void *out,
                                              struct buffer *errors);

/* Reads a reply or event of our own making: a field that is missing or of a wrong type gives
 * STATUS_INTERNAL. */
MUST_CHECK enum status message_decode(const struct message *message, struct slice json,
                                      struct arena *arena, void *out);

/* Appends in as JSON: required fields always, the others where they have a value. */
void message_encode(const struct message *message, const void *in, struct buffer *out);
