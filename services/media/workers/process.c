/* SPDX-License-Identifier: MIT */
#include "services/media/workers/process.h"

#include "lib/base/clock.h"
#include "services/media/workers/wire.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_BYTES 32768

static const char *const inherited_variables[] = {
    "ESPEAK_DATA_PATH",
    "ASAN_OPTIONS",
    "UBSAN_OPTIONS",
    "TSAN_OPTIONS",
};

#define ENVIRONMENT_MAX (ARRAY_LEN(inherited_variables) + 1)

extern char **environ;

static bool is_inherited(const char *entry)
{
    size_t name = strcspn(entry, "=");
    for (size_t i = 0; i < ARRAY_LEN(inherited_variables); i++)
        if (strlen(inherited_variables[i]) == name &&
            memcmp(inherited_variables[i], entry, name) == 0)
            return true;
    return false;
}

static void pick_environment(char *picked[static ENVIRONMENT_MAX])
{
    size_t count = 0;
    for (char **entry = environ; *entry && count < ENVIRONMENT_MAX - 1; entry++)
        if (is_inherited(*entry))
            picked[count++] = *entry;
    picked[count] = NULL;
}

/* A process group of its own keeps a terminal's Ctrl-C away, so that an orderly stop can finish its
 * requests. */
static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

/* Runs program with fd as its standard input and output. Returns its pid, 0 on failure. */
static pid_t spawn(const char *program, const char *argument, int fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    set_attributes(&attributes);

    char *environment[ENVIRONMENT_MAX];
    pick_environment(environment);
    char *const arguments[] = {(char *)program, (char *)argument, NULL};
    pid_t pid = 0;
    if (posix_spawn(&pid, program, &actions, &attributes, arguments, environment) != 0)
        pid = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Waits until fd may be used as events say. */
static enum status wait_for(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        int64_t left_ms = deadline_ms - clock_mono_ms();
        if (left_ms <= 0)
            return STATUS_TIMEOUT;
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int ready = poll(&poll_fd, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        if (ready > 0)
            return STATUS_OK;
        if (ready < 0 && errno != EINTR)
            return STATUS_UNAVAILABLE;
    }
}

static bool is_transient(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Takes what was sent off the front of the message. */
static void advance(struct msghdr *message, size_t sent)
{
    while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
        sent -= message->msg_iov->iov_len;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (message->msg_iovlen > 0) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + sent;
        message->msg_iov->iov_len -= sent;
    }
}

static enum status send_message(int fd, struct msghdr *message, int64_t deadline_ms)
{
    while (message->msg_iovlen > 0) {
        enum status status = wait_for(fd, POLLOUT, deadline_ms);
        if (status != STATUS_OK)
            return status;
        ssize_t sent = sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && !is_transient())
            return STATUS_UNAVAILABLE;
        if (sent > 0)
            advance(message, (size_t)sent);
    }
    return STATUS_OK;
}

static enum status send_request(int fd, const struct worker_request *request, int64_t deadline_ms)
{
    size_t size = request->head.size + request->body.size;
    assert(size <= UINT32_MAX);
    struct worker_frame frame = {.code = request->code, .size = (uint32_t)size};
    struct iovec parts[] = {
        {&frame, sizeof(frame)},
        {(void *)request->head.data, request->head.size},
        {(void *)request->body.data, request->body.size},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = ARRAY_LEN(parts)};
    return send_message(fd, &message, deadline_ms);
}

/* size bytes of what comes in; STATUS_UNAVAILABLE at end of file. */
static enum status receive_full(int fd, void *data, size_t size, int64_t deadline_ms)
{
    for (char *at = data; size > 0;) {
        enum status status = wait_for(fd, POLLIN, deadline_ms);
        if (status != STATUS_OK)
            return status;
        ssize_t got = recv(fd, at, size, MSG_DONTWAIT);
        if (got < 0 && is_transient())
            continue;
        if (got <= 0)
            return STATUS_UNAVAILABLE;
        at += got;
        size -= (size_t)got;
    }
    return STATUS_OK;
}

/* out grows by what comes, not by what was announced. */
static enum status receive_bytes(int fd, size_t size, int64_t deadline_ms, struct buffer *out)
{
    char chunk[CHUNK_BYTES];
    while (size > 0) {
        size_t part = size < sizeof(chunk) ? size : sizeof(chunk);
        enum status status = receive_full(fd, chunk, part, deadline_ms);
        if (status != STATUS_OK)
            return status;
        buffer_add(out, chunk, part);
        size -= part;
    }
    return out->overflowed ? STATUS_UNAVAILABLE : STATUS_OK;
}

/* A worker is not trusted: what it claims is bounded before it is believed. */
static enum status receive_answer(int fd, uint32_t answer_max, int64_t deadline_ms,
                                  struct buffer *out)
{
    struct worker_frame frame;
    enum status status = receive_full(fd, &frame, sizeof(frame), deadline_ms);
    if (status != STATUS_OK)
        return status;
    if (frame.code == WORKER_REFUSED && frame.size == 0)
        return STATUS_INVALID;
    if (frame.code != WORKER_READY || frame.size > answer_max)
        return STATUS_UNAVAILABLE;
    return receive_bytes(fd, frame.size, deadline_ms, out);
}

enum status worker_process_start(const char *program, const char *argument, int64_t deadline_ms,
                                 struct worker_process *ret_process)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return STATUS_UNAVAILABLE;
    struct worker_process process = {.pid = spawn(program, argument, fds[1]), .fd = fds[0]};
    close(fds[1]);
    if (process.pid == 0) {
        close(process.fd);
        return STATUS_UNAVAILABLE;
    }

    AUTO_BUFFER(nothing, 0);
    enum status status = receive_answer(process.fd, 0, deadline_ms, &nothing);
    if (status != STATUS_OK) {
        worker_process_end(&process);
        return status == STATUS_TIMEOUT ? STATUS_TIMEOUT : STATUS_UNAVAILABLE;
    }
    *ret_process = process;
    return STATUS_OK;
}

enum status worker_process_ask(struct worker_process *process, const struct worker_request *request,
                               uint32_t answer_max, int64_t deadline_ms, struct buffer *out)
{
    enum status status = send_request(process->fd, request, deadline_ms);
    if (status != STATUS_OK)
        return status;
    return receive_answer(process->fd, answer_max, deadline_ms, out);
}

bool worker_process_is_alive(const struct worker_process *process)
{
    char byte;
    ssize_t got = recv(process->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && is_transient(); /* an idle worker has nothing to say */
}

void worker_process_end(struct worker_process *process)
{
    if (process->pid == 0)
        return;
    close(process->fd);
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *process = (struct worker_process){.fd = -1};
}
