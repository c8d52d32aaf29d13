/* SPDX-License-Identifier: MIT */
#include "lib/daemon/daemon.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/daemon/flags.h"
#include "lib/daemon/ops.h"
#include "lib/daemon/supervisor.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 2000
#define DATABASE_CHECK_MS 1000
#define READY_CHECK_MS 50
#define REPORT_MAX_BYTES (256 * 1024)

/* The life that is being led. */
struct life {
    const struct daemon_program *program;
    void *config_memory;
    struct daemon daemon;
    struct ops *ops;
    struct database *database; /* NULL: the program has none */
    void *app;
    sigset_t signals;
    atomic_bool serving;
};

static const struct daemon_config *base_config(const struct life *life)
{
    return life->config_memory;
}

static const struct service_config *service_config(const struct life *life)
{
    return (const void *)((const char *)life->config_memory + life->program->service_offset);
}

/* ---- start ---- */

static void check_common(const struct life *life, struct buffer *problems)
{
    const struct daemon_config *config = base_config(life);
    enum log_level level;
    if (!text_equal(config->env, "dev") && !text_equal(config->env, "prod"))
        buffer_printf(problems, "ENV: '%s' is neither dev nor prod\n", config->env);
    if (!log_parse_level(config->log_level, &level))
        buffer_printf(problems, "LOG_LEVEL: '%s' is none of debug, info, warning, error\n",
                      config->log_level);
}

/* All that is wrong is said at once, in plain lines: an operator reads this in a terminal. */
static bool read_config(struct life *life)
{
    const struct daemon_program *program = life->program;
    AUTO_BUFFER(problems, REPORT_MAX_BYTES);
    life->config_memory = calloc(1, program->config_size);
    if (!life->config_memory)
        abort();
    bool good =
        config_load(program->settings, program->settings_count, life->config_memory, &problems);
    if (good) {
        check_common(life, &problems);
        if (program->database)
            program->database->check_config(service_config(life), &problems);
        if (program->check_config)
            program->check_config(life->config_memory, &problems);
    }
    if (good && problems.size == 0)
        return true;
    fprintf(stderr, "ttb-%s: the configuration is not usable:\n%s", program->name,
            buffer_text(&problems));
    return false;
}

/* Every connection is a descriptor, and the soft limit of most shells is far below what the hard
 * one allows. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Under load a thread that wakes waits for its turn instead of pushing the running one aside, so
 * that it finds several messages when it comes; on an idle core it runs at once, as ever. Our
 * threads inherit it (docs/adr/0008). */
static void prefer_throughput(void)
{
    const struct sched_param none = {0};
    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

static void block_signals(struct life *life)
{
    sigemptyset(&life->signals);
    sigaddset(&life->signals, SIGTERM);
    sigaddset(&life->signals, SIGINT);
    sigaddset(&life->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &life->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Waits for up to ms; whether a signal to stop came. */
static bool stop_was_asked(const struct life *life, int64_t ms)
{
    struct timespec limit = {ms / 1000, ms % 1000 * 1000000};
    int64_t until_ms = clock_mono_ms() + ms;
    for (;;) {
        int signal_number = sigtimedwait(&life->signals, NULL, &limit);
        if (signal_number == SIGTERM || signal_number == SIGINT)
            return true;
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0)
            return false;
        limit = (struct timespec){left_ms / 1000, left_ms % 1000 * 1000000};
    }
}

static bool is_ready(void *closure, const char **ret_reason)
{
    struct life *life = closure;
    const struct daemon_program *program = life->program;
    *ret_reason = "starting or stopping";
    if (!atomic_load(&life->serving))
        return false;
    *ret_reason = "nats is away";
    if (!bus_is_connected(life->daemon.bus))
        return false;
    *ret_reason = "postgres is away";
    if (life->database && !program->database->is_up(life->database))
        return false;
    *ret_reason = NULL;
    return !program->ready || program->ready(life->app, ret_reason);
}

static enum status try_migrate(struct life *life)
{
    const struct daemon_program *program = life->program;
    if (!program->database)
        return STATUS_OK;
    return program->database->migrate(service_config(life), program->migrations);
}

static enum status try_database(struct life *life)
{
    return life->database ? life->program->database->connect(life->database) : STATUS_OK;
}

static enum status try_bus(struct life *life)
{
    const struct daemon_config *config = base_config(life);
    struct bus_options options = {
        .url = config->nats_url,
        .user = config->nats_user,
        .password = config->nats_password,
        .name = life->program->name,
        .metrics = life->daemon.metrics,
    };
    enum status status = bus_open(&options, &life->daemon.bus);
    if (status == STATUS_UNAVAILABLE)
        log_warning(NULL, "nats is not there yet");
    else if (status != STATUS_OK)
        log_error(NULL, "nats refuses us", LOG_TEXT("status", status_name(status)));
    return status;
}

static enum status try_start(struct life *life)
{
    return life->program->start(&life->daemon, &life->app);
}

/* Repeats a step while what it needs is away. STATUS_TIMEOUT when we were told to stop meanwhile.
 */
static enum status retry(struct life *life, enum status (*step)(struct life *life))
{
    for (int64_t wait_ms = RETRY_FIRST_MS;; wait_ms *= 2) {
        enum status status = step(life);
        if (status != STATUS_UNAVAILABLE)
            return status;
        if (wait_ms > RETRY_LAST_MS)
            wait_ms = RETRY_LAST_MS;
        if (stop_was_asked(life, wait_ms))
            return STATUS_TIMEOUT;
    }
}

static enum status start(struct life *life)
{
    enum status (*const steps[])(struct life * life) = {try_migrate, try_database, try_bus,
                                                        try_start};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        enum status status = retry(life, steps[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- running and stopping ---- */

/* The supervisor hears of what /readyz says, once: it starts who comes after us, or stops the
 * replica that we replace. */
static bool await_ready(struct life *life)
{
    const char *reason;
    while (!is_ready(life, &reason))
        if (stop_was_asked(life, READY_CHECK_MS))
            return false;
    supervisor_tell("READY=1");
    return true;
}

static void watch(struct life *life)
{
    while (!stop_was_asked(life, DATABASE_CHECK_MS)) {
        if (life->database)
            life->program->database->watch(life->database);
    }
}

static void serve(struct life *life)
{
    atomic_store(&life->serving, true);
    log_info(NULL, "ready", LOG_TEXT("version", TTB_VERSION));
    if (await_ready(life))
        watch(life);
    atomic_store(&life->serving, false);
}

static void give_up(int signal_number)
{
    static const char line[] = "the orderly stop took too long\n";
    (void)signal_number;
    (void)!write(STDERR_FILENO, line, sizeof(line) - 1);
    _exit(EXIT_FAILURE);
}

static void stop(struct life *life)
{
    log_info(NULL, "stopping");
    supervisor_tell("STOPPING=1");
    signal(SIGALRM, give_up);
    alarm((base_config(life)->shutdown_timeout_ms + 999) / 1000);
    if (life->app)
        life->program->stop(life->app);
    bus_close(life->daemon.bus);
    log_info(NULL, "stopped");
}

static void open_life(struct life *life)
{
    const struct daemon_config *config = base_config(life);
    enum log_level level = LOG_LEVEL_INFO;
    (void)!log_parse_level(config->log_level, &level);
    log_start(life->program->name, level);
    block_signals(life);
    raise_descriptor_limit();
    prefer_throughput();

    life->daemon = (struct daemon){life->program->name, life->config_memory, NULL, metrics_new()};
    if (life->program->database)
        life->database = life->program->database->open(service_config(life), life->program->name,
                                                       life->daemon.metrics);
}

static bool open_ops(struct life *life)
{
    const struct daemon_config *config = base_config(life);
    enum status status = ops_start(config->ops_host, config->ops_port, life->daemon.metrics,
                                   is_ready, life, &life->ops);
    if (status != STATUS_OK)
        log_error(NULL, "the ops port can't be opened", LOG_TEXT("host", config->ops_host),
                  LOG_INT("port", config->ops_port));
    return status == STATUS_OK;
}

static void close_life(struct life *life)
{
    ops_stop(life->ops);
    if (life->database)
        life->program->database->close(life->database);
    metrics_free(life->daemon.metrics);
}

static int live(struct life *life)
{
    int code = EXIT_FAILURE;
    open_life(life);
    if (open_ops(life)) {
        enum status status = start(life);
        if (status == STATUS_OK)
            serve(life);
        stop(life);
        code = status == STATUS_OK || status == STATUS_TIMEOUT ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    close_life(life);
    return code;
}

static int migrate_only(struct life *life)
{
    open_life(life);
    enum status status = retry(life, try_migrate);
    close_life(life);
    return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_command(struct life *life, const struct daemon_command *command, char **arguments)
{
    int code = migrate_only(life);
    if (code != EXIT_SUCCESS)
        return code;
    pthread_sigmask(SIG_UNBLOCK, &life->signals, NULL); /* Ctrl-C ends a command at once */
    return command->run(life->config_memory, (const char *const *)arguments);
}

static int run_flag(struct life *life, const char *flag)
{
    if (text_equal(flag, "--check-config"))
        return EXIT_SUCCESS;
    if (text_equal(flag, "--print-config"))
        return flags_print_config(life->program, life->config_memory);
    if (text_equal(flag, "--migrate-only"))
        return migrate_only(life);
    fprintf(stderr, "ttb-%s: unknown flag %s; see --help\n", life->program->name, flag);
    return EXIT_USAGE;
}

/* With a usable configuration. flag and command may be NULL. */
static int run(struct life *life, const char *flag, const struct daemon_command *command,
               char **arguments)
{
    if (command)
        return run_command(life, command, arguments);
    return flag ? run_flag(life, flag) : live(life);
}

int daemon_main(const struct daemon_program *program, int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    const struct daemon_command *command = NULL;
    int code = EXIT_USAGE;
    if (first && flags_answer(program, first, &code))
        return code;
    if (first && *first != '-') {
        command = flags_find_command(program, argc, argv);
        if (!command)
            return EXIT_USAGE;
    }

    struct life life = {.program = program};
    if (read_config(&life))
        code = run(&life, first, command, argv + 2);
    config_done(program->settings, program->settings_count, life.config_memory);
    free(life.config_memory);
    return code;
}
