/* SPDX-License-Identifier: MIT */
/* What the session*.c files share. */
#pragma once

#include "services/events/webcast/connection.h"
#include "services/events/webcast/reporter.h"
#include "services/events/webcast/session.h"

enum phase {
    PHASE_WAITING,  /* for the timer, then looks up */
    PHASE_LOOKING,  /* a look-up is underway */
    PHASE_QUEUING,  /* for a share of what may be asked of the sign server */
    PHASE_SIGNING,  /* a signature is asked for */
    PHASE_CONNECTED /* or about to be */
};

struct session {
    struct shared *shared;
    uint64_t id;
    char *name;
    char *user_agent; /* ours, or the sign server's choice */
    enum phase phase;
    enum job_kind queued; /* PHASE_QUEUING: what is to be asked of the sign server */
    int64_t queued_ms;    /* since when, monotonic; the turn knows how long all of it takes */
    struct turn turn;     /* since_ms is 0 when nothing is to be asked */
    bool in_live;         /* was connected since the live began: a loss is "reconnecting" */
    bool live_over;
    bool is_paused; /* by the host: silence is no wonder */
    bool checking;  /* whether the live is still on */
    unsigned attempt;
    int64_t room_id;          /* of the live, or of the last one; 0: none so far */
    int64_t refused_until_ms; /* the sign server wants nothing of this live; monotonic, 0: it may be
                                 asked */
    struct reporter reporter;
    struct connection *connection;
    lws_sorted_usec_list_t timer;
    struct stream stream;
};

/* ---- steps (session.c) ---- */

/* Hands a job over; session_take_job is called with it when it is done. */
void session_ask(struct session *session, enum job_kind kind);
void session_set_timer(struct session *session, int64_t delay_ms);
/* "connecting", or where the live was connected before, "reconnecting". */
void session_report_trying(struct session *session, enum webcast_error error);
void session_look_up_in(struct session *session, int64_t delay_ms);
/* From the look-up on, after a wait that grows. */
void session_retry(struct session *session, enum webcast_error error);
/* Not live, for whatever reason; what was live has ended. */
void session_go_offline(struct session *session, enum webcast_error error);
void session_connect(struct session *session, const struct job *signed_job);
/* Replaces one of the session's texts by a copy. */
void session_set_text(char **text, const char *value);

/* ---- look-up and signature (session_find.c) ---- */

void session_take_look_up(struct session *session, const struct job *job);
void session_take_signature(struct session *session, const struct job *job);

/* ---- waiting for the sign server (session_turn.c) ---- */

/* Asks the sign server when our turn has come: before others when a live that was connected is to
 * be connected again. */
void session_ask_signer(struct session *session, enum job_kind kind);
/* Our turn has not come for a while: tells so, and then looks up again, without losing the place.
 */
void session_queue_on(struct session *session);
void session_leave_queue(struct session *session);
/* The sign server wants to be left alone, by all of us. */
void session_pause_signer(struct session *session, enum webcast_error error, int64_t wait_ms);
/* It gives no signature: for wait_ms, or, when that is 0, for a while that grows. */
void session_take_refusal(struct session *session, enum webcast_error error, int64_t wait_ms);
