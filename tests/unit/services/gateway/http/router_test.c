/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct route list = {.method = "GET", .path = "/v2/gifts/library"};
static const struct route one = {.method = "GET", .path = "/v2/gifts/{gift_id}"};
static const struct route post = {.method = "POST", .path = "/v2/gifts/{gift_id}"};
static const struct route sound = {.method = "DELETE",
                                   .path = "/sounds/delete/{ws_token}/{filename}"};
static const struct route root = {.method = "GET", .path = "/"};
static const struct route login = {.method = "POST", .path = "/v2/auth/login"};

static int set_up(void **state)
{
    struct router *router = router_new();
    const struct route *const routes_here[] = {&one, &list, &post, &sound, &root, &login};
    for (size_t i = 0; i < ARRAY_LEN(routes_here); i++)
        router_add(router, routes_here[i]);
    *state = router;
    return 0;
}

static int tear_down(void **state)
{
    router_free(*state);
    return 0;
}

static void assert_found(void **state, const char *method, const char *target,
                         const struct route *expected)
{
    const struct route *route = NULL;
    assert_int_equal(router_find(*state, method, target, &route), STATUS_OK);
    assert_ptr_equal(route, expected);
}

static void assert_missing(void **state, const char *method, const char *target,
                           enum status expected)
{
    const struct route *route = NULL;
    assert_int_equal(router_find(*state, method, target, &route), expected);
    assert_null(route);
}

static void a_path_is_found_with_and_without_a_slash_at_its_end(void **state)
{
    assert_found(state, "POST", "/v2/auth/login", &login);
    assert_found(state, "POST", "/v2/auth/login/", &login);
    assert_found(state, "POST", "/v2/auth/login?a=b/", &login);
    assert_found(state, "POST", "/v2/auth/login/?", &login);
    assert_found(state, "GET", "/v2/gifts/5655/", &one);
    assert_found(state, "GET", "/", &root);
    assert_found(state, "GET", "/?x", &root);
}

static void other_paths_are_not_found(void **state)
{
    assert_missing(state, "POST", "/v2/auth/login//", STATUS_NOT_FOUND);
    assert_missing(state, "POST", "/v2/auth", STATUS_NOT_FOUND);
    assert_missing(state, "POST", "/v2/auth/login/more", STATUS_NOT_FOUND);
    assert_missing(state, "POST", "/V2/auth/login", STATUS_NOT_FOUND);
    assert_missing(state, "POST", "v2/auth/login", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "/v2/gifts", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "/v2/gifts/a/b", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "*", STATUS_NOT_FOUND);
}

static void a_literal_path_wins_over_a_parameter(void **state)
{
    assert_found(state, "GET", "/v2/gifts/library", &list);
    assert_found(state, "GET", "/v2/gifts/librar", &one);
    assert_found(state, "POST", "/v2/gifts/library", &post);
}

static void head_finds_the_route_of_get(void **state)
{
    assert_found(state, "HEAD", "/v2/gifts/library", &list);
    assert_missing(state, "HEAD", "/v2/auth/login", STATUS_METHOD_NOT_ALLOWED);
}

static void another_method_is_not_allowed(void **state)
{
    assert_missing(state, "GET", "/v2/auth/login", STATUS_METHOD_NOT_ALLOWED);
    assert_missing(state, "PUT", "/v2/gifts/1", STATUS_METHOD_NOT_ALLOWED);
    assert_missing(state, "get", "/", STATUS_METHOD_NOT_ALLOWED);
}

static void an_empty_segment_is_no_parameter(void **state)
{
    assert_missing(state, "GET", "/v2/gifts//", STATUS_NOT_FOUND);
    assert_missing(state, "DELETE", "/sounds/delete//a.mp3", STATUS_NOT_FOUND);
}

static void a_segment_that_hides_a_slash_or_a_nul_is_no_parameter(void **state)
{
    assert_missing(state, "GET", "/v2/gifts/a%2Fb", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "/v2/gifts/a%2f", STATUS_NOT_FOUND);
    assert_missing(state, "GET", "/v2/gifts/%00", STATUS_NOT_FOUND);
    assert_found(state, "GET", "/v2/gifts/%20", &one);
    assert_found(state, "GET", "/v2/gifts/%", &one);
}

static void the_methods_of_a_path_are_listed(void **state)
{
    AUTO_BUFFER(methods, 256);
    router_methods(*state, "/v2/gifts/1?x", &methods);
    assert_string_equal(buffer_text(&methods), "GET, HEAD, POST");
    buffer_clear(&methods);
    router_methods(*state, "/v2/auth/login/", &methods);
    assert_string_equal(buffer_text(&methods), "POST");
    buffer_clear(&methods);
    router_methods(*state, "/nowhere", &methods);
    assert_string_equal(buffer_text(&methods), "");
}

static void assert_parameters(const struct route *route, const char *target, const char *expected)
{
    AUTO_BUFFER(parameters, 4096);
    router_parameters(route, target, &parameters);
    assert_string_equal(buffer_text(&parameters), expected);
}

static void parameters_come_as_a_query_string(void **state)
{
    (void)state;
    assert_parameters(&sound, "/sounds/delete/t0k/a.mp3/?x=y", "ws_token=t0k&filename=a.mp3");
    assert_parameters(&one, "/v2/gifts/a%20b", "gift_id=a%20b");
    assert_parameters(&one, "/v2/gifts/a&b=c+d", "gift_id=a%26b%3Dc%2Bd");
    assert_parameters(&one, "/v2/gifts/100%", "gift_id=100%25");
    assert_parameters(&one, "/v2/gifts/%zz%4", "gift_id=%25zz%254");
    assert_parameters(&login, "/v2/auth/login", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_found_with_and_without_a_slash_at_its_end),
        cmocka_unit_test(other_paths_are_not_found),
        cmocka_unit_test(a_literal_path_wins_over_a_parameter),
        cmocka_unit_test(head_finds_the_route_of_get),
        cmocka_unit_test(another_method_is_not_allowed),
        cmocka_unit_test(an_empty_segment_is_no_parameter),
        cmocka_unit_test(a_segment_that_hides_a_slash_or_a_nul_is_no_parameter),
        cmocka_unit_test(the_methods_of_a_path_are_listed),
        cmocka_unit_test(parameters_come_as_a_query_string),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
