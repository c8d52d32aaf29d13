/* SPDX-License-Identifier: MIT */
#include "lib/daemon/daemon.h"

#include "lib/base/clock.h"
#include "lib/daemon/ops.h"
#include "tests/unit/lib/daemon/ports.h"
#include "tests/unit/lib/daemon/tester.h"

#include <signal.h>
#include <sys/wait.h>

#define WAIT_MS 20000
#define STEP_MS 20

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
        assert_string_equal(output.out, "{\"ready\":true}\n");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_daemon_serves_until_it_is_told_to_stop),
        TEST(a_daemon_without_nats_waits_and_is_not_ready),
        TEST(a_start_that_fails_for_good_ends_the_process),
        TEST(a_taken_ops_port_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
