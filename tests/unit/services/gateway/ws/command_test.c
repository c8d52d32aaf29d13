/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct command parse(const char *json)
{
    return command_parse((struct slice){json, strlen(json)});
}

static void the_three_actions_are_known(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"action\":\"ping\"}").action, COMMAND_PING);
    assert_int_equal(parse("{\"action\":\"connect_tiktok\"}").action, COMMAND_CONNECT);
    assert_int_equal(parse(" {\"x\":[1], \"action\" : \"disconnect_tiktok\"} ").action,
                     COMMAND_DISCONNECT);
}

static void anything_else_is_no_command(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "ping",
                               "null",
                               "[]",
                               "{}",
                               "{\"action\":null}",
                               "{\"action\":1}",
                               "{\"action\":\"PING\"}",
                               "{\"action\":\"ping\"",
                               "{\"action\":\"ping\"} x",
                               "{\"action\":\"ping\\u0000\"}",
                               "[\"action\",\"ping\"]",
                               "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(parse(bad[i]).action, COMMAND_NONE);
}

static struct command parse_username(const char *username)
{
    char json[COMMAND_USERNAME_SIZE + 64];
    snprintf(json, sizeof(json), "{\"action\":\"connect_tiktok\",\"username\":%s}", username);
    return parse(json);
}

static void a_username_comes_along(void **state)
{
    (void)state;
    const struct command command = parse_username("\"@Bob\"");
    assert_string_equal(command.username, "@Bob");
    assert_false(command.has_bad_username);
}

static void none_null_or_a_blank_one_is_none(void **state)
{
    (void)state;
    const struct command commands[] = {parse("{\"action\":\"connect_tiktok\"}"),
                                       parse_username("null"), parse_username("\"\""),
                                       parse_username("\" \\t\"")};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        assert_int_equal(commands[i].action, COMMAND_CONNECT);
        assert_string_equal(commands[i].username, "");
        assert_false(commands[i].has_bad_username);
    }
}

static void a_username_that_is_no_text_is_a_bad_one(void **state)
{
    (void)state;
    const char *const bad[] = {"7", "0.5", "true", "false", "{}", "[\"Bob\"]"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct command command = parse_username(bad[i]);
        assert_int_equal(command.action, COMMAND_CONNECT);
        assert_string_equal(command.username, "");
        assert_true(command.has_bad_username);
    }
}

static void a_username_that_is_too_long_is_a_bad_one(void **state)
{
    (void)state;
    for (int length = COMMAND_USERNAME_SIZE - 1; length <= COMMAND_USERNAME_SIZE; length++) {
        char name[COMMAND_USERNAME_SIZE + 3];
        bool is_bad = length == COMMAND_USERNAME_SIZE;
        memset(name, 'n', sizeof(name));
        name[0] = name[length + 1] = '"';
        name[length + 2] = '\0';
        const struct command command = parse_username(name);
        assert_int_equal(command.has_bad_username, is_bad);
        assert_int_equal(strlen(command.username), is_bad ? 0 : length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_actions_are_known),
        cmocka_unit_test(anything_else_is_no_command),
        cmocka_unit_test(a_username_comes_along),
        cmocka_unit_test(none_null_or_a_blank_one_is_none),
        cmocka_unit_test(a_username_that_is_no_text_is_a_bad_one),
        cmocka_unit_test(a_username_that_is_too_long_is_a_bad_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
