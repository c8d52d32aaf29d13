/* SPDX-License-Identifier: MIT */
/* ttb-tester, a daemon of tests: no database, one secret of its own, two commands. */
#pragma once

#include "lib/base/text.h"
#include "lib/daemon/daemon.h"
#include "tests/support/servers.h"

#include <unistd.h>

#define EXIT_USAGE 2
#define OUTPUT_MAX_BYTES 65536
#define API_KEY "k3y-of-the-test"

struct config {
    struct daemon_config daemon;
    config_uint_t workers;
    config_secret_t api_key;
};

static const struct config_setting settings[] = {
#define SETTING(...) DAEMON_ROW(struct config, __VA_ARGS__)
#include "lib/daemon/config.def"
#undef SETTING
    {"workers", CONFIG_UINT, "4", 1, 64, "worker threads", offsetof(struct config, workers)},
    {"api_key", CONFIG_SECRET, NULL, 8, 64, "who may ask", offsetof(struct config, api_key)},
};

static inline void check_config(const void *memory, struct buffer *problems)
{
    const struct config *config = memory;
    if (config->workers == 13)
        buffer_add_text(problems, "WORKERS: 13 brings bad luck\n");
}

static inline enum status start(struct daemon *daemon, void **ret_app)
{
    const struct config *config = daemon->config;
    metric_add(metrics_counter(daemon->metrics, "ttb_starts_total", "Starts.", ""), 1);
    *ret_app = daemon;
    return text_equal(config->api_key, API_KEY) ? STATUS_OK : STATUS_FORBIDDEN;
}

static inline void stop(void *app)
{
    const struct daemon *daemon = app;
    if (!bus_is_connected(daemon->bus))
        abort(); /* the bus is still open */
}

/* Says what it was given: an argument a line, and a setting. */
static inline int greet(const void *memory, const char *const *arguments)
{
    const struct config *config = memory;
    printf("%s|%s|%u\n", arguments[0], arguments[1], (unsigned)config->workers);
    return text_equal(arguments[0], "nobody") ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int yawn(const void *memory, const char *const *arguments)
{
    (void)memory;
    (void)arguments;
    printf("yawn\n");
    return EXIT_SUCCESS;
}

static const struct daemon_command commands[] = {
    {"greet", "NAME TIMES", "say hello so often", greet},
    {"yawn", "", "say how it is", yawn},
};

static const struct daemon_program program = {
    .name = "tester",
    .description = "a daemon of tests",
    .settings = settings,
    .settings_count = ARRAY_LEN(settings),
    .config_size = sizeof(struct config),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .check_config = check_config,
    .start = start,
    .stop = stop,
};

/* ---- running it ---- */

struct output {
    int code;
    char out[OUTPUT_MAX_BYTES];
    char err[OUTPUT_MAX_BYTES];
};

static struct output output;

static inline void read_back(FILE *file, char *text)
{
    rewind(file);
    size_t size = fread(text, 1, OUTPUT_MAX_BYTES - 1, file);
    text[size] = '\0';
    fclose(file);
}

#define ARGUMENTS_MAX 5

/* Runs daemon_main in this process with arguments, of which the last is NULL. */
static inline void run_with(const char *const *arguments)
{
    FILE *files[] = {tmpfile(), tmpfile()};
    int saved[] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    fflush(stdout);
    dup2(fileno(files[0]), STDOUT_FILENO);
    dup2(fileno(files[1]), STDERR_FILENO);
    char name[] = "ttb-tester";
    char *argv[ARGUMENTS_MAX + 2] = {name};
    int argc = 1;
    for (; argc <= ARGUMENTS_MAX && arguments[argc - 1]; argc++)
        argv[argc] = (char *)arguments[argc - 1];
    output.code = daemon_main(&program, argc, argv);
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], i == 0 ? STDOUT_FILENO : STDERR_FILENO);
        close(saved[i]);
    }
    read_back(files[0], output.out);
    read_back(files[1], output.err);
}

#define RUN(...) run_with((const char *const[]){__VA_ARGS__, NULL})

static inline void run(const char *flag)
{
    RUN(flag);
}

/* A good configuration: what a test adds makes it bad. */
static inline int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s", settings[i].name);
        text_upper(name);
        unsetenv(name);
    }
    unsetenv("API_KEY_FILE");
    setenv("API_KEY", API_KEY, 1);
    return 0;
}

static inline void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)
