/* SPDX-License-Identifier: MIT */
#include "services/events/domain/event_json.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

static const char *const types[LIVE_EVENT_TYPES] = {
    [LIVE_CHAT] = "chat",     [LIVE_LIKE] = "like",   [LIVE_JOIN] = "viewer_join",
    [LIVE_FOLLOW] = "follow", [LIVE_SHARE] = "share", [LIVE_SUBSCRIBE] = "subscribe",
    [LIVE_VIEWERS] = "viewer"};

static void begin(struct json_writer *writer, struct buffer *out, const char *type,
                  const struct event_envelope *envelope)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(envelope->wall_ms, time);
    json_init(writer, out);
    json_open(writer, '{');
    json_pair_text(writer, "type", type);
    json_pair_text(writer, "id", envelope->id);
    json_pair_int(writer, "seq", envelope->seq);
    json_pair_text(writer, "ts", time);
}

static void write_user(struct json_writer *writer, const struct live_user *user)
{
    bool has_nickname = !text_is_blank(user->nickname);
    json_pair_text(writer, "user", has_nickname ? user->nickname : user->display_id);
    json_pair_text(writer, "username", user->display_id);
}

static void end(struct json_writer *writer, const struct event_envelope *envelope)
{
    if (envelope->sound_url)
        json_pair_text(writer, "sound_url", envelope->sound_url);
    if (envelope->tts_url)
        json_pair_text(writer, "tts_url", envelope->tts_url);
    if (envelope->is_test)
        json_pair_bool(writer, "test", true);
    json_close(writer, '}');
}

/* Emotes without words are shown as so many faces, which every client can draw; else viewers would
 * see an empty line. What is spoken, and what triggers look at, stays empty. */
static void write_message(struct json_writer *writer, const struct live_chat *chat)
{
    static const char faces[] = "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂";
    const size_t face_bytes = sizeof("🙂") - 1;
    const char *message = chat->content;
    if (text_is_blank(message) && chat->emote_count > 0) {
        size_t bytes = chat->emote_count * face_bytes;
        message = bytes < sizeof(faces) ? faces + sizeof(faces) - 1 - bytes : faces;
    }
    json_pair_text(writer, "message", message);
}

static void write_like(struct json_writer *writer, const struct live_like *like)
{
    json_pair_int(writer, "count", like->count);
    if (like->total > 0)
        json_pair_int(writer, "total", like->total);
}

static void write_viewers(struct json_writer *writer, const struct live_viewers *viewers)
{
    json_pair_int(writer, "current", viewers->current);
    if (viewers->total > 0)
        json_pair_int(writer, "total", viewers->total);
}

bool event_json_write(const struct event_envelope *envelope, const struct live_event *event,
                      struct buffer *out)
{
    if (!types[event->type])
        return false;
    struct json_writer writer;
    begin(&writer, out, types[event->type], envelope);
    if (event->type != LIVE_VIEWERS)
        write_user(&writer, &event->user);
    if (event->type == LIVE_CHAT)
        write_message(&writer, &event->chat);
    if (event->type == LIVE_LIKE)
        write_like(&writer, &event->like);
    if (event->type == LIVE_VIEWERS)
        write_viewers(&writer, &event->viewers);
    end(&writer, envelope);
    return true;
}

void event_json_first_message(const struct event_envelope *envelope, const struct live_event *event,
                              struct buffer *out)
{
    struct json_writer writer;
    begin(&writer, out, "viewer_first_message", envelope);
    write_user(&writer, &event->user);
    end(&writer, envelope);
}

static void write_id(struct json_writer *writer, const char *key, int64_t id)
{
    /* Text, since TikTok's ids pass 2^53, where JavaScript's numbers stop being exact. */
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)id);
    json_pair_text(writer, key, text);
}

void event_json_gift(const struct event_envelope *envelope, const struct streak_step *step,
                     struct buffer *out)
{
    const struct live_gift *gift = &step->gift->gift;
    struct json_writer writer;
    begin(&writer, out, "gift", envelope);
    write_user(&writer, &step->gift->user);
    write_id(&writer, "gift_id", gift->gift_id);
    json_pair_text(&writer, "gift_name", gift->name);
    json_pair_int(&writer, "count", step->count);
    json_pair_int(&writer, "diamonds", step->diamonds);
    if (gift->streakable) {
        json_key(&writer, "streak");
        json_open(&writer, '{');
        write_id(&writer, "id", gift->group_id);
        json_pair_bool(&writer, "final", step->final);
        json_close(&writer, '}');
    }
    end(&writer, envelope);
}

void event_json_delete(const struct event_envelope *envelope, const int64_t *ids, size_t count,
                       struct buffer *out)
{
    struct json_writer writer;
    begin(&writer, out, "delete", envelope);
    json_key(&writer, "ids");
    json_open(&writer, '[');
    for (size_t i = 0; i < count; i++) {
        char text[24];
        (void)snprintf(text, sizeof(text), "%lld", (long long)ids[i]);
        json_put_text(&writer, text);
    }
    json_close(&writer, ']');
    end(&writer, envelope);
}

void event_json_status(const struct event_envelope *envelope, const char *state,
                       const char *message, const char *username, struct buffer *out)
{
    struct json_writer writer;
    begin(&writer, out, "status", envelope);
    json_pair_bool(&writer, "connected", text_equal(state, "connected"));
    json_pair_text(&writer, "state", state);
    json_pair_text(&writer, "message", message);
    if (!text_is_blank(username))
        json_pair_text(&writer, "tiktok_username", username);
    end(&writer, envelope);
}

void event_json_error(const struct event_envelope *envelope, const char *code, const char *message,
                      struct buffer *out)
{
    struct json_writer writer;
    begin(&writer, out, "error", envelope);
    json_pair_text(&writer, "message", message);
    json_pair_text(&writer, "code", code);
    end(&writer, envelope);
}
