/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/form.h"

#include "lib/api/call.h"
#include "lib/base/text.h"

#define MULTIPART "multipart/form-data"
#define PROCESSOR_BYTES 4096 /* values come in pieces of this size at most */
#define FILE_HEADER_MAX_BYTES 4096
#define STRING(number) #number
#define DIGITS(number) STRING(number)

struct part {
    char name[FORM_NAME_MAX + 1];
    bool is_file;
};

struct form {
    struct MHD_PostProcessor *processor;
    struct form_heads heads;
    bool has_bytes;
    enum status status; /* sticky */
    const char *problem;

    struct part parts[FORM_PARTS_MAX]; /* whose heads were read */
    unsigned part_count;
    unsigned begun; /* of them, those whose value has begun to come */

    struct buffer text; /* value of the part that comes, when it is a text */
    struct buffer texts;
    struct buffer file; /* whose it is and its name; empty for none */
    struct body data;
};

bool form_is_multipart(const char *content_type)
{
    size_t size = strlen(MULTIPART);
    return content_type && strncasecmp(content_type, MULTIPART, size) == 0 &&
           (!content_type[size] || strchr("; \t", content_type[size]));
}

static enum status refuse(struct form *form, const char *problem)
{
    form->problem = problem;
    return STATUS_BAD_REQUEST;
}

/* ---- heads ---- */

static enum status note_file(struct form *form, const struct form_head *head)
{
    if (form->file.size > 0)
        return refuse(form,
                      "Too many files. Maximum number of files is " DIGITS(FORM_FILES_MAX) ".");
    buffer_add_text(&form->file, "field=");
    text_percent_encode(&form->file, head->name);
    buffer_add_text(&form->file, "&filename=");
    text_percent_encode(&form->file, head->filename);
    return STATUS_OK;
}

static enum status on_head(void *closure, const struct form_head *head)
{
    struct form *form = closure;
    if (form->part_count == FORM_PARTS_MAX)
        return refuse(form,
                      "Too many fields. Maximum number of fields is " DIGITS(FORM_PARTS_MAX) ".");
    struct part *part = &form->parts[form->part_count++];
    memcpy(part->name, head->name, sizeof(part->name));
    part->is_file = head->is_file;
    return head->is_file ? note_file(form, head) : STATUS_OK;
}

/* ---- values ---- */

/* Of the part that came last, when it is a text. */
static enum status end_text(struct form *form)
{
    if (form->begun == 0 || form->parts[form->begun - 1].is_file)
        return STATUS_OK;
    if (form->texts.size > 0)
        buffer_add_char(&form->texts, '&');
    text_percent_encode(&form->texts, form->parts[form->begun - 1].name);
    buffer_add_char(&form->texts, '=');
    text_percent_encode(&form->texts, buffer_text(&form->text));
    buffer_clear(&form->text);
    return form->texts.overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status add_text(struct form *form, const char *data, size_t size)
{
    if (size > 0 && memchr(data, '\0', size))
        return STATUS_BAD_REQUEST;
    buffer_add(&form->text, data, size);
    return form->text.overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

/* Every part comes at least once, in order; a value in as many pieces as the processor likes. */
static enum status add_value(struct form *form, int64_t number, const char *data, size_t size)
{
    if (number == form->begun) {
        enum status status = end_text(form);
        if (status != STATUS_OK)
            return status;
        form->begun++;
    }
    if (number + 1 != form->begun)
        return STATUS_BAD_REQUEST;
    return form->parts[number].is_file ? body_add(&form->data, data, size)
                                       : add_text(form, data, size);
}

static enum MHD_Result on_value(void *closure, enum MHD_ValueKind kind, const char *key,
                                const char *filename, const char *content_type,
                                const char *encoding, const char *data, uint64_t offset,
                                size_t size)
{
    (void)kind;
    (void)filename;
    (void)content_type;
    (void)encoding;
    (void)offset;
    struct form *form = closure;
    int64_t number;
    if (!key || !text_parse_int(key, 0, (int64_t)form->part_count - 1, &number))
        return MHD_NO;
    form->status = add_value(form, number, data, size);
    return form->status == STATUS_OK ? MHD_YES : MHD_NO;
}

static enum status on_feed(void *closure, const char *data, size_t size)
{
    struct form *form = closure;
    if (MHD_post_process(form->processor, data, size) == MHD_YES)
        return STATUS_OK;
    return form->status != STATUS_OK ? form->status : STATUS_BAD_REQUEST;
}

/* ---- the form ---- */

struct form *form_new(struct MHD_Connection *connection, struct bodies *bodies, size_t file_max)
{
    struct form *form = calloc(1, sizeof(*form));
    if (!form)
        abort();
    form->problem = "There was an error parsing the body";
    buffer_init(&form->text, FORM_TEXT_MAX_BYTES);
    buffer_init(&form->texts, CALL_FORM_MAX_BYTES);
    buffer_init(&form->file, FILE_HEADER_MAX_BYTES);
    body_init(&form->data, bodies, file_max);
    const struct form_heads_output output = {on_head, on_feed, form};
    const char *content_type =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    form->status = form_heads_init(&form->heads, content_type, &output);
    form->processor = MHD_create_post_processor(connection, PROCESSOR_BYTES, on_value, form);
    if (form->status != STATUS_OK || !form->processor)
        form->status = refuse(form, "Missing boundary in multipart.");
    return form;
}

enum status form_take(struct form *form, const char *data, size_t size)
{
    form->has_bytes = true;
    if (form->status == STATUS_OK)
        form->status = form_heads_take(&form->heads, data, size);
    return form->status;
}

enum status form_end(struct form *form)
{
    if (form->status != STATUS_OK || !form->has_bytes)
        return form->status;
    bool is_whole = form_heads_ended(&form->heads) && form->begun == form->part_count;
    form->status = is_whole ? end_text(form) : STATUS_BAD_REQUEST;
    return form->status;
}

const char *form_problem(const struct form *form)
{
    return form->problem;
}

static const char *or_null(const struct buffer *buffer)
{
    return buffer->size > 0 ? buffer_text(buffer) : NULL;
}

const char *form_fields(const struct form *form)
{
    return or_null(&form->texts);
}

const char *form_file(const struct form *form)
{
    return or_null(&form->file);
}

struct slice form_data(const struct form *form)
{
    return body_slice(&form->data);
}

void form_free(struct form *form)
{
    if (!form)
        return;
    MHD_destroy_post_processor(form->processor);
    buffer_done(&form->text);
    buffer_done(&form->texts);
    buffer_done(&form->file);
    body_done(&form->data);
    free(form);
}
