/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/listening.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* A port that is free now. */
static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* Not every machine has IPv6. */
static bool has(const char *host)
{
    struct address address;
    assert_true(address_parse(host, 0, &address));
    int fd = socket(address.socket.ss_family, SOCK_STREAM, 0);
    bool is_there = fd >= 0 && bind(fd, address_of(&address), address.size) == 0;
    close(fd);
    return is_there;
}

static void libwebsockets_listens_where_it_is_told_and_nowhere_else(void **state)
{
    (void)state;
    static const struct lws_protocols protocols[] = {
        {.name = "x", .callback = lws_callback_http_dummy}, {0}};
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "::"};
    lws_set_log_level(0, NULL);
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        if (!has(hosts[i]))
            continue;
        struct lws_context_creation_info info = {
            .protocols = protocols, .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND};
        struct address address;
        assert_true(listening_prepare(hosts[i], free_port(), &info, &address));
        struct lws_context *context = lws_create_context(&info);
        assert_non_null(context);
        if (!listening_is_only_on(&address))
            fail_msg("%s is not where it listens", hosts[i]);
        lws_context_destroy(context);
        assert_false(listening_is_only_on(&address));
    }
}

static void a_port_that_is_open_elsewhere_is_seen(void **state)
{
    (void)state;
    struct address everywhere, here;
    unsigned port = free_port();
    assert_true(address_parse("0.0.0.0", port, &everywhere));
    assert_true(address_parse("127.0.0.1", port, &here));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, address_of(&everywhere), everywhere.size), 0);
    assert_false(listening_is_only_on(&everywhere)); /* not yet */
    assert_int_equal(listen(fd, 1), 0);
    assert_true(listening_is_only_on(&everywhere));
    assert_false(listening_is_only_on(&here));
    close(fd);
}

static void a_name_is_no_address(void **state)
{
    (void)state;
    struct lws_context_creation_info info = {0};
    struct address address;
    assert_false(listening_prepare("localhost", 1, &info, &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libwebsockets_listens_where_it_is_told_and_nowhere_else),
        cmocka_unit_test(a_port_that_is_open_elsewhere_is_seen),
        cmocka_unit_test(a_name_is_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
