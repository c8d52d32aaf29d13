/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/stored.h"

#include "lib/api/message.h"
#include "lib/base/json_writer.h"

#include <inttypes.h>
#include <nettle/base64.h>

#define NOT_FOUND 404

void stored_request(const char *user_id, uint64_t position, struct buffer *out)
{
    if (position > 0)
        buffer_printf(out, "{\"seq\":%" PRIu64 ",\"next_by_subj\":\"live.%s\"}", position, user_id);
    else
        buffer_printf(out, "{\"last_by_subj\":\"live.%s\"}", user_id);
}

static bool decode_base64(const char *coded, struct arena *arena, struct slice *ret_text)
{
    struct base64_decode_ctx context;
    size_t coded_size = strlen(coded);
    size_t size = BASE64_DECODE_LENGTH(coded_size);
    uint8_t *text = arena_alloc(arena, size + 1);
    base64_decode_init(&context);
    if (!base64_decode_update(&context, &size, text, coded_size, coded) ||
        !base64_decode_final(&context))
        return false;
    *ret_text = (struct slice){text, size};
    return true;
}

int64_t stored_seq(struct slice text)
{
    AUTO(json_decref) json_t *event = json_loadb(text.data, text.size, 0, NULL);
    return json_integer_value(json_object_get(event, "seq"));
}

bool stored_is_test(struct slice text)
{
    AUTO(json_decref) json_t *event = json_loadb(text.data, text.size, 0, NULL);
    return json_is_true(json_object_get(event, "test"));
}

enum status stored_decode(struct slice answer, struct arena *arena, struct stored_event *ret_event)
{
    AUTO(json_decref) json_t *object = json_loadb(answer.data, answer.size, 0, NULL);
    const json_t *error = json_object_get(object, "error");
    if (json_integer_value(json_object_get(error, "code")) == NOT_FOUND)
        return STATUS_NOT_FOUND;

    const json_t *message = json_object_get(object, "message");
    const char *coded = json_string_value(json_object_get(message, "data"));
    json_int_t position = json_integer_value(json_object_get(message, "seq"));
    struct stored_event event = {.position = (uint64_t)position};
    if (!coded || position <= 0 || !decode_base64(coded, arena, &event.text))
        return STATUS_UNAVAILABLE;
    event.seq = stored_seq(event.text);
    *ret_event = event;
    return STATUS_OK;
}
