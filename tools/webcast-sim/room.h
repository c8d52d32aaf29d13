/* SPDX-License-Identifier: MIT */
/* A live room: what is played in it and to whom. */
#pragma once

#include "tools/webcast-sim/client.h"
#include "tools/webcast-sim/ledger.h"
#include "tools/webcast-sim/mode.h"
#include "tools/webcast-sim/script.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_RATE_MAX 20000
#define ROOM_RECENT 16
#define ROOM_HISTORY_MAX 6
#define ROOM_BATCH_MAX 50 /* messages in a frame */

struct sim;
struct scenario;

enum room_status { ROOM_LIVE = 2, ROOM_PAUSED = 3, ROOM_ENDED = 4 };

/* COUNTER_ROW(name) */
#define ROOM_COUNTER_TABLE(COUNTER_ROW)                                                            \
    COUNTER_ROW(sign_calls)                                                                        \
    COUNTER_ROW(page_calls)                                                                        \
    COUNTER_ROW(connects)                                                                          \
    COUNTER_ROW(refused)                                                                           \
    COUNTER_ROW(enters)                                                                            \
    COUNTER_ROW(enters_bad)                                                                        \
    COUNTER_ROW(heartbeats)                                                                        \
    COUNTER_ROW(heartbeats_bad)                                                                    \
    COUNTER_ROW(acks_good)                                                                         \
    COUNTER_ROW(acks_bad)                                                                          \
    COUNTER_ROW(acks_missing)                                                                      \
    COUNTER_ROW(frames_bad)                                                                        \
    COUNTER_ROW(frames_sent)                                                                       \
    COUNTER_ROW(frames_dropped)                                                                    \
    COUNTER_ROW(messages_dropped)                                                                  \
    COUNTER_ROW(faults)                                                                            \
    COUNTER_ROW(pongs)

struct room_counters {
#define COUNTER_ROW(name) int64_t name;
    ROOM_COUNTER_TABLE(COUNTER_ROW)
#undef COUNTER_ROW
};

/* A message that was sent, kept for history and repeats. */
struct recent {
    enum event_kind kind;
    int64_t msg_id;
    int64_t number; /* in the ledger */
    struct buffer payload;
};

struct room {
    struct room *next; /* of all rooms */
    struct sim *sim;
    char name[HANDLE_SIZE];
    int64_t id;
    int generation; /* how many ids it had before */
    enum room_status status;
    bool restricted; /* says nothing to those without a session */
    double rate;
    double due; /* events that the rate has made due */
    uint64_t last_seq_id;

    const struct scenario *scenario;
    int64_t scenario_left; /* times it still strikes before all is normal again; 0 for ever */
    int beat;              /* seconds that the scenario has run */
    int64_t next_beat_ms;
    struct event fault; /* what a scenario goes on with at its next beat */

    struct script script;
    size_t replay_position;
    struct event open_gift; /* the streak that the control API has begun */
    struct recent recent[ROOM_RECENT];
    size_t recent_count; /* of all that were kept; the ring holds the last */

    struct mode sign; /* how the sign server and the pages treat this room; ok: as all others */
    struct mode pages;

    struct ledger ledger;
    struct client *clients;
    struct room_counters counters;
    int64_t sent[EVENT_KIND_COUNT]; /* messages to at least one client */
};

/* Live, unless its name begins with offline_, and without clients. */
struct room *room_new(struct sim *sim, const char *name, int64_t id);

/* What is due after so much time; the wall clock says now_ms. */
void room_play(struct room *room, int64_t elapsed_ns, int64_t now_ms);

/* An event as a message with an id of its own, in the scratch arena. */
struct message room_message(struct room *room, const struct event *event);

/* One frame of up to ROOM_BATCH_MAX messages, packed as the scenario wants it, to every client that
 * has entered. */
void room_send(struct room *room, const struct message *messages, size_t count);

/* Any WebSocket message to every client that has entered; returns how many took it. */
int room_send_raw(struct room *room, enum lws_write_protocol kind, struct slice message);

struct frame_head room_next_head(struct room *room);

/* Up to max chats of the last messages as history, oldest first. */
size_t room_history(struct room *room, struct message *messages, size_t max);

/* From client: it may be played to. */
void room_client_entered(struct room *room, struct client *client);

/* times 0: for ever. */
void room_set_scenario(struct room *room, const struct scenario *scenario, int64_t times);
/* The scenario struck; after the last time all is normal again. */
void room_scenario_used(struct room *room);

/* The status that follows from an event; none from most. */
void room_apply_control(struct room *room, const struct event *event);

size_t room_client_count(const struct room *room);
void room_drop_clients(struct room *room, int code);
void room_stall_clients(struct room *room, int64_t until_ms);

void room_free(struct room *room);
