/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/room.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/scenario.h"
#include "tools/webcast-sim/sim.h"

#define ROOM_BEAT_MS 1000
#define ROOM_RECENT_MAX_BYTES (32u << 10)

struct room *room_new(struct sim *sim, const char *name, int64_t id)
{
    struct room *room = calloc(1, sizeof(*room));
    if (!room)
        abort();
    room->sim = sim;
    snprintf(room->name, sizeof(room->name), "%s", name);
    room->id = id;
    room->status = text_starts_with(name, "offline_") ? ROOM_ENDED : ROOM_LIVE;
    room->restricted = text_starts_with(name, "restricted_");
    room->rate = sim->options->rate;
    room->scenario = sim->scenario;
    script_init(&room->script, dice_hash(name) ^ (uint64_t)sim->options->seed, sim->options->mix);
    for (size_t i = 0; i < ROOM_RECENT; i++)
        buffer_init(&room->recent[i].payload, ROOM_RECENT_MAX_BYTES);
    return room;
}

/* ---- sending ---- */

struct frame_head room_next_head(struct room *room)
{
    int64_t now_ms = clock_wall_ms();
    uint64_t seq_id = ++room->last_seq_id;
    return (struct frame_head){
        .seq_id = seq_id,
        .log_id = ((uint64_t)now_ms << 20) | (seq_id & 0xfffff),
        .room_id = room->id,
        .now_ms = now_ms,
        .need_ack = !room->scenario->no_ack,
    };
}

static struct ledger_entry entry_of(const struct event *event)
{
    struct ledger_entry entry = {
        .repeat_end = event->repeat_end,
        .repeat_count = event->repeat_count,
        .gift_id = event->gift.id,
        .group_id = event->group_id,
        .user_id = event->person.id,
    };
    memcpy(entry.user, event->person.handle, sizeof(entry.user));
    return entry;
}

struct message room_message(struct room *room, const struct event *event)
{
    struct event_stamp stamp = {sim_next_msg_id(room->sim), room->id, clock_wall_ms()};
    return (struct message){
        .method = event_method(event->kind),
        .payload = event_encode(room->sim->scratch, event, &stamp),
        .msg_id = stamp.msg_id,
        .kind = event->kind,
        .about = entry_of(event),
    };
}

/* The message's number; none for history, which a client should not tell. */
static int64_t enter_into_ledger(struct room *room, const struct message *message)
{
    if (message->is_history || message->is_repeat)
        return message->is_repeat ? message->number : -1;
    struct ledger_entry entry = message->about;
    entry.msg_id = message->msg_id;
    entry.kind = message->kind;
    return ledger_add(&room->ledger, &entry);
}

static void recent_keep(struct room *room, const struct message *message, int64_t number)
{
    if (message->kind == EVENT_OTHER || message->is_history)
        return;
    struct recent *recent = &room->recent[room->recent_count++ % ROOM_RECENT];
    recent->kind = message->kind;
    recent->msg_id = message->msg_id;
    recent->number = number;
    buffer_clear(&recent->payload);
    buffer_add(&recent->payload, message->payload.data, message->payload.size);
}

static size_t recent_list(const struct room *room, struct message *messages)
{
    size_t kept = room->recent_count < ROOM_RECENT ? room->recent_count : ROOM_RECENT;
    size_t count = 0;
    for (size_t i = 0; i < kept; i++) {
        const struct recent *recent = &room->recent[(room->recent_count - kept + i) % ROOM_RECENT];
        if (recent->payload.overflowed)
            continue;
        messages[count++] = (struct message){
            .method = event_method(recent->kind),
            .payload = buffer_slice(&recent->payload),
            .msg_id = recent->msg_id,
            .kind = recent->kind,
            .is_repeat = true,
            .number = recent->number,
        };
    }
    return count;
}

size_t room_history(struct room *room, struct message *messages, size_t max)
{
    struct message all[ROOM_RECENT];
    size_t all_count = recent_list(room, all);
    size_t count = 0;
    for (size_t i = 0; i < all_count && count < max; i++) {
        if (all[i].kind != EVENT_CHAT)
            continue;
        messages[count] = all[i];
        messages[count++].is_history = true;
    }
    return count;
}

static void frame_count(struct room *room, const struct message *messages, size_t count, int taken)
{
    if (taken == 0)
        return;
    room->counters.frames_sent++;
    for (size_t i = 0; i < count; i++)
        room->sent[messages[i].kind]++;
}

static void frame_send(struct room *room, struct client *only, const struct message *messages,
                       const int64_t *numbers, size_t count)
{
    struct sim *sim = room->sim;
    struct frame_head head = room_next_head(room);
    struct slice result = frame_result(sim->scratch, &head, messages, count);
    struct slice frame =
        frame_pack(sim->scratch, sim->gzip, &head, room->scenario->packing, result);
    int taken = 0;
    for (struct client *client = room->clients; client; client = client_next(client)) {
        if ((only && client != only) || !client_has_entered(client))
            continue;
        if (!client_send(client, LWS_WRITE_BINARY, frame)) {
            room->counters.frames_dropped++;
            room->counters.messages_dropped += (int64_t)count;
            continue;
        }
        taken++;
        if (head.need_ack)
            client_expect_ack(client, &head, numbers, count);
    }
    frame_count(room, messages, count, taken);
}

void room_send(struct room *room, const struct message *messages, size_t count)
{
    int64_t numbers[ROOM_BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        numbers[i] = enter_into_ledger(room, &messages[i]);
        recent_keep(room, &messages[i], numbers[i]);
    }
    frame_send(room, NULL, messages, numbers, count);
}

int room_send_raw(struct room *room, enum lws_write_protocol kind, struct slice message)
{
    int taken = 0;
    for (struct client *client = room->clients; client; client = client_next(client))
        taken += client_send(client, kind, message);
    return taken;
}

/* ---- playing ---- */

static struct message next_message(struct room *room, int64_t now_ms)
{
    struct sim *sim = room->sim;
    if (!sim->replay) {
        struct event event;
        script_next(&room->script, now_ms, &event);
        return room_message(room, &event);
    }
    struct message message;
    struct event_stamp stamp = {sim_next_msg_id(sim), room->id, now_ms};
    replay_next(sim->replay, &room->replay_position, sim->scratch, &stamp, &message);
    return message;
}

static void batch_play(struct room *room, size_t count, int64_t now_ms)
{
    struct message messages[ROOM_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        messages[i] = next_message(room, now_ms);
    room_send(room, messages, count);
}

static bool is_heard(const struct room *room)
{
    for (const struct client *client = room->clients; client; client = client_next(client)) {
        if (client_has_entered(client))
            return true;
    }
    return false;
}

/* The scenario's own doing, at once and then each second. */
static void scenario_play(struct room *room, int64_t now_ms)
{
    if (!room->scenario->beat || now_ms < room->next_beat_ms)
        return;
    room->next_beat_ms = now_ms + ROOM_BEAT_MS;
    room->scenario->beat(room, room->beat++);
}

void room_play(struct room *room, int64_t elapsed_ns, int64_t now_ms)
{
    if (!is_heard(room))
        return;
    if (room->status != ROOM_ENDED)
        scenario_play(room, now_ms);
    if (room->status != ROOM_LIVE || room->restricted || room->scenario->no_messages)
        return;

    /* After a pause of our own no more than a second's events are made up for. */
    double most = room->rate > 1 ? room->rate : 1;
    room->due += room->rate * (double)elapsed_ns / 1e9;
    if (room->due > most)
        room->due = most;
    while (room->due >= 1) {
        size_t count = room->due < ROOM_BATCH_MAX ? (size_t)room->due : ROOM_BATCH_MAX;
        batch_play(room, count, now_ms);
        room->due -= (double)count;
    }
}

/* ---- what befalls it ---- */

void room_client_entered(struct room *room, struct client *client)
{
    struct message messages[ROOM_RECENT];
    int64_t numbers[ROOM_RECENT];
    if (!room->scenario->repeat_recent)
        return;
    size_t count = recent_list(room, messages);
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        numbers[i] = messages[i].number;
    frame_send(room, client, messages, numbers, count);
    room_scenario_used(room);
}

void room_set_scenario(struct room *room, const struct scenario *scenario, int64_t times)
{
    room->scenario = scenario;
    room->scenario_left = times;
    room->beat = 0;
    room->next_beat_ms = 0;
}

void room_scenario_used(struct room *room)
{
    room->counters.faults++;
    if (room->scenario_left > 0 && --room->scenario_left == 0)
        room_set_scenario(room, scenario_find("normal"), 0);
}

void room_apply_control(struct room *room, const struct event *event)
{
    static const enum room_status statuses[] = {
        [1] = ROOM_PAUSED, ROOM_LIVE, ROOM_ENDED, ROOM_ENDED};
    if (event->kind == EVENT_CONTROL && event->action >= 1 &&
        event->action < (int)ARRAY_LEN(statuses))
        room->status = statuses[event->action];
}

size_t room_client_count(const struct room *room)
{
    size_t count = 0;
    for (const struct client *client = room->clients; client; client = client_next(client))
        count++;
    return count;
}

void room_drop_clients(struct room *room, int code)
{
    for (struct client *client = room->clients; client; client = client_next(client))
        client_close(client, code);
}

void room_stall_clients(struct room *room, int64_t until_ms)
{
    for (struct client *client = room->clients; client; client = client_next(client))
        client_stall(client, until_ms);
}

void room_free(struct room *room)
{
    for (size_t i = 0; i < ROOM_RECENT; i++)
        buffer_done(&room->recent[i].payload);
    ledger_done(&room->ledger);
    free(room);
}
