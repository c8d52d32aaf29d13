/* SPDX-License-Identifier: MIT */
/* A socket message of TikTok's, all the way to events. The first byte chooses: 0, a whole frame; 1,
 * a sign server's answer; above, one message of the table's methods, which a frame around would
 * only hide. */
#include "services/events/webcast/decode.h"
#include "services/events/webcast/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const methods[] = {
    "WebcastChatMessage",     "WebcastEmoteChatMessage",   "WebcastGiftMessage",
    "WebcastLikeMessage",     "WebcastMemberMessage",      "WebcastUnauthorizedMemberMessage",
    "WebcastSocialMessage",   "WebcastSubNotifyMessage",   "WebcastRoomUserSeqMessage",
    "WebcastControlMessage",  "WebcastQuestionNewMessage", "WebcastLiveIntroMessage",
    "WebcastCaptionMessage",  "WebcastImDeleteMessage",    "WebcastRoomPinMessage",
    "WebcastEnvelopeMessage", "WebcastBarrageMessage",     "WebcastLinkMicBattle",
    "WebcastLinkMicArmies",   "WebcastRoomMessage",
};

/* Reads every text that an event promises to have. */
static void touch_event(void *closure, const struct live_event *event)
{
    volatile size_t *sink = closure;
    *sink += strlen(event->display_key) + strlen(event->user.nickname) +
             strlen(event->user.display_id) + strlen(event->user.avatar);
    for (size_t i = 0; i < event->user.badge_count; i++)
        *sink += strlen(event->user.badges[i].level);
    if (event->type == LIVE_CHAT)
        *sink += strlen(event->chat.content);
    if (event->type == LIVE_PIN && event->pin.pinned)
        touch_event(closure, event->pin.pinned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct counters counters;
    static struct stream stream;
    static struct stream_memory memory;
    static volatile size_t sink;
    if (size == 0)
        return 0;
    if (!memory.message)
        stream_memory_init(&memory);
    stream_init(&stream, "fuzz", &counters, touch_event, (void *)&sink);
    stream.logged = ~0u; /* no log lines */

    const struct slice bytes = {data + 1, size - 1};
    AUTO_BUFFER(ack, 64 * 1024);
    if (data[0] == 0) {
        (void)stream_read(&stream, bytes, &memory, &ack);
    } else if (data[0] == 1) {
        stream_read_result(&stream, bytes, &memory);
    } else {
        struct live_event event;
        const char *method = methods[data[0] % ARRAY_LEN(methods)];
        if (decode_message(method, bytes, memory.message, &event) == DECODE_EVENT)
            touch_event((void *)&sink, &event);
        arena_reset(memory.message);
    }
    return 0;
}
