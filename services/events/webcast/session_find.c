/* SPDX-License-Identifier: MIT */
/* From a name to a connection: what comes of look-ups and signatures. */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/events/webcast/session_parts.h"

#define MINUTE_MS INT64_C(60000)
#define TELL_AFTER_MS 5000 /* who waits longer is told why */

/* ---- the sign server ---- */

/* It wants none of us to ask. Meanwhile it is looked now and then whether the live is still on. */
static void wait_for_signer(struct session *session, enum webcast_error error, int64_t wait_ms)
{
    int64_t poll_ms = session->shared->options.offline_poll_ms;
    turns_leave(&session->shared->turns, &session->turn);
    session_report_trying(session, error);
    session_look_up_in(session, wait_ms < poll_ms ? wait_ms : poll_ms);
}

/* 0 when it is our turn, and there is a request for us; else how long that will take, about. */
static int64_t take_turn(struct session *session)
{
    struct shared *shared = session->shared;
    size_t before = turns_join(&shared->turns, &session->turn, session->in_live);
    if (before > 0)
        return (int64_t)before * MINUTE_MS / shared->options.sign_per_minute;
    int64_t wait_ms = quota_take(&shared->signer, clock_mono_ms());
    if (wait_ms == 0)
        turns_leave(&shared->turns, &session->turn);
    return wait_ms;
}

void session_ask_signer(struct session *session, enum job_kind kind)
{
    enum webcast_error error = WEBCAST_ERROR_SIGN_FORBIDDEN;
    int64_t now_ms = clock_mono_ms();
    int64_t pause_ms = session->refused_until_ms - now_ms;
    if (pause_ms <= 0)
        pause_ms = quota_pause_left(&session->shared->signer, now_ms, &error);
    if (pause_ms > 0) {
        wait_for_signer(session, error, pause_ms);
        return;
    }
    session->queued = kind;
    session->phase = kind == JOB_SIGN ? PHASE_SIGNING : PHASE_LOOKING;
    int64_t wait_ms = take_turn(session);
    if (wait_ms == 0) {
        session_ask(session, kind);
        return;
    }
    session->phase = PHASE_QUEUING;
    if (wait_ms > TELL_AFTER_MS)
        session_report_trying(session, WEBCAST_ERROR_SIGN_QUEUE);
    session_set_timer(session, wait_ms);
}

/* A word about this live alone. */
static void take_refusal(struct session *session, int64_t wait_ms)
{
    session->refused_until_ms = clock_mono_ms() + wait_ms;
    wait_for_signer(session, WEBCAST_ERROR_SIGN_FORBIDDEN, wait_ms);
}

static void pause_signer(struct session *session, enum webcast_error error, int64_t wait_ms)
{
    quota_pause(&session->shared->signer, clock_mono_ms(), wait_ms, error);
    wait_for_signer(session, error, wait_ms);
}

void session_take_signature(struct session *session, const struct job *job)
{
    const struct counters *counters = &session->shared->counters;
    const struct sign_answer *answer = &job->answer;
    metric_add(counters->signs[answer->error], 1);
    if (answer->remaining >= 0)
        metric_set(counters->sign_remaining, answer->remaining);
    if (answer->error == WEBCAST_ERROR_NONE) {
        session_set_text(&session->user_agent, answer->user_agent);
        session->room_id = answer->room_id;
        session_connect(session, job);
        return;
    }
    log_warning(NULL, "no signature", LOG_TEXT("tiktok", session->name),
                LOG_TEXT("error", webcast_error_name(answer->error)),
                LOG_TEXT("reason", answer->message), LOG_INT("wait_ms", answer->wait_ms));
    if (answer->wait_ms > 0 && answer->error == WEBCAST_ERROR_SIGN_FORBIDDEN)
        take_refusal(session, answer->wait_ms);
    else if (answer->wait_ms > 0)
        pause_signer(session, answer->error, answer->wait_ms);
    else
        session_retry(session, answer->error);
}

/* ---- look-up ---- */

static void take_found(struct session *session, int64_t room_id)
{
    session->room_id = room_id;
    session->found_ms = clock_mono_ms();
    if (!reporter_told_trying(&session->reporter)) /* else the trouble of before stands */
        session_report_trying(session, WEBCAST_ERROR_NONE);
    session_ask_signer(session, JOB_SIGN);
}

/* TikTok itself did not say. */
static void take_unknown(struct session *session, const struct job *job)
{
    struct webcast_options *options = &session->shared->options;
    if (job->kind == JOB_LOOK_UP && options->sign_looks_up) {
        session_ask_signer(session, JOB_ASK_SIGNER);
        return;
    }
    if (job->found.error != WEBCAST_ERROR_SIGN_AUTH) {
        session_retry(session, job->found.error);
        return;
    }
    log_warning(NULL, "the sign server looks no rooms up for our key");
    options->sign_looks_up = false;
    session_retry(session, WEBCAST_ERROR_BLOCKED);
}

void session_take_look_up(struct session *session, const struct job *job)
{
    const struct lookup *found = &job->found;
    metric_add(session->shared->counters.lookups[found->error], 1);
    switch (found->error) {
    case WEBCAST_ERROR_NONE:
        take_found(session, found->room_id);
        return;
    case WEBCAST_ERROR_USER_OFFLINE:
    case WEBCAST_ERROR_USER_NOT_FOUND:
    case WEBCAST_ERROR_AGE_RESTRICTED:
    case WEBCAST_ERROR_LOGIN_REQUIRED:
        session_go_offline(session, found->error);
        return;
    case WEBCAST_ERROR_SIGN_RATE_LIMITED:
        pause_signer(session, found->error, found->wait_ms);
        return;
    default:
        take_unknown(session, job);
    }
}
