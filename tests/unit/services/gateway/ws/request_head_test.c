/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/request_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REST " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n"

/* Of exactly as many bytes, so that a sanitizer sees one too many. */
static enum request_head_kind parse(const char *text, char **ret_copy,
                                    struct request_head *ret_head)
{
    *ret_copy = strdup(text);
    assert_non_null(*ret_copy);
    return request_head_parse(*ret_copy, strlen(text), ret_head);
}

static enum request_head_kind kind_of(const char *text)
{
    char *copy;
    struct request_head head;
    enum request_head_kind kind = parse(text, &copy, &head);
    free(copy);
    return kind;
}

static void the_token_is_what_follows_in_the_path(void **state)
{
    (void)state;
    const struct {
        const char *target;
        const char *token;
    } cases[] = {{"abc", "abc"},    {"abc/", "abc"}, {"abc//", "abc"}, {"abc?since=1", "abc"},
                 {"abc/?x", "abc"}, {"", ""},        {"a/b", "a/b"},   {"/", ""},
                 {"%61", "%61"},    {"?", ""}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[256];
        char *copy;
        struct request_head head;
        (void)snprintf(text, sizeof(text), "GET /ws/%s" REST, cases[i].target);
        assert_int_equal(parse(text, &copy, &head), REQUEST_HEAD_V1);
        assert_string_equal(head.token, cases[i].token);
        assert_string_equal(head.forwarded_for, "");
        free(copy);
    }
}

static void headers_are_found_in_any_case_and_place(void **state)
{
    (void)state;
    char *copy;
    struct request_head head;
    assert_int_equal(
        parse(
            "GET /ws/t HTTP/1.1\r\nX-FORWARDED-FOR:\t1.2.3.4, 5.6.7.8\r\nX-Forwarded-Forx: no\r\n"
            "x-request-id: one\r\nTraceparent:00-a\r\nX-Request-Id: two\r\n\r\nx-request-id: body",
            &copy, &head),
        REQUEST_HEAD_V1);
    assert_string_equal(head.token, "t");
    assert_string_equal(head.forwarded_for, "1.2.3.4, 5.6.7.8");
    assert_string_equal(head.request_id, "two");
    assert_string_equal(head.traceparent, "00-a");
    free(copy);
}

static void each_beginning_of_a_request_waits_for_more(void **state)
{
    (void)state;
    const char *whole = "GET /ws/token" REST;
    for (size_t size = 1; size < strlen(whole); size++) {
        char *part = strndup(whole, size);
        assert_non_null(part);
        assert_int_equal(kind_of(part), REQUEST_HEAD_PART);
        free(part);
    }
    assert_int_equal(kind_of(whole), REQUEST_HEAD_V1);
}

static void anything_else_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    const char *const others[] = {
        "P",        "GET /v",  "GET  ", "GET /wsx",        ("GET /ws" REST),
        "get /ws/", "GET /w/", "\r",    "GET http://x/ws/"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_int_equal(kind_of(others[i]), REQUEST_HEAD_OTHER);
}

static void a_head_that_is_too_long_is_no_longer_waited_for(void **state)
{
    (void)state;
    char text[REQUEST_HEAD_MAX_BYTES + 1];
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /ws/", strlen("GET /ws/"));
    text[REQUEST_HEAD_MAX_BYTES - 1] = '\0';
    assert_int_equal(kind_of(text), REQUEST_HEAD_PART);
    text[REQUEST_HEAD_MAX_BYTES - 1] = 'a';
    text[REQUEST_HEAD_MAX_BYTES] = '\0';
    assert_int_equal(kind_of(text), REQUEST_HEAD_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_is_what_follows_in_the_path),
        cmocka_unit_test(headers_are_found_in_any_case_and_place),
        cmocka_unit_test(each_beginning_of_a_request_waits_for_more),
        cmocka_unit_test(anything_else_is_told_by_its_first_bytes),
        cmocka_unit_test(a_head_that_is_too_long_is_no_longer_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
