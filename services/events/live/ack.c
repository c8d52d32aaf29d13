/* SPDX-License-Identifier: MIT */
#include "services/events/live/ack.h"

#include "lib/api/message.h"

#define BAD_REQUEST 400

enum ack ack_read(natsMsg *reply)
{
    if (natsMsg_IsNoResponders(reply))
        return ACK_LATER;
    AUTO(json_decref) json_t *ack = NULL;
    ack = json_loadb(natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply), 0, NULL);
    const json_t *error = json_object_get(ack, "error");
    if (!error)
        return json_object_get(ack, "seq") ? ACK_STORED : ACK_LATER;
    bool is_ours = json_integer_value(json_object_get(error, "code")) == BAD_REQUEST;
    return is_ours ? ACK_NEVER : ACK_LATER;
}
