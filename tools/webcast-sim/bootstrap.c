/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/bootstrap.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/dice.h"

#include <inttypes.h>

/* The newest ones; an older one is as good as expired. */
#define BOOTSTRAPS_MAX 65536
#define BOOTSTRAP_LIFE_MS 30000

static const struct refusal device_blocked = {"DEVICE_BLOCKED", "415"};
static const struct refusal illegal_secret_key = {"illegal secret key", "417"};
static const struct refusal illegal_app_id = {"illegal app_id", "417"};

struct bootstrap {
    uint64_t nonce; /* 0 for a slot that is free or used up */
    int64_t room_id;
    int64_t issued_ms;
};

struct bootstraps {
    struct dice dice;
    uint64_t issued;
    struct bootstrap slots[BOOTSTRAPS_MAX];
};

struct bootstraps *bootstraps_new(uint64_t seed)
{
    struct bootstraps *bootstraps = calloc(1, sizeof(*bootstraps));
    if (!bootstraps)
        abort();
    bootstraps->dice.state = seed;
    return bootstraps;
}

/* The cookie follows from the user agent: nothing to remember. */
char *bootstrap_cookie(struct arena *arena, const char *user_agent)
{
    uint64_t hash = dice_hash(user_agent);
    return arena_printf(arena, "ttwid=1%%7Csim%016" PRIx64 "%%7C%08x", hash, (unsigned)(hash >> 7));
}

static struct frame_head head_of(const struct bootstrap *bootstrap)
{
    return (struct frame_head){.room_id = bootstrap->room_id, .now_ms = bootstrap->issued_ms};
}

static char *wrss_text(struct arena *arena, uint64_t number, const struct bootstrap *bootstrap)
{
    return arena_printf(arena, "%" PRIu64 "-%016" PRIx64, number, bootstrap->nonce);
}

char *bootstrap_issue(struct bootstraps *bootstraps, struct arena *arena, int64_t room_id,
                      struct frame_head *ret_head)
{
    uint64_t number = bootstraps->issued++ % BOOTSTRAPS_MAX;
    struct bootstrap *bootstrap = &bootstraps->slots[number];
    *bootstrap = (struct bootstrap){
        .nonce = dice_roll(&bootstraps->dice) | 1,
        .room_id = room_id,
        .issued_ms = clock_wall_ms(),
    };
    *ret_head = head_of(bootstrap);
    return wrss_text(arena, number, bootstrap);
}

/* The cookie header holds it whole: at its start or after a space, up to a semicolon or the end. */
static bool cookie_contains(const char *header, const char *pair)
{
    size_t length = strlen(pair);
    for (const char *at = header; (at = strstr(at, pair)) != NULL; at++) {
        bool starts = at == header || at[-1] == ' ' || at[-1] == ';';
        if (starts && (at[length] == '\0' || at[length] == ';'))
            return true;
    }
    return false;
}

static bool bootstrap_matches(const struct bootstrap *bootstrap, uint64_t number,
                              const struct request *request)
{
    struct frame_head head = head_of(bootstrap);
    struct arena *arena = request->arena;
    return bootstrap->nonce != 0 && clock_wall_ms() - bootstrap->issued_ms <= BOOTSTRAP_LIFE_MS &&
           request_arg_id(request, "room_id") == bootstrap->room_id &&
           text_equal(request_arg(request, "wrss"), wrss_text(arena, number, bootstrap)) &&
           text_equal(request_arg(request, "cursor"), frame_cursor(arena, &head)) &&
           text_equal(request_arg(request, "internal_ext"), frame_internal_ext(arena, &head));
}

static bool signature_redeem(struct bootstraps *bootstraps, const struct request *request)
{
    uint64_t number = strtoull(request_arg(request, "wrss"), NULL, 10) % BOOTSTRAPS_MAX;
    struct bootstrap *bootstrap = &bootstraps->slots[number];
    if (!bootstrap_matches(bootstrap, number, request))
        return false;
    bootstrap->nonce = 0;
    return true;
}

const struct refusal *bootstrap_redeem(struct bootstraps *bootstraps, const struct request *request)
{
    const char *cookie = bootstrap_cookie(request->arena, request->user_agent);
    if (!request->user_agent[0] || !cookie_contains(request->cookie, cookie))
        return &device_blocked;
    if (request_arg_id(request, "aid") != 1988)
        return &illegal_app_id;
    if (request_arg(request, "wrss") && !signature_redeem(bootstraps, request))
        return &illegal_secret_key;
    return NULL;
}

void bootstraps_free(struct bootstraps *bootstraps)
{
    free(bootstraps);
}
