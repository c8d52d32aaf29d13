/* SPDX-License-Identifier: MIT */
/* Flags and commands as daemon_main runs them. */
#include "lib/daemon/flags.h"

#include "tests/unit/lib/daemon/ports.h"
#include "tests/unit/lib/daemon/tester.h"

#define PASSWORD "s3cret-of-nats"

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
    assert_string_equal(output.out, "nobody answers at the ops port\n");
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
