/* SPDX-License-Identifier: MIT */
#include "lib/daemon/supervisor.h"

#include "lib/daemon/ops.h"
#include "tests/unit/lib/daemon/ports.h"
#include "tests/unit/lib/daemon/tester.h"

#include <signal.h>
#include <sys/un.h>
#include <sys/wait.h>

#define WAIT_S 20
#define LINE_MAX_BYTES 64

/* A supervisor's socket, by the name that NOTIFY_SOCKET then has: a path, or @ and an abstract
 * name. */
static int supervise(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    assert_true(length < sizeof(address.sun_path));
    memcpy(address.sun_path, name, length);
    if (*name == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = WAIT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void assert_told(int fd, const char *line)
{
    char told[LINE_MAX_BYTES] = "";
    ssize_t size = recv(fd, told, sizeof(told) - 1, 0);
    assert_true(size > 0);
    assert_string_equal(told, line);
}

static void a_supervisor_is_told_through_a_socket_in_a_folder(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "/tmp/ttb-supervisor-%d", (int)getpid());
    int fd = supervise(path);
    supervisor_tell("READY=1");
    unlink(path);
    assert_told(fd, "READY=1");
    close(fd);
}

static void a_supervisor_is_told_through_an_abstract_socket(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof(name), "@ttb-supervisor-%d", (int)getpid());
    int fd = supervise(name);
    supervisor_tell("READY=1");
    assert_told(fd, "READY=1");
    close(fd);
}

static void without_a_supervisor_that_listens_nothing_happens(void **state)
{
    (void)state;
    char too_long[256];
    memset(too_long, '/', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    const char *const names[] = {"", "@", "/nonexistent/notify", too_long};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        supervisor_tell("READY=1");
    }
    unsetenv("NOTIFY_SOCKET");
    supervisor_tell("READY=1");
}

static void a_daemon_tells_when_it_is_ready_and_when_it_stops(void **state)
{
    (void)state;
    char name[64], digits[16];
    snprintf(name, sizeof(name), "@ttb-supervisor-daemon-%d", (int)getpid());
    int fd = supervise(name);
    unsigned port = free_port();
    snprintf(digits, sizeof(digits), "%u", port);
    setenv("OPS_PORT", digits, 1);
    setenv("NATS_URL", NATS_URL, 1);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(daemon_main(&program, 1, (char *[]){(char[]){"ttb-tester"}, NULL}));

    assert_told(fd, "READY=1");
    bool is_ready = ops_is_ready(LOOPBACK, port);
    kill(pid, SIGTERM);
    assert_told(fd, "STOPPING=1");
    assert_true(is_ready);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_supervisor_is_told_through_a_socket_in_a_folder),
        TEST(a_supervisor_is_told_through_an_abstract_socket),
        TEST(without_a_supervisor_that_listens_nothing_happens),
        TEST(a_daemon_tells_when_it_is_ready_and_when_it_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
