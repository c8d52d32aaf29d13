/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/v1_event.h"

#include "lib/api/message.h"
#include "lib/base/text.h"

struct frame *v1_event_frame(struct slice event)
{
    AUTO(json_decref) json_t *object = json_loadb(event.data, event.size, 0, NULL);
    if (text_equal(json_string_value(json_object_get(object, "type")), "delete"))
        return NULL;
    json_object_del(object, "id");
    json_object_del(object, "seq");
    AUTO(free) char *text = json_dumps(object, JSON_COMPACT);
    return frame_new(text ? (struct slice){text, strlen(text)} : event);
}
