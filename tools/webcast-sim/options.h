/* SPDX-License-Identifier: MIT */
/* The command line. */
#pragma once

#include "lib/base/log.h"
#include "tools/webcast-sim/script.h"

#include <stdbool.h>
#include <stddef.h>

struct options {
    int port;
    const char *address; /* to listen on */
    double rate;         /* events a second in each room */
    int64_t seed;
    enum script_mix mix;
    const char *scenario;
    const char *replay;      /* folder, or NULL to play the script */
    const char *api_key;     /* that the sign server wants, or NULL for none */
    const char *push_server; /* NULL: ourselves */
    const char *tls_cert;
    const char *tls_key;
    int ping_interval_s;
    size_t queue_max_bytes; /* of each client */
    enum log_level log_level;
};

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG };

/* Prints the help, or what is wrong, itself. Texts are borrowed from argv. */
MUST_CHECK enum options_result options_parse(int argc, char **argv, struct options *ret_options);
