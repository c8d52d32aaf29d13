/* SPDX-License-Identifier: MIT */
/* What people say: chat, questions, the host's introduction, captions. */
#include "services/events/webcast/decode_parts.h"

static struct live_emote one_emote(const Webcast__Emote *emote)
{
    return (struct live_emote){
        .id = emote ? emote->emote_id : "",
        .image = decode_image_url(emote ? emote->image : NULL),
    };
}

static void chat_emotes(struct arena *arena, const Webcast__WebcastChatMessage *m,
                        struct live_chat *chat)
{
    chat->emote_count = decode_list_size(m->n_emotes);
    struct live_emote *emotes = ARENA_ARRAY(arena, struct live_emote, chat->emote_count);
    for (size_t i = 0; i < chat->emote_count; i++) {
        emotes[i] = one_emote(m->emotes[i]->emote);
        emotes[i].index = m->emotes[i]->index;
    }
    chat->emotes = emotes;
}

bool decode_chat(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastChatMessage *m = (const Webcast__WebcastChatMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_CHAT;
    decode_user(arena, m->user, &event->user);
    event->chat = (struct live_chat){
        .content = m->content,
        .language = m->content_language,
        .identity = decode_identity(m->user_identity),
        .comment_tags = m->comment_tag,
        .comment_tag_count = decode_list_size(m->n_comment_tag),
    };
    decode_apply_identity(&event->chat.identity, &event->user);
    chat_emotes(arena, m, &event->chat);
    if (m->at_user) {
        struct live_user *at_user = ARENA_NEW(arena, struct live_user);
        decode_user_brief(m->at_user, at_user);
        event->chat.at_user = at_user;
    }
    return true;
}

bool decode_emote_chat(struct arena *arena, const ProtobufCMessage *message,
                       struct live_event *event)
{
    const Webcast__WebcastEmoteChatMessage *m = (const Webcast__WebcastEmoteChatMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_CHAT;
    decode_user(arena, m->user, &event->user);
    size_t count = decode_list_size(m->n_emote_list);
    struct live_emote *emotes = ARENA_ARRAY(arena, struct live_emote, count);
    for (size_t i = 0; i < count; i++)
        emotes[i] = one_emote(m->emote_list[i]);
    event->chat = (struct live_chat){
        .content = "",
        .language = "",
        .identity = decode_identity(m->user_identity),
        .emotes = emotes,
        .emote_count = count,
    };
    decode_apply_identity(&event->chat.identity, &event->user);
    return true;
}

bool decode_question(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastQuestionNewMessage *m =
        (const Webcast__WebcastQuestionNewMessage *)message;
    if (!m->data)
        return false;
    decode_common(m->common, event);
    event->type = LIVE_QUESTION;
    decode_user(arena, m->data->user, &event->user);
    event->question = (struct live_question){
        .id = m->data->id,
        .content = m->data->content,
        .created_s = m->data->create_time,
    };
    return true;
}

bool decode_intro(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastLiveIntroMessage *m = (const Webcast__WebcastLiveIntroMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_INTRO;
    decode_user(arena, m->user, &event->user);
    event->intro = (struct live_intro){
        .id = m->id,
        .content = m->content,
        .language = m->content_language,
    };
    return true;
}

bool decode_caption(struct arena *arena, const ProtobufCMessage *message, struct live_event *event)
{
    const Webcast__WebcastCaptionMessage *m = (const Webcast__WebcastCaptionMessage *)message;
    decode_common(m->common, event);
    event->type = LIVE_CAPTION;
    size_t count = decode_list_size(m->n_content);
    struct live_caption_line *lines = ARENA_ARRAY(arena, struct live_caption_line, count);
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct live_caption_line){m->content[i]->lang, m->content[i]->text};
    event->caption = (struct live_caption){
        .timestamp = m->timestamp_ms,
        .duration_ms = m->duration_ms,
        .lines = lines,
        .line_count = count,
    };
    return true;
}
