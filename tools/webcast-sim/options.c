/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/options.h"

#include "lib/base/text.h"
#include "tools/webcast-sim/scenario.h"

#include <getopt.h>

/* The letters are never typed: long options only. */
static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"address", required_argument, NULL, 'a'},
    {"rate", required_argument, NULL, 'r'},
    {"seed", required_argument, NULL, 's'},
    {"mix", required_argument, NULL, 'm'},
    {"scenario", required_argument, NULL, 'n'},
    {"replay", required_argument, NULL, 'd'},
    {"api-key", required_argument, NULL, 'k'},
    {"tls-cert", required_argument, NULL, 'c'},
    {"tls-key", required_argument, NULL, 'y'},
    {"push-server", required_argument, NULL, 'w'},
    {"ping-interval", required_argument, NULL, 'i'},
    {"queue-kib", required_argument, NULL, 'q'},
    {"log-level", required_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "webcast-sim: a stand-in for TikTok and the sign server\n\n"
    "  --port N            port to listen on, 8090\n"
    "  --address A         address to listen on, 127.0.0.1\n"
    "  --rate R            events a second in each room, 4 (0 to 20000)\n"
    "  --seed N            of everything made up, 1\n"
    "  --mix even|real     every kind within seconds, or as rare as in recordings; even\n"
    "  --scenario NAME     what goes wrong, normal; see below\n"
    "  --replay DIR        plays DIR/<Method>/*.pb in a loop instead of the script\n"
    "  --api-key KEY       the sign server refuses calls without it\n"
    "  --tls-cert FILE --tls-key FILE   https and wss instead of http and ws\n"
    "  --push-server URL   where the sign server sends clients, wss://host:port; to itself\n"
    "  --ping-interval S   heartbeat interval told in Handshake-Options, 10\n"
    "  --queue-kib N       most that may wait for one slow client, 4096\n"
    "  --log-level L       debug, info, warning or error; info\n\n"
    "scenarios:\n";

static bool parse_rate(const char *text, double *ret_rate)
{
    char *end;
    double rate = strtod(text, &end);
    if (end == text || *end || !(rate >= 0 && rate <= ROOM_RATE_MAX))
        return false;
    *ret_rate = rate;
    return true;
}

static bool parse_int(const char *text, int64_t min, int64_t max, int *ret_value)
{
    int64_t value;
    if (!text_parse_int(text, min, max, &value))
        return false;
    *ret_value = (int)value;
    return true;
}

static bool parse_mix(const char *text, enum script_mix *ret_mix)
{
    *ret_mix = text_equal(text, "real") ? SCRIPT_MIX_REAL : SCRIPT_MIX_EVEN;
    return text_equal(text, "real") || text_equal(text, "even");
}

static bool parse_queue(const char *text, size_t *ret_bytes)
{
    int64_t kib;
    if (!text_parse_int(text, 64, 1 << 20, &kib))
        return false;
    *ret_bytes = (size_t)kib * 1024;
    return true;
}

static bool parse_text(const char *text, const char **ret_text)
{
    *ret_text = text;
    return true;
}

static bool option_take(struct options *options, int letter, const char *value)
{
    switch (letter) {
    case 'p':
        return parse_int(value, 1, 65535, &options->port);
    case 'a':
        return parse_text(value, &options->address);
    case 'r':
        return parse_rate(value, &options->rate);
    case 's':
        return text_parse_int(value, 0, INT64_MAX, &options->seed);
    case 'm':
        return parse_mix(value, &options->mix);
    case 'n':
        return parse_text(value, &options->scenario);
    case 'd':
        return parse_text(value, &options->replay);
    case 'k':
        return parse_text(value, &options->api_key);
    case 'c':
        return parse_text(value, &options->tls_cert);
    case 'y':
        return parse_text(value, &options->tls_key);
    case 'w':
        return parse_text(value, &options->push_server);
    case 'i':
        return parse_int(value, 1, 3600, &options->ping_interval_s);
    case 'q':
        return parse_queue(value, &options->queue_max_bytes);
    case 'l':
        return log_parse_level(value, &options->log_level);
    }
    return false;
}

static enum options_result wrong(const char *what)
{
    fprintf(stderr, "webcast-sim: wrong %s; see --help\n", what);
    return OPTIONS_WRONG;
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options)
{
    struct options options = {
        .port = 8090,
        .address = "127.0.0.1",
        .rate = 4,
        .seed = 1,
        .scenario = "normal",
        .ping_interval_s = 10,
        .queue_max_bytes = 4 << 20,
        .log_level = LOG_LEVEL_INFO,
    };
    int letter, index = 0;
    while ((letter = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (letter == 'h') {
            fputs(help_text, stdout);
            scenario_print_all(stdout);
            return OPTIONS_HELP;
        }
        if (letter == '?' || !option_take(&options, letter, optarg))
            return wrong(letter == '?' ? "option" : long_options[index].name);
    }
    if (optind != argc)
        return wrong("argument");
    if (!options.tls_cert != !options.tls_key)
        return wrong("TLS: a certificate and a key belong together");
    *ret_options = options;
    return OPTIONS_RUN;
}
