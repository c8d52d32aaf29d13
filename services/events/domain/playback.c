/* SPDX-License-Identifier: MIT */
#include "services/events/domain/playback.h"

#include "lib/base/macros.h"
#include "lib/base/text.h"

/* An unhurried voice: some 14 characters a second, and a pause between two texts. */
#define CHARACTER_MS 70
#define PAUSE_MS 500
#define OWED_KEPT_MS 300000

/* For how long the app may be busy with other speech before this begins. */
static const int64_t longest_wait_ms[] = {
    [PLAYBACK_CHAT] = 15000,
    [PLAYBACK_TRIGGER] = 20000,
    [PLAYBACK_GIFT] = 30000,
    [PLAYBACK_TREASURE] = 60000,
};

/* FNV-1a, 64 bits: two texts that share it cost one of them its speech, and nothing more. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash;
}

static bool is_waiting(const struct playback *playback, uint64_t text, int64_t now_ms)
{
    for (size_t i = 0; i < PLAYBACK_WAITING_MAX; i++) {
        if (playback->waiting[i].text == text && playback->waiting[i].until_ms > now_ms)
            return true;
    }
    return false;
}

/* When a text would begin that comes now. */
static int64_t begin_of(const struct playback *playback, int64_t now_ms)
{
    return playback->busy_until_ms > now_ms ? playback->busy_until_ms : now_ms;
}

bool playback_admits(const struct playback *playback, enum playback_worth worth, const char *text,
                     int64_t now_ms)
{
    return begin_of(playback, now_ms) - now_ms <= longest_wait_ms[worth] &&
           !is_waiting(playback, hash_of(text), now_ms);
}

void playback_say(struct playback *playback, const char *text, int64_t now_ms)
{
    int64_t begin_ms = begin_of(playback, now_ms);
    playback->busy_until_ms = begin_ms + PAUSE_MS + (int64_t)text_utf8_length(text) * CHARACTER_MS;
    playback->waiting[playback->next_waiting].text = hash_of(text);
    playback->waiting[playback->next_waiting].until_ms = begin_ms;
    playback->next_waiting = (playback->next_waiting + 1) % PLAYBACK_WAITING_MAX;
}

/* ---- owed gifts ---- */

/* Where it is, or else the place to put it: the oldest, if none is free. */
static size_t place_of(const struct playback *playback, int64_t viewer_id, int64_t gift_id)
{
    size_t best = 0;
    for (size_t i = 0; i < PLAYBACK_OWED_MAX; i++) {
        if (playback->owed[i].viewer_id == viewer_id && playback->owed[i].gift_id == gift_id)
            return i;
        if (playback->owed[i].since_ms < playback->owed[best].since_ms)
            best = i;
    }
    return best;
}

int64_t playback_owed(const struct playback *playback, int64_t viewer_id, int64_t gift_id,
                      int64_t now_ms)
{
    size_t at = place_of(playback, viewer_id, gift_id);
    bool is_it = playback->owed[at].viewer_id == viewer_id && playback->owed[at].gift_id == gift_id;
    if (!is_it || now_ms - playback->owed[at].since_ms > OWED_KEPT_MS)
        return 0;
    return playback->owed[at].count;
}

void playback_owe(struct playback *playback, int64_t viewer_id, int64_t gift_id, int64_t count,
                  int64_t now_ms)
{
    size_t at = place_of(playback, viewer_id, gift_id);
    bool is_it = playback->owed[at].viewer_id == viewer_id && playback->owed[at].gift_id == gift_id;
    if (viewer_id == 0 || (count == 0 && !is_it))
        return;
    playback->owed[at].viewer_id = viewer_id;
    playback->owed[at].gift_id = gift_id;
    playback->owed[at].count = count;
    playback->owed[at].since_ms = count == 0 ? 0 : now_ms;
}
