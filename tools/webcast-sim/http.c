/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/http.h"

#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <assert.h>

const char *request_arg(const struct request *request, const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < request->arg_count; i++) {
        if (strncmp(request->args[i], key, length) == 0 && request->args[i][length] == '=')
            return request->args[i] + length + 1;
    }
    return NULL;
}

int64_t request_arg_id(const struct request *request, const char *key)
{
    const char *text = request_arg(request, key);
    int64_t id = 0;
    if (!text || !text_parse_int(text, 1, INT64_MAX, &id))
        return 0;
    return id;
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    assert(reply->header_count < REPLY_HEADERS_MAX);
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count].value = value;
    reply->header_count++;
}

void reply_text(struct reply *reply, int status, const char *content_type, const char *text)
{
    reply->status = status;
    reply->content_type = content_type;
    buffer_clear(reply->body);
    buffer_add_text(reply->body, text);
}

void reply_json_error(struct reply *reply, int status, const char *message)
{
    struct json_writer json;
    reply_text(reply, status, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_pair_int(&json, "code", status);
    json_pair_text(&json, "message", message);
    json_close(&json, '}');
}
