/* SPDX-License-Identifier: MIT */
/* The worker program is this test itself, started with an argument: it answers with what it finds
 * out about itself, or with the request. */
#include "services/media/workers/process.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/workers/wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LARGE_BYTES (8u * 1024 * 1024)

enum question { ECHO, ENVIRONMENT, DESCRIPTORS, GROUP, SIGNALS, HANG };

extern char **environ;

static bool transfer(bool is_read, void *data, size_t size)
{
    for (char *at = data; size > 0;) {
        ssize_t done = is_read ? read(STDIN_FILENO, at, size) : write(STDOUT_FILENO, at, size);
        if (done <= 0)
            return false;
        at += done;
        size -= (size_t)done;
    }
    return true;
}

static void list_descriptors(struct buffer *out)
{
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) != dirfd(folder))
            buffer_printf(out, "%s ", entry->d_name);
    closedir(folder);
}

static void list_signals(struct buffer *out)
{
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    struct sigaction on_pipe;
    sigaction(SIGPIPE, NULL, &on_pipe);
    buffer_add_text(out, sigismember(&blocked, SIGTERM) ? "blocked" : "open");
    buffer_add_text(out, on_pipe.sa_handler == SIG_IGN ? " ignored" : " default");
}

static void reply(uint32_t question, const char *request, size_t size, struct buffer *out)
{
    switch (question) {
    case ENVIRONMENT:
        for (char **entry = environ; *entry; entry++)
            buffer_printf(out, "%s\n", *entry);
        break;
    case DESCRIPTORS:
        list_descriptors(out);
        break;
    case GROUP:
        buffer_printf(out, "%d", getpgrp());
        break;
    case SIGNALS:
        list_signals(out);
        break;
    case HANG:
        pause();
        break;
    default:
        buffer_add(out, request, size);
    }
}

static int play_worker(void)
{
    struct worker_frame frame = {.code = WORKER_READY};
    if (!transfer(false, &frame, sizeof(frame)))
        return 1;
    while (transfer(true, &frame, sizeof(frame))) {
        AUTO(free) char *request = malloc(frame.size + 1);
        if (!transfer(true, request, frame.size))
            return 1;
        AUTO_BUFFER(out, LARGE_BYTES);
        reply(frame.code, request, frame.size, &out);
        frame = (struct worker_frame){WORKER_READY, (uint32_t)out.size};
        if (!transfer(false, &frame, sizeof(frame)) || !transfer(false, out.data, out.size))
            return 1;
    }
    return 0;
}

static struct worker_process start(void)
{
    struct worker_process process;
    assert_int_equal(
        worker_process_start("/proc/self/exe", "worker", clock_mono_ms() + 60000, &process),
        STATUS_OK);
    return process;
}

static enum status ask_until(struct worker_process *process, const struct worker_request *request,
                             int64_t ms, struct buffer *out)
{
    return worker_process_ask(process, request, LARGE_BYTES, clock_mono_ms() + ms, out);
}

/* What a fresh worker answers to the question. */
static void ask(enum question question, struct buffer *out)
{
    struct worker_process process = start();
    const struct worker_request request = {.code = question};
    assert_int_equal(ask_until(&process, &request, 60000, out), STATUS_OK);
    worker_process_end(&process);
}

static void a_worker_inherits_no_secret(void **state)
{
    (void)state;
    setenv("TTB_TTS_HTTP_KEY", "sesame", 1);
    setenv("ESPEAK_DATA_PATH", "/espeak", 1);
    AUTO_BUFFER(out, LARGE_BYTES);
    ask(ENVIRONMENT, &out);
    assert_null(strstr(buffer_text(&out), "sesame"));
    assert_null(strstr(buffer_text(&out), "PATH=/usr"));
    assert_non_null(strstr(buffer_text(&out), "ESPEAK_DATA_PATH=/espeak"));
    unsetenv("TTB_TTS_HTTP_KEY");
    unsetenv("ESPEAK_DATA_PATH");
}

static void a_worker_inherits_no_descriptor(void **state)
{
    (void)state;
    int open_to_all = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    assert_true(open_to_all > STDERR_FILENO);
    AUTO_BUFFER(out, LARGE_BYTES);
    ask(DESCRIPTORS, &out);
    assert_string_equal(buffer_text(&out), "0 1 2 ");
    close(open_to_all);
}

static void a_worker_is_out_of_reach_of_ctrl_c(void **state)
{
    (void)state;
    AUTO_BUFFER(out, LARGE_BYTES);
    struct worker_process process = start();
    const struct worker_request request = {.code = GROUP};
    assert_int_equal(ask_until(&process, &request, 60000, &out), STATUS_OK);
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", process.pid);
    assert_string_equal(buffer_text(&out), pid);
    worker_process_end(&process);
}

static void a_worker_has_no_signals_of_the_daemons(void **state)
{
    (void)state;
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &before);
    signal(SIGPIPE, SIG_IGN);
    AUTO_BUFFER(out, LARGE_BYTES);
    ask(SIGNALS, &out);
    assert_string_equal(buffer_text(&out), "open default");
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* More than a socket takes at once, in both directions. */
static void large_requests_and_answers_arrive_whole(void **state)
{
    (void)state;
    AUTO(free) char *bytes = malloc(LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        bytes[i] = (char)(i * 31 >> 7);
    struct worker_process process = start();
    const struct worker_request request = {
        .head = {bytes, 1000003},
        .body = {bytes + 1000003, LARGE_BYTES - 1000003},
    };
    AUTO_BUFFER(out, LARGE_BYTES);
    assert_int_equal(ask_until(&process, &request, 60000, &out), STATUS_OK);
    assert_int_equal(out.size, LARGE_BYTES);
    assert_memory_equal(out.data, bytes, LARGE_BYTES);
    worker_process_end(&process);
}

static void an_answer_past_its_limit_is_not_taken(void **state)
{
    (void)state;
    struct worker_process process = start();
    const struct worker_request request = {.body = {"hello", 5}};
    AUTO_BUFFER(out, LARGE_BYTES);
    assert_int_equal(worker_process_ask(&process, &request, 4, clock_mono_ms() + 60000, &out),
                     STATUS_UNAVAILABLE);
    worker_process_end(&process);
}

static void a_worker_that_hangs_is_a_timeout_and_can_be_ended(void **state)
{
    (void)state;
    struct worker_process process = start();
    const struct worker_request request = {.code = HANG};
    AUTO_BUFFER(out, LARGE_BYTES);
    assert_int_equal(ask_until(&process, &request, 50, &out), STATUS_TIMEOUT);
    pid_t pid = process.pid;
    worker_process_end(&process);
    assert_int_equal(process.pid, 0);
    assert_int_equal(kill(pid, 0), -1); /* reaped too */
    worker_process_end(&process);
}

static void an_idle_worker_is_alive_until_it_is_not(void **state)
{
    (void)state;
    struct worker_process process = start();
    assert_true(worker_process_is_alive(&process));
    kill(process.pid, SIGKILL);
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)process.pid, &ended, WEXITED | WNOWAIT), 0);
    assert_false(worker_process_is_alive(&process));
    worker_process_end(&process);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return play_worker();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_inherits_no_secret),
        cmocka_unit_test(a_worker_inherits_no_descriptor),
        cmocka_unit_test(a_worker_is_out_of_reach_of_ctrl_c),
        cmocka_unit_test(a_worker_has_no_signals_of_the_daemons),
        cmocka_unit_test(large_requests_and_answers_arrive_whole),
        cmocka_unit_test(an_answer_past_its_limit_is_not_taken),
        cmocka_unit_test(a_worker_that_hangs_is_a_timeout_and_can_be_ended),
        cmocka_unit_test(an_idle_worker_is_alive_until_it_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
