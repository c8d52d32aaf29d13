/* SPDX-License-Identifier: MIT */
#include "lib/daemon/daemon.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/daemon/ops.h"
#include "tests/support/servers.h"
#include "tests/unit/lib/daemon/ports.h"

#include <signal.h>
#include <sys/wait.h>

#define EXIT_USAGE 2
#define OUTPUT_MAX_BYTES 65536
#define WAIT_MS 20000
#define STEP_MS 20
#define PASSWORD "s3cret-of-nats"
#define API_KEY "k3y-of-the-test"

/* ---- a daemon of tests: no database, one secret of its own ---- */

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

static void check_config(const void *memory, struct buffer *problems)
{
    const struct config *config = memory;
    if (config->workers == 13)
        buffer_add_text(problems, "WORKERS: 13 brings bad luck\n");
}

static enum status start(struct daemon *daemon, void **ret_app)
{
    const struct config *config = daemon->config;
    metric_add(metrics_counter(daemon->metrics, "ttb_starts_total", "Starts.", ""), 1);
    *ret_app = daemon;
    return text_equal(config->api_key, API_KEY) ? STATUS_OK : STATUS_FORBIDDEN;
}

static void stop(void *app)
{
    const struct daemon *daemon = app;
    if (!bus_is_connected(daemon->bus))
        abort(); /* the bus is still open */
}

/* Says what it was given: an argument a line, and a setting. */
static int greet(const void *memory, const char *const *arguments)
{
    const struct config *config = memory;
    printf("%s|%s|%u\n", arguments[0], arguments[1], (unsigned)config->workers);
    return text_equal(arguments[0], "nobody") ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int yawn(const void *memory, const char *const *arguments)
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

static void read_back(FILE *file, char *text)
{
    rewind(file);
    size_t size = fread(text, 1, OUTPUT_MAX_BYTES - 1, file);
    text[size] = '\0';
    fclose(file);
}

#define ARGUMENTS_MAX 5

/* Runs daemon_main in this process with arguments, of which the last is NULL. */
static void run_with(const char *const *arguments)
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

static void run(const char *flag)
{
    RUN(flag);
}

/* A good configuration: what a test adds makes it bad. */
static int set_up(void **state)
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

static void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

/* ---- flags ---- */

static void help_names_every_flag_and_setting(void **state)
{
    (void)state;
    unsetenv("API_KEY");
    run("--help");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_string_equal(output.err, "");
    static const char *const parts[] = {"ttb-tester: a daemon of tests\n",
                                        "--check-config",
                                        "--print-config",
                                        "--markdown-config",
                                        "--migrate-only",
                                        "--health",
                                        "--version",
                                        "  OPS_PORT\n",
                                        "default 9100",
                                        "  WORKERS\n      worker threads (1 to 64; default 4)\n"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_holds(output.out, parts[i]);
    assert_holds(output.out,
                 "  API_KEY\n      who may ask (8 to 64 bytes; must be set; or the path of "
                 "its file in API_KEY_FILE)\n");
}

static void a_good_configuration_is_checked_without_a_word(void **state)
{
    (void)state;
    run("--check-config");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_string_equal(output.out, "");
    assert_string_equal(output.err, "");
}

static void everything_wrong_is_listed_at_once(void **state)
{
    (void)state;
    unsetenv("API_KEY");
    setenv("WORKERS", "many", 1);
    setenv("OPS_PORT", "65536", 1);
    setenv("SHUTDOWN_TIMEOUT_MS", "-1", 1);
    run("--check-config");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.out, "");
    assert_string_equal(output.err, "ttb-tester: the configuration is not usable:\n"
                                    "OPS_PORT: '65536' is not between 0 and 65535\n"
                                    "SHUTDOWN_TIMEOUT_MS: '-1' is not between 100 and 300000\n"
                                    "WORKERS: 'many' is not a whole number\n"
                                    "API_KEY: must be set (who may ask)\n");
}

static void rules_beyond_ranges_are_listed_together(void **state)
{
    (void)state;
    setenv("ENV", "production", 1);
    setenv("LOG_LEVEL", "loud", 1);
    setenv("WORKERS", "13", 1);
    run("--check-config");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.err, "ttb-tester: the configuration is not usable:\n"
                                    "ENV: 'production' is neither dev nor prod\n"
                                    "LOG_LEVEL: 'loud' is none of debug, info, warning, error\n"
                                    "WORKERS: 13 brings bad luck\n");
}

static void a_bad_configuration_stops_every_flag_that_needs_it(void **state)
{
    (void)state;
    setenv("WORKERS", "0", 1);
    static const char *const flags[] = {"--print-config", "--migrate-only", NULL};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        run(flags[i]);
        assert_int_equal(output.code, EXIT_USAGE);
        assert_holds(output.err, "WORKERS: '0' is not between 1 and 64\n");
        assert_string_equal(output.out, "");
    }
}

static void a_printed_configuration_holds_no_secret(void **state)
{
    (void)state;
    setenv("NATS_PASSWORD", PASSWORD, 1);
    setenv("WORKERS", "7", 1);
    run("--print-config");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_holds(output.out, "\nNATS_PASSWORD=***\n");
    assert_holds(output.out, "\nAPI_KEY=***\n");
    assert_holds(output.out, "\nWORKERS=7\n");
    assert_holds(output.out, "\nNATS_URL=nats://127.0.0.1:4222\n");
    assert_null(strstr(output.out, PASSWORD));
    assert_null(strstr(output.out, API_KEY));
}

static void a_bad_secret_is_not_quoted(void **state)
{
    (void)state;
    setenv("API_KEY", "short", 1);
    run("--check-config");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_holds(output.err, "API_KEY: must be 8 to 64 bytes long, not 5\n");
    assert_null(strstr(output.err, "short"));
}

static void the_settings_print_as_a_markdown_table(void **state)
{
    (void)state;
    unsetenv("API_KEY");
    run("--markdown-config");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_holds(output.out, "| `WORKERS` | 4 | 1 to 64 | worker threads |\n");
    assert_holds(output.out, "| `API_KEY` or `API_KEY_FILE` | **must be set** |");
}

static void the_version_is_printed(void **state)
{
    (void)state;
    run("--version");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_string_equal(output.out, "ttb-tester " TTB_VERSION "\n");
}

static void an_unknown_flag_is_refused(void **state)
{
    (void)state;
    run("--frobnicate");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.err, "ttb-tester: unknown flag --frobnicate; see --help\n");
}

static void health_asks_the_running_daemon(void **state)
{
    (void)state;
    char port[16];
    snprintf(port, sizeof(port), "%u", free_port());
    setenv("OPS_PORT", port, 1);
    run("--health");
    assert_int_equal(output.code, EXIT_FAILURE);
    setenv("OPS_PORT", "none", 1);
    run("--health");
    assert_int_equal(output.code, EXIT_USAGE);
}

/* ---- commands ---- */

static void help_lists_the_commands(void **state)
{
    (void)state;
    run("--help");
    assert_holds(output.out, "\nCommands, instead of serving:\n"
                             "  greet NAME TIMES\n      say hello so often\n"
                             "  yawn\n      say how it is\n\n");
}

static void a_command_gets_its_arguments_and_the_configuration(void **state)
{
    (void)state;
    setenv("WORKERS", "7", 1);
    RUN("greet", "ann", "--twice");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_string_equal(output.out, "ann|--twice|7\n");
    assert_string_equal(output.err, "");
    RUN("yawn");
    assert_int_equal(output.code, EXIT_SUCCESS);
    assert_string_equal(output.out, "yawn\n");
}

static void a_command_says_how_it_went(void **state)
{
    (void)state;
    RUN("greet", "nobody", "1");
    assert_int_equal(output.code, EXIT_FAILURE);
}

static void a_command_with_other_arguments_is_refused(void **state)
{
    (void)state;
    RUN("greet", "ann");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.err, "usage: ttb-tester greet NAME TIMES\n");
    RUN("greet", "ann", "1", "2");
    assert_int_equal(output.code, EXIT_USAGE);
    RUN("yawn", "loudly");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.err, "usage: ttb-tester yawn\n");
    assert_string_equal(output.out, "");
}

static void an_unknown_command_is_refused(void **state)
{
    (void)state;
    RUN("sing", "a song");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_string_equal(output.err, "ttb-tester: unknown command sing; see --help\n");
    run("");
    assert_int_equal(output.code, EXIT_USAGE);
}

static void a_bad_configuration_stops_a_command(void **state)
{
    (void)state;
    setenv("WORKERS", "0", 1);
    RUN("yawn");
    assert_int_equal(output.code, EXIT_USAGE);
    assert_holds(output.err, "WORKERS: '0' is not between 1 and 64\n");
    assert_string_equal(output.out, "");
}

/* ---- a life ---- */

/* Starts the daemon in a process of its own; its log is of no interest here. */
static pid_t launch(unsigned port)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%u", port);
    setenv("OPS_PORT", digits, 1);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    FILE *nowhere = freopen("/dev/null", "w", stderr);
    char name[] = "ttb-tester";
    char *argv[] = {name, NULL};
    _exit(nowhere ? daemon_main(&program, 1, argv) : EXIT_USAGE);
}

static int end(pid_t pid, int signal_number)
{
    int status = 0;
    if (signal_number)
        kill(pid, signal_number);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool wait_until_ready(unsigned port)
{
    for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += STEP_MS) {
        if (ops_is_ready(LOOPBACK, port))
            return true;
        clock_sleep_ms(STEP_MS);
    }
    return false;
}

static int wait_until_listening(unsigned port)
{
    int fd = -1;
    for (int waited_ms = 0; waited_ms < WAIT_MS && fd < 0; waited_ms += STEP_MS) {
        fd = connect_to(port);
        if (fd < 0)
            clock_sleep_ms(STEP_MS);
    }
    return fd;
}

static void a_daemon_serves_until_it_is_told_to_stop(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    setenv("NATS_URL", NATS_URL, 1);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        unsigned port = free_port();
        pid_t pid = launch(port);
        bool ready = wait_until_ready(port);
        run("--health");
        assert_int_equal(end(pid, signals[i]), EXIT_SUCCESS);
        assert_true(ready);
        assert_int_equal(output.code, EXIT_SUCCESS);
    }
}

static void a_daemon_without_nats_waits_and_is_not_ready(void **state)
{
    (void)state;
    static const char request[] = "GET /readyz HTTP/1.0\r\n\r\n";
    char url[64];
    snprintf(url, sizeof(url), "nats://127.0.0.1:%u", free_port());
    setenv("NATS_URL", url, 1);
    unsigned port = free_port();
    pid_t pid = launch(port);
    int fd = wait_until_listening(port);
    char answer[1024] = "";
    bool asked = write(fd, request, strlen(request)) == (ssize_t)strlen(request) &&
                 recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL) > 0;
    close(fd);
    assert_int_equal(end(pid, SIGTERM), EXIT_SUCCESS);
    assert_true(asked);
    assert_holds(answer, " 503 ");
    assert_holds(answer, "{\"ready\":false,\"reason\":\"starting or stopping\"}");
}

static void a_start_that_fails_for_good_ends_the_process(void **state)
{
    (void)state;
    setenv("NATS_URL", NATS_URL, 1);
    setenv("API_KEY", "another-key", 1);
    assert_int_equal(end(launch(free_port()), 0), EXIT_FAILURE);
}

static void a_taken_ops_port_ends_the_process(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct ops *ops = NULL;
    unsigned port = free_port();
    assert_int_equal(ops_start(LOOPBACK, port, metrics, NULL, NULL, &ops), STATUS_OK);
    int code = end(launch(port), 0);
    ops_stop(ops);
    metrics_free(metrics);
    assert_int_equal(code, EXIT_FAILURE);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(help_names_every_flag_and_setting),
        TEST(a_good_configuration_is_checked_without_a_word),
        TEST(everything_wrong_is_listed_at_once),
        TEST(rules_beyond_ranges_are_listed_together),
        TEST(a_bad_configuration_stops_every_flag_that_needs_it),
        TEST(a_printed_configuration_holds_no_secret),
        TEST(a_bad_secret_is_not_quoted),
        TEST(the_settings_print_as_a_markdown_table),
        TEST(the_version_is_printed),
        TEST(an_unknown_flag_is_refused),
        TEST(health_asks_the_running_daemon),
        TEST(help_lists_the_commands),
        TEST(a_command_gets_its_arguments_and_the_configuration),
        TEST(a_command_says_how_it_went),
        TEST(a_command_with_other_arguments_is_refused),
        TEST(an_unknown_command_is_refused),
        TEST(a_bad_configuration_stops_a_command),
        TEST(a_daemon_serves_until_it_is_told_to_stop),
        TEST(a_daemon_without_nats_waits_and_is_not_ready),
        TEST(a_start_that_fails_for_good_ends_the_process),
        TEST(a_taken_ops_port_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
