/* SPDX-License-Identifier: MIT */
#include "lib/daemon/process.h"

#include "lib/base/clock.h"

#include <dirent.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

AUTO_DEFINE(DIR *, closedir)
AUTO_DEFINE(FILE *, fclose)

#define DOTS 2 /* "." and ".." */

void process_init(struct process *process, struct metrics *metrics)
{
    process->cpu = metrics_seconds(metrics, "process_cpu_seconds_total",
                                   "Processor time, of the user and of the system.", "");
    process->memory = metrics_gauge(metrics, "process_resident_memory_bytes",
                                    "Memory that the process has in RAM.", "");
    process->open_fds = metrics_gauge(metrics, "process_open_fds", "Open file descriptors.", "");
    process->max_fds =
        metrics_gauge(metrics, "process_max_fds", "File descriptors that it may open.", "");
    metric_set(metrics_gauge(metrics, "process_start_time_seconds",
                             "When the process started, since 1970.", ""),
               clock_wall_ms() / 1000);
    for (int level = 0; level < LOG_LEVELS; level++) {
        char label[32];
        snprintf(label, sizeof(label), "level=\"%s\"", log_level_name((enum log_level)level));
        process->log_lines[level] =
            metrics_counter(metrics, "ttb_log_lines_total", "Log lines written.", label);
    }
}

static int64_t cpu_ns(void)
{
    struct timespec used = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * INT64_C(1000000000) + used.tv_nsec;
}

static int64_t resident_bytes(void)
{
    int64_t pages = 0;
    AUTO(fclose) FILE *statm = fopen("/proc/self/statm", "re");
    if (!statm || fscanf(statm, "%*d %" SCNd64, &pages) != 1)
        return 0;
    return pages * sysconf(_SC_PAGESIZE);
}

/* Less the one that looks. */
static int64_t count_open_fds(void)
{
    AUTO(closedir) DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    int64_t count = -DOTS - 1;
    while (readdir(folder))
        count++;
    return count;
}

void process_look(struct process *process)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    metric_set(process->cpu, cpu_ns());
    metric_set(process->memory, resident_bytes());
    metric_set(process->open_fds, count_open_fds());
    metric_set(process->max_fds, (int64_t)limit.rlim_cur);
    for (int level = 0; level < LOG_LEVELS; level++)
        metric_set(process->log_lines[level], log_count((enum log_level)level));
}
