/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/request_head.h"

#include "lib/base/macros.h"
#include "lib/base/text.h"

#include <string.h>

#define BEGINNING "GET /ws/"
#define LINE_END "\r\n"
#define HEAD_END "\r\n\r\n"

static char *skip_blanks(char *text)
{
    return text + strspn(text, " \t");
}

/* The header's value when line is one of that name; NULL otherwise. */
static char *value_of(char *line, const char *name)
{
    size_t size = strlen(name);
    bool is_it = strncasecmp(line, name, size) == 0 && line[size] == ':';
    return is_it ? skip_blanks(line + size + 1) : NULL;
}

static void read_header(char *line, struct request_head *head)
{
    const struct {
        const char *name;
        const char **value;
    } headers[] = {
        {"x-forwarded-for", &head->forwarded_for},
        {"x-request-id", &head->request_id},
        {"traceparent", &head->traceparent},
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        const char *value = value_of(line, headers[i].name);
        if (value)
            *headers[i].value = value;
    }
}

/* Cuts the path's last part out of the request line. */
static const char *read_token(char *path)
{
    path[strcspn(path, " ?")] = '\0';
    path[text_length_less(path, '/')] = '\0';
    return path;
}

enum request_head_kind request_head_parse(char *text, size_t size, struct request_head *ret_head)
{
    size_t beginning = strlen(BEGINNING);
    if (strncmp(text, BEGINNING, size < beginning ? size : beginning) != 0)
        return REQUEST_HEAD_OTHER;
    char *end = strstr(text, HEAD_END);
    if (!end)
        return size < REQUEST_HEAD_MAX_BYTES ? REQUEST_HEAD_PART : REQUEST_HEAD_OTHER;

    struct request_head head = {"", "", "", ""};
    *end = '\0';
    char *line = text;
    for (char *next = text; next; line = next) {
        next = strstr(line, LINE_END);
        if (next) {
            *next = '\0';
            next += strlen(LINE_END);
        }
        if (line != text)
            read_header(line, &head);
    }
    head.token = read_token(text + beginning);
    *ret_head = head;
    return REQUEST_HEAD_V1;
}
