/* SPDX-License-Identifier: MIT */
/* How the sign server, the pages and the gift list behave, until told otherwise or for a number of
 * calls. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define SIGN_MODE_TABLE(MODE_ROW)                                                                  \
    MODE_ROW(OK, "ok", "signs")                                                                    \
    MODE_ROW(429_RETRY_AFTER, "429_retry_after", "429 with Retry-After")                           \
    MODE_ROW(429_X_RATELIMIT_RESET, "429_x_ratelimit_reset",                                       \
             "429 with X-RateLimit-Reset (unix s)")                                                \
    MODE_ROW(429_RATELIMIT_RESET, "429_ratelimit_reset", "429 with RateLimit-Reset (unix s)")      \
    MODE_ROW(429_ALL, "429_all", "429 with all three")                                             \
    MODE_ROW(429_BARE, "429_bare", "429 with none of them")                                        \
    MODE_ROW(401, "401", "bad key")                                                                \
    MODE_ROW(402, "402", "premium needed")                                                         \
    MODE_ROW(403, "403", "forbidden")                                                              \
    MODE_ROW(404, "404", "wrong base URL")                                                         \
    MODE_ROW(500, "500", "signer broken")                                                          \
    MODE_ROW(200_EMPTY, "200_empty", "200 without a body")                                         \
    MODE_ROW(200_JSON, "200_json", "200 with an error in JSON")                                    \
    MODE_ROW(200_GARBAGE, "200_garbage", "200 with a body that is no protobuf")                    \
    MODE_ROW(NO_COOKIE, "no_cookie", "X-Set-TT-Cookie missing")                                    \
    MODE_ROW(NO_CURSOR, "no_cursor", "cursor missing")                                             \
    MODE_ROW(POLL_ONLY, "poll_only", "fetch_type 2, no push_server")                               \
    MODE_ROW(FOREIGN_HOST, "foreign_host", "push_server on a host that isn't TikTok's")            \
    MODE_ROW(USER_AGENT, "user_agent", "signs for another user agent and says so")

#define PAGES_MODE_TABLE(MODE_ROW)                                                                 \
    MODE_ROW(OK, "ok", "answers")                                                                  \
    MODE_ROW(WAF, "waf", "the live page and the API give the firewall's page")                     \
    MODE_ROW(SIGI_MISSING, "sigi_missing", "the live page has no SIGI_STATE, the API fails")       \
    MODE_ROW(API_500, "api_500", "the API fails, the live page answers")                           \
    MODE_ROW(ALL_500, "all_500", "everything fails")                                               \
    MODE_ROW(PARAMS_ERROR, "params_error", "the API says params_error")                            \
    MODE_ROW(AGE_RESTRICTED, "age_restricted", "room info: 4003110")                               \
    MODE_ROW(AGE_FLAG, "age_flag", "room info: only age_restricted.restricted")                    \
    MODE_ROW(PROMPTS, "prompts", "room info: only prompts")                                        \
    MODE_ROW(LOGIN, "login_required", "room info: 20003")                                          \
    MODE_ROW(NO_TTWID, "no_ttwid", "the home page sets no cookie")

#define GIFTS_MODE_TABLE(MODE_ROW)                                                                 \
    MODE_ROW(OK, "ok", "lists gifts")                                                              \
    MODE_ROW(REFUSED, "refused", "200 without a body, as to who does not sign")                    \
    MODE_ROW(WAF, "waf", "the firewall's page")

enum sign_mode {
#define MODE_ROW(name, text, help) SIGN_##name,
    SIGN_MODE_TABLE(MODE_ROW)
#undef MODE_ROW
        SIGN_MODE_COUNT
};

enum pages_mode {
#define MODE_ROW(name, text, help) PAGES_##name,
    PAGES_MODE_TABLE(MODE_ROW)
#undef MODE_ROW
        PAGES_MODE_COUNT
};

enum gifts_mode {
#define MODE_ROW(name, text, help) GIFTS_##name,
    GIFTS_MODE_TABLE(MODE_ROW)
#undef MODE_ROW
        GIFTS_MODE_COUNT
};

struct mode_name {
    const char *name;
    const char *help;
};

extern const struct mode_name sign_mode_names[SIGN_MODE_COUNT];
extern const struct mode_name pages_mode_names[PAGES_MODE_COUNT];
extern const struct mode_name gifts_mode_names[GIFTS_MODE_COUNT];

struct mode {
    int choice;   /* of one of the enums; 0 is ok in each */
    int64_t left; /* calls until it is ok again; 0 for ever */
};

MUST_CHECK bool mode_parse(const struct mode_name *names, int count, const char *text,
                           int *ret_choice);

/* The choice for one call, which counts: a room's own, or where that is ok, that for all. own may
 * be NULL. */
int mode_take(struct mode *own, struct mode *all);
