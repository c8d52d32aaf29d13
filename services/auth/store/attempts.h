/* SPDX-License-Identifier: MIT */
/* Attempts to sign in, and what is counted against them. Each is counted under one or two subjects:
 * the account and the address; at an address that the account knows only both together, so that
 * nobody's guesses from elsewhere lock its owner out. */
#pragma once

#include "services/auth/store/users.h"

struct attempt_subject {
    const char *name; /* NULL: there is none */
    int64_t free_failures;
    int64_t failures;   /* 0 when the last one is forgotten */
    int64_t elapsed_ms; /* since the last one */
};

struct attempt {
    struct user user;               /* id is NULL: nobody has the name */
    bool is_remembered;             /* the address is the user's own, and was noted today */
    struct attempt_subject own;     /* 'account:<name>' or 'known:<name>|<network>' */
    struct attempt_subject address; /* 'address:<network>' */
};

/* Who wants to sign in, from where. */
struct attempt_question {
    struct call *call;      /* whose arena holds what is found */
    const char *username;   /* may be NULL */
    const char *network;    /* may be NULL */
    struct attempt attempt; /* the result */
};

/* What must be known to sign in, of all questions in one statement. Writes nothing. */
MUST_CHECK enum status attempts_find(struct call *call, struct attempt_question *const *questions,
                                     size_t count);

/* Where attempts come one at a time: takes the turn, for ATTEMPTS_CLAIM_S or until the attempt has
 * failed or succeeded. STATUS_CONFLICT when another has it, or was counted since the look-up. */
MUST_CHECK enum status attempts_claim(struct call *call, const struct attempt *attempt);

/* Counts a wrong password. */
MUST_CHECK enum status attempts_fail(struct call *call, const struct attempt *attempt);

/* Forgets what was counted against the account; not what was against the address, which anybody
 * with an account could clear. Does nothing when nothing was. */
MUST_CHECK enum status attempts_succeed(struct call *call, const struct attempt *attempt);

/* Notes that the user has signed in from network (NULL: nothing to note), as one of the user's own.
 * To be done once a day, not at each sign-in. */
MUST_CHECK enum status addresses_remember(struct call *call, const char *user_id,
                                          const char *network);
