/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/v1_event.h"

#include "lib/api/message.h"

struct frame *v1_event_frame(struct slice event)
{
    AUTO(json_decref) json_t *object = json_loadb(event.data, event.size, 0, NULL);
    json_object_del(object, "id");
    json_object_del(object, "seq");
    AUTO(free) char *text = json_dumps(object, JSON_COMPACT);
    return frame_new(text ? (struct slice){text, strlen(text)} : event);
}
