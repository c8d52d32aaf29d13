/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/server.h"

#include "lib/base/log.h"

#include <signal.h>

static void block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int run(const struct options *options)
{
    struct sim sim;
    if (!sim_init(&sim, options))
        return EXIT_FAILURE;
    struct server *server = server_open(&sim);
    if (server) {
        log_info(NULL, "ready", LOG_TEXT("address", options->address),
                 LOG_INT("port", options->port), LOG_TEXT("scenario", options->scenario));
        server_run(server);
        server_close(server);
        log_info(NULL, "stopped");
    }
    sim_done(&sim);
    return server ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct options options;
    enum options_result result = options_parse(argc, argv, &options);
    if (result != OPTIONS_RUN)
        return result == OPTIONS_HELP ? EXIT_SUCCESS : EXIT_FAILURE;
    log_start("webcast-sim", options.log_level);
    block_signals();
    return run(&options);
}
