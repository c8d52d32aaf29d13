/* SPDX-License-Identifier: MIT */
#include "services/events/domain/chat_log.h"

#include "lib/base/macros.h"

void chat_log_add(struct chat_log *log, const struct live_event *chat)
{
    log->chats[log->next].msg_id = chat->msg_id;
    log->chats[log->next].user_id = chat->user.id;
    log->next = (log->next + 1) % CHAT_LOG_MAX;
}

static bool is_of(const struct live_delete *deleted, int64_t user_id)
{
    for (size_t i = 0; i < deleted->user_count; i++) {
        if (deleted->user_ids[i] == user_id)
            return true;
    }
    return false;
}

size_t chat_log_find(const struct chat_log *log, const struct live_delete *deleted,
                     int64_t *ret_ids, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < deleted->message_count && count < max; i++)
        ret_ids[count++] = deleted->message_ids[i];
    for (size_t i = 0; i < CHAT_LOG_MAX && count < max; i++) {
        if (log->chats[i].msg_id != 0 && log->chats[i].user_id != 0 &&
            is_of(deleted, log->chats[i].user_id))
            ret_ids[count++] = log->chats[i].msg_id;
    }
    return count;
}
