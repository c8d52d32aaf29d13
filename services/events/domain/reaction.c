/* SPDX-License-Identifier: MIT */
#include "services/events/domain/reaction.h"

#include "lib/base/text.h"
#include "services/events/domain/phrases.h"

static enum playback_worth worth_of(const struct occasion *occasion, bool has_trigger)
{
    switch (occasion->event) {
    case TRIGGER_GIFT:
        return occasion->diamonds >= PLAYBACK_TREASURE_DIAMONDS ? PLAYBACK_TREASURE : PLAYBACK_GIFT;
    case TRIGGER_SUBSCRIBE:
        return PLAYBACK_GIFT;
    case TRIGGER_FOLLOW:
        return PLAYBACK_TRIGGER;
    case TRIGGER_CHAT:
    case TRIGGER_VIEWER_FIRST_MESSAGE:
        return has_trigger ? PLAYBACK_TRIGGER : PLAYBACK_CHAT;
    default:
        return PLAYBACK_CHAT;
    }
}

/* The first trigger that matches and is not cooling down. */
static const struct trigger *choose(const struct reaction_rules *rules,
                                    const struct occasion *occasion, int64_t now_ms)
{
    if (occasion->event == TRIGGER_GIFT && !rules->hearing->gift_sounds_enabled)
        return NULL;
    for (size_t i = 0; i < rules->trigger_count; i++) {
        const struct trigger *trigger = &rules->triggers[i];
        if (trigger_matches(trigger, occasion) &&
            !(rules->firings && firings_forbid(rules->firings, trigger, occasion, now_ms)))
            return trigger;
    }
    return NULL;
}

static const char *thank_for_gift(const struct hearing *hearing, struct arena *arena,
                                  const struct occasion *occasion)
{
    struct occasion all = *occasion;
    all.count = occasion_gifts(occasion);
    return phrases_usual(arena, &all, phrases_is_english(hearing->voice_id));
}

/* What is spoken although no trigger fired; NULL: nothing. */
static const char *unasked(const struct hearing *hearing, struct arena *arena,
                           const struct occasion *occasion)
{
    if (occasion->event == TRIGGER_CHAT)
        return hearing_chat(hearing, occasion);
    if (occasion->event == TRIGGER_GIFT && hearing->gift_tts_enabled)
        return thank_for_gift(hearing, arena, occasion);
    return NULL;
}

struct reaction reaction_of_trigger(const struct hearing *hearing, struct arena *arena,
                                    const struct trigger *trigger, const struct occasion *occasion)
{
    struct reaction reaction = {.trigger = trigger, .worth = worth_of(occasion, true)};
    if (trigger->plays_sound) {
        reaction.sound_filename = trigger->sound_filename;
        return reaction;
    }
    const char *words = text_is_blank(trigger->text_template)
                            ? phrases_usual(arena, occasion, phrases_is_english(hearing->voice_id))
                            : phrases_render(arena, trigger->text_template, occasion);
    reaction.text = hearing_prepare(hearing, arena, words);
    return reaction;
}

struct reaction reaction_decide(const struct reaction_rules *rules, struct arena *arena,
                                const struct occasion *occasion, int64_t now_ms)
{
    const struct hearing *hearing = rules->hearing;
    if (hearing_blocks_viewer(hearing, occasion))
        return (struct reaction){.trigger = NULL};
    const struct trigger *trigger = choose(rules, occasion, now_ms);
    if (trigger)
        return reaction_of_trigger(hearing, arena, trigger, occasion);
    return (struct reaction){
        .text = hearing_prepare(hearing, arena, unasked(hearing, arena, occasion)),
        .worth = worth_of(occasion, false),
    };
}
