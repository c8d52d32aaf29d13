/* SPDX-License-Identifier: MIT */
#include "services/media/remote/remote.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/domain/breaker.h"
#include "services/media/remote/connection.h"

#include <assert.h>
#include <pthread.h>

#define CONNECTIONS_MAX 64
#define ORDER_MAX_BYTES ((size_t)64 * 1024)

struct remote {
    unsigned timeout_ms;
    const char *model;
    char *url;
    struct curl_slist *headers;
    atomic_bool is_stopping;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t idle;
    struct breaker breaker;
    unsigned free_count;
    unsigned count;
    CURL *free[CONNECTIONS_MAX]; /* the one that was used last is taken first: it is likely open */
    struct metric *requests;
    struct metric *failures;
    struct metric *state;
    struct metric *seconds;
};

/* ---- making ---- */

static void register_metrics(struct remote *remote, struct metrics *metrics)
{
    if (!metrics)
        return;
    remote->requests = metrics_counter(metrics, "ttb_remote_requests_total",
                                       "Texts that the speech server was asked to speak", "");
    remote->failures = metrics_counter(metrics, "ttb_remote_failures_total",
                                       "Texts that it did not speak, or not in time", "");
    remote->state =
        metrics_gauge(metrics, "ttb_remote_breaker_state",
                      "0: it is asked; 1: it is not, having failed; 2: a first try", "");
    remote->seconds =
        metrics_histogram(metrics, "ttb_remote_seconds", "Time until its reply, or failure", "");
}

static struct curl_slist *make_headers(const char *key)
{
    AUTO_BUFFER(line, 4096);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (headers && *key) {
        buffer_printf(&line, "Authorization: Bearer %s", key);
        headers = curl_slist_append(headers, buffer_text(&line));
    }
    if (!headers || line.overflowed)
        abort();
    return headers;
}

static char *make_url(const char *base)
{
    char *url = NULL;
    if (asprintf(&url, "%.*s/v1/audio/speech", (int)text_length_less(base, '/'), base) < 0)
        abort();
    return url;
}

struct remote *remote_new(const struct remote_options *options)
{
    assert(options->connections >= 1 && options->connections <= CONNECTIONS_MAX);
    struct remote *remote = calloc(1, sizeof(*remote));
    if (!remote || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    remote->model = options->model;
    remote->timeout_ms = options->timeout_ms;
    remote->url = make_url(options->url);
    remote->headers = make_headers(options->key);
    pthread_mutex_init(&remote->lock, NULL);
    pthread_cond_init(&remote->idle, NULL);
    breaker_init(&remote->breaker);
    register_metrics(remote, options->metrics);

    const struct connection_options connection = {
        .url = remote->url,
        .headers = remote->headers,
        .timeout_ms = options->timeout_ms,
        .is_stopping = &remote->is_stopping,
    };
    remote->count = options->connections;
    while (remote->free_count < remote->count)
        remote->free[remote->free_count++] = connection_new(&connection);
    return remote;
}

/* ---- asking ---- */

/* An idle connection; NULL when there is none, or the server is not to be asked now. */
static CURL *take_connection(struct remote *remote, uint64_t *ret_ticket)
{
    CURL *connection = NULL;
    pthread_mutex_lock(&remote->lock);
    if (remote->free_count > 0 && !atomic_load(&remote->is_stopping) &&
        breaker_begin(&remote->breaker, clock_mono_ms(), ret_ticket)) {
        connection = remote->free[--remote->free_count];
        metric_set(remote->state, remote->breaker.state);
    }
    pthread_mutex_unlock(&remote->lock);
    return connection;
}

/* Gives it back with what came of the request; returns whether that changed the breaker's state. */
static bool give_connection(struct remote *remote, CURL *connection, uint64_t ticket, bool is_good)
{
    pthread_mutex_lock(&remote->lock);
    remote->free[remote->free_count++] = connection;
    bool has_changed = breaker_end(&remote->breaker, ticket, is_good, clock_mono_ms());
    metric_set(remote->state, remote->breaker.state);
    if (remote->free_count == remote->count)
        pthread_cond_signal(&remote->idle);
    pthread_mutex_unlock(&remote->lock);
    return has_changed;
}

static void write_order(const struct remote *remote, const char *voice, double speed,
                        const char *text, struct buffer *out)
{
    struct json_writer writer;
    json_init(&writer, out);
    json_open(&writer, '{');
    json_pair_text(&writer, "model", remote->model);
    json_pair_text(&writer, "input", text);
    json_pair_text(&writer, "voice", voice);
    json_pair_text(&writer, "response_format", "mp3");
    json_key(&writer, "speed");
    json_put_double(&writer, speed);
    json_close(&writer, '}');
}

/* What went wrong is said each time; a warning is only that the server is left alone from now on.
 */
static void log_result(const struct connection_result *result, bool has_changed)
{
    bool is_good = result->verdict != CONNECTION_FAILED;
    if (has_changed && !is_good)
        log_warning(NULL, "the speech server has failed and is not asked for a while",
                    LOG_TEXT("reason", result->reason), LOG_INT("http", result->http));
    else if (result->verdict != CONNECTION_AUDIO)
        log_info(NULL, "the speech server did not speak a text", LOG_TEXT("reason", result->reason),
                 LOG_INT("http", result->http));
    if (has_changed && is_good)
        log_info(NULL, "the speech server works again");
}

enum status remote_speak(struct remote *remote, const char *voice, double speed, const char *text,
                         int64_t deadline_ms, struct buffer *out)
{
    buffer_clear(out);
    int64_t left_ms = deadline_ms - clock_mono_ms();
    if (left_ms < remote->timeout_ms / 2)
        return STATUS_TIMEOUT;
    unsigned limit_ms = left_ms < remote->timeout_ms ? (unsigned)left_ms : remote->timeout_ms;
    AUTO_BUFFER(order, ORDER_MAX_BYTES);
    write_order(remote, voice, speed, text, &order);
    uint64_t ticket = 0;
    CURL *connection = order.overflowed ? NULL : take_connection(remote, &ticket);
    if (!connection)
        return STATUS_UNAVAILABLE;

    metric_add(remote->requests, 1);
    int64_t began_ns = clock_mono_ns();
    struct connection_result result =
        connection_post(connection, buffer_slice(&order), limit_ms, out);
    metric_observe_ns(remote->seconds, clock_mono_ns() - began_ns);
    metric_add(remote->failures, result.verdict != CONNECTION_AUDIO);
    bool is_good = result.verdict != CONNECTION_FAILED;
    /* From here on the remote may be gone. */
    log_result(&result, give_connection(remote, connection, ticket, is_good));
    if (result.verdict == CONNECTION_AUDIO)
        return STATUS_OK;
    buffer_clear(out);
    return STATUS_UNAVAILABLE;
}

bool remote_is_up(struct remote *remote)
{
    pthread_mutex_lock(&remote->lock);
    bool is_up = breaker_is_passable(&remote->breaker, clock_mono_ms());
    pthread_mutex_unlock(&remote->lock);
    return is_up;
}

void remote_free(struct remote *remote)
{
    if (!remote)
        return;
    pthread_mutex_lock(&remote->lock);
    atomic_store(&remote->is_stopping, true);
    while (remote->free_count < remote->count)
        pthread_cond_wait(&remote->idle, &remote->lock);
    pthread_mutex_unlock(&remote->lock);
    for (unsigned i = 0; i < remote->count; i++)
        curl_easy_cleanup(remote->free[i]);
    curl_slist_free_all(remote->headers);
    pthread_cond_destroy(&remote->idle);
    pthread_mutex_destroy(&remote->lock);
    free(remote->url);
    free(remote);
}
