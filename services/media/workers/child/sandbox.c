/* SPDX-License-Identifier: MIT */
#include "services/media/workers/child/sandbox.h"

#include "services/media/workers/child/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if SANITIZED
#define FILE_SIZE_MAX RLIM_INFINITY
#define FORBIDDEN SCMP_ACT_ERRNO(EPERM)
#else
#define FILE_SIZE_MAX 0
#define FORBIDDEN SCMP_ACT_KILL_PROCESS
#endif

#define FILES_MAX 16

/* clang-format off: glibc's qsort asks for the memory (sysinfo), libraries for the processors */
static const int allowed_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(exit_group),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit),
    SCMP_SYS(sched_yield),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_getaffinity),
#if SANITIZED /* ThreadSanitizer has a thread that looks around now and then, and spins if refused \
               */
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
#endif
};
/* clang-format on */

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
    return setrlimit(resource, &(struct rlimit){value, value}) == 0;
}

static bool set_limits(uint64_t memory_max)
{
    return limit(RLIMIT_AS, SANITIZED ? RLIM_INFINITY : (rlim_t)memory_max) &&
           limit(RLIMIT_NOFILE, FILES_MAX) && limit(RLIMIT_FSIZE, FILE_SIZE_MAX) &&
           limit(RLIMIT_CORE, 0);
}

static bool allow_below(int rules, const char *path)
{
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    struct landlock_path_beneath_attr may_read = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = folder,
    };
    long failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &may_read, 0);
    close(folder);
    return !failed;
}

bool sandbox_confine_files(const char *path)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    /* Every right that the first version of Landlock knows: what is handled and not allowed is
     * refused. */
    struct landlock_ruleset_attr handled = {.handled_access_fs =
                                                (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
    if (rules < 0)
        return false;
    bool confined =
        (!path || allow_below(rules, path)) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return confined;
}

/* seccomp sees no paths: opening is for Landlock to judge. */
static int allow_open(scmp_filter_ctx filter, bool may_open)
{
    if (!may_open)
        return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
}

/* mmap and mprotect, unless the memory could be run. */
static int allow_plain_memory(scmp_filter_ctx filter)
{
    static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return failed;
}

/* Whoever prints asks first whether that goes to a terminal. */
static int answer_no_terminal(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
}

static bool filter_calls(bool may_open)
{
    scmp_filter_ctx filter = seccomp_init(FORBIDDEN);
    if (!filter)
        return false;
    int failed =
        allow_open(filter, may_open) | allow_plain_memory(filter) | answer_no_terminal(filter);
    for (size_t i = 0; i < ARRAY_LEN(allowed_calls); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
    failed |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); /* for a library's threads too */
    failed = failed || seccomp_load(filter);
    seccomp_release(filter);
    return !failed;
}

bool sandbox_close(bool may_open, uint64_t memory_max)
{
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && set_limits(memory_max) &&
           filter_calls(may_open);
}
