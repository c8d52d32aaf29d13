/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

struct service {
    struct pg_options database;
    struct api_server *server;
};

enum status service_start(struct daemon *daemon, const struct service_options *options,
                          struct service **ret_service)
{
    struct service *service = calloc(1, sizeof(*service));
    if (!service)
        abort();
    service->database = (struct pg_options){.url = options->config->database_url,
                                            .application_name = daemon->name,
                                            .metrics = daemon->metrics};
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
    };
    enum status status = api_server_start(&server, &service->server);
    if (status != STATUS_OK) {
        service_stop(service);
        return status;
    }
    *ret_service = service;
    return STATUS_OK;
}

const struct pg_options *service_database(const struct service *service)
{
    return &service->database;
}

void service_stop(struct service *service)
{
    if (!service)
        return;
    api_server_stop(service->server);
    free(service);
}
