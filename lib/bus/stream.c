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

enum status stream_ensure(struct bus *bus, const struct stream *stream)
{
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = stream->name;
    config.Subjects = (const char *[]){stream->subjects};
    config.SubjectsLen = 1;
    config.MaxAge = stream->keep_ms * NS_PER_MS;
    if (stream->max_per_subject > 0)
        config.MaxMsgsPerSubject = stream->max_per_subject;
    if (stream->max_bytes > 0)
        config.MaxBytes = stream->max_bytes;
    config.Storage = js_FileStorage;
    config.Discard = js_DiscardOld;

    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = REQUEST_MS;
    jsErrCode code = 0;
    natsStatus status = js_AddStream(NULL, bus_jetstream(bus), &config, &options, &code);
    if (status == NATS_OK || code == JSStreamNameExistErr)
        return STATUS_OK;
    log_warning(NULL, "a stream can't be made", LOG_TEXT("stream", stream->name),
                LOG_TEXT("reason", natsStatus_GetText(status)), LOG_INT("code", code));
    return STATUS_UNAVAILABLE;
}
