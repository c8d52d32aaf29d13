/* SPDX-License-Identifier: MIT */
/* The voices on offer. They are listed whoever is down; only what is said of them may be less. */
#include "gen/auth/messages.h"
#include "gen/media/api.h"
#include "lib/base/log.h"
#include "services/media/media.h"

#define RIGHTS_PATIENCE_MS 1000

static const char *sex_name(enum voice_sex sex)
{
    switch (sex) {
    case VOICE_FEMALE:
        return "female";
    case VOICE_MALE:
        return "male";
    default:
        return NULL;
    }
}

static struct list list_voices(struct call *call, bool has_remote)
{
    size_t count;
    const struct voice *voices = voices_list(&count);
    struct voice_item *items = ARENA_ARRAY(call->arena, struct voice_item, count);
    for (size_t i = 0; i < count; i++) {
        bool is_unavailable = voice_is_remote(&voices[i]) && !has_remote;
        items[i] = (struct voice_item){
            .id = voices[i].id,
            .name = voices[i].name,
            .lang = voices[i].lang,
            .sex = sex_name(voices[i].sex),
            .engine = voices[i].engine,
            .has_unavailable = is_unavailable,
            .unavailable = is_unavailable,
        };
    }
    return (struct list){items, count};
}

/* Whether the other server speaks, if there is one. */
static bool is_remote_up(const struct call *call)
{
    const struct media *media = call->app;
    return media->maker.remote && remote_is_up(media->maker.remote);
}

/* Auth is not waited for until nobody waits for us. */
static enum status ask_rights(struct call *call, struct user_rights_reply *rights)
{
    const struct user_rights_request nothing = {0};
    int64_t deadline_ms = call->deadline_ms;
    if (deadline_ms > call->now_ms + RIGHTS_PATIENCE_MS)
        call->deadline_ms = call->now_ms + RIGHTS_PATIENCE_MS;
    enum status status = auth_user_rights(call, &nothing, rights);
    call->deadline_ms = deadline_ms;
    return status;
}

/* Whether the caller's plan has all voices; true for who is not signed in, and when auth can't say:
 * a mark that is wrong does more harm than none. */
static bool has_all_voices(struct call *call)
{
    if (!call->caller.user_id)
        return true;
    struct user_rights_reply rights = {0};
    enum status status = ask_rights(call, &rights);
    if (status == STATUS_OK)
        return rights.has_all_voices;
    log_debug(&call->log, "voices are listed without knowing the plan",
              LOG_TEXT("status", status_name(status)));
    return status != STATUS_FORBIDDEN && status != STATUS_UNAUTHENTICATED;
}

enum status handle_list_voices(struct call *call, const struct list_voices_request *in,
                               struct voices_reply *out)
{
    (void)in;
    out->voices = list_voices(call, is_remote_up(call) && has_all_voices(call));
    return STATUS_OK;
}

enum status handle_v1_list_voices(struct call *call, const struct v1_list_voices_request *in,
                                  struct voices_reply *out)
{
    (void)in;
    out->voices = list_voices(call, is_remote_up(call));
    return STATUS_OK;
}
