/* SPDX-License-Identifier: MIT */
/* Forms that are read, and what is expected of them. */
#pragma once

#include "services/gateway/http/form.h"
#include "tests/support/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=bb"
#define PART(head) "--bb\r\nContent-Disposition: form-data; " head "\r\n\r\n"
#define LAST "--bb--\r\n"
#define BOOM PART("name=\"file\"; filename=\"boom.mp3\"") "ID3\r\n"
#define BOOM_FILE "field=file&filename=boom.mp3"
#define BAD "There was an error parsing the body"
#define FILE_MAX 1000
#define MEMORY 2000
#define BODY_MAX 65536

struct state {
    struct MHD_Daemon *daemon;
    struct bodies *bodies;
};

/* A body to read, and what is expected of it. */
struct reading {
    struct bodies *bodies;
    const char *body;
    size_t size;
    size_t piece;
    enum status status;
    const char *problem;
    const char *fields;
    const char *file;
    struct slice data;
    int times;
};

static inline int set_up(void **state)
{
    struct state *made = calloc(1, sizeof(*made));
    made->daemon = connection_daemon();
    made->bodies = bodies_new(MEMORY, NULL);
    *state = made;
    return made->daemon ? 0 : -1;
}

/* bodies_free sees that no form has kept anything. */
static inline int tear_down(void **state)
{
    struct state *made = *state;
    MHD_stop_daemon(made->daemon);
    bodies_free(made->bodies);
    free(made);
    return 0;
}

static inline void assert_text(const char *text, const char *expected)
{
    assert_int_equal(text == NULL, expected == NULL);
    if (text && expected)
        assert_string_equal(text, expected);
}

static inline void run(struct MHD_Connection *connection, void *closure)
{
    struct reading *reading = closure;
    AUTO(form_free) struct form *form = form_new(connection, reading->bodies, FILE_MAX);
    enum status status = STATUS_OK;
    for (size_t at = 0; at < reading->size && status == STATUS_OK; at += reading->piece) {
        size_t left = reading->size - at;
        status = form_take(form, reading->body + at, reading->piece < left ? reading->piece : left);
    }
    if (status == STATUS_OK)
        status = form_end(form);
    reading->times++;
    assert_int_equal(status, reading->status);
    if (status == STATUS_BAD_REQUEST)
        assert_string_equal(form_problem(form), reading->problem);
    if (status != STATUS_OK)
        return;
    assert_text(form_fields(form), reading->fields);
    assert_text(form_file(form), reading->file);
    assert_int_equal(form_data(form).size, reading->data.size);
    assert_memory_equal(form_data(form).data, reading->data.data, reading->data.size);
}

/* Whole, in single bytes and in other pieces: it makes no difference. */
static inline void read_all_ways(void **state, const char *type, struct reading *reading)
{
    const struct state *made = *state;
    static const size_t pieces[] = {BODY_MAX, 1, 2, 7, 64};
    reading->bodies = made->bodies;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        reading->piece = pieces[i];
        connection_with(made->daemon, type, run, reading);
    }
    assert_int_equal(reading->times, ARRAY_LEN(pieces));
}

static inline void assert_form(void **state, const char *type, const char *body, const char *fields,
                               const char *file, const char *data)
{
    struct reading reading = {.body = body,
                              .size = strlen(body),
                              .fields = fields,
                              .file = file,
                              .data = {data, strlen(data)}};
    read_all_ways(state, type, &reading);
}

static inline void assert_refused_bytes(void **state, const char *type, struct slice body,
                                        enum status status, const char *problem)
{
    struct reading reading = {
        .body = body.data, .size = body.size, .status = status, .problem = problem};
    read_all_ways(state, type, &reading);
}

static inline void assert_refused(void **state, const char *body, enum status status,
                                  const char *problem)
{
    assert_refused_bytes(state, TYPE, (struct slice){body, strlen(body)}, status, problem);
}
