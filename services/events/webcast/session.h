/* SPDX-License-Identifier: MIT */
/* One watched streamer: look-up, signature, connection, and again after each end of these. Sessions
 * belong to the thread that serves the sockets. */
#pragma once

#include "services/events/webcast/acks.h"
#include "services/events/webcast/counters.h"
#include "services/events/webcast/jobs.h"
#include "services/events/webcast/quota.h"
#include "services/events/webcast/stream.h"
#include "services/events/webcast/turns.h"

#include <libwebsockets.h>

/* What all sessions of a client have in common. */
struct shared {
    struct webcast_options options;
    struct lws_context *context;
    struct lws_vhost *vhosts[2]; /* shared_vhost's */
    struct jobs *jobs;
    struct counters counters;
    struct stream_memory memory;
    struct quota signer;
    struct turns turns; /* who waits for a share of that */
    lws_sorted_usec_list_t turn_timer;
    struct acks acks;
};

/* What connections are made from, with TLS or without; made when first asked for, since the
 * system's certificates take 2 MB. */
struct lws_vhost *shared_vhost(struct shared *shared, bool tls);

struct session;

/* Begins to look for the streamer's live. */
struct session *session_new(struct shared *shared, uint64_t id, const char *name);

const char *session_name(const struct session *session);
uint64_t session_id(const struct session *session);

/* A job that the session has asked for is done; it stays the caller's. */
void session_take_job(struct session *session, const struct job *job);

/* Lets those ask the sign server whose turn it is. */
void session_take_turns(struct shared *shared);

/* Closes its connection. No callback comes after it. */
void session_free(struct session *session);
