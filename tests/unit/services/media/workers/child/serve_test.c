/* SPDX-License-Identifier: MIT */
/* The worker program is this test itself, started with an argument: a request has it try something,
 * and it refuses the request when that failed. */
#include "services/media/workers/child/serve.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "services/media/workers/child/sanitized.h"
#include "services/media/workers/process.h"
#include "tests/support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_MS 60000
#define REQUEST_MAX 4096
#define ANSWER_MAX 4096
#define MEMORY_MAX (512u * 1024 * 1024)
#define REQUESTS_WHEN_BLIND 2

enum attempt {
    ECHO,
    REFUSE,
    PRINT,
    OVERFLOW,
    READ_FILE,
    WRITE_FILE,
    CONNECT,
    FORK,
    THREAD,
    EXECUTE,
    KILL,
    RUN_MEMORY,
    TAKE_MEMORY,
};

/* What the worker is started with: one of these, or a folder that it may read. */
#define FILELESS "fileless" /* needs no files */
#define BLIND "blind"       /* its data are missing, so it is not confined to them */
#define NOWHERE "nowhere"   /* what it is to open is not there */

static const char *data_folder;

static const char *find_data(void)
{
    return text_equal(data_folder, BLIND) ? "/nonexistent" : data_folder;
}

static bool open_worker(const char *argument)
{
    return !text_equal(argument, NOWHERE);
}

static bool can_open(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void *idle(void *nothing)
{
    return nothing;
}

static bool can_start_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, idle, NULL) == 0;
}

static bool can_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool can_take(size_t size)
{
    char *volatile memory = malloc(size);
    bool taken = memory != NULL;
    free(memory);
    return taken;
}

static bool try(enum attempt attempt, char *path)
{
    char *const arguments[] = {path, NULL};
    switch (attempt) {
    case READ_FILE:
        return can_open(path, O_RDONLY);
    case WRITE_FILE:
        return can_open(path, O_WRONLY | O_CREAT);
    case CONNECT:
        return socket(AF_INET, SOCK_STREAM, 0) >= 0;
    case FORK:
        return can_fork();
    case THREAD:
        return can_start_thread();
    case EXECUTE:
        return execv(path, arguments) == 0;
    case KILL:
        return kill(getppid(), 0) == 0;
    case RUN_MEMORY:
        return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
    case TAKE_MEMORY:
        return can_take(2 * (size_t)MEMORY_MAX);
    default:
        return attempt != REFUSE;
    }
}

static enum worker_result handle(uint32_t attempt, char *request, uint32_t size, struct buffer *out)
{
    if (!try(attempt, request))
        return WORKER_REFUSED;
    if (attempt == PRINT) {
        puts("a library's remark");
        fflush(stdout);
    }
    buffer_add(out, request, strlen(request) == size ? size : 0);
    while (attempt == OVERFLOW && !out->overflowed)
        buffer_add_text(out, "more");
    return WORKER_READY;
}

static int play_worker(int argc, char **argv)
{
    data_folder = argv[1];
    const struct worker_program program = {
        .name = "serve_test",
        .argument = "folder",
        .request_max = REQUEST_MAX,
        .answer_max = ANSWER_MAX,
        .memory_max = MEMORY_MAX,
        .requests_when_blind = REQUESTS_WHEN_BLIND,
        .find_data = text_equal(argv[1], FILELESS) ? NULL : find_data,
        .open = open_worker,
        .handle = handle,
    };
    return worker_serve(&program, argc, argv);
}

static char folder[32];
static char file[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/serve_test.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof(file), "%s/data", folder);
    return can_open(file, O_WRONLY | O_CREAT) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static struct worker_process start(const char *argument)
{
    struct worker_process process;
    assert_int_equal(
        worker_process_start("/proc/self/exe", argument, clock_mono_ms() + LONG_MS, &process),
        STATUS_OK);
    return process;
}

static enum status ask(struct worker_process *process, enum attempt attempt, const char *text)
{
    const struct worker_request request = {.code = attempt, .body = {text, strlen(text)}};
    AUTO_BUFFER(out, ANSWER_MAX);
    enum status status =
        worker_process_ask(process, &request, ANSWER_MAX, clock_mono_ms() + LONG_MS, &out);
    if (status == STATUS_OK)
        assert_string_equal(buffer_text(&out), text);
    return status;
}

static enum status ask_fresh(const char *argument, enum attempt attempt, const char *text)
{
    struct worker_process process = start(argument);
    enum status status = ask(&process, attempt, text);
    worker_process_end(&process);
    return status;
}

/* How the worker ended, of waitpid. */
static int end_of(struct worker_process *process)
{
    struct pollfd poll_fd = {.fd = process->fd, .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, LONG_MS), 1); /* end of file */
    int result;
    assert_int_equal(waitpid(process->pid, &result, 0), process->pid);
    close(process->fd);
    return result;
}

/* Killed for the attempt, or, with a sanitizer, not let: some take that for their own end. */
static void assert_forbidden(const char *argument, enum attempt attempt, const char *text)
{
    struct worker_process process = start(argument);
    enum status status = ask(&process, attempt, text);
    if (SANITIZED) {
        assert_true(status == STATUS_INVALID || status == STATUS_UNAVAILABLE);
        worker_process_end(&process);
        return;
    }
    assert_int_equal(status, STATUS_UNAVAILABLE);
    int result = end_of(&process);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGSYS);
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static void requests_are_answered_one_after_the_other(void **state)
{
    (void)state;
    struct worker_process process = start(FILELESS);
    assert_int_equal(ask(&process, ECHO, "привет"), STATUS_OK);
    assert_int_equal(ask(&process, REFUSE, "x"), STATUS_INVALID);
    assert_int_equal(ask(&process, ECHO, ""), STATUS_OK);
    worker_process_end(&process);
}

static void what_a_library_prints_is_not_heard(void **state)
{
    (void)state;
    struct worker_process process = start(FILELESS);
    assert_int_equal(ask(&process, PRINT, "x"), STATUS_OK);
    assert_int_equal(ask(&process, ECHO, "y"), STATUS_OK);
    worker_process_end(&process);
}

static void an_answer_that_overflows_is_a_refusal(void **state)
{
    (void)state;
    struct worker_process process = start(FILELESS);
    assert_int_equal(ask(&process, OVERFLOW, "x"), STATUS_INVALID);
    assert_int_equal(ask(&process, ECHO, "x"), STATUS_OK);
    worker_process_end(&process);
}

static void a_request_past_its_limit_ends_the_worker(void **state)
{
    (void)state;
    struct worker_process process = start(FILELESS);
    static char text[REQUEST_MAX + 2];
    memset(text, 'a', REQUEST_MAX);
    assert_int_equal(ask(&process, ECHO, text), STATUS_OK);
    text[REQUEST_MAX] = 'a';
    assert_int_equal(ask(&process, ECHO, text), STATUS_UNAVAILABLE);
    worker_process_end(&process);
}

static void a_worker_that_cannot_open_does_not_start(void **state)
{
    (void)state;
    struct worker_process process;
    assert_int_equal(
        worker_process_start("/proc/self/exe", NOWHERE, clock_mono_ms() + LONG_MS, &process),
        STATUS_UNAVAILABLE);
}

static void only_files_of_the_data_can_be_read(void **state)
{
    (void)state;
    assert_int_equal(ask_fresh(folder, READ_FILE, file),
                     has_landlock() ? STATUS_OK : STATUS_INVALID);
    assert_int_equal(ask_fresh(folder, READ_FILE, "/etc/passwd"), STATUS_INVALID);
    assert_int_equal(ask_fresh(folder, READ_FILE, "/proc/self/environ"), STATUS_INVALID);
}

static void without_data_no_file_can_be_read(void **state)
{
    (void)state;
    assert_int_equal(ask_fresh(FILELESS, READ_FILE, file), STATUS_INVALID);
    assert_int_equal(ask_fresh(BLIND, READ_FILE, file), STATUS_INVALID);
}

static void no_file_can_be_written(void **state)
{
    (void)state;
    if (has_landlock())
        assert_forbidden(folder, WRITE_FILE, file);
    assert_int_equal(ask_fresh(FILELESS, WRITE_FILE, file), STATUS_INVALID);
}

static void network_processes_threads_and_signals_are_forbidden(void **state)
{
    (void)state;
    static const enum attempt attempts[] = {CONNECT, FORK, THREAD, KILL, RUN_MEMORY};
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
        assert_forbidden(FILELESS, attempts[i], "x");
        assert_forbidden(folder, attempts[i], "x");
    }
    assert_forbidden(FILELESS, EXECUTE, "/bin/true");
}

static void memory_is_limited(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    assert_int_equal(ask_fresh(FILELESS, TAKE_MEMORY, "x"), STATUS_INVALID);
}

static void a_blind_worker_ends_after_some_requests(void **state)
{
    (void)state;
    struct worker_process process = start(BLIND);
    for (int i = 0; i < REQUESTS_WHEN_BLIND; i++)
        assert_int_equal(ask(&process, ECHO, "x"), STATUS_OK);
    assert_int_equal(end_of(&process), 0);
}

static void a_worker_ends_when_its_socket_closes(void **state)
{
    (void)state;
    struct worker_process process = start(FILELESS);
    assert_int_equal(shutdown(process.fd, SHUT_WR), 0);
    assert_int_equal(end_of(&process), 0);
}

static void *start_in_thread(void *process)
{
    *(struct worker_process *)process = start(FILELESS);
    return NULL;
}

static void a_worker_is_killed_with_the_thread_that_started_it(void **state)
{
    (void)state;
    struct worker_process process;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &process), 0);
    pthread_join(thread, NULL);
    int result = end_of(&process);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_worker(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered_one_after_the_other),
        cmocka_unit_test(what_a_library_prints_is_not_heard),
        cmocka_unit_test(an_answer_that_overflows_is_a_refusal),
        cmocka_unit_test(a_request_past_its_limit_ends_the_worker),
        cmocka_unit_test(a_worker_that_cannot_open_does_not_start),
        cmocka_unit_test(only_files_of_the_data_can_be_read),
        cmocka_unit_test(without_data_no_file_can_be_read),
        cmocka_unit_test(no_file_can_be_written),
        cmocka_unit_test(network_processes_threads_and_signals_are_forbidden),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(a_blind_worker_ends_after_some_requests),
        cmocka_unit_test(a_worker_ends_when_its_socket_closes),
        cmocka_unit_test(a_worker_is_killed_with_the_thread_that_started_it),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
