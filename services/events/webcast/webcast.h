/* SPDX-License-Identifier: MIT */
/* The TikTok client: holds one connection to each live that is watched, through look-up, signature,
 * socket, loss and return. One thread serves all sockets; HTTP requests run beside it. Callbacks
 * come from these threads' loop, one at a time; they must be quick and may not call back into this
 * client. */
#pragma once

#include "lib/base/metrics.h"
#include "services/events/domain/live_event.h"

#include <stdbool.h>
#include <stdint.h>

/* WEBCAST_OFFLINE: the streamer isn't live; looked up again from time to time. WEBCAST_ENDED: the
 * live is over; the next one is waited for likewise. WEBCAST_CONNECTED comes with an error,
 * WEBCAST_ERROR_NO_DATA, while the server answers but tells nothing. */
enum webcast_state {
    WEBCAST_CONNECTING,
    WEBCAST_CONNECTED,
    WEBCAST_RECONNECTING,
    WEBCAST_OFFLINE,
    WEBCAST_ENDED
};

/* WEBCAST_ERROR_ROW(enumerator, name in logs and metrics, message for people) */
#define WEBCAST_ERROR_TABLE(WEBCAST_ERROR_ROW)                                                     \
    WEBCAST_ERROR_ROW(NONE, "ok", "")                                                              \
    WEBCAST_ERROR_ROW(USER_NOT_FOUND, "user_not_found", "no such TikTok user")                     \
    WEBCAST_ERROR_ROW(USER_OFFLINE, "user_offline", "not live at the moment")                      \
    WEBCAST_ERROR_ROW(BLOCKED, "blocked", "TikTok answers with a captcha")                         \
    WEBCAST_ERROR_ROW(UNREACHABLE, "unreachable", "TikTok gives no usable answer")                 \
    WEBCAST_ERROR_ROW(AGE_RESTRICTED, "age_restricted", "this live is age-restricted")             \
    WEBCAST_ERROR_ROW(LOGIN_REQUIRED, "login_required", "this live is for logged-in viewers only") \
    WEBCAST_ERROR_ROW(SIGN_RATE_LIMITED, "sign_rate_limited",                                      \
                      "the sign server's limit is reached")                                        \
    WEBCAST_ERROR_ROW(SIGN_AUTH, "sign_auth", "the sign server refuses our key")                   \
    WEBCAST_ERROR_ROW(SIGN_FORBIDDEN, "sign_forbidden",                                            \
                      "the sign server does not sign for this live")                               \
    WEBCAST_ERROR_ROW(SIGN_QUEUE, "sign_queue",                                                    \
                      "many lives are being connected; this one's turn comes")                     \
    WEBCAST_ERROR_ROW(SIGN_FAILED, "sign_failed", "the sign server gives no signature")            \
    WEBCAST_ERROR_ROW(DEVICE_BLOCKED, "device_blocked", "TikTok refuses this device")              \
    WEBCAST_ERROR_ROW(HANDSHAKE_REFUSED, "handshake_refused", "TikTok refuses the connection")     \
    WEBCAST_ERROR_ROW(NO_DATA, "no_data",                                                          \
                      "connected, but TikTok sends nothing: it may be for logged-in viewers only") \
    WEBCAST_ERROR_ROW(STALE, "stale", "the connection went silent")                                \
    WEBCAST_ERROR_ROW(CLOSED, "closed", "the connection was lost")

enum webcast_error {
#define WEBCAST_ERROR_ROW(name, text, message) WEBCAST_ERROR_##name,
    WEBCAST_ERROR_TABLE(WEBCAST_ERROR_ROW)
#undef WEBCAST_ERROR_ROW
        WEBCAST_ERRORS
};

enum webcast_sign_variant { WEBCAST_SIGN_FETCH, WEBCAST_SIGN_CONNECT };

/* name is the streamer's, as given to webcast_watch; event and message live as long as the
 * callback. */
typedef void webcast_event_fn(void *closure, const char *name, const struct live_event *event);
typedef void webcast_state_fn(void *closure, const char *name, enum webcast_state state,
                              enum webcast_error error, const char *message);

/* Texts are borrowed for the life of the client. */
struct webcast_options {
    const char *web_base;     /* "https://www.tiktok.com" */
    const char *webcast_base; /* "https://webcast.tiktok.com" */
    const char *sign_base;
    const char *sign_api_key; /* "": none */
    enum webcast_sign_variant sign_variant;
    unsigned sign_per_minute; /* signatures that all rooms of all replicas may ask for */
    unsigned sign_burst;      /* and how many of them at once */
    const char *push_hosts;   /* comma-separated hosts that a sign server may point us to;
                                 "*.tiktok.com" takes subdomains. Unencrypted (ws://) only where the
                                 very host is listed */
    bool sign_looks_up;       /* ask the sign server for the room too, where TikTok is no help */
    const char *ca_file;      /* PEM: who vouches for servers, besides those whom the system trusts;
                                 "": nobody */
    int64_t stale_ms;         /* without any frame for so long, the connection is dead */
    int64_t offline_poll_ms;
    int64_t heartbeat_ms;   /* 0: 10 s; less where the server asks for less */
    int64_t no_data_ms;     /* 0: 60 s. Answers, but no message for so long: NO_DATA, and a look
                               whether it is still live */
    int64_t status_poll_ms; /* 0: 2 min. After that, how often to look again */
    int64_t retry_ms;       /* 0: 1 s. The first of the waits, doubling to 30 s */
    struct metrics *metrics;
    webcast_event_fn *on_event;
    webcast_state_fn *on_state;
    /* Where events are stored later than on_event returns: how many have been handed over, and up
     * to which of them all is stored or given up. Frames are acknowledged when what they brought
     * is, in the order in which they came. From the client's thread. Both NULL: at once. */
    int64_t (*position)(void *closure);
    int64_t (*settled)(void *closure);
    void *closure;
};

struct webcast;

/* Starts its threads. */
struct webcast *webcast_new(const struct webcast_options *options);

/* Connects to the live of a normalised name, and stays with it. From any thread; again does
 * nothing. */
void webcast_watch(struct webcast *webcast, const char *name);

/* Lets go of it. Callbacks for it may still come for a moment. */
void webcast_unwatch(struct webcast *webcast, const char *name);

/* So many replicas, this one among them, share what may be asked of the sign server; 1 at first.
 * From any thread; cheap. */
void webcast_share(struct webcast *webcast, unsigned replicas);

/* `settled` has risen. From any thread; cheap, may be called for every event. */
void webcast_settled(struct webcast *webcast);

/* "user_not_found". */
const char *webcast_error_name(enum webcast_error error);
/* "no such TikTok user". */
const char *webcast_error_message(enum webcast_error error);

/* Closes everything and joins the threads: no callback comes after it. Takes NULL. */
void webcast_free(struct webcast *webcast);
