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

static void a_username_comes_along(void **state)
{
    (void)state;
    assert_string_equal(parse("{\"action\":\"connect_tiktok\",\"username\":\"@Bob\"}").username,
                        "@Bob");
    assert_string_equal(parse("{\"action\":\"connect_tiktok\"}").username, "");
    assert_string_equal(parse("{\"action\":\"connect_tiktok\",\"username\":7}").username, "");
    assert_string_equal(parse("{\"action\":\"connect_tiktok\",\"username\":null}").username, "");
}

static void a_username_that_is_too_long_is_as_none(void **state)
{
    (void)state;
    char json[512];
    for (int length = COMMAND_USERNAME_SIZE - 1; length <= COMMAND_USERNAME_SIZE; length++) {
        char name[COMMAND_USERNAME_SIZE + 1];
        memset(name, 'n', (size_t)length);
        name[length] = '\0';
        snprintf(json, sizeof(json), "{\"action\":\"connect_tiktok\",\"username\":\"%s\"}", name);
        assert_int_equal(strlen(parse(json).username), length < COMMAND_USERNAME_SIZE ? length : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_actions_are_known),
        cmocka_unit_test(anything_else_is_no_command),
        cmocka_unit_test(a_username_comes_along),
        cmocka_unit_test(a_username_that_is_too_long_is_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
