/* SPDX-License-Identifier: MIT */
/* Serves a service's endpoints, as tools/protogen lists them: message → decode and validate →
 * handler → encode → reply. Each call prints one line of log. */
#pragma once

#include "lib/api/call.h"
#include "lib/api/message.h"
#include "lib/bus/dispatcher.h"

enum api_pool { API_POOL_IO, API_POOL_HASH, API_POOL_WORK, API_POOL_COUNT };

/* in and out are the structs of the endpoint's request and reply. A reply of more than
 * BUS_REPLY_MAX_BYTES, once it is encoded, becomes a 500. */
typedef enum status (*api_handler_fn)(struct call *call, const void *in, void *out);

struct api_endpoint {
    const char *name;
    const char *subject;
    enum api_pool pool;
    const struct message *request;
    const struct message *reply;
    api_handler_fn handle;
    bool fan_out; /* every replica handles every call; else one of them does */
};

struct api_service {
    const char *name;
    const struct api_endpoint *endpoints;
    size_t count;
};

struct api_server;

struct api_server_options {
    const struct api_service *service;
    const char *version;
    struct bus *bus;
    const void *app;                   /* for call->app */
    const struct pg_options *database; /* NULL: the service has none */
    unsigned workers[API_POOL_COUNT];  /* 0 for a pool that no endpoint uses */
    unsigned queue_max[API_POOL_COUNT];
    struct metrics *metrics;
    void (*on_news)(void *closure); /* after a call that used call_announce; may be NULL */
    void *news_closure;
};

/* Starts the pools and subscribes. Each worker connects to the database by itself and reconnects as
 * needed. */
MUST_CHECK enum status api_server_start(const struct api_server_options *options,
                                        struct api_server **ret_server);

/* Loses no accepted call: drains the subscriptions, finishes the calls, stops the workers. Takes
 * NULL. */
void api_server_stop(struct api_server *server);
