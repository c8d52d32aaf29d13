/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/client.h"

#include "gen/webcast.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/owed.h"
#include "tools/webcast-sim/scenario.h"
#include "tools/webcast-sim/sim.h"
#include "tools/webcast-sim/wire.h"

#define CLIENT_MESSAGE_MAX_BYTES (64u << 10)
#define CLIENT_ACK_TIME_MS 2000

struct outgoing {
    struct outgoing *next;
    enum lws_write_protocol kind;
    size_t size;
    unsigned char data[]; /* LWS_PRE bytes for libwebsockets, then the message */
};

struct client {
    struct client *next; /* in the room */
    struct room *room;
    struct lws *wsi;
    bool entered;
    bool closing;
    int close_code;
    int64_t silent_until_ms;
    int64_t heartbeats;

    struct outgoing *first;
    struct outgoing **last;
    size_t queued_bytes;

    struct owed owed;

    struct buffer incoming; /* the message that is arriving in parts */
};

struct client *client_new(struct room *room, struct lws *wsi)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        abort();
    client->room = room;
    client->wsi = wsi;
    client->last = &client->first;
    buffer_init(&client->incoming, CLIENT_MESSAGE_MAX_BYTES);
    client->next = room->clients;
    room->clients = client;
    room->counters.connects++;
    return client;
}

struct client *client_next(const struct client *client)
{
    return client->next;
}

bool client_has_entered(const struct client *client)
{
    return client->entered;
}

bool client_send(struct client *client, enum lws_write_protocol kind, struct slice message)
{
    if (!client->entered || client->closing || client->silent_until_ms > clock_wall_ms())
        return false;
    if (client->queued_bytes + message.size > client->room->sim->options->queue_max_bytes)
        return false;
    struct outgoing *outgoing = malloc(sizeof(*outgoing) + LWS_PRE + message.size);
    if (!outgoing)
        abort();
    outgoing->next = NULL;
    outgoing->kind = kind;
    outgoing->size = message.size;
    memcpy(outgoing->data + LWS_PRE, message.data, message.size);
    *client->last = outgoing;
    client->last = &outgoing->next;
    client->queued_bytes += message.size;
    lws_callback_on_writable(client->wsi);
    return true;
}

/* ---- acks ---- */

void client_expect_ack(struct client *client, const struct frame_head *head, const int64_t *numbers,
                       size_t count)
{
    if (!owed_add(&client->owed, head, numbers, count))
        client->room->counters.acks_missing++;
}

/* At the end: those that there was time for. */
static void count_missing(struct client *client)
{
    int64_t deadline_ms = clock_wall_ms() - CLIENT_ACK_TIME_MS;
    for (; client->owed.count > 0; owed_drop_first(&client->owed))
        client->room->counters.acks_missing += owed_first(&client->owed)->head.now_ms < deadline_ms;
}

static void deliver(struct client *client, const struct owed_frame *frame)
{
    for (size_t i = 0; i < frame->count; i++)
        ledger_deliver(&client->room->ledger, frame->numbers[i]);
}

/* Acks come in the order of the frames, so those passed over on the way to this one are missing. */
static const char *ack_problem(struct client *client, struct slice ack, uint64_t log_id)
{
    int skipped = owed_find(&client->owed, log_id);
    if (skipped < 0)
        return "ack for no frame that asks for one";
    client->room->counters.acks_missing += skipped;
    for (; skipped > 0; skipped--)
        owed_drop_first(&client->owed);

    const struct owed_frame *frame = owed_first(&client->owed);
    struct slice wanted = frame_ack(client->room->sim->scratch, &frame->head);
    bool is_right = wanted.size == ack.size && memcmp(wanted.data, ack.data, ack.size) == 0;
    if (is_right)
        deliver(client, frame);
    owed_drop_first(&client->owed);
    return is_right ? NULL : "ack with other bytes than wanted";
}

static void ack_check(struct client *client, struct slice frame, uint64_t log_id)
{
    const char *problem = ack_problem(client, frame, log_id);
    if (problem) {
        client->room->counters.acks_bad++;
        sim_client_error(client->room->sim, client->room->name, problem);
        return;
    }
    client->room->counters.acks_good++;
}

/* ---- what clients send ---- */

static void answer(struct client *client, const char *type)
{
    struct room *room = client->room;
    struct frame_head head = room_next_head(room);
    struct slice nothing = {"", 0};
    client_send(client, LWS_WRITE_BINARY,
                frame_wrap(room->sim->scratch, &head, type, NULL, nothing));
}

static void enter_received(struct client *client, struct slice payload)
{
    struct room *room = client->room;
    ProtobufCAllocator allocator = wire_allocator(room->sim->scratch);
    const Webcast__WebcastImEnterRoomMessage *enter =
        webcast__webcast_im_enter_room_message__unpack(&allocator, payload.size, payload.data);
    if (!enter || enter->room_id != room->id || enter->live_id != 12 ||
        !text_equal(enter->identity, "audience")) {
        room->counters.enters_bad++;
        sim_client_error(room->sim, room->name, "im_enter_room with other fields than wanted");
        return;
    }
    room->counters.enters++;
    client->entered = true;
    answer(client, "im_enter_room_resp");
    room_client_entered(room, client);
    if (room->scenario->no_pong)
        lws_rx_flow_control(client->wsi, 0); /* what isn't read isn't answered, pings included */
}

static void heartbeat_received(struct client *client, struct slice payload)
{
    struct room *room = client->room;
    ProtobufCAllocator allocator = wire_allocator(room->sim->scratch);
    const Webcast__HeartBeat *beat =
        webcast__heart_beat__unpack(&allocator, payload.size, payload.data);
    client->heartbeats++;
    if (!beat || beat->room_id != room->id || beat->send_packet_seq_id != client->heartbeats) {
        room->counters.heartbeats_bad++;
        sim_client_error(room->sim, room->name, "heartbeat with other fields than wanted");
        return;
    }
    room->counters.heartbeats++;
    if (!room->scenario->no_heartbeat_reply)
        answer(client, "hb");
}

static void message_received(struct client *client, struct slice message)
{
    struct room *room = client->room;
    ProtobufCAllocator allocator = wire_allocator(room->sim->scratch);
    const Webcast__WebcastPushFrame *frame =
        webcast__webcast_push_frame__unpack(&allocator, message.size, message.data);
    if (!frame) {
        room->counters.frames_bad++;
        sim_client_error(room->sim, room->name, "message that is no frame");
        return;
    }
    struct slice payload = {frame->payload.data, frame->payload.len};
    if (text_equal(frame->payload_type, "ack"))
        ack_check(client, message, frame->log_id);
    else if (text_equal(frame->payload_type, "hb"))
        heartbeat_received(client, payload);
    else if (text_equal(frame->payload_type, "im_enter_room"))
        enter_received(client, payload);
    else
        room->counters.frames_bad++;
}

bool client_received(struct client *client, const void *data, size_t size, bool complete)
{
    buffer_add(&client->incoming, data, size);
    if (client->incoming.overflowed)
        return false;
    if (!complete)
        return true;
    message_received(client, buffer_slice(&client->incoming));
    buffer_clear(&client->incoming);
    return true;
}

void client_ponged(struct client *client)
{
    client->room->counters.pongs++;
}

/* ---- what they are sent ---- */

static void outgoing_pop(struct client *client)
{
    struct outgoing *outgoing = client->first;
    client->first = outgoing->next;
    if (!client->first)
        client->last = &client->first;
    client->queued_bytes -= outgoing->size;
    free(outgoing);
}

bool client_writable(struct client *client)
{
    struct outgoing *outgoing = client->first;
    if (outgoing) {
        int written =
            lws_write(client->wsi, outgoing->data + LWS_PRE, outgoing->size, outgoing->kind);
        if (written < 0)
            return false;
        outgoing_pop(client);
    }
    if (client->first || client->closing)
        lws_callback_on_writable(client->wsi);
    if (client->first || !client->closing)
        return true;
    lws_close_reason(client->wsi, (enum lws_close_status)client->close_code, NULL, 0);
    return false;
}

void client_stall(struct client *client, int64_t until_ms)
{
    client->silent_until_ms = until_ms;
}

void client_close(struct client *client, int code)
{
    client->closing = true;
    client->close_code = code;
    if (code)
        lws_callback_on_writable(client->wsi);
    else
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void client_free(struct client *client)
{
    struct client **place = &client->room->clients;
    while (*place != client)
        place = &(*place)->next;
    *place = client->next;
    count_missing(client);
    owed_done(&client->owed);
    while (client->first)
        outgoing_pop(client);
    buffer_done(&client->incoming);
    free(client);
}
