/* SPDX-License-Identifier: MIT */
/* A disk that is soon full: a tmpfs that only the test's process and its children see. */
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#define SMALL_DISK_BYTES 65536

/* Mounts it on a folder; its descriptor, -1 where the system does not let us. Call it while the
 * process has one thread. */
static inline int small_disk_open(const char *folder)
{
    char options[32];
    snprintf(options, sizeof(options), "size=%d", SMALL_DISK_BYTES);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("small", folder, "tmpfs", 0, options) != 0)
        return -1;
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void small_disk_close(const char *folder)
{
    umount2(folder, MNT_DETACH);
}
