/* SPDX-License-Identifier: MIT */
/* Waiting for the sign server: for one's turn, and while it wants to be left alone. */
#include "lib/base/clock.h"
#include "services/events/webcast/session_parts.h"

#define TELL_AFTER_MS 5000  /* a wait that viewers don't notice needs no word */
#define FOUND_GOOD_MS 60000 /* a room that was found so long ago is looked up again */
#define URGENT_ATTEMPTS 3   /* a live that is lost again and again keeps nobody from his turn */

/* Meanwhile it is looked now and then whether the live is still on. */
static void stand_back(struct session *session, enum webcast_error error, int64_t wait_ms)
{
    int64_t poll_ms = session->shared->options.offline_poll_ms;
    session_report_trying(session, error);
    session_look_up_in(session, wait_ms < poll_ms ? wait_ms : poll_ms);
}

/* ---- turns ---- */

void session_leave_queue(struct session *session)
{
    struct shared *shared = session->shared;
    turns_leave(&shared->turns, &session->turn);
    metric_set(shared->counters.sign_waiting, (int64_t)shared->turns.count);
}

static void take_turn(struct session *session)
{
    session->turn.since_ms = 0;
    session->phase = session->queued == JOB_SIGN ? PHASE_SIGNING : PHASE_LOOKING;
    lws_sul_cancel(&session->timer);
    session_ask(session, session->queued);
}

static void on_turn_timer(lws_sorted_usec_list_t *timer)
{
    session_take_turns(lws_container_of(timer, struct shared, turn_timer));
}

void session_take_turns(struct shared *shared)
{
    struct turn *turn;
    while ((turn = shared->turns.first) != NULL) {
        struct session *session = lws_container_of(turn, struct session, turn);
        enum webcast_error error = WEBCAST_ERROR_NONE;
        int64_t now_ms = clock_mono_ms();
        int64_t pause_ms = quota_pause_left(&shared->signer, now_ms, &error);
        int64_t wait_ms = pause_ms > 0 ? 0 : quota_take(&shared->signer, now_ms);
        if (wait_ms > 0) {
            lws_sul_schedule(shared->context, 0, &shared->turn_timer, on_turn_timer,
                             wait_ms * LWS_US_PER_MS);
            return;
        }
        session_leave_queue(session);
        if (pause_ms > 0)
            stand_back(session, error, pause_ms);
        else
            take_turn(session);
    }
}

void session_ask_signer(struct session *session, enum job_kind kind)
{
    struct shared *shared = session->shared;
    int64_t now_ms = clock_mono_ms();
    if (now_ms < session->refused_until_ms) {
        stand_back(session, WEBCAST_ERROR_SIGN_FORBIDDEN, session->refused_until_ms - now_ms);
        return;
    }
    session->queued = kind;
    session->queued_ms = now_ms;
    session->phase = PHASE_QUEUING;
    session_set_timer(session, TELL_AFTER_MS);
    if (!session->turn.since_ms)
        session->turn.since_ms = now_ms;
    session->turn.is_urgent = session->in_live && session->attempt <= URGENT_ATTEMPTS;
    turns_join(&shared->turns, &session->turn);
    metric_set(shared->counters.sign_waiting, (int64_t)shared->turns.count);
    session_take_turns(shared);
}

void session_queue_on(struct session *session)
{
    int64_t good_ms = session->queued_ms + FOUND_GOOD_MS - clock_mono_ms();
    if (good_ms > 0) {
        session_report_trying(session, WEBCAST_ERROR_SIGN_QUEUE);
        session_set_timer(session, good_ms);
        return;
    }
    session_leave_queue(session);
    session->phase = PHASE_LOOKING;
    session_ask(session, JOB_LOOK_UP);
}

/* ---- refusals ---- */

void session_pause_signer(struct session *session, enum webcast_error error, int64_t wait_ms)
{
    quota_pause(&session->shared->signer, clock_mono_ms(), wait_ms, error);
    stand_back(session, error, wait_ms);
    session_take_turns(session->shared);
}

void session_take_refusal(struct session *session, enum webcast_error error, int64_t wait_ms)
{
    if (wait_ms == 0) {
        session_retry(session, error);
        return;
    }
    if (error != WEBCAST_ERROR_SIGN_FORBIDDEN) {
        session_pause_signer(session, error, wait_ms);
        return;
    }
    session->refused_until_ms = clock_mono_ms() + wait_ms; /* this live alone */
    stand_back(session, error, wait_ms);
}
