/* SPDX-License-Identifier: MIT */
#include "lib/bus/stream.h"

#include "lib/base/log.h"

#define REQUEST_MS 1000
#define NS_PER_MS 1000000LL
#define DAY_MS (24LL * 60 * 60 * 1000)

const struct stream stream_events = {
    .name = "EVT",
    .subjects = "evt.>",
    .keep_ms = 30 * DAY_MS,
    .max_bytes = 1024LL * 1024 * 1024,
};

static void describe(const struct stream *stream, jsStreamConfig *config)
{
    jsStreamConfig_Init(config);
    config->Name = stream->name;
    config->MaxAge = stream->keep_ms * NS_PER_MS;
    config->Duplicates = stream->duplicates_ms * NS_PER_MS;
    if (stream->max_per_subject > 0)
        config->MaxMsgsPerSubject = stream->max_per_subject;
    if (stream->max_bytes > 0)
        config->MaxBytes = stream->max_bytes;
    config->Storage = js_FileStorage;
    config->Discard = js_DiscardOld;
}

/* The stream was there: all of it stays but for what duplicates_ms asks for. */
static natsStatus lengthen_memory(struct bus *bus, const struct stream *stream, jsOptions *options,
                                  jsErrCode *code)
{
    jsStreamInfo *info = NULL;
    natsStatus status = js_GetStreamInfo(&info, bus_jetstream(bus), stream->name, options, code);
    if (status != NATS_OK)
        return status;
    jsStreamConfig *config = info->Config;
    int64_t wanted_ns = stream->duplicates_ms * NS_PER_MS;
    if (config->MaxAge > 0 && config->MaxAge < wanted_ns)
        wanted_ns = config->MaxAge; /* the server would refuse more */
    if (config->Duplicates < wanted_ns) {
        config->Duplicates = wanted_ns;
        status = js_UpdateStream(NULL, bus_jetstream(bus), config, options, code);
    }
    jsStreamInfo_Destroy(info);
    return status;
}

enum status stream_ensure(struct bus *bus, const struct stream *stream)
{
    jsStreamConfig config;
    describe(stream, &config);
    config.Subjects = (const char *[]){stream->subjects};
    config.SubjectsLen = 1;

    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = REQUEST_MS;
    jsErrCode code = 0;
    natsStatus status = js_AddStream(NULL, bus_jetstream(bus), &config, &options, &code);
    if (status != NATS_OK && code == JSStreamNameExistErr)
        status = stream->duplicates_ms ? lengthen_memory(bus, stream, &options, &code) : NATS_OK;
    if (status == NATS_OK)
        return STATUS_OK;
    log_warning(NULL, "a stream can't be made", LOG_TEXT("stream", stream->name),
                LOG_TEXT("reason", natsStatus_GetText(status)), LOG_INT("code", code));
    return STATUS_UNAVAILABLE;
}
