/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/webcast.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/events/webcast/connection.h"
#include "services/events/webcast/session.h"
#include "services/events/webcast/socket.h"

#include <pthread.h>
#include <stdatomic.h>

#define SESSIONS_MAX 10000
#define CONNECT_TIMEOUT_S 10
#define SETTLE_EVERY_MS 100
/* The longest header line: the request's, with cursor and signature in its path. */
#define HTTP_LINE_BYTES (2 * TARGET_URL_MAX_BYTES)

/* What other threads want of the client's. */
struct command {
    struct command *next;
    bool watch; /* or unwatch */
    char name[];
};

struct webcast {
    struct shared shared;
    pthread_t thread;
    pthread_mutex_t lock; /* of commands and stopping */
    struct command *first;
    struct command **last;
    bool stopping;
    lws_sorted_usec_list_t settle_timer;
    atomic_bool has_settled; /* since acknowledgements were last looked at */
    atomic_uint replicas;    /* that share the budget of signatures */
    unsigned sharing;        /* as many are reckoned with */
    uint64_t next_id;
    struct session *sessions[SESSIONS_MAX];
    size_t count;
};

static const struct {
    const char *name;
    const char *message;
} errors[] = {
#define WEBCAST_ERROR_ROW(name, text, message) [WEBCAST_ERROR_##name] = {text, message},
    WEBCAST_ERROR_TABLE(WEBCAST_ERROR_ROW)
#undef WEBCAST_ERROR_ROW
};

const char *webcast_error_name(enum webcast_error error)
{
    return errors[error].name;
}

const char *webcast_error_message(enum webcast_error error)
{
    return errors[error].message;
}

/* ---- the thread ---- */

static size_t find(const struct webcast *webcast, const char *name)
{
    size_t i = 0;
    while (i < webcast->count && !text_equal(session_name(webcast->sessions[i]), name))
        i++;
    return i;
}

static void begin(struct webcast *webcast, const char *name)
{
    if (find(webcast, name) < webcast->count)
        return;
    if (webcast->count == SESSIONS_MAX) {
        log_warning(NULL, "too many lives are watched", LOG_TEXT("tiktok", name));
        return;
    }
    webcast->sessions[webcast->count++] = session_new(&webcast->shared, ++webcast->next_id, name);
}

static void drop(struct webcast *webcast, const char *name)
{
    size_t i = find(webcast, name);
    if (i == webcast->count)
        return;
    session_free(webcast->sessions[i]);
    webcast->sessions[i] = webcast->sessions[--webcast->count];
}

/* The first command; false when it is time to stop. */
static bool take_command(struct webcast *webcast, struct command **ret_command)
{
    pthread_mutex_lock(&webcast->lock);
    bool go_on = !webcast->stopping;
    struct command *command = webcast->first;
    if (command)
        webcast->first = command->next;
    if (!webcast->first)
        webcast->last = &webcast->first;
    pthread_mutex_unlock(&webcast->lock);
    *ret_command = command;
    return go_on;
}

static bool do_commands(struct webcast *webcast)
{
    struct command *command;
    bool go_on;
    while ((go_on = take_command(webcast, &command)) && command) {
        if (command->watch)
            begin(webcast, command->name);
        else
            drop(webcast, command->name);
        free(command);
    }
    free(command);
    return go_on;
}

/* The session may be gone by the time that its job is done. */
static void hand_out(struct webcast *webcast, const struct job *job)
{
    for (size_t i = 0; i < webcast->count; i++) {
        if (session_id(webcast->sessions[i]) == job->session_id) {
            session_take_job(webcast->sessions[i], job);
            return;
        }
    }
}

static void take_jobs(struct webcast *webcast)
{
    struct job *job;
    while ((job = jobs_take_finished(webcast->shared.jobs)) != NULL) {
        hand_out(webcast, job);
        job_free(job);
    }
}

static void on_settle_timer(lws_sorted_usec_list_t *timer)
{
    struct webcast *webcast = lws_container_of(timer, struct webcast, settle_timer);
    connection_settle(&webcast->shared);
}

/* While acknowledgements wait, they are looked at now and then even if nobody says that events are
 * settled. */
static void settle(struct webcast *webcast)
{
    struct shared *shared = &webcast->shared;
    if (atomic_exchange(&webcast->has_settled, false))
        connection_settle(shared);
    if (acks_are_waiting(&shared->acks))
        lws_sul_schedule(shared->context, 0, &webcast->settle_timer, on_settle_timer,
                         SETTLE_EVERY_MS * LWS_US_PER_MS);
}

static void share(struct webcast *webcast)
{
    unsigned replicas = atomic_load(&webcast->replicas);
    if (replicas == webcast->sharing)
        return;
    webcast->sharing = replicas;
    quota_share(&webcast->shared.signer, replicas);
    session_take_turns(&webcast->shared); /* what is left of it may be more now */
}

static void *run(void *closure)
{
    struct webcast *webcast = closure;
    while (do_commands(webcast)) {
        share(webcast);
        take_jobs(webcast);
        settle(webcast);
        lws_service(webcast->shared.context, 0);
    }
    lws_sul_cancel(&webcast->settle_timer);
    lws_sul_cancel(&webcast->shared.turn_timer);
    while (webcast->count > 0)
        session_free(webcast->sessions[--webcast->count]);
    return NULL;
}

/* ---- other threads ---- */

static void wake(void *closure)
{
    struct webcast *webcast = closure;
    lws_cancel_service(webcast->shared.context);
}

static void add_command(struct webcast *webcast, bool watch, const char *name)
{
    size_t size = strlen(name) + 1;
    struct command *command = malloc(sizeof(*command) + size);
    if (!command)
        abort();
    command->next = NULL;
    command->watch = watch;
    memcpy(command->name, name, size);
    pthread_mutex_lock(&webcast->lock);
    *webcast->last = command;
    webcast->last = &command->next;
    pthread_mutex_unlock(&webcast->lock);
    wake(webcast);
}

void webcast_watch(struct webcast *webcast, const char *name)
{
    add_command(webcast, true, name);
}

void webcast_unwatch(struct webcast *webcast, const char *name)
{
    add_command(webcast, false, name);
}

void webcast_share(struct webcast *webcast, unsigned replicas)
{
    if (atomic_exchange(&webcast->replicas, replicas) != replicas)
        wake(webcast);
}

void webcast_settled(struct webcast *webcast)
{
    if (!atomic_exchange(&webcast->has_settled, true))
        wake(webcast);
}

/* ---- life ---- */

static void log_lws(int level, const char *line)
{
    (void)level;
    log_debug(NULL, "libwebsockets", LOG_TEXT("text", line));
}

static struct lws_context *context_new(void)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, log_lws);
    const struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .max_http_header_data = HTTP_LINE_BYTES,
        .pt_serv_buf_size = HTTP_LINE_BYTES,
    };
    struct lws_context *context = lws_create_context(&info);
    if (!context)
        abort();
    return context;
}

static struct lws_vhost *vhost_new(const struct shared *shared, bool tls)
{
    const char *ca_file = shared->options.ca_file;
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .vhost_name = tls ? "tls" : "plain",
        .protocols = socket_protocols,
        .options = LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN |
                   (tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .timeout_secs = CONNECT_TIMEOUT_S,
        .connect_timeout_secs = CONNECT_TIMEOUT_S,
        .client_ssl_ca_filepath = tls && ca_file[0] ? ca_file : NULL, /* besides the system's */
    };
    struct lws_vhost *vhost = lws_create_vhost(shared->context, &info);
    if (!vhost)
        abort();
    return vhost;
}

struct lws_vhost *shared_vhost(struct shared *shared, bool tls)
{
    if (!shared->vhosts[tls])
        shared->vhosts[tls] = vhost_new(shared, tls);
    return shared->vhosts[tls];
}

struct webcast *webcast_new(const struct webcast_options *options)
{
    struct webcast *webcast = calloc(1, sizeof(*webcast));
    if (!webcast)
        abort();
    struct shared *shared = &webcast->shared;
    shared->options = *options;
    counters_init(&shared->counters, options->metrics);
    stream_memory_init(&shared->memory);
    quota_init(&shared->signer, options->sign_per_minute, options->sign_burst, clock_mono_ms());
    atomic_init(&webcast->replicas, 1);
    webcast->sharing = 1;
    acks_init(&shared->acks);
    webcast->last = &webcast->first;
    pthread_mutex_init(&webcast->lock, NULL);
    shared->context = context_new();
    shared->jobs = jobs_new(&shared->options, wake, webcast);
    if (pthread_create(&webcast->thread, NULL, run, webcast) != 0)
        abort();
    return webcast;
}

void webcast_free(struct webcast *webcast)
{
    if (!webcast)
        return;
    pthread_mutex_lock(&webcast->lock);
    webcast->stopping = true;
    pthread_mutex_unlock(&webcast->lock);
    wake(webcast);
    pthread_join(webcast->thread, NULL);

    jobs_free(webcast->shared.jobs);
    lws_context_destroy(webcast->shared.context);
    acks_done(&webcast->shared.acks);
    stream_memory_done(&webcast->shared.memory);
    struct command *command;
    while (!take_command(webcast, &command) && command)
        free(command);
    pthread_mutex_destroy(&webcast->lock);
    free(webcast);
}
