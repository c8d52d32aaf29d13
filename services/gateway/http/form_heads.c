/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/form_heads.h"

#include "lib/base/text.h"
#include "services/gateway/http/header_parameter.h"

#define LINE_END "\r\n"
#define DASHES "--"
#define BOUNDARY "boundary="
#define DISPOSITION "Content-Disposition:"

/* ---- set up ---- */

/* What the post processor takes for the boundary: all that follows "boundary=", without quotes
 * around the whole of it. */
static enum status find_out_boundary(const char *content_type, char *out, size_t out_size)
{
    const char *text = strstr(content_type, BOUNDARY);
    if (!text)
        return STATUS_BAD_REQUEST;
    text += strlen(BOUNDARY);
    size_t size = strlen(text);
    if (size >= 2 && text[0] == '"' && text[size - 1] == '"') {
        text++;
        size -= 2;
    }
    if (size == 0 || size >= out_size)
        return STATUS_BAD_REQUEST;
    memcpy(out, text, size);
    out[size] = '\0';
    return STATUS_OK;
}

enum status form_heads_init(struct form_heads *heads, const char *content_type,
                            const struct form_heads_output *output)
{
    *heads = (struct form_heads){.output = *output, .state = HEADS_PREAMBLE};
    char boundary[FORM_BOUNDARY_MAX + 1];
    char out_boundary[FORM_BOUNDARY_PARAM_MAX + 1];
    if (header_parameter(content_type, "boundary", boundary, sizeof(boundary)) != STATUS_OK ||
        !*boundary ||
        find_out_boundary(content_type, out_boundary, sizeof(out_boundary)) != STATUS_OK)
        return STATUS_BAD_REQUEST;
    int size =
        snprintf(heads->delimiter, sizeof(heads->delimiter), "%s%s", LINE_END DASHES, boundary);
    heads->delimiter_size = (size_t)size;
    snprintf(heads->out_delimiter, sizeof(heads->out_delimiter), "%s%s", LINE_END DASHES,
             out_boundary);
    heads->matched = strlen(LINE_END); /* the first delimiter needs none before it */
    return STATUS_OK;
}

/* ---- output ---- */

static enum status feed(const struct form_heads *heads, const char *data, size_t size)
{
    return heads->output.feed(heads->output.closure, data, size);
}

static enum status feed_text(const struct form_heads *heads, const char *text)
{
    return feed(heads, text, strlen(text));
}

/* The delimiter is given on when it is known what it leads to. */
static enum status feed_delimiter(const struct form_heads *heads)
{
    return feed_text(heads, heads->out_delimiter + (heads->parts == 0 ? strlen(LINE_END) : 0));
}

static enum status feed_head(struct form_heads *heads)
{
    char head[64];
    snprintf(head, sizeof(head),
             LINE_END "Content-Disposition: form-data; name=\"%u\"" LINE_END LINE_END,
             heads->parts);
    enum status status = feed_delimiter(heads);
    heads->parts++;
    return status == STATUS_OK ? feed_text(heads, head) : status;
}

/* ---- lines ---- */

static enum status read_disposition(struct form_head *head, const char *value)
{
    char encoded[FORM_HEAD_LINE_MAX + 1];
    if (header_parameter(value, "name", head->name, sizeof(head->name)) != STATUS_OK)
        return STATUS_BAD_REQUEST;
    enum status status = header_parameter(value, "filename*", encoded, sizeof(encoded));
    if (status == STATUS_NOT_FOUND)
        status = header_parameter(value, "filename", encoded, sizeof(encoded));
    else
        header_parameter_decode(encoded);
    head->is_file = status == STATUS_OK;
    size_t size = strlen(encoded);
    if (size > FORM_FILENAME_MAX)
        return STATUS_BAD_REQUEST;
    memcpy(head->filename, encoded, size + 1);
    return STATUS_OK;
}

static enum status end_head(struct form_heads *heads)
{
    if (!*heads->head.name)
        return STATUS_BAD_REQUEST;
    heads->state = HEADS_VALUE;
    enum status status = heads->output.head(heads->output.closure, &heads->head);
    return status == STATUS_OK ? feed_head(heads) : status;
}

/* Of a head. Its other lines are of no use to us. */
static enum status read_head_line(struct form_heads *heads)
{
    if (!*heads->line)
        return end_head(heads);
    if (strncasecmp(heads->line, DISPOSITION, strlen(DISPOSITION)) != 0)
        return STATUS_OK;
    return read_disposition(&heads->head, heads->line + strlen(DISPOSITION));
}

/* What follows a boundary on its line, where that is not two dashes. */
static enum status read_delimiter_line(struct form_heads *heads)
{
    if (!text_is_blank(heads->line))
        return STATUS_BAD_REQUEST;
    heads->head = (struct form_head){0};
    heads->state = HEADS_HEAD;
    return STATUS_OK;
}

static enum status end_line(struct form_heads *heads)
{
    if (heads->line_size > 0 && heads->line[heads->line_size - 1] == '\r')
        heads->line_size--;
    heads->line[heads->line_size] = '\0';
    if (strlen(heads->line) != heads->line_size)
        return STATUS_BAD_REQUEST;
    heads->line_size = 0;
    return heads->state == HEADS_HEAD ? read_head_line(heads) : read_delimiter_line(heads);
}

static bool is_last_delimiter(const struct form_heads *heads)
{
    return heads->state == HEADS_DELIMITER && heads->line_size == strlen(DASHES) &&
           memcmp(heads->line, DASHES, strlen(DASHES)) == 0;
}

static enum status end_body(struct form_heads *heads)
{
    heads->state = HEADS_END;
    enum status status = feed_delimiter(heads);
    return status == STATUS_OK ? feed_text(heads, DASHES) : status;
}

static enum status take_line_byte(struct form_heads *heads, char c)
{
    if (c == '\n')
        return end_line(heads);
    if (heads->line_size == FORM_HEAD_LINE_MAX)
        return STATUS_BAD_REQUEST;
    heads->line[heads->line_size++] = c;
    return is_last_delimiter(heads) ? end_body(heads) : STATUS_OK;
}

/* ---- values ---- */

static enum status feed_value(const struct form_heads *heads, const char *data, size_t size)
{
    return heads->state == HEADS_VALUE && size > 0 ? feed(heads, data, size) : STATUS_OK;
}

static void match_byte(struct form_heads *heads)
{
    if (++heads->matched < heads->delimiter_size)
        return;
    heads->matched = 0;
    heads->line_size = 0;
    heads->state = HEADS_DELIMITER;
}

/* Bytes that may turn out to be a delimiter are held back: they are the delimiter's own. A boundary
 * has no CR, so where they turn out not to be, none begins among them. */
static enum status take_value(struct form_heads *heads, const char *data, size_t size,
                              size_t *ret_taken)
{
    if (*data == heads->delimiter[heads->matched]) {
        match_byte(heads);
        *ret_taken = 1;
        return STATUS_OK;
    }
    *ret_taken = 0;
    if (heads->matched > 0) {
        size_t held = heads->matched;
        heads->matched = 0;
        return feed_value(heads, heads->delimiter, held);
    }
    const char *next = memchr(data, '\r', size);
    *ret_taken = next ? (size_t)(next - data) : size;
    return feed_value(heads, data, *ret_taken);
}

/* ---- */

enum status form_heads_take(struct form_heads *heads, const char *data, size_t size)
{
    enum status status = STATUS_OK;
    while (size > 0 && heads->state != HEADS_END && status == STATUS_OK) {
        size_t taken = 1;
        if (heads->state == HEADS_PREAMBLE || heads->state == HEADS_VALUE)
            status = take_value(heads, data, size, &taken);
        else
            status = take_line_byte(heads, *data);
        data += taken;
        size -= taken;
    }
    return status;
}

bool form_heads_ended(const struct form_heads *heads)
{
    return heads->state == HEADS_END;
}
