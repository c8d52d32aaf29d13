/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/session.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/events/webcast/connection.h"

#define RETRY_MS 1000
#define DEVICE_BLOCKED_WAIT_MS 2000 /* sooner, the refusal is sure to come again */
#define GOOD_AFTER_MS 60000         /* a connection that lasted so long was no failure */

enum phase {
    PHASE_WAITING,  /* for the timer, then looks up */
    PHASE_LOOKING,  /* a look-up is underway */
    PHASE_QUEUING,  /* for a share of the signatures */
    PHASE_SIGNING,  /* a signature is asked for */
    PHASE_CONNECTED /* or about to be */
};

struct session {
    struct shared *shared;
    uint64_t id;
    char *name;
    enum phase phase;
    bool in_live; /* was connected since the live began: a loss is "reconnecting" */
    bool live_over;
    bool checking; /* whether the live is still on */
    unsigned attempt;
    int64_t room_id;
    bool reported; /* what stands below */
    enum webcast_state state;
    enum webcast_error error;
    struct connection *connection;
    lws_sorted_usec_list_t timer;
    struct stream stream;
};

static void on_timer(lws_sorted_usec_list_t *timer);

static void set_timer(struct session *session, int64_t delay_ms)
{
    lws_sul_schedule(session->shared->context, 0, &session->timer, on_timer,
                     (delay_ms > 0 ? delay_ms : 1) * LWS_US_PER_MS);
}

static void ask(struct session *session, enum job_kind kind)
{
    jobs_add(session->shared->jobs, job_new(kind, session->id, session->name, session->room_id));
}

/* ---- what the world is told ---- */

static void report(struct session *session, enum webcast_state state, enum webcast_error error)
{
    static const char *const messages[] = {
        [WEBCAST_CONNECTING] = "connecting to the live",
        [WEBCAST_CONNECTED] = "connected to the live",
        [WEBCAST_RECONNECTING] = "connecting to the live again",
        [WEBCAST_OFFLINE] = "not live at the moment",
        [WEBCAST_ENDED] = "the live is over",
    };
    if (session->reported && session->state == state && session->error == error)
        return;
    session->reported = true;
    session->state = state;
    session->error = error;
    const struct webcast_options *options = &session->shared->options;
    const char *message = error ? webcast_error_message(error) : messages[state];
    options->on_state(options->closure, session->name, state, error, message);
}

static bool is_trying(const struct session *session)
{
    return session->state == WEBCAST_CONNECTING || session->state == WEBCAST_RECONNECTING;
}

static void report_trying(struct session *session, enum webcast_error error)
{
    report(session, session->in_live ? WEBCAST_RECONNECTING : WEBCAST_CONNECTING, error);
}

/* ---- waiting ---- */

static void look_up_in(struct session *session, int64_t delay_ms)
{
    session->phase = PHASE_WAITING;
    set_timer(session, delay_ms);
}

static void retry(struct session *session, enum webcast_error error)
{
    uint32_t chance;
    random_bytes(&chance, sizeof(chance));
    int64_t first_ms = session->shared->options.retry_ms;
    int64_t delay_ms = backoff_delay_ms(first_ms ? first_ms : RETRY_MS, session->attempt++, chance);
    if (error == WEBCAST_ERROR_DEVICE_BLOCKED && delay_ms < DEVICE_BLOCKED_WAIT_MS)
        delay_ms = DEVICE_BLOCKED_WAIT_MS;
    report_trying(session, error);
    look_up_in(session, delay_ms);
}

/* Not live, for whatever reason; what was live has ended. */
static void go_offline(struct session *session, enum webcast_error error)
{
    bool ended = session->in_live || session->state == WEBCAST_ENDED;
    session->in_live = false;
    session->attempt = 0;
    if (ended && error == WEBCAST_ERROR_USER_OFFLINE)
        report(session, WEBCAST_ENDED, WEBCAST_ERROR_NONE);
    else
        report(session, WEBCAST_OFFLINE, error);
    look_up_in(session, session->shared->options.offline_poll_ms);
}

static void end_live(struct session *session)
{
    log_info(NULL, "the live is over", LOG_TEXT("tiktok", session->name));
    connection_close(TAKE(session->connection));
    session->live_over = false;
    go_offline(session, WEBCAST_ERROR_USER_OFFLINE);
}

/* ---- the connection ---- */

static void on_open(void *closure)
{
    struct session *session = closure;
    log_info(NULL, "connected to a live", LOG_TEXT("tiktok", session->name),
             LOG_INT("room_id", session->room_id));
    session->in_live = true;
    report(session, WEBCAST_CONNECTED, WEBCAST_ERROR_NONE);
}

static void on_silence(void *closure)
{
    struct session *session = closure;
    if (session->checking)
        return;
    session->checking = true;
    ask(session, JOB_CHECK);
}

static void on_lost(void *closure, enum webcast_error error, const char *reason, int64_t lasted_ms)
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
    if (lasted_ms >= GOOD_AFTER_MS)
        session->attempt = 0;
    retry(session, error);
}

/* The connection that brought the end of the live can't be closed from within: the timer does. */
static void on_event(void *closure, const struct live_event *event)
{
    struct session *session = closure;
    const struct webcast_options *options = &session->shared->options;
    options->on_event(options->closure, session->name, event);
    bool over = event->type == LIVE_CONTROL && (event->control.kind == LIVE_CONTROL_END ||
                                                event->control.kind == LIVE_CONTROL_SUSPENDED);
    if (!over || !session->connection)
        return;
    session->live_over = true;
    set_timer(session, 0);
}

static void connect_signed(struct session *session, const struct job *job)
{
    static const struct connection_handlers handlers = {on_open, on_silence, on_lost};
    char reason[SOCKET_REASON_MAX];
    session->phase = PHASE_CONNECTED;
    session->connection =
        connection_open(session->shared, &session->stream, job, &handlers, session, reason);
    if (!session->connection)
        on_lost(session, WEBCAST_ERROR_CLOSED, reason, 0);
}

/* ---- signature ---- */

static void want_signature(struct session *session)
{
    struct shared *shared = session->shared;
    int64_t now_ms = clock_mono_ms();
    if (now_ms < shared->sign_paused_until_ms) {
        report_trying(session, shared->sign_pause_error);
        look_up_in(session, shared->sign_paused_until_ms - now_ms);
        return;
    }
    int64_t wait_ms = bucket_take(&shared->signatures, now_ms);
    if (wait_ms > 0) {
        session->phase = PHASE_QUEUING;
        set_timer(session, wait_ms);
        return;
    }
    session->phase = PHASE_SIGNING;
    ask(session, JOB_SIGN);
}

static void take_signature(struct session *session, const struct job *job)
{
    struct shared *shared = session->shared;
    const struct sign_answer *answer = &job->answer;
    metric_add(shared->counters.signs[answer->error], 1);
    if (answer->error == WEBCAST_ERROR_NONE) {
        connect_signed(session, job);
        return;
    }
    log_warning(NULL, "no signature", LOG_TEXT("tiktok", session->name),
                LOG_TEXT("error", webcast_error_name(answer->error)),
                LOG_TEXT("reason", answer->message), LOG_INT("wait_ms", answer->wait_ms));
    if (answer->wait_ms == 0) {
        retry(session, answer->error);
        return;
    }
    shared->sign_paused_until_ms = clock_mono_ms() + answer->wait_ms;
    shared->sign_pause_error = answer->error;
    report_trying(session, answer->error);
    look_up_in(session, answer->wait_ms);
}

/* ---- look-up ---- */

static void take_look_up(struct session *session, const struct lookup *found)
{
    metric_add(session->shared->counters.lookups[found->error], 1);
    switch (found->error) {
    case WEBCAST_ERROR_NONE:
        session->room_id = found->room_id;
        if (!is_trying(session)) /* else the trouble of before stands until it is over */
            report_trying(session, WEBCAST_ERROR_NONE);
        want_signature(session);
        return;
    case WEBCAST_ERROR_USER_OFFLINE:
    case WEBCAST_ERROR_USER_NOT_FOUND:
    case WEBCAST_ERROR_AGE_RESTRICTED:
    case WEBCAST_ERROR_LOGIN_REQUIRED:
        go_offline(session, found->error);
        return;
    default:
        retry(session, found->error);
    }
}

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
        take_look_up(session, &job->found);
        return;
    case JOB_CHECK:
        take_check(session, job);
        return;
    case JOB_SIGN:
        take_signature(session, job);
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
        want_signature(session);
        return;
    }
    session->phase = PHASE_LOOKING;
    ask(session, JOB_LOOK_UP);
}

/* ---- life ---- */

struct session *session_new(struct shared *shared, uint64_t id, const char *name)
{
    struct session *session = calloc(1, sizeof(*session));
    if (!session)
        abort();
    session->shared = shared;
    session->id = id;
    session->name = strdup(name);
    if (!session->name)
        abort();
    stream_init(&session->stream, session->name, &shared->counters, on_event, session);
    report(session, WEBCAST_CONNECTING, WEBCAST_ERROR_NONE);
    session->phase = PHASE_LOOKING;
    ask(session, JOB_LOOK_UP);
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
    lws_sul_cancel(&session->timer);
    free(session->name);
    free(session);
}
