/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/connection.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/uuid.h"
#include "services/events/webcast/frames.h"

#define HEARTBEAT_MS 10000
#define NO_DATA_MS 60000
#define STATUS_POLL_MS 120000
#define ACK_MAX_BYTES ((size_t)64 * 1024) /* it echoes what the server sent */

struct connection {
    struct shared *shared;
    struct stream *stream;
    const struct connection_handlers *handlers;
    void *closure;
    int64_t room_id;
    struct socket *socket;
    struct buffer batch; /* the sign server's answer, read once the room is open */
    int64_t heartbeat_ms;
    int64_t heartbeats;
    int64_t opened_ms; /* 0: not yet; monotonic, like those below */
    int64_t last_frame_ms;
    int64_t last_message_ms;
    int64_t silence_due_ms; /* when silence is to be noticed, or noticed again */
    bool is_silent;
    lws_sorted_usec_list_t heartbeat;
    lws_sorted_usec_list_t watchdog;
};

static void schedule(struct connection *connection, lws_sorted_usec_list_t *timer,
                     sul_cb_t callback, int64_t delay_ms)
{
    lws_sul_schedule(connection->shared->context, 0, timer, callback,
                     (delay_ms > 0 ? delay_ms : 1) * LWS_US_PER_MS);
}

static void connection_free(struct connection *connection)
{
    lws_sul_cancel(&connection->heartbeat);
    lws_sul_cancel(&connection->watchdog);
    acks_drop(&connection->shared->acks, connection);
    if (connection->opened_ms)
        metric_add(connection->shared->counters.connected, -1);
    buffer_done(&connection->batch);
    free(connection);
}

static void lose(struct connection *connection, enum webcast_error error, const char *reason)
{
    const struct connection_handlers *handlers = connection->handlers;
    void *closure = connection->closure;
    int64_t good_ms = connection->last_message_ms - connection->opened_ms;
    connection_free(connection);
    handlers->on_lost(closure, error, reason, good_ms);
}

/* ---- timers ---- */

static void beat(lws_sorted_usec_list_t *timer)
{
    struct connection *connection = lws_container_of(timer, struct connection, heartbeat);
    AUTO_BUFFER(frame, 256);
    frame_encode_heartbeat(&frame, connection->room_id, ++connection->heartbeats);
    socket_send(connection->socket, buffer_slice(&frame));
    schedule(connection, timer, beat, connection->heartbeat_ms);
}

/* Heartbeats are answered, but there's nothing to tell. */
static void notice_silence(struct connection *connection, int64_t now_ms)
{
    int64_t wanted_ms = connection->shared->options.status_poll_ms;
    connection->silence_due_ms = now_ms + (wanted_ms ? wanted_ms : STATUS_POLL_MS);
    connection->is_silent = true;
    connection->handlers->on_silence(connection->closure);
}

static void notice_data(struct connection *connection, int64_t now_ms)
{
    int64_t wanted_ms = connection->shared->options.no_data_ms;
    connection->last_message_ms = now_ms;
    connection->silence_due_ms = now_ms + (wanted_ms ? wanted_ms : NO_DATA_MS);
    if (!connection->is_silent)
        return;
    connection->is_silent = false;
    connection->handlers->on_data(connection->closure);
}

static void watch(lws_sorted_usec_list_t *timer)
{
    struct connection *connection = lws_container_of(timer, struct connection, watchdog);
    int64_t now_ms = clock_mono_ms();
    int64_t dead_ms = connection->last_frame_ms + connection->shared->options.stale_ms;
    if (dead_ms <= now_ms) {
        socket_close(TAKE(connection->socket));
        lose(connection, WEBCAST_ERROR_STALE, "no frame for too long");
        return;
    }
    if (connection->silence_due_ms <= now_ms)
        notice_silence(connection, now_ms);
    int64_t next_ms = connection->silence_due_ms < dead_ms ? connection->silence_due_ms : dead_ms;
    schedule(connection, timer, watch, next_ms - now_ms);
}

/* ---- the socket ---- */

static void enter(struct connection *connection)
{
    int64_t enter_id;
    random_bytes(&enter_id, sizeof(enter_id));
    AUTO_BUFFER(frame, 256);
    frame_encode_enter(&frame, connection->room_id, enter_id & INT64_MAX);
    socket_send(connection->socket, buffer_slice(&frame));
}

static void on_open(void *closure, int64_t ping_interval_s)
{
    struct connection *connection = closure;
    int64_t now_ms = clock_mono_ms();
    connection->opened_ms = now_ms;
    connection->last_frame_ms = now_ms;
    notice_data(connection, now_ms); /* the silence begins now */
    metric_add(connection->shared->counters.connected, 1);
    int64_t wanted_ms = connection->shared->options.heartbeat_ms;
    connection->heartbeat_ms = wanted_ms ? wanted_ms : HEARTBEAT_MS;
    if (ping_interval_s && ping_interval_s * 1000 < connection->heartbeat_ms)
        connection->heartbeat_ms = ping_interval_s * 1000;

    enter(connection);
    beat(&connection->heartbeat);
    watch(&connection->watchdog);
    connection->handlers->on_open(connection->closure);
    stream_read_result(connection->stream, buffer_slice(&connection->batch), now_ms,
                       &connection->shared->memory);
    buffer_done(&connection->batch);
}

/* ---- acknowledgements ---- */

void connection_settle(struct shared *shared)
{
    const struct webcast_options *options = &shared->options;
    struct ack *ack;
    bool is_early;
    while (acks_are_waiting(&shared->acks) &&
           (ack = acks_take(&shared->acks, options->settled(options->closure), &is_early))) {
        const struct connection *connection = ack->owner;
        metric_add(shared->counters.early_acks, is_early);
        socket_send(connection->socket, (struct slice){ack->frame, ack->size});
        free(ack);
    }
}

/* At once, or when what the frame brought is safe. */
static void acknowledge(struct connection *connection, struct slice ack)
{
    struct shared *shared = connection->shared;
    const struct webcast_options *options = &shared->options;
    if (!options->position) {
        socket_send(connection->socket, ack);
        return;
    }
    acks_add(&shared->acks, connection, options->position(options->closure), ack);
    connection_settle(shared);
}

static void on_message(void *closure, struct slice message)
{
    struct connection *connection = closure;
    int64_t now_ms = clock_mono_ms();
    AUTO_BUFFER(ack, ACK_MAX_BYTES);
    connection->last_frame_ms = now_ms;
    if (stream_read(connection->stream, message, now_ms, &connection->shared->memory, &ack))
        notice_data(connection, now_ms);
    if (ack.size > 0)
        acknowledge(connection, buffer_slice(&ack));
}

static void on_closed(void *closure, enum webcast_error error, const char *reason)
{
    struct connection *connection = closure;
    connection->socket = NULL;
    lose(connection, error, reason);
}

struct connection *connection_open(struct shared *shared, struct stream *stream,
                                   const struct job *signed_job,
                                   const struct connection_handlers *handlers, void *closure,
                                   char *ret_reason)
{
    static const struct socket_handlers socket_handlers = {on_open, on_message, on_closed};
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        abort();
    connection->shared = shared;
    connection->stream = stream;
    connection->handlers = handlers;
    connection->closure = closure;
    connection->room_id = signed_job->answer.room_id;
    buffer_init(&connection->batch, SIGN_BODY_MAX_BYTES);
    buffer_add(&connection->batch, signed_job->answer.body.data, signed_job->answer.body.size);
    stream_restart(stream);

    connection->socket =
        socket_open(shared->context, shared_vhost(shared, signed_job->target.tls),
                    &signed_job->target, signed_job->answer.cookie, signed_job->answer.user_agent,
                    &socket_handlers, connection, ret_reason);
    if (connection->socket)
        return connection;
    connection_free(connection);
    return NULL;
}

void connection_close(struct connection *connection)
{
    if (!connection)
        return;
    socket_close(connection->socket);
    connection_free(connection);
}
