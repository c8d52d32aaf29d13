/* SPDX-License-Identifier: MIT */
#include "lib/api/client.h"

#include "lib/base/text.h"
#include "lib/bus/reply.h"

#define REQUEST_MAX_BYTES (1024 * 1024)

/* The `detail` of an error reply, in the call's arena; NULL when there is none. */
static const char *error_detail(struct call *call, const char *body, size_t size)
{
    AUTO(json_decref) json_t *root = json_loadb(body, size, 0, NULL);
    return arena_text(call->arena, json_string_value(json_object_get(root, "detail")));
}

static enum status read_reply(struct call *call, natsMsg *reply, const struct message *message,
                              void *out)
{
    /* The parts that follow find nobody waiting for them. */
    if (bus_header_get(reply, BUS_MORE_HEADER))
        return call_fail(call, STATUS_TOO_LARGE, "a service answered with more than a message");
    struct slice body = {natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply)};
    const char *header = bus_header_get(reply, BUS_STATUS_HEADER);
    int64_t http = 200;
    if (header && !text_parse_int(header, 100, 599, &http))
        return call_fail(call, STATUS_INTERNAL, "a service answered without a status");

    enum status status = status_from_http((int)http);
    if (status == STATUS_INVALID)
        return call_fail(call, STATUS_INTERNAL, "a service refuses the form of our call");
    if (status != STATUS_OK)
        return call_fail(call, status, error_detail(call, body.data, body.size));
    return message_decode(message, body, call->arena, out);
}

enum status api_request(struct call *call, const char *subject, const struct message *request,
                        const void *in, const struct message *reply, void *out)
{
    AUTO_BUFFER(body, REQUEST_MAX_BYTES);
    message_encode(request, in, &body);
    if (body.overflowed)
        return call_fail(call, STATUS_TOO_LARGE, NULL);

    const char *deadline = arena_printf(call->arena, "%lld", (long long)call->deadline_ms);
    const struct bus_header headers[] = {
        {CALL_HEADER_REQUEST_ID, call->log.request_id},
        {CALL_HEADER_TRACEPARENT, call->traceparent},
        {CALL_HEADER_DEADLINE, deadline},
        {CALL_HEADER_USER, call->caller.user_id},
        {CALL_HEADER_SESSION, call->caller.session_id},
        {CALL_HEADER_ADDRESS, call->caller.address},
    };
    natsMsg *message = NULL;
    enum status status =
        bus_message(subject, NULL, headers, ARRAY_LEN(headers), buffer_slice(&body), &message);
    if (status != STATUS_OK)
        return status;

    AUTO(natsMsg_Destroy) natsMsg *answer = NULL;
    status = bus_request(call->bus, message, call->deadline_ms, &answer);
    if (status != STATUS_OK)
        return call_fail(call, status, NULL);
    return read_reply(call, answer, reply, out);
}
