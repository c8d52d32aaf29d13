/* SPDX-License-Identifier: MIT */
#include "lib/daemon/ops.h"

#include "tests/unit/lib/daemon/ports.h"

#define ANSWER_MAX_BYTES (64 * 1024)

/* Whether the daemon is ready, and why not; NULL: it is. */
static const char *reason;

static bool is_ready(void *closure, const char **ret_reason)
{
    (void)closure;
    *ret_reason = reason;
    return !reason;
}

struct fixture {
    struct metrics *metrics;
    struct ops *ops;
    unsigned port;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->metrics = metrics_new();
    fixture->port = free_port();
    reason = NULL;
    assert_int_equal(
        ops_start(LOOPBACK, fixture->port, fixture->metrics, is_ready, NULL, &fixture->ops),
        STATUS_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ops_stop(fixture->ops);
    metrics_free(fixture->metrics);
    free(fixture);
    return 0;
}

/* Sends the request and reads until the server closes. */
static void exchange(const struct fixture *fixture, const char *request, struct buffer *answer)
{
    int fd = connect_to(fixture->port);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    char part[4096];
    for (ssize_t size = read(fd, part, sizeof(part)); size > 0; size = read(fd, part, sizeof(part)))
        buffer_add(answer, part, (size_t)size);
    close(fd);
}

static void check(const struct fixture *fixture, const char *request, const char *status,
                  const char *body)
{
    AUTO_BUFFER(answer, ANSWER_MAX_BYTES);
    exchange(fixture, request, &answer);
    const char *text = buffer_text(&answer);
    const char *got = strstr(text, "\r\n\r\n");
    if (!got)
        fail_msg("no answer to %s", request);
    assert_int_equal(strncmp(text, "HTTP/1.", 7), 0);
    assert_memory_equal(text + 9, status, 3);
    assert_string_equal(got + 4, body);
}

static void the_process_is_alive_whether_ready_or_not(void **state)
{
    check(*state, "GET /healthz HTTP/1.0\r\n\r\n", "200", "{\"alive\":true}");
    reason = "nats is away";
    check(*state, "GET /healthz HTTP/1.0\r\n\r\n", "200", "{\"alive\":true}");
}

static void readiness_is_told_with_the_reason(void **state)
{
    struct fixture *fixture = *state;
    check(fixture, "GET /readyz HTTP/1.0\r\n\r\n", "200", "{\"ready\":true}");
    assert_true(ops_is_ready(LOOPBACK, fixture->port));
    reason = "\"nats\" is away";
    check(fixture, "GET /readyz HTTP/1.0\r\n\r\n", "503",
          "{\"ready\":false,\"reason\":\"\\\"nats\\\" is away\"}");
    assert_false(ops_is_ready(LOOPBACK, fixture->port));
}

static void metrics_are_in_prometheus_text_form(void **state)
{
    struct fixture *fixture = *state;
    metric_add(metrics_counter(fixture->metrics, "ttb_tests_total", "Tests.", "kind=\"unit\""), 3);
    AUTO_BUFFER(answer, ANSWER_MAX_BYTES);
    exchange(fixture, "GET /metrics HTTP/1.0\r\n\r\n", &answer);
    assert_non_null(strstr(buffer_text(&answer), "Content-Type: text/plain; version=0.0.4\r\n"));
    assert_non_null(strstr(buffer_text(&answer), "\n# TYPE ttb_tests_total counter\n"));
    assert_non_null(strstr(buffer_text(&answer), "\nttb_tests_total{kind=\"unit\"} 3\n"));
}

static void metrics_tell_of_the_process(void **state)
{
    static const char *const lines[] = {
        "\nttb_build_info{version=\"",
        "\nttb_log_lines_total{level=\"error\"} ",
        "\nprocess_start_time_seconds 1",
        "\nprocess_resident_memory_bytes ",
        "\nprocess_max_fds ",
        "\nprocess_open_fds ",
        "\nprocess_cpu_seconds_total ",
    };
    AUTO_BUFFER(answer, ANSWER_MAX_BYTES);
    exchange(*state, "GET /metrics HTTP/1.0\r\n\r\n", &answer);
    const char *text = buffer_text(&answer);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_non_null(strstr(text, lines[i]));
    assert_null(strstr(text, "\nprocess_resident_memory_bytes 0\n"));
    assert_null(strstr(text, "\nprocess_open_fds 0\n"));
}

static void metrics_tell_whether_it_is_ready(void **state)
{
    static const char *const reasons[] = {NULL, "nats is away"};
    static const char *const lines[] = {"\nttb_ready 1\n", "\nttb_ready 0\n"};
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        reason = reasons[i];
        AUTO_BUFFER(answer, ANSWER_MAX_BYTES);
        exchange(*state, "GET /metrics HTTP/1.0\r\n\r\n", &answer);
        assert_non_null(strstr(buffer_text(&answer), lines[i]));
    }
}

static void head_is_get_without_the_body(void **state)
{
    reason = "starting";
    check(*state, "HEAD /healthz HTTP/1.0\r\n\r\n", "200", "");
    check(*state, "HEAD /readyz HTTP/1.0\r\n\r\n", "503", "");
}

static void an_unknown_path_is_404(void **state)
{
    static const char *const paths[] = {"/", "/readyz/", "/metrics/x", "/READYZ"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char request[128];
        snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", paths[i]);
        check(*state, request, "404", "not found\n");
    }
    check(*state, "GET /healthz?verbose HTTP/1.0\r\n\r\n", "200", "{\"alive\":true}");
}

static void another_method_is_405_with_those_that_are_allowed(void **state)
{
    static const char *const requests[] = {
        "POST /readyz HTTP/1.0\r\n\r\n",
        "POST /readyz HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody",
        "DELETE /metrics HTTP/1.0\r\n\r\n",
        "BREW /healthz HTTP/1.0\r\n\r\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        check(*state, requests[i], "405", "GET only\n");
        AUTO_BUFFER(answer, ANSWER_MAX_BYTES);
        exchange(*state, requests[i], &answer);
        assert_non_null(strstr(buffer_text(&answer), "\r\nAllow: GET, HEAD\r\n"));
    }
}

static void a_taken_port_is_a_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct ops *second = NULL;
    assert_int_equal(ops_start(LOOPBACK, fixture->port, fixture->metrics, is_ready, NULL, &second),
                     STATUS_CONFLICT);
    assert_null(second);
}

static void a_host_that_is_no_address_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct ops *second = NULL;
    assert_int_equal(ops_start("localhost", 0, fixture->metrics, is_ready, NULL, &second),
                     STATUS_BAD_REQUEST);
    assert_false(ops_is_ready("localhost", fixture->port));
}

static void where_nobody_listens_nobody_is_ready(void **state)
{
    (void)state;
    assert_false(ops_is_ready(LOOPBACK, free_port()));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_process_is_alive_whether_ready_or_not),
        TEST(readiness_is_told_with_the_reason),
        TEST(metrics_are_in_prometheus_text_form),
        TEST(metrics_tell_of_the_process),
        TEST(metrics_tell_whether_it_is_ready),
        TEST(head_is_get_without_the_body),
        TEST(an_unknown_path_is_404),
        TEST(another_method_is_405_with_those_that_are_allowed),
        TEST(a_taken_port_is_a_conflict),
        TEST(a_host_that_is_no_address_is_refused),
        TEST(where_nobody_listens_nobody_is_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
