/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include "lib/daemon/relay.h"
#include "lib/daemon/tidy.h"

/* In the order of starting. */
struct service {
    struct pg_options database;
    struct relay *relay;
    struct api_server *server;
    struct inbox *inbox;
    struct tidy *tidy;
};

static enum status start_server(struct daemon *daemon, const struct service_options *options,
                                struct service *service)
{
    const struct api_server_options server = {
        .service = options->api,
        .version = TTB_VERSION,
        .bus = daemon->bus,
        .app = options->app,
        .database = &service->database,
        .workers = {[API_POOL_IO] = options->config->io_workers,
                    [API_POOL_HASH] = options->hash_workers,
                    [API_POOL_WORK] = options->work_workers},
        .queue_max = {[API_POOL_IO] = options->config->io_queue,
                      [API_POOL_HASH] = options->hash_queue,
                      [API_POOL_WORK] = options->work_queue},
        .metrics = daemon->metrics,
        .on_news = relay_nudge,
        .news_closure = service->relay,
    };
    return api_server_start(&server, &service->server);
}

static void start_inbox(struct daemon *daemon, const struct service_options *options,
                        struct service *service)
{
    const struct inbox_options inbox = {
        .bus = daemon->bus,
        .database = &service->database,
        .schema = daemon->name,
        .app = options->app,
        .subscriptions = options->subscriptions,
        .count = options->subscription_count,
        .metrics = daemon->metrics,
        .on_news = relay_nudge,
        .news_closure = service->relay,
    };
    service->inbox = inbox_start(&inbox);
}

static void start_tidy(struct daemon *daemon, const struct service_options *options,
                       struct service *service)
{
    const struct tidy_options tidy = {
        .bus = daemon->bus,
        .database = &service->database,
        .app = options->app,
        .tidy = options->tidy,
        .inbox_schema = service->inbox ? daemon->name : NULL,
        .on_news = relay_nudge,
        .news_closure = service->relay,
    };
    service->tidy = tidy_start(&tidy);
}

enum status service_start(struct daemon *daemon, const struct service_options *options,
                          struct service **ret_service)
{
    struct service *service = calloc(1, sizeof(*service));
    if (!service)
        abort();
    service->database = database_options(options->config, daemon->name, daemon->metrics);
    if (options->has_outbox)
        service->relay =
            relay_start(daemon->bus, &service->database, daemon->name, daemon->metrics);
    enum status status = start_server(daemon, options, service);
    if (status != STATUS_OK) {
        service_stop(service);
        return status;
    }
    if (options->subscription_count > 0)
        start_inbox(daemon, options, service);
    if (options->tidy || service->inbox)
        start_tidy(daemon, options, service);
    *ret_service = service;
    return STATUS_OK;
}

const struct pg_options *service_database(const struct service *service)
{
    return &service->database;
}

/* The relay comes last: it publishes what the others have written until their end. */
void service_stop(struct service *service)
{
    if (!service)
        return;
    api_server_stop(service->server);
    inbox_stop(service->inbox);
    tidy_stop(service->tidy);
    relay_stop(service->relay);
    free(service);
}
