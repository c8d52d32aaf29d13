/* SPDX-License-Identifier: MIT */
/* Who wrote the latest messages of a live, so that all of a user's can be deleted. */
#pragma once

#include "services/events/domain/live_event.h"

#define CHAT_LOG_MAX 512

struct chat_log {
    struct {
        int64_t msg_id, user_id;
    } chats[CHAT_LOG_MAX]; /* a ring */
    size_t next;
};

void chat_log_add(struct chat_log *log, const struct live_event *chat);

/* The messages that go, as far as ret_ids has room: those named, and all that are known of the
 * users named. Returns how many they are. */
size_t chat_log_find(const struct chat_log *log, const struct live_delete *deleted,
                     int64_t *ret_ids, size_t max);
