/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/session_parts.h"

#include "lib/base/log.h"
#include "lib/base/uuid.h"
#include "services/events/webcast/browser.h"

#define RETRY_MS 1000
#define REFUSED_WAIT_MS 2000 /* sooner, a refused handshake is sure to be refused again */
#define GOOD_AFTER_MS 60000  /* a connection that brought data for so long was no failure */

static void on_timer(lws_sorted_usec_list_t *timer);

void session_set_timer(struct session *session, int64_t delay_ms)
{
    lws_sul_schedule(session->shared->context, 0, &session->timer, on_timer,
                     (delay_ms > 0 ? delay_ms : 1) * LWS_US_PER_MS);
}

void session_ask(struct session *session, enum job_kind kind)
{
    jobs_add(session->shared->jobs,
             job_new(kind, session->id, session->name, session->user_agent, session->room_id));
}

void session_set_text(char **text, const char *value)
{
    char *copy = strdup(value);
    if (!copy)
        abort();
    free(*text);
    *text = copy;
}

void session_report_trying(struct session *session, enum webcast_error error)
{
    reporter_tell(&session->reporter, session->in_live ? WEBCAST_RECONNECTING : WEBCAST_CONNECTING,
                  error);
}

/* ---- waiting ---- */

void session_look_up_in(struct session *session, int64_t delay_ms)
{
    session->phase = PHASE_WAITING;
    session_set_timer(session, delay_ms);
}

void session_retry(struct session *session, enum webcast_error error)
{
    uint32_t chance;
    random_bytes(&chance, sizeof(chance));
    int64_t first_ms = session->shared->options.retry_ms;
    int64_t delay_ms = backoff_delay_ms(first_ms ? first_ms : RETRY_MS, session->attempt++, chance);
    bool is_refused =
        error == WEBCAST_ERROR_DEVICE_BLOCKED || error == WEBCAST_ERROR_HANDSHAKE_REFUSED;
    if (is_refused && delay_ms < REFUSED_WAIT_MS)
        delay_ms = REFUSED_WAIT_MS;
    session_report_trying(session, error);
    session_look_up_in(session, delay_ms);
}

void session_go_offline(struct session *session, enum webcast_error error)
{
    bool ended = session->in_live || session->reporter.state == WEBCAST_ENDED;
    session->in_live = false;
    session->is_paused = false;
    session->attempt = 0;
    session->refused_until_ms = 0;
    session->turn.since_ms = 0;
    if (ended && error == WEBCAST_ERROR_USER_OFFLINE)
        reporter_tell(&session->reporter, WEBCAST_ENDED, WEBCAST_ERROR_NONE);
    else
        reporter_tell(&session->reporter, WEBCAST_OFFLINE, error);
    session_look_up_in(session, session->shared->options.offline_poll_ms);
}

static void end_live(struct session *session)
{
    connection_close(TAKE(session->connection));
    session->live_over = false;
    session_go_offline(session, WEBCAST_ERROR_USER_OFFLINE);
}

/* ---- the connection ---- */

static void on_open(void *closure)
{
    struct session *session = closure;
    session->in_live = true;
    reporter_tell(&session->reporter, WEBCAST_CONNECTED, WEBCAST_ERROR_NONE);
}

static void on_silence(void *closure)
{
    struct session *session = closure;
    if (!session->is_paused)
        reporter_tell(&session->reporter, WEBCAST_CONNECTED, WEBCAST_ERROR_NO_DATA);
    if (session->checking)
        return;
    session->checking = true;
    session_ask(session, JOB_CHECK);
}

static void on_data(void *closure)
{
    struct session *session = closure;
    reporter_tell(&session->reporter, WEBCAST_CONNECTED, WEBCAST_ERROR_NONE);
}

static void on_lost(void *closure, enum webcast_error error, const char *reason, int64_t good_ms)
{
    struct session *session = closure;
    session->connection = NULL;
    metric_add(session->shared->counters.reconnects, 1);
    log_info(NULL, "no connection to a live", LOG_TEXT("tiktok", session->name),
             LOG_TEXT("error", webcast_error_name(error)), LOG_TEXT("reason", reason));
    if (session->live_over) {
        end_live(session);
        return;
    }
    if (good_ms >= GOOD_AFTER_MS)
        session->attempt = 0;
    session_retry(session, error);
}

/* The connection that brought the end of the live can't be closed from within: the timer does. */
static void take_control(struct session *session, enum live_control_kind kind)
{
    if (kind == LIVE_CONTROL_PAUSE || kind == LIVE_CONTROL_RESUME)
        session->is_paused = kind == LIVE_CONTROL_PAUSE;
    bool is_over = kind == LIVE_CONTROL_END || kind == LIVE_CONTROL_SUSPENDED;
    if (!is_over || !session->connection)
        return;
    session->live_over = true;
    session_set_timer(session, 0);
}

static void on_event(void *closure, const struct live_event *event)
{
    struct session *session = closure;
    const struct webcast_options *options = &session->shared->options;
    options->on_event(options->closure, session->name, event);
    if (event->type == LIVE_CONTROL)
        take_control(session, event->control.kind);
}

void session_connect(struct session *session, const struct job *job)
{
    static const struct connection_handlers handlers = {on_open, on_silence, on_data, on_lost};
    char reason[SOCKET_REASON_MAX];
    session->phase = PHASE_CONNECTED;
    session->connection =
        connection_open(session->shared, &session->stream, job, &handlers, session, reason);
    if (!session->connection)
        on_lost(session, WEBCAST_ERROR_CLOSED, reason, 0);
}

/* ---- what comes of its jobs ---- */

static void take_check(struct session *session, const struct job *job)
{
    session->checking = false;
    if (session->connection && job->room_id == session->room_id &&
        job->found.error == WEBCAST_ERROR_USER_OFFLINE)
        end_live(session);
}

void session_take_job(struct session *session, const struct job *job)
{
    switch (job->kind) {
    case JOB_LOOK_UP:
    case JOB_ASK_SIGNER:
        session_take_look_up(session, job);
        return;
    case JOB_CHECK:
        take_check(session, job);
        return;
    case JOB_SIGN:
        session_take_signature(session, job);
        return;
    }
}

static void on_timer(lws_sorted_usec_list_t *timer)
{
    struct session *session = lws_container_of(timer, struct session, timer);
    if (session->live_over) {
        end_live(session);
        return;
    }
    if (session->phase == PHASE_QUEUING) {
        session_queue_on(session);
        return;
    }
    session->phase = PHASE_LOOKING;
    session_ask(session, JOB_LOOK_UP);
}

/* ---- life ---- */

struct session *session_new(struct shared *shared, uint64_t id, const char *name)
{
    struct session *session = calloc(1, sizeof(*session));
    if (!session)
        abort();
    session->shared = shared;
    session->id = id;
    session_set_text(&session->name, name);
    session_set_text(&session->user_agent, BROWSER_USER_AGENT);
    stream_init(&session->stream, session->name, &shared->counters, on_event, session);
    reporter_init(&session->reporter, &shared->options, session->name);
    reporter_tell(&session->reporter, WEBCAST_CONNECTING, WEBCAST_ERROR_NONE);
    session->phase = PHASE_LOOKING;
    session_ask(session, JOB_LOOK_UP);
    return session;
}

const char *session_name(const struct session *session)
{
    return session->name;
}

uint64_t session_id(const struct session *session)
{
    return session->id;
}

void session_free(struct session *session)
{
    connection_close(session->connection);
    session_leave_queue(session);
    lws_sul_cancel(&session->timer);
    free(session->user_agent);
    free(session->name);
    free(session);
}
