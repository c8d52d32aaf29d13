/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/scenario.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/sim.h"

/* Scenarios that strike once do so after so many seconds of ordinary traffic. A beat is a second.
 */
#define STRIKE_BEAT 3
#define DROP_EVERY_BEATS 5
#define BOMB_BYTES (16u << 20) /* more than a client should ever inflate */

static struct message chat_message(struct room *room)
{
    struct event event;
    script_make(&room->script, EVENT_CHAT, &event);
    return room_message(room, &event);
}

static struct message other_message(struct room *room, const char *method, struct slice payload)
{
    return (struct message){
        .method = method,
        .payload = payload,
        .msg_id = sim_next_msg_id(room->sim),
        .kind = EVENT_OTHER,
    };
}

/* The rest of a fault: a frame that says it is a gzipped "msg". */
static void send_as_gzip(struct room *room, struct slice payload)
{
    struct frame_head head = room_next_head(room);
    room_send_raw(room, LWS_WRITE_BINARY,
                  frame_wrap(room->sim->scratch, &head, "msg", "gzip", payload));
    room_scenario_used(room);
}

/* ---- frames ---- */

static void beat_unknown_type(struct room *room, int beat)
{
    (void)beat;
    struct frame_head head = room_next_head(room);
    struct slice payload = {"\x08\x01", 2};
    room_send_raw(room, LWS_WRITE_BINARY,
                  frame_wrap(room->sim->scratch, &head, "im_mystery", NULL, payload));
    room_scenario_used(room);
}

static void beat_unknown_method(struct room *room, int beat)
{
    (void)beat;
    struct message messages[] = {
        chat_message(room),
        other_message(room, "WebcastNobodyKnowsMessage", (struct slice){"\x0a\x03\x0a\x01?", 5}),
        chat_message(room),
    };
    room_send(room, messages, ARRAY_LEN(messages));
    room_scenario_used(room);
}

/* A chat whose user is longer than the message, between two good ones. */
static void beat_broken_message(struct room *room, int beat)
{
    (void)beat;
    struct message messages[] = {
        chat_message(room),
        other_message(room, "WebcastChatMessage", (struct slice){"\x12\xff\x01\x08", 4}),
        chat_message(room),
    };
    room_send(room, messages, ARRAY_LEN(messages));
    room_scenario_used(room);
}

static void beat_truncated_gzip(struct room *room, int beat)
{
    (void)beat;
    struct sim *sim = room->sim;
    struct frame_head head = room_next_head(room);
    struct message message = chat_message(room);
    struct slice whole =
        gzip_pack(sim->gzip, sim->scratch, frame_result(sim->scratch, &head, &message, 1));
    send_as_gzip(room, (struct slice){whole.data, whole.size / 2});
}

static void beat_gzip_garbage(struct room *room, int beat)
{
    (void)beat;
    static const char garbage[] = "\x1f\x8b\x08\x00 this was never compressed";
    send_as_gzip(room, (struct slice){garbage, sizeof(garbage) - 1});
}

static void beat_gzip_bomb(struct room *room, int beat)
{
    (void)beat;
    struct sim *sim = room->sim;
    struct slice zeros = {arena_alloc(sim->scratch, BOMB_BYTES), BOMB_BYTES};
    send_as_gzip(room, gzip_pack(sim->gzip, sim->scratch, zeros));
}

static void beat_garbage(struct room *room, int beat)
{
    (void)beat;
    uint64_t noise[32];
    for (size_t i = 0; i < ARRAY_LEN(noise); i++)
        noise[i] = dice_roll(&room->script.dice) | 0x7f; /* a first byte that starts no field */
    room_send_raw(room, LWS_WRITE_BINARY, (struct slice){noise, sizeof(noise)});
    room_scenario_used(room);
}

static void beat_text_message(struct room *room, int beat)
{
    (void)beat;
    struct slice text = {"{\"hello\":1}", 11};
    room_send_raw(room, LWS_WRITE_TEXT, text);
    room_scenario_used(room);
}

/* ---- gifts, repeats ---- */

static void streak_begin(struct room *room)
{
    script_make(&room->script, EVENT_GIFT, &room->fault);
    room->fault.gift = script_streakable_gift(&room->script);
    room->fault.group_id = clock_wall_ms();
}

static struct message streak_message(struct room *room, int count, bool end)
{
    room->fault.repeat_count = count;
    room->fault.repeat_end = end;
    return room_message(room, &room->fault);
}

/* 1 3 2 5 4 in one second, the end in the next. */
static void beat_gift_out_of_order(struct room *room, int beat)
{
    static const int counts[] = {1, 3, 2, 5, 4};
    struct message messages[ARRAY_LEN(counts)];
    if (beat % 2 == 1) {
        messages[0] = streak_message(room, 5, true);
        room_send(room, messages, 1);
        room_scenario_used(room);
        return;
    }
    streak_begin(room);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        messages[i] = streak_message(room, counts[i], false);
    room_send(room, messages, ARRAY_LEN(messages));
}

/* A running message that comes after its end. */
static void beat_gift_late(struct room *room, int beat)
{
    (void)beat;
    streak_begin(room);
    struct message messages[] = {
        streak_message(room, 1, false),
        streak_message(room, 2, false),
        streak_message(room, 2, true),
        streak_message(room, 1, false),
    };
    room_send(room, messages, ARRAY_LEN(messages));
    room_scenario_used(room);
}

static void beat_gift_no_end(struct room *room, int beat)
{
    (void)beat;
    streak_begin(room);
    struct message messages[] = {streak_message(room, 1, false), streak_message(room, 2, false)};
    room_send(room, messages, ARRAY_LEN(messages));
    room_scenario_used(room);
}

/* The totals of two shards, one of them behind. */
static void beat_like_totals(struct room *room, int beat)
{
    (void)beat;
    struct event ahead, behind;
    script_make(&room->script, EVENT_LIKE, &ahead);
    script_make(&room->script, EVENT_LIKE, &behind);
    behind.total -= 400;
    struct message messages[] = {room_message(room, &ahead), room_message(room, &behind)};
    room_send(room, messages, ARRAY_LEN(messages));
    room_scenario_used(room);
}

/* ---- connection ---- */

static void beat_server_ping(struct room *room, int beat)
{
    (void)beat;
    room_send_raw(room, LWS_WRITE_PING, (struct slice){"sim", 3});
    room_scenario_used(room);
}

static void beat_stall(struct room *room, int beat)
{
    if (beat != STRIKE_BEAT)
        return;
    room_stall_clients(room, INT64_MAX);
    room_set_scenario(room, scenario_find("normal"), 0);
}

static void beat_drops(struct room *room, int beat)
{
    if (beat == 0 || beat % DROP_EVERY_BEATS != 0)
        return;
    room_drop_clients(room, 0);
    room_scenario_used(room);
}

static void beat_room_id_change(struct room *room, int beat)
{
    if (beat != STRIKE_BEAT || !rooms_change_id(&room->sim->rooms, room, 0))
        return;
    room_drop_clients(room, 0);
    room_scenario_used(room);
}

/* ---- end ---- */

static void control(struct room *room, int action)
{
    struct event event = {.kind = EVENT_CONTROL, .action = action};
    struct message message = room_message(room, &event);
    room_send(room, &message, 1);
    room_apply_control(room, &event);
    room_scenario_used(room);
}

static void beat_end_control_3(struct room *room, int beat)
{
    if (beat == STRIKE_BEAT)
        control(room, 3);
}

static void beat_end_control_4(struct room *room, int beat)
{
    if (beat == STRIKE_BEAT)
        control(room, 4);
}

static void beat_end_status(struct room *room, int beat)
{
    if (beat != STRIKE_BEAT)
        return;
    room->status = ROOM_ENDED;
    room_drop_clients(room, 1000);
    room_scenario_used(room);
}

static void beat_pause_resume(struct room *room, int beat)
{
    if (beat > 0 && beat % STRIKE_BEAT == 0)
        control(room, room->status == ROOM_LIVE ? 1 : 2);
}

static const struct scenario scenarios[] = {
    {.name = "normal", .help = "a session without trouble"},

    {.name = "none_frames", .help = "frames say compress_type none", .packing = PACKING_NONE},
    {.name = "bare_frames", .help = "no compress_type, not compressed", .packing = PACKING_BARE},
    {.name = "unlabelled_gzip",
     .help = "no compress_type, yet gzip",
     .packing = PACKING_GZIP_UNLABELLED},
    {.name = "no_ack", .help = "need_ack 0: any ack is wrong", .no_ack = true},
    {.name = "unknown_type",
     .help = "frames of an unknown payload_type",
     .beat = beat_unknown_type},
    {.name = "unknown_method",
     .help = "an unknown method between two chats",
     .beat = beat_unknown_method},
    {.name = "broken_message",
     .help = "a broken message between two chats",
     .beat = beat_broken_message},
    {.name = "truncated_gzip", .help = "frames cut short", .beat = beat_truncated_gzip},
    {.name = "gzip_garbage", .help = "gzip's magic, then nonsense", .beat = beat_gzip_garbage},
    {.name = "gzip_bomb", .help = "frames that inflate to 16 MiB", .beat = beat_gzip_bomb},
    {.name = "garbage", .help = "messages that are no frames", .beat = beat_garbage},
    {.name = "text_message", .help = "WebSocket text messages", .beat = beat_text_message},

    {.name = "gift_out_of_order",
     .help = "streaks 1 3 2 5 4, then the end",
     .beat = beat_gift_out_of_order},
    {.name = "gift_late", .help = "a running message after the end", .beat = beat_gift_late},
    {.name = "gift_no_end", .help = "streaks that nothing ends", .beat = beat_gift_no_end},
    {.name = "like_totals", .help = "totals that jump back", .beat = beat_like_totals},
    {.name = "duplicate_msg_id",
     .help = "whoever enters gets the last messages again",
     .repeat_recent = true},
    {.name = "history_chats", .help = "six history chats with the sign answer", .history = true},

    {.name = "server_ping", .help = "a ping each second", .beat = beat_server_ping},
    {.name = "no_pong", .help = "pings, acks and heartbeats are not read", .no_pong = true},
    {.name = "no_hb_reply", .help = "heartbeats get no reply", .no_heartbeat_reply = true},
    {.name = "no_data", .help = "heartbeats are answered, no messages come", .no_messages = true},
    {.name = "stall", .help = "silence after 3 s, for that connection", .beat = beat_stall},
    {.name = "drops", .help = "the connection is cut every 5 s", .beat = beat_drops},
    {.name = "room_id_change",
     .help = "cut after 3 s, then another id",
     .beat = beat_room_id_change},
    {.name = "device_blocked",
     .help = "handshakes get 200 DEVICE_BLOCKED",
     .refusal = {"DEVICE_BLOCKED", "415"}},
    {.name = "illegal_secret_key",
     .help = "handshakes get 200 illegal secret key",
     .refusal = {"illegal secret key", "417"}},

    {.name = "end_control_3", .help = "the host ends it after 3 s", .beat = beat_end_control_3},
    {.name = "end_control_4", .help = "it is suspended after 3 s", .beat = beat_end_control_4},
    {.name = "end_status",
     .help = "closed after 3 s, status 4, not a word",
     .beat = beat_end_status},
    {.name = "pause_resume", .help = "pauses and goes on every 3 s", .beat = beat_pause_resume},
};

const struct scenario *scenario_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        if (text_equal(scenarios[i].name, name))
            return &scenarios[i];
    }
    return NULL;
}

static void print_modes(FILE *out, const char *prefix, const struct mode_name *names, int count)
{
    for (int i = 1; i < count; i++)
        fprintf(out, "  %s%-*s  %s\n", prefix, 24 - (int)strlen(prefix), names[i].name,
                names[i].help);
}

void scenario_print_all(FILE *out)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        fprintf(out, "  %-24s  %s\n", scenarios[i].name, scenarios[i].help);
    print_modes(out, "sign_", sign_mode_names, SIGN_MODE_COUNT);
    print_modes(out, "pages_", pages_mode_names, PAGES_MODE_COUNT);
}
