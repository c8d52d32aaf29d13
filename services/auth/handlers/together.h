/* SPDX-License-Identifier: MIT */
/* What every sign-in asks of Postgres: its look-up and its session. While passwords queue to be
 * hashed, those of several sign-ins go in one statement (lib/base/gather.h): a sign-in has to wait
 * anyway then, and a statement costs about as much CPU as a twentieth of a hash of 29,000 rounds.
 */
#pragma once

#include "lib/base/gather.h"
#include "services/auth/store/attempts.h"
#include "services/auth/store/sessions.h"

/* Sign-ins at most that share a statement. */
#define TOGETHER_MAX 8

/* attempts_find of one question. */
MUST_CHECK enum status together_find(struct call *call, struct attempt_question *question);

/* sessions_insert of one session. */
MUST_CHECK enum status together_open(struct call *call, struct session_opening *opening);

/* The work itself, for gather_new. */
enum status together_find_all(void *const *questions, size_t count, void *call);
enum status together_open_all(void *const *openings, size_t count, void *call);
