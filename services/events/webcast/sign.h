/* SPDX-License-Identifier: MIT */
/* The sign server's client. A signed answer is good for one connection within some 30 s. */
#pragma once

#include "gen/webcast.pb-c.h"
#include "services/events/webcast/http_client.h"
#include "services/events/webcast/webcast.h"

#define SIGN_BODY_MAX_BYTES ((size_t)4 * 1024 * 1024)

struct sign_answer {
    enum webcast_error error; /* NONE, or one of SIGN_… */
    const char *message;      /* for the log, when it is an error; never holds a key */
    int64_t wait_ms;          /* when it may be asked again, from now, by all of us, or of
                                 SIGN_FORBIDDEN for this room; 0: no word about that */
    int64_t remaining;        /* requests that the server says are left, -1 when it doesn't */
    /* What follows is set when there's no error. */
    const char *cookie;     /* to be sent on the upgrade, as it is */
    const char *user_agent; /* likewise: the signature belongs to it */
    int64_t room_id;        /* as the server knows it */
    const Webcast__ProtoMessageFetchResult *result;
    struct slice body; /* the result, not decoded */
};

/* Asks for a signature, for the client's user agent. Blocks; all of the answer lives in the arena.
 */
void sign_request(struct http_client *client, const struct webcast_options *options,
                  int64_t room_id, struct arena *arena, struct sign_answer *ret_answer);

/* Begins a request's address; people write the server's with a slash at its end, too. */
void sign_begin_url(struct buffer *url, const struct webcast_options *options);

/* What a reply to a request for that user agent means; now_s is the wall clock's, in seconds. */
void sign_read(const struct http_reply *reply, const char *user_agent, int64_t room_id,
               int64_t now_s, struct arena *arena, struct sign_answer *ret_answer);

/* How long a reply of status 429 tells us to wait. */
int64_t sign_limit_wait_ms(const struct http_reply *reply, int64_t now_s);
