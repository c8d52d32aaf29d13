/* SPDX-License-Identifier: MIT */
#include "lib/bus/discovery.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/bus/subscriptions.h"

#define SUFFIX_SIZE 192
#define SUBJECT_SIZE 256
#define ANSWER_MAX_BYTES (256 * 1024)

struct discovery;

/* One kind of question: its word in the subject, the type of the answer, and what the answer holds
 * beside the fields that all have. */
struct verb {
    const char *word;
    const char *type;
    void (*write)(const struct discovery *discovery, struct json_writer *writer);
};

/* What a subscription's callback gets. */
struct question {
    const struct discovery *discovery;
    const struct verb *verb;
};

static void write_nothing(const struct discovery *discovery, struct json_writer *writer);
static void write_info(const struct discovery *discovery, struct json_writer *writer);
static void write_stats(const struct discovery *discovery, struct json_writer *writer);

static const struct verb verbs[] = {
    {"PING", "io.nats.micro.v1.ping_response", write_nothing},
    {"INFO", "io.nats.micro.v1.info_response", write_info},
    {"STATS", "io.nats.micro.v1.stats_response", write_stats},
};

struct discovery {
    struct discovery_options options;
    char started[CLOCK_RFC3339_SIZE];
    struct question questions[ARRAY_LEN(verbs)];
    struct subscriptions *subscriptions;
};

/* ---- answers ---- */

static void write_metadata(struct json_writer *writer)
{
    json_key(writer, "metadata");
    json_open(writer, '{');
    json_close(writer, '}');
}

static void write_nothing(const struct discovery *discovery, struct json_writer *writer)
{
    (void)discovery;
    (void)writer;
}

static void open_endpoint(const struct discovery *discovery, size_t index,
                          struct json_writer *writer)
{
    const struct discovery_endpoint *endpoint = &discovery->options.endpoints[index];
    json_open(writer, '{');
    json_pair_text(writer, "name", endpoint->name);
    json_pair_text(writer, "subject", endpoint->subject);
    json_pair_text(writer, "queue_group", endpoint->queue ? endpoint->queue : "");
}

static void write_info(const struct discovery *discovery, struct json_writer *writer)
{
    json_pair_text(writer, "description", discovery->options.description);
    json_key(writer, "endpoints");
    json_open(writer, '[');
    for (size_t i = 0; i < discovery->options.count; i++) {
        open_endpoint(discovery, i, writer);
        write_metadata(writer);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void write_counts(const struct discovery_endpoint *endpoint, struct json_writer *writer)
{
    int64_t requests = endpoint->requests;
    int64_t processing_ns = endpoint->processing_ns;
    int last_error = endpoint->last_error;
    char error[64] = "";
    if (last_error)
        snprintf(error, sizeof(error), "%d:%s", last_error,
                 status_text(status_from_http(last_error)));
    json_pair_int(writer, "num_requests", requests);
    json_pair_int(writer, "num_errors", endpoint->errors);
    json_pair_text(writer, "last_error", error);
    json_pair_int(writer, "processing_time", processing_ns);
    json_pair_int(writer, "average_processing_time", requests ? processing_ns / requests : 0);
}

static void write_stats(const struct discovery *discovery, struct json_writer *writer)
{
    json_pair_text(writer, "started", discovery->started);
    json_key(writer, "endpoints");
    json_open(writer, '[');
    for (size_t i = 0; i < discovery->options.count; i++) {
        open_endpoint(discovery, i, writer);
        write_counts(&discovery->options.endpoints[i], writer);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void write_answer(const struct question *question, struct buffer *out)
{
    const struct discovery_options *options = &question->discovery->options;
    struct json_writer writer;
    json_init(&writer, out);
    json_open(&writer, '{');
    json_pair_text(&writer, "type", question->verb->type);
    json_pair_text(&writer, "name", options->service);
    json_pair_text(&writer, "id", bus_id(options->bus));
    json_pair_text(&writer, "version", options->version);
    write_metadata(&writer);
    question->verb->write(question->discovery, &writer);
    json_close(&writer, '}');
}

static void on_question(natsConnection *connection, natsSubscription *subscription,
                        natsMsg *message, void *closure)
{
    (void)connection;
    (void)subscription;
    AUTO(natsMsg_Destroy) natsMsg *asked = message;
    const struct question *question = closure;
    const char *reply_to = natsMsg_GetReply(asked);
    if (!reply_to)
        return;

    AUTO_BUFFER(body, ANSWER_MAX_BYTES);
    write_answer(question, &body);
    natsMsg *answer = NULL;
    if (bus_message(reply_to, NULL, NULL, 0, buffer_slice(&body), &answer) != STATUS_OK)
        return;
    if (bus_publish(question->discovery->options.bus, answer) != STATUS_OK)
        return; /* who asked will ask again */
}

/* ---- subjects ---- */

static enum status subscribe(struct discovery *discovery, size_t verb, const char *suffix)
{
    struct question *question = &discovery->questions[verb];
    *question = (struct question){discovery, &verbs[verb]};
    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "$SRV.%s%s", verbs[verb].word, suffix);
    return subscriptions_add(discovery->subscriptions, subject, NULL, on_question, question);
}

static enum status subscribe_all(struct discovery *discovery)
{
    const struct discovery_options *options = &discovery->options;
    char name[SUFFIX_SIZE];
    char instance[SUFFIX_SIZE];
    snprintf(name, sizeof(name), ".%s", options->service);
    snprintf(instance, sizeof(instance), ".%s.%s", options->service, bus_id(options->bus));
    for (size_t verb = 0; verb < ARRAY_LEN(verbs); verb++) {
        enum status status = subscribe(discovery, verb, "");
        if (status == STATUS_OK)
            status = subscribe(discovery, verb, name);
        if (status == STATUS_OK)
            status = subscribe(discovery, verb, instance);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status discovery_start(const struct discovery_options *options,
                            struct discovery **ret_discovery)
{
    struct discovery *discovery = calloc(1, sizeof(*discovery));
    if (!discovery)
        abort();
    discovery->options = *options;
    clock_format_rfc3339(clock_wall_ms(), discovery->started);
    discovery->subscriptions = subscriptions_new(options->bus);
    enum status status = subscribe_all(discovery);
    if (status != STATUS_OK) {
        discovery_stop(discovery);
        return status;
    }
    *ret_discovery = discovery;
    return STATUS_OK;
}

void discovery_stop(struct discovery *discovery)
{
    if (!discovery)
        return;
    subscriptions_free(discovery->subscriptions);
    free(discovery);
}
