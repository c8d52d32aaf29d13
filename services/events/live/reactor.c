/* SPDX-License-Identifier: MIT */
#include "services/events/live/reactor.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

void reactor_init(struct reactor *reactor, struct speaker *speaker, struct recorder *recorder,
                  const char *media_base_url, unsigned speech_per_minute, struct metrics *metrics)
{
    *reactor = (struct reactor){
        .speaker = speaker,
        .recorder = recorder,
        .media_base_url = media_base_url,
        .speech_per_minute = speech_per_minute,
        .shed = metrics_counter(metrics, "ttb_live_speech_shed_total",
                                "Texts not spoken, for the user's app is busy with others.", ""),
    };
}

/* ---- playing ---- */

static const char *sound_url(const struct reactor *reactor, struct arena *arena,
                             const char *user_id, const char *filename)
{
    const char *base = reactor->media_base_url;
    return arena_printf(arena, "%.*s/static/sounds/%s/%s", (int)text_length_less(base, '/'), base,
                        user_id, filename);
}

void reactor_play(struct reactor *reactor, struct arena *arena, const char *user_id,
                  const char *voice_id, const struct reaction *reaction,
                  struct event_envelope *envelope)
{
    struct uuid id;
    if (reaction->sound_filename)
        envelope->sound_url = sound_url(reactor, arena, user_id, reaction->sound_filename);
    if (reaction->text)
        envelope->tts_url =
            speaker_speak(reactor->speaker, arena, user_id, voice_id, reaction->text, &id);
}

/* ---- reacting ---- */

/* The wall clock, for what outlives the process. */
static void note_firing(struct reactor *reactor, const struct trigger *trigger,
                        const struct occasion *occasion, int64_t wall_ms)
{
    if (!reactor->recorder)
        return;
    struct firing firing = {
        .trigger_id = trigger->id,
        .room_id = occasion->room_id,
        .viewer_id = FIRINGS_ANYBODY,
        .at_ms = wall_ms,
        .is_kept = trigger->cooldown_seconds > 0 || trigger->once_per_stream,
    };
    recorder_add_firing(reactor->recorder, &firing);
    if (trigger->user_cooldown_seconds == 0 || occasion->viewer_id == FIRINGS_ANYBODY)
        return;
    firing.viewer_id = occasion->viewer_id;
    firing.is_kept = true;
    recorder_add_firing(reactor->recorder, &firing);
}

static void remember(struct watcher *watcher, int64_t msg_id, const struct uuid *id)
{
    watcher->spoken[watcher->next_spoken] = (struct watcher_speech){msg_id, *id};
    watcher->next_spoken = (watcher->next_spoken + 1) % WATCHER_SPEECH_MAX;
}

/* Speaks, if there is time for it. */
static void speak(struct reactor *reactor, struct arena *arena, struct watcher *watcher,
                  const struct reaction *reaction, int64_t msg_id, int64_t now_ms,
                  struct event_envelope *envelope)
{
    struct uuid id;
    if (!playback_admits(&watcher->playback, reaction->worth, reaction->text, now_ms) ||
        !budget_take(&watcher->speech, reactor->speech_per_minute, now_ms)) {
        metric_add(reactor->shed, 1);
        return;
    }
    envelope->tts_url = speaker_speak(reactor->speaker, arena, watcher->user_id.text,
                                      watcher->profile->hearing.voice_id, reaction->text, &id);
    if (!envelope->tts_url)
        return;
    playback_say(&watcher->playback, reaction->text, now_ms);
    if (msg_id != 0)
        remember(watcher, msg_id, &id);
}

static struct reaction_rules rules_of(const struct watcher *watcher)
{
    const struct profile *profile = watcher->profile;
    return (struct reaction_rules){&profile->hearing, profile->triggers, profile->trigger_count,
                                   watcher->firings};
}

/* Gifts that nobody was thanked for are named together with the next ones. */
static void settle_gifts(struct watcher *watcher, const struct occasion *occasion,
                         const struct reaction *reaction, bool is_spoken, int64_t now_ms)
{
    if (reaction->trigger || !reaction->text)
        return;
    int64_t unspoken = is_spoken ? 0 : occasion_gifts(occasion);
    playback_owe(&watcher->playback, occasion->viewer_id, occasion->gift_id, unspoken, now_ms);
}

/* There was something to say, and no time, or no way, to say it. */
static bool is_shed(const struct reaction *reaction, const struct event_envelope *envelope)
{
    return reaction->text && !envelope->tts_url;
}

static struct reaction react(struct reactor *reactor, struct arena *arena, struct watcher *watcher,
                             const struct occasion *occasion, int64_t msg_id, int64_t now_ms,
                             struct event_envelope *envelope)
{
    const struct reaction_rules rules = rules_of(watcher);
    int64_t wall_ms = clock_wall_ms();
    struct reaction reaction = reaction_decide(&rules, arena, occasion, wall_ms);
    if (reaction.sound_filename)
        envelope->sound_url =
            sound_url(reactor, arena, watcher->user_id.text, reaction.sound_filename);
    if (reaction.text)
        speak(reactor, arena, watcher, &reaction, msg_id, now_ms, envelope);
    if (reaction.trigger && !is_shed(&reaction, envelope)) {
        firings_add(watcher->firings, reaction.trigger, occasion, wall_ms);
        note_firing(reactor, reaction.trigger, occasion, wall_ms);
    }
    return reaction;
}

void reactor_react(struct reactor *reactor, struct arena *arena, struct watcher *watcher,
                   const struct occasion *occasion, int64_t msg_id, int64_t now_ms,
                   struct event_envelope *envelope)
{
    if (!watcher->profile)
        return;
    struct occasion own = *occasion;
    bool is_gift = occasion->event == TRIGGER_GIFT;
    if (is_gift)
        own.unspoken =
            playback_owed(&watcher->playback, occasion->viewer_id, occasion->gift_id, now_ms);
    struct reaction reaction = react(reactor, arena, watcher, &own, msg_id, now_ms, envelope);
    if (is_gift)
        settle_gifts(watcher, &own, &reaction, envelope->tts_url != NULL, now_ms);
}

bool reactor_react_to_first_message(struct reactor *reactor, struct arena *arena,
                                    struct watcher *watcher, const struct occasion *occasion,
                                    int64_t msg_id, int64_t now_ms, struct event_envelope *envelope)
{
    if (!watcher->profile || !watcher->profile->wants_first_messages)
        return false;
    struct occasion first = *occasion;
    first.event = TRIGGER_VIEWER_FIRST_MESSAGE;
    struct reaction reaction = react(reactor, arena, watcher, &first, msg_id, now_ms, envelope);
    return reaction.trigger && !is_shed(&reaction, envelope);
}

/* ---- taking back ---- */

static bool is_among(int64_t id, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

void reactor_take_back(struct reactor *reactor, struct watcher *watcher, const int64_t *msg_ids,
                       size_t count)
{
    for (size_t i = 0; i < WATCHER_SPEECH_MAX; i++) {
        struct watcher_speech *speech = &watcher->spoken[i];
        if (speech->msg_id == 0 || !is_among(speech->msg_id, msg_ids, count))
            continue;
        speaker_cancel(reactor->speaker, watcher->user_id.text, speech->id.text);
        speech->msg_id = 0;
    }
}
