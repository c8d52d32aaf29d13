/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/replay.h"

#include "lib/base/clock.h"
#include "services/gateway/ws/notice.h"
#include "services/gateway/ws/room.h"
#include "services/gateway/ws/socket.h"
#include "services/gateway/ws/stored.h"

#define FETCH_TIMEOUT_MS 5000
#define FETCH_BELOW 64 /* frames in the socket's queue: more are fetched when fewer wait */

/* An event that was sent just before the room began to listen may be stored a moment after that:
 * for so long the end of the stream is not believed. */
#define SETTLE_MS 300

enum replay_stage {
    REPLAY_NEWEST, /* asks for the user's newest event */
    REPLAY_SEARCH, /* the first event to send is at low..high */
    REPLAY_READ,   /* reads on from low */
    REPLAY_LIVE,   /* done: live events pass, if they are new */
    REPLAY_CUT,    /* waits for the bus, to begin anew */
};

struct replay {
    struct socket *socket; /* NULL when it went while an answer was awaited */
    enum replay_stage stage;
    bool awaits_answer;
    bool is_seamless; /* nothing can be missing before the next event, or the client was told */
    int64_t last_seq; /* of the newest event that the client has */
    uint64_t low, high;
    struct frame_queue held;   /* live events that came meanwhile, the last of them at least */
    int64_t forgot_ms;         /* when some of them were forgotten: monotonic; 0: never */
    struct wheel_timer settle; /* until the end of the stream is asked for again */
};

/* ---- sending ---- */

static void tell_gap(struct replay *replay, int64_t next_seq)
{
    AUTO_BUFFER(notice, NOTICE_MAX_BYTES);
    notice_gap(&notice, replay->last_seq + 1, next_seq - 1);
    socket_send_text(replay->socket, buffer_slice(&notice));
}

static void send_event(struct replay *replay, struct frame *frame, int64_t seq)
{
    if (seq <= replay->last_seq) {
        replay->is_seamless = true; /* the stream reaches back to what the client has */
        return;
    }
    if (!replay->is_seamless && seq > replay->last_seq + 1)
        tell_gap(replay, seq);
    replay->is_seamless = true;
    replay->last_seq = seq;
    socket_send(replay->socket, frame);
}

static struct slice text_of(struct frame *frame)
{
    return (struct slice){frame_payload(frame), frame_size(frame)};
}

/* Nobody has an event that is not made yet. A number from the future is made up, or of a clock that
 * was wrong; dropping all events up to it would mute the socket for as long. It counts as that of
 * the newest event (newest_seq, 0 for none), of those before the first that came since the socket
 * is here. A number that is past, but not stored, may be on its way there. */
static void heed_clock(struct replay *replay, int64_t newest_seq)
{
    struct frame *first = frame_queue_first(&replay->held);
    if (replay->last_seq <= newest_seq || replay->last_seq <= clock_wall_ms() * 1000)
        return;
    int64_t heard_seq = first ? stored_seq(text_of(first)) : INT64_MAX;
    replay->last_seq = heard_seq <= newest_seq ? heard_seq - 1 : newest_seq;
    replay->is_seamless = true;
}

static void go_live(struct replay *replay)
{
    struct frame *frame;
    if (replay->stage == REPLAY_NEWEST)
        heed_clock(replay, 0);
    replay->stage = REPLAY_LIVE;
    while ((frame = frame_queue_take(&replay->held))) {
        send_event(replay, frame, stored_seq(text_of(frame)));
        frame_drop(frame);
    }
    frame_queue_clear(&replay->held);
}

/* ---- reading the stream ---- */

/* The stream holds an event: one step forward. */
static void take_event(struct replay *replay, const struct stored_event *event)
{
    if (replay->stage == REPLAY_NEWEST)
        heed_clock(replay, event->seq);
    bool is_missed = event->seq > replay->last_seq;
    switch (replay->stage) {
    case REPLAY_NEWEST:
        replay->is_seamless = replay->is_seamless || !is_missed;
        replay->stage = is_missed ? REPLAY_SEARCH : REPLAY_READ;
        replay->low = is_missed ? 1 : event->position + 1;
        replay->high = event->position;
        break;
    case REPLAY_SEARCH:
        if (is_missed) {
            replay->high = replay->low + (replay->high - replay->low) / 2;
        } else {
            replay->is_seamless = true;
            replay->low = event->position + 1;
        }
        break;
    case REPLAY_READ: {
        struct frame *frame = frame_new(event->text);
        replay->low = event->position + 1;
        send_event(replay, frame, event->seq);
        frame_drop(frame);
        break;
    }
    case REPLAY_LIVE:
    case REPLAY_CUT:
        break;
    }
    if (replay->stage == REPLAY_SEARCH && replay->low >= replay->high)
        replay->stage = REPLAY_READ;
}

static void on_settled(struct wheel_timer *timer)
{
    replay_continue(lws_container_of(timer, struct replay, settle));
}

/* There is no later event, or not yet. */
static void reach_end(struct replay *replay)
{
    const struct socket *socket = replay->socket;
    int64_t since_ms = socket->room ? room_subscribed_ms(socket->room) : 0;
    int64_t heard_ms =
        clock_mono_ms() - (since_ms > replay->forgot_ms ? since_ms : replay->forgot_ms);
    if (heard_ms < SETTLE_MS)
        wheel_set(&socket->ws->wheel, &replay->settle, SETTLE_MS - heard_ms, on_settled);
    else
        go_live(replay);
}

/* An answer that is none ends the replay, unless it is for want of the bus: what could not be read
 * shows as a gap. */
static void on_answer(struct ws *ws, void *closure, int http_status, natsMsg *reply)
{
    struct replay *replay = closure;
    struct stored_event event;
    replay->awaits_answer = false;
    if (!replay->socket) {
        replay_end(replay);
        return;
    }
    ws_heed_losses(ws);
    if (ws->is_cut)
        replay_cut(replay);
    if (replay->stage == REPLAY_CUT) {
        if (!ws->is_cut)
            replay_resume(replay);
        return;
    }
    enum status status = STATUS_UNAVAILABLE;
    if (reply && http_status == status_http(STATUS_OK))
        status = stored_decode(
            (struct slice){natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply)}, ws->arena,
            &event);
    if (status == STATUS_OK)
        take_event(replay, &event);
    if (status == STATUS_OK)
        replay_continue(replay);
    else if (status == STATUS_NOT_FOUND)
        reach_end(replay);
    else
        go_live(replay);
    arena_reset(ws->arena);
}

static uint64_t next_position(const struct replay *replay)
{
    if (replay->stage == REPLAY_NEWEST)
        return 0;
    if (replay->stage == REPLAY_SEARCH)
        return replay->low + (replay->high - replay->low) / 2;
    return replay->low;
}

static void fetch(struct replay *replay)
{
    struct socket *socket = replay->socket;
    AUTO_BUFFER(body, STORED_REQUEST_MAX_BYTES);
    stored_request(socket->origin.claims.user_id.text, next_position(replay), &body);
    const struct upstream_request request = {
        .subject = STORED_SUBJECT,
        .body = buffer_slice(&body),
        .timeout_ms = FETCH_TIMEOUT_MS,
    };
    replay->awaits_answer = true;
    ws_request(socket->ws, &request, on_answer, replay);
}

void replay_continue(struct replay *replay)
{
    if (replay->stage == REPLAY_LIVE || replay->stage == REPLAY_CUT || replay->awaits_answer ||
        replay->socket->close_code || replay->socket->queue.count >= FETCH_BELOW)
        return;
    fetch(replay);
}

void replay_cut(struct replay *replay)
{
    if (!replay)
        return;
    wheel_cancel(&replay->settle);
    replay->stage = REPLAY_CUT;
}

void replay_resume(struct replay *replay)
{
    if (!replay || replay->stage != REPLAY_CUT || replay->awaits_answer ||
        replay->socket->close_code)
        return;
    replay->stage = REPLAY_NEWEST;
    replay->is_seamless = replay->last_seq == 0; /* nothing is promised before what there is */
    fetch(replay);
}

struct replay *replay_wait(struct socket *socket, int64_t since)
{
    struct replay *replay = calloc(1, sizeof(*replay));
    if (!replay)
        abort();
    replay->socket = socket;
    replay->last_seq = since;
    replay->stage = REPLAY_CUT;
    return replay;
}

struct replay *replay_begin(struct socket *socket, int64_t since)
{
    struct replay *replay = replay_wait(socket, since);
    replay_resume(replay);
    return replay;
}

/* More than can wait may come while much is read. It is in the stream, too, and read from there. */
static void hold(struct replay *replay, struct frame *frame)
{
    if (frame_queue_add(&replay->held, frame))
        return;
    frame_queue_clear(&replay->held);
    replay->forgot_ms = clock_mono_ms();
}

void replay_event(struct replay *replay, struct frame *frame, int64_t seq)
{
    if (replay->stage == REPLAY_LIVE)
        send_event(replay, frame, seq);
    else
        hold(replay, frame);
}

void replay_end(struct replay *replay)
{
    if (!replay)
        return;
    replay->socket = NULL;
    wheel_cancel(&replay->settle);
    frame_queue_clear(&replay->held);
    if (!replay->awaits_answer)
        free(replay);
}
