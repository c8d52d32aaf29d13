/* SPDX-License-Identifier: MIT */
#include "lib/base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define SETTINGS                                                                                   \
    SETTING(test_workers, UINT, "4", 1, 64, "worker threads")                                      \
    SETTING(test_room, BYTES, "5000000000", 0, 1099511627776, "bytes on disk")                     \
    SETTING(test_fast, BOOL, "0", 0, 1, "fast | furious")                                          \
    SETTING(test_share, REAL, "0.5", 0, 1, "share of it")                                          \
    SETTING(test_host, TEXT, "", 0, 10, "host name")                                               \
    SETTING(test_key, SECRET, NULL, 4, 8, "signing key")

struct test_config {
#define SETTING CONFIG_MEMBER
    SETTINGS
#undef SETTING
};

#define SETTING(...) CONFIG_ROW(struct test_config, __VA_ARGS__)
static const struct config_setting table[] = {SETTINGS};
#undef SETTING

static const char *const variables[] = {"TEST_WORKERS",  "TEST_ROOM",      "TEST_FAST",
                                        "TEST_SHARE",    "TEST_HOST",      "TEST_KEY",
                                        "TEST_KEY_FILE", "TEST_HOST_FILE", "TEST_SHARE_FILE"};

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        unsetenv(variables[i]);
    return setenv("TEST_KEY", "secret", 1);
}

static void done(struct test_config *config)
{
    config_done(table, ARRAY_LEN(table), config);
}

static void load(struct test_config *config)
{
    AUTO_BUFFER(problems, 4096);
    bool is_good = config_load(table, ARRAY_LEN(table), config, &problems);
    assert_string_equal(buffer_text(&problems), "");
    assert_true(is_good);
}

static void check_problems(const char *expected)
{
    struct test_config config;
    AUTO_BUFFER(problems, 4096);
    assert_false(config_load(table, ARRAY_LEN(table), &config, &problems));
    assert_string_equal(buffer_text(&problems), expected);
    assert_null(config.test_host);
    assert_null(config.test_key);
}

static void check_refused(const char *variable, const char *value, const char *expected)
{
    setenv(variable, value, 1);
    check_problems(expected);
    unsetenv(variable);
}

static void settings_that_are_not_given_take_their_defaults(void **state)
{
    (void)state;
    struct test_config config;
    setenv("TEST_WORKERS", "", 1);
    load(&config);
    assert_int_equal(config.test_workers, 4);
    assert_true(config.test_room == 5000000000);
    assert_false(config.test_fast);
    assert_true(config.test_share == 0.5);
    assert_string_equal(config.test_host, "");
    assert_string_equal(config.test_key, "secret");
    done(&config);
    assert_null(config.test_key);
}

static void settings_come_from_the_environment(void **state)
{
    (void)state;
    struct test_config config;
    setenv("TEST_WORKERS", "64", 1);
    setenv("TEST_ROOM", "1099511627776", 1);
    setenv("TEST_FAST", "Yes", 1);
    setenv("TEST_SHARE", "2.5e-1", 1);
    setenv("TEST_HOST", "localhost", 1);
    load(&config);
    assert_int_equal(config.test_workers, 64);
    assert_true(config.test_room == (uint64_t)1 << 40);
    assert_true(config.test_fast);
    assert_true(config.test_share == 0.25);
    assert_string_equal(config.test_host, "localhost");
    done(&config);
}

static void each_word_for_yes_and_no_is_read(void **state)
{
    (void)state;
    static const char *const words[] = {"0", "1", "false", "TRUE", "no", "yes", "off", "on"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct test_config config;
        setenv("TEST_FAST", words[i], 1);
        load(&config);
        assert_int_equal(config.test_fast, i % 2);
        done(&config);
    }
}

static void a_wrong_value_is_told_in_plain_words(void **state)
{
    (void)state;
    check_refused("TEST_WORKERS", "0", "TEST_WORKERS: '0' is not between 1 and 64\n");
    check_refused("TEST_WORKERS", "65", "TEST_WORKERS: '65' is not between 1 and 64\n");
    check_refused("TEST_WORKERS", "-1", "TEST_WORKERS: '-1' is not between 1 and 64\n");
    check_refused("TEST_WORKERS", "4294967297",
                  "TEST_WORKERS: '4294967297' is not between 1 and 64\n");
    check_refused("TEST_WORKERS", "4x", "TEST_WORKERS: '4x' is not a whole number\n");
    check_refused("TEST_ROOM", "1099511627777",
                  "TEST_ROOM: '1099511627777' is not between 0 and 1099511627776\n");
    check_refused("TEST_ROOM", "5G", "TEST_ROOM: '5G' is not a whole number\n");
    check_refused("TEST_FAST", "2", "TEST_FAST: '2' is neither 0 nor 1\n");
    check_refused("TEST_SHARE", "1.01", "TEST_SHARE: '1.01' is not between 0 and 1\n");
    check_refused("TEST_SHARE", "0.5 ", "TEST_SHARE: '0.5 ' is not a number\n");
    check_refused("TEST_SHARE", "0x1", "TEST_SHARE: '0x1' is not a number\n");
    check_refused("TEST_SHARE", "nan", "TEST_SHARE: 'nan' is not a number\n");
    check_refused("TEST_SHARE", "e", "TEST_SHARE: 'e' is not a number\n");
    check_refused("TEST_HOST", "12345678901", "TEST_HOST: must be 0 to 10 bytes long, not 11\n");
}

static void all_problems_are_listed_at_once_and_no_secret_is_shown(void **state)
{
    (void)state;
    setenv("TEST_WORKERS", "none", 1);
    setenv("TEST_SHARE", "7", 1);
    setenv("TEST_KEY", "abc", 1);
    check_problems("TEST_WORKERS: 'none' is not a whole number\n"
                   "TEST_SHARE: '7' is not between 0 and 1\n"
                   "TEST_KEY: must be 4 to 8 bytes long, not 3\n");
}

static void a_setting_without_default_must_be_given(void **state)
{
    (void)state;
    unsetenv("TEST_KEY");
    check_problems("TEST_KEY: must be set (signing key)\n");
}

/* A file with this content, which TEST_KEY_FILE names. */
static void give_key_file(char path[32], const void *content, size_t size)
{
    snprintf(path, 32, "/tmp/config_test.XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, size), size);
    close(file);
    unsetenv("TEST_KEY");
    setenv("TEST_KEY_FILE", path, 1);
}

static void a_secret_is_read_from_its_file_less_one_newline(void **state)
{
    (void)state;
    char path[32];
    struct test_config config;
    give_key_file(path, "hidden\n\n", 8);
    load(&config);
    unlink(path);
    assert_string_equal(config.test_key, "hidden\n");
    done(&config);
}

static void only_a_secret_is_read_from_a_file(void **state)
{
    (void)state;
    struct test_config config;
    setenv("TEST_HOST_FILE", "/nonexistent", 1);
    setenv("TEST_SHARE_FILE", "/nonexistent", 1);
    load(&config);
    assert_string_equal(config.test_host, "");
    done(&config);
}

static void a_secret_given_twice_is_a_problem(void **state)
{
    (void)state;
    setenv("TEST_KEY_FILE", "/nonexistent", 1);
    check_problems("TEST_KEY: both TEST_KEY and TEST_KEY_FILE are set\n");
}

static void a_secret_file_that_cannot_be_used_is_a_problem(void **state)
{
    (void)state;
    char path[32];
    char expected[128];
    give_key_file(path, "hid\0den", 7);
    snprintf(expected, sizeof(expected),
             "TEST_KEY_FILE: '%s' is no text file of less than 65536 bytes\n", path);
    check_problems(expected);

    unlink(path);
    snprintf(expected, sizeof(expected),
             "TEST_KEY_FILE: cannot read '%s': No such file or directory\n", path);
    check_problems(expected);
}

static void an_empty_secret_file_is_too_short(void **state)
{
    (void)state;
    char path[32];
    give_key_file(path, "\n", 1);
    check_problems("TEST_KEY: must be 4 to 8 bytes long, not 0\n");
    unlink(path);
}

static void printing_masks_secrets(void **state)
{
    (void)state;
    struct test_config config;
    load(&config);
    AUTO_BUFFER(out, 4096);
    config_print(table, ARRAY_LEN(table), &config, &out);
    assert_string_equal(buffer_text(&out),
                        "TEST_WORKERS=4\nTEST_ROOM=5000000000\nTEST_FAST=0\nTEST_SHARE=0.5\n"
                        "TEST_HOST=\nTEST_KEY=***\n");
    done(&config);
}

static void help_names_range_and_default_of_each_setting(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 4096);
    config_help(table, ARRAY_LEN(table), &out);
    assert_non_null(
        strstr(buffer_text(&out), "  TEST_WORKERS\n      worker threads (1 to 64; default 4)\n"));
    assert_non_null(strstr(buffer_text(&out), "host name (0 to 10 bytes)\n"));
    assert_non_null(strstr(buffer_text(&out), "(4 to 8 bytes; must be set; or the path of its file"
                                              " in TEST_KEY_FILE)\n"));
}

static void markdown_is_a_table_of_one_row_a_setting(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 4096);
    config_markdown(table, ARRAY_LEN(table), &out);
    assert_string_equal(
        buffer_text(&out),
        "| variable | default | range | meaning |\n"
        "|---|---|---|---|\n"
        "| `TEST_WORKERS` | 4 | 1 to 64 | worker threads |\n"
        "| `TEST_ROOM` | 5000000000 | 0 to 1099511627776 | bytes on disk |\n"
        "| `TEST_FAST` | 0 | 0 or 1 | fast \\| furious |\n"
        "| `TEST_SHARE` | 0.5 | 0 to 1 | share of it |\n"
        "| `TEST_HOST` |  | 0 to 10 bytes | host name |\n"
        "| `TEST_KEY` or `TEST_KEY_FILE` | **must be set** | 4 to 8 bytes | signing key |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(settings_that_are_not_given_take_their_defaults, set_up),
        cmocka_unit_test_setup(settings_come_from_the_environment, set_up),
        cmocka_unit_test_setup(each_word_for_yes_and_no_is_read, set_up),
        cmocka_unit_test_setup(a_wrong_value_is_told_in_plain_words, set_up),
        cmocka_unit_test_setup(all_problems_are_listed_at_once_and_no_secret_is_shown, set_up),
        cmocka_unit_test_setup(a_setting_without_default_must_be_given, set_up),
        cmocka_unit_test_setup(a_secret_is_read_from_its_file_less_one_newline, set_up),
        cmocka_unit_test_setup(only_a_secret_is_read_from_a_file, set_up),
        cmocka_unit_test_setup(a_secret_given_twice_is_a_problem, set_up),
        cmocka_unit_test_setup(a_secret_file_that_cannot_be_used_is_a_problem, set_up),
        cmocka_unit_test_setup(an_empty_secret_file_is_too_short, set_up),
        cmocka_unit_test_setup(printing_masks_secrets, set_up),
        cmocka_unit_test_setup(help_names_range_and_default_of_each_setting, set_up),
        cmocka_unit_test_setup(markdown_is_a_table_of_one_row_a_setting, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
