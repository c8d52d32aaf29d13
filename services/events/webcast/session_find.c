/* SPDX-License-Identifier: MIT */
/* From a name to a connection: what comes of look-ups and signatures. */
#include "lib/base/log.h"
#include "services/events/webcast/session_parts.h"

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
    session_take_refusal(session, answer->error, answer->wait_ms);
}

/* ---- look-up ---- */

static void take_found(struct session *session, int64_t room_id)
{
    session->room_id = room_id;
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
        session_pause_signer(session, found->error, found->wait_ms);
        return;
    default:
        take_unknown(session, job);
    }
}
