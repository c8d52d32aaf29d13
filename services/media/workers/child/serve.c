/* SPDX-License-Identifier: MIT */
#include "services/media/workers/child/serve.h"

#include "services/media/workers/child/sandbox.h"
#include "services/media/workers/child/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool read_full(int fd, void *data, size_t size)
{
    for (char *at = data; size > 0;) {
        ssize_t got = read(fd, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_full(int fd, const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t put = write(fd, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static bool answer(int fd, enum worker_result result, struct slice bytes)
{
    struct worker_frame frame = {.code = result, .size = (uint32_t)bytes.size};
    return write_full(fd, &frame, sizeof(frame)) && write_full(fd, bytes.data, bytes.size);
}

/* The parent's own end of file is how a worker usually ends; this is for one that is busy when the
 * parent dies. */
static void die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Moves the answers off fd 1 and silences it and stderr: what libraries print must get neither
 * between the answers nor into the log. Returns the answers' new fd, -1 on failure. */
static int take_answer_fd(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sanitizer_keep_stderr();
    if (fd < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        return -1;
    close(null);
    return fd;
}

/* False at end of file, or when the peer breaks the protocol. */
static bool serve_one(const struct worker_program *program, int in, int out)
{
    struct worker_frame frame;
    if (!read_full(in, &frame, sizeof(frame)) || frame.size > program->request_max)
        return false;
    AUTO(free) char *request = malloc((size_t)frame.size + 1);
    if (!request || !read_full(in, request, frame.size))
        return false;
    request[frame.size] = '\0';

    AUTO_BUFFER(bytes, program->answer_max);
    enum worker_result result = program->handle(frame.code, request, frame.size, &bytes);
    if (result != WORKER_READY || bytes.overflowed)
        return answer(out, WORKER_REFUSED, (struct slice){0});
    return answer(out, WORKER_READY, buffer_slice(&bytes));
}

static bool has_usage(const struct worker_program *program, int argc)
{
    if (argc == (program->argument ? 2 : 1))
        return true;
    fprintf(stderr, "usage: %s%s%s%s, started by ttb-media\n", program->name,
            program->argument ? " <" : "", program->argument ? program->argument : "",
            program->argument ? ">" : "");
    return false;
}

/* WORKER_READY, or why it can't be. */
static enum worker_result make_ready(const struct worker_program *program, const char *argument,
                                     bool *ret_is_confined)
{
    bool is_confined = sandbox_confine_files(program->find_data ? program->find_data() : NULL);
    if (program->open && !program->open(argument))
        return WORKER_NO_OPEN;
    if (!sandbox_close(is_confined && program->find_data, program->memory_max))
        return WORKER_NO_SANDBOX;
    *ret_is_confined = is_confined;
    return WORKER_READY;
}

int worker_serve(const struct worker_program *program, int argc, char **argv)
{
    if (!has_usage(program, argc))
        return 2;
    die_with_parent();
    int out = take_answer_fd();
    if (out < 0)
        return 1;
    bool is_confined = false;
    enum worker_result result = make_ready(program, argv[1], &is_confined);
    if (!answer(out, result, (struct slice){0}) || result != WORKER_READY)
        return 1;

    unsigned last = is_confined ? 0 : program->requests_when_blind; /* 0: there is none */
    bool goes_on = true;
    for (unsigned requests = 0; goes_on && (last == 0 || requests < last); requests++)
        goes_on = serve_one(program, STDIN_FILENO, out);
    /* Exit handlers, a library's or a sanitizer's, would want what the sandbox refuses. */
    syscall(SYS_exit_group, 0);
    return 0;
}
