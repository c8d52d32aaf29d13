/* SPDX-License-Identifier: MIT */
/* Serves /static/… from the media root over HTTP: GET and HEAD, single byte ranges, entity tags; no
 * listing. Pages of any origin may read it, and OPTIONS tells their browsers so. A request for
 * speech that is not there yet waits for it, without a thread (services/media/speech/pending.h).
 * deploy/nginx/ttboost-files.conf sends the same headers. */
#pragma once

#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/speech/pending.h"

struct file_server;

/* What is borrowed must outlive the server. */
struct file_server_options {
    const char *host; /* an IPv4 or IPv6 address */
    unsigned port;    /* 0 picks a free one */
    int root;         /* descriptor of the media root; borrowed */
    struct pending *pending;
    unsigned threads; /* that serve */
    unsigned connections_max;
    struct metrics *metrics; /* may be NULL */
};

/* Listens. STATUS_CONFLICT when the port is taken or the host is no address. */
MUST_CHECK enum status file_server_start(const struct file_server_options *options,
                                         struct file_server **ret_server);

unsigned file_server_port(const struct file_server *server);

/* Serves new connections for new_ms more, until load balancers have noticed, then closes the port;
 * each connection ends after its next reply. */
void file_server_drain(struct file_server *server, unsigned new_ms);

/* Waits for the replies under way, until until_ms of clock_mono_ms at the longest. */
void file_server_finish(struct file_server *server, int64_t until_ms);

/* Call pending_stop before, for the waiting requests. Replies under way are cut off. Takes NULL. */
void file_server_stop(struct file_server *server);
