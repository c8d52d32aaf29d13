/* SPDX-License-Identifier: MIT */
/* Any bytes become a form or are refused; what they become does not depend on the pieces in which
 * they come, keeps its bounds, and is safe in a header; and what is taken for the file stands so in
 * the bytes. The input is a Content-Type, ended by a line feed, and the body. libmicrohttpd's post
 * processor is the real one. */
#include "services/gateway/http/form.h"
#include "services/gateway/http/header_parameter.h"

#include "lib/api/call.h"
#include "tests/support/connection.h"

#include <assert.h>

#define CONTENT_TYPE_MAX 1024
#define INPUT_MAX_BYTES 65536
#define FILE_MAX_BYTES 32768
#define MEMORY_MAX_BYTES (4 * INPUT_MAX_BYTES)
#define HEADER_SAFE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&="

struct input {
    char content_type[CONTENT_TYPE_MAX + 1];
    struct slice body;
    struct bodies *bodies;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct form *read_form(struct MHD_Connection *connection, const struct input *input,
                              size_t piece, enum status *ret_status)
{
    struct form *form = form_new(connection, input->bodies, FILE_MAX_BYTES);
    *ret_status = STATUS_OK;
    for (size_t at = 0; at < input->body.size && *ret_status == STATUS_OK; at += piece) {
        size_t left = input->body.size - at;
        *ret_status =
            form_take(form, (const char *)input->body.data + at, piece < left ? piece : left);
    }
    if (*ret_status == STATUS_OK)
        *ret_status = form_end(form);
    return form;
}

static void check_header(const char *header, size_t max)
{
    assert(!header || (*header && strlen(header) <= max));
    assert(!header || strspn(header, HEADER_SAFE) == strlen(header));
}

static void check_file(const struct form *form, const struct input *input)
{
    struct slice file = form_data(form);
    assert(file.size <= FILE_MAX_BYTES);
    assert(form_file(form) || file.size == 0);
    AUTO_BUFFER(framed, FILE_MAX_BYTES + 8);
    buffer_add_char(&framed, '\n');
    buffer_add(&framed, file.data, file.size);
    buffer_add_text(&framed, "\r\n--");
    assert(!form_file(form) ||
           memmem(input->body.data, input->body.size, framed.data, framed.size));
}

static bool is_same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static void check_same(const struct form *whole, const struct form *pieces)
{
    assert(is_same(form_fields(whole), form_fields(pieces)));
    assert(is_same(form_file(whole), form_file(pieces)));
    struct slice a = form_data(whole);
    struct slice b = form_data(pieces);
    assert(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
}

static void run(struct MHD_Connection *connection, void *closure)
{
    const struct input *input = closure;
    enum status status;
    enum status again;
    AUTO(form_free) struct form *whole = read_form(connection, input, INPUT_MAX_BYTES, &status);
    AUTO(form_free)
    struct form *pieces = read_form(connection, input, input->body.size > 4096 ? 7 : 1, &again);
    assert((status == STATUS_OK) == (again == STATUS_OK));
    if (status != STATUS_OK)
        return;
    check_header(form_fields(whole), CALL_FORM_MAX_BYTES);
    check_header(form_file(whole), 4096);
    check_file(whole, input);
    check_same(whole, pieces);
}

static void check_parameter(const char *value)
{
    char text[64];
    enum status status = header_parameter(value, "filename*", text, sizeof(text));
    assert(strlen(text) < sizeof(text));
    assert(status == STATUS_OK || !*text);
    header_parameter_decode(text);
    assert(strlen(text) < sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct MHD_Daemon *daemon;
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || size > INPUT_MAX_BYTES || end - data > CONTENT_TYPE_MAX)
        return 0;
    if (!daemon)
        daemon = connection_daemon();
    assert(daemon);
    struct input input = {.body = {end + 1, size - (size_t)(end + 1 - data)}};
    input.bodies = bodies_new(MEMORY_MAX_BYTES, NULL);
    memcpy(input.content_type, data, (size_t)(end - data));
    check_parameter(input.content_type);
    if (form_is_multipart(input.content_type))
        connection_with(daemon, input.content_type, run, &input);
    bodies_free(input.bodies); /* sees that nothing was kept */
    return 0;
}
