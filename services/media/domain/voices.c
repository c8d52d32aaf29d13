/* SPDX-License-Identifier: MIT */
#include "services/media/domain/voices.h"

#include "lib/base/text.h"
#include "services/media/domain/scripts.h"

#include <stdio.h>
#include <strings.h>

/* espeak-ng's own speed is 175 words a minute; chat is better followed a little slower. */
#define SPEED 165
#define SPEED_SLOW 115
#define PITCH 50

enum {
    LOCAL_COUNT = 0
#define VOICE(...) +1
#include "services/media/domain/voices.def"
#undef VOICE
};

/* Local ones, then remote ones. */
static struct voice voices[LOCAL_COUNT + VOICES_REMOTE_MAX] = {
#define VOICE(id, name, lang, sex, espeak, speed, scripts, spells_latin)                           \
    {id, name, lang, VOICE_##sex, "local", espeak, NULL, speed, PITCH, scripts, spells_latin},
#include "services/media/domain/voices.def"
#undef VOICE
};
static size_t voice_count = LOCAL_COUNT;

const struct voice *voices_list(size_t *ret_count)
{
    *ret_count = voice_count;
    return voices;
}

bool voice_is_remote(const struct voice *voice)
{
    return voice->remote;
}

static bool is_remote_id(const char *id)
{
    return text_starts_with(id, VOICES_REMOTE_PREFIX);
}

const struct voice *voices_find(const char *id)
{
    for (size_t i = 0; i < voice_count; i++)
        if (text_equal(voices[i].id, id))
            return &voices[i];
    return NULL;
}

static size_t subtag_size(const char *tag)
{
    return strcspn(tag, "-_");
}

static bool same_language(const char *lang, const char *tag)
{
    size_t size = subtag_size(tag);
    return subtag_size(lang) == size && strncasecmp(lang, tag, size) == 0;
}

/* NULL when there is none. */
static const struct voice *first_of_language(const char *tag)
{
    for (size_t i = 0; i < LOCAL_COUNT; i++)
        if (same_language(voices[i].lang, tag))
            return &voices[i];
    return NULL;
}

/* The first of the voice's language and of that sex; the voice itself when there is none. */
static const struct voice *with_sex(const struct voice *voice, enum voice_sex sex)
{
    for (size_t i = 0; i < LOCAL_COUNT; i++)
        if (voices[i].sex == sex && same_language(voices[i].lang, voice->lang))
            return &voices[i];
    return voice;
}

/* How OpenAI's voices sound. Source: https://platform.openai.com/docs/guides/text-to-speech */
static enum voice_sex sex_of_name(const char *name)
{
    static const char *const women[] = {"alloy", "coral", "marin", "nova", "sage", "shimmer"};
    static const char *const men[] = {"ash", "ballad", "cedar", "echo", "fable", "onyx", "verse"};
    for (size_t i = 0; i < ARRAY_LEN(women); i++)
        if (text_equal_fold(name, women[i]))
            return VOICE_FEMALE;
    for (size_t i = 0; i < ARRAY_LEN(men); i++)
        if (text_equal_fold(name, men[i]))
            return VOICE_MALE;
    return VOICE_SEX_UNKNOWN;
}

const struct voice *voices_get(const char *id)
{
    if (!id || is_remote_id(id)) {
        const struct voice *remote = id ? voices_find(id) : NULL;
        return remote ? remote : &voices[0];
    }
    const struct voice *voice = voices_find(id);
    for (const char *tag = id; !voice && *tag; tag += strspn(tag, "-_")) {
        voice = first_of_language(tag);
        tag += subtag_size(tag);
    }
    return voice ? voice : with_sex(&voices[0], sex_of_name(id));
}

const struct voice *voices_local_of(const struct voice *voice)
{
    if (!voice_is_remote(voice))
        return voice;
    const struct voice *local = voice->lang ? first_of_language(voice->lang) : NULL;
    return with_sex(local ? local : &voices[0], voice->sex);
}

const struct voice *voices_for_text(const struct voice *voice, const char *text)
{
    struct script_counts counts;
    scripts_count(text, &counts);
    const struct voice *best = voice;
    unsigned best_covered = scripts_covered(&counts, voice->scripts);
    if (best_covered * 3 >= scripts_covered(&counts, UINT32_MAX))
        return voice;
    for (size_t i = 0; i < LOCAL_COUNT; i++) {
        unsigned covered = scripts_covered(&counts, voices[i].scripts);
        if (covered <= best_covered)
            continue;
        best = &voices[i];
        best_covered = covered;
    }
    return best == voice ? voice : with_sex(best, voice->sex);
}

/* What remote voices of that language are trusted to read: its letters and Latin ones; all of them
 * when it is not known, or one that we don't speak. */
static uint32_t scripts_of_language(const char *lang)
{
    const struct voice *local = lang ? first_of_language(lang) : NULL;
    return local ? local->scripts | SCRIPT_LATIN : UINT32_MAX;
}

enum status voices_configure(const char *list, struct buffer *problems)
{
    static struct voice_list remote; /* the voices' texts lie in it */
    static char ids[VOICES_REMOTE_MAX][sizeof(VOICES_REMOTE_PREFIX) + VOICE_NAME_MAX];
    voice_count = LOCAL_COUNT;
    enum status status = voice_list_parse(list, &remote, problems);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < remote.count; i++) {
        const struct voice_entry *entry = &remote.entries[i];
        const char *lang = *entry->lang ? entry->lang : NULL;
        snprintf(ids[i], sizeof(ids[i]), VOICES_REMOTE_PREFIX "%s", entry->name);
        voices[voice_count++] = (struct voice){
            .id = ids[i],
            .name = entry->name,
            .lang = lang,
            .sex = sex_of_name(entry->name),
            .engine = "http",
            .remote = entry->name,
            .scripts = scripts_of_language(lang),
        };
    }
    return STATUS_OK;
}
