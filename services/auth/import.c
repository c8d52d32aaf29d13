/* SPDX-License-Identifier: MIT */
#include "services/auth/import.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/daemon/import.h"
#include "lib/daemon/import_values.h"
#include "services/auth/config.h"
#include "services/auth/domain/password.h"
#include "services/auth/domain/username.h"
#include "services/auth/store/import.h"

#define VOICE_ID_MAX_BYTES 128
#define VOLUME_DEFAULT 100
#define VOLUME_MAX 100
#define PAGE_ROWS 500

/* A row's text, "" for null. */
static const char *text_of(struct call *call, const PGresult *rows, int row, const char *column)
{
    const char *text = pg_text(rows, row, column, call->arena);
    return text ? text : "";
}

static void tell(struct import_report *report, const char *id, enum import_result result)
{
    switch (result) {
    case IMPORT_ADDED:
        import_report_added(report);
        return;
    case IMPORT_PRESENT:
        import_report_present(report);
        return;
    case IMPORT_NAME_TAKEN:
        import_report_skipped(report, id, "another user has the name");
        return;
    case IMPORT_NO_USER:
        import_report_skipped(report, id, "the user was not imported");
        return;
    case IMPORT_DELETED:
        import_report_skipped(report, id, "the user was deleted here");
        return;
    }
}

/* ---- users ---- */

/* NULL where there is none, or none that can be one. */
static const char *fold_tiktok_name(struct call *call, const PGresult *rows, int row,
                                    const char *id, struct import_report *report)
{
    const char *text = text_of(call, rows, row, "tiktok_username");
    if (text_is_blank(text))
        return NULL;
    const char *name = username_fold(call->arena, text);
    if (!name)
        import_report_changed(report, id, "no TikTok name, as '%s' is not valid", text);
    return name;
}

static enum status take_user(struct call *call, const PGresult *rows, int row,
                             struct import_report *report)
{
    const char *id = text_of(call, rows, row, "id");
    const char *username = text_of(call, rows, row, "username");
    struct uuid uuid;
    if (!uuid_parse(id, &uuid)) {
        import_report_skipped(report, id, "the id is no UUID");
        return STATUS_OK;
    }
    struct import_user user = {
        .id = uuid.text,
        .username = username_fold(call->arena, username),
        .password_hash = text_of(call, rows, row, "password_hash"),
        .created_at = pg_text(rows, row, "created_at", call->arena),
    };
    if (!user.username) {
        import_report_skipped(report, id, "the name '%s' is not valid", username);
        return STATUS_OK;
    }
    if (!password_hash_is_known(user.password_hash)) {
        import_report_skipped(report, id, "the password hash has no known form");
        return STATUS_OK;
    }

    user.tiktok_username = fold_tiktok_name(call, rows, row, id, report);
    enum import_result result;
    enum status status = import_user_insert(call, &user, &result);
    if (status == STATUS_OK)
        tell(report, id, result);
    return status;
}

/* ---- settings ---- */

static bool flag_of(struct call *call, const PGresult *rows, int row, const char *column,
                    struct import_report *report)
{
    const char *text = pg_text(rows, row, column, call->arena);
    bool value = true;
    if (text && !import_parse_bool(text, &value))
        import_report_changed(report, text_of(call, rows, row, "user_id"), "%s '%s' becomes true",
                              column, text);
    return value;
}

/* The nearest that is allowed. */
static int64_t volume_of(struct call *call, const PGresult *rows, int row, const char *column,
                         struct import_report *report)
{
    const char *text = pg_text(rows, row, column, call->arena);
    int64_t said = VOLUME_DEFAULT;
    bool is_number = !text || import_parse_int(text, INT64_MIN, INT64_MAX, &said);
    int64_t volume = said < 0 ? 0 : said > VOLUME_MAX ? VOLUME_MAX : said;
    if (!is_number || volume != said)
        import_report_changed(report, text_of(call, rows, row, "user_id"), "%s '%s' becomes %d",
                              column, text, (int)volume);
    return volume;
}

static const char *voice_of(struct call *call, const PGresult *rows, int row,
                            struct import_report *report)
{
    const char *voice = text_of(call, rows, row, "voice_id");
    if (text_is_blank(voice))
        return NULL;
    if (strlen(voice) <= VOICE_ID_MAX_BYTES)
        return voice;
    import_report_changed(report, text_of(call, rows, row, "user_id"),
                          "the default voice, as voice_id is too long");
    return NULL;
}

static enum status take_settings(struct call *call, const PGresult *rows, int row,
                                 struct import_report *report)
{
    const char *id = text_of(call, rows, row, "user_id");
    struct uuid uuid;
    if (!uuid_parse(id, &uuid)) {
        import_report_skipped(report, id, "user_id is no UUID");
        return STATUS_OK;
    }
    const struct import_settings settings = {
        .user_id = uuid.text,
        .voice_id = voice_of(call, rows, row, report),
        .tts_enabled = flag_of(call, rows, row, "tts_enabled", report),
        .gift_sounds_enabled = flag_of(call, rows, row, "gift_sounds_enabled", report),
        .tts_volume = volume_of(call, rows, row, "tts_volume", report),
        .gifts_volume = volume_of(call, rows, row, "gifts_volume", report),
    };
    enum import_result result;
    enum status status = import_settings_update(call, &settings, &result);
    if (status == STATUS_OK)
        tell(report, id, result);
    return status;
}

/* ---- TikTok names ---- */

static enum status take_tiktok_account(struct call *call, const PGresult *rows, int row,
                                       struct import_report *report)
{
    const char *id = text_of(call, rows, row, "user_id");
    const char *name = text_of(call, rows, row, "username");
    struct uuid uuid;
    if (!uuid_parse(id, &uuid)) {
        import_report_skipped(report, id, "user_id is no UUID");
        return STATUS_OK;
    }
    const struct import_tiktok_account account = {
        .user_id = uuid.text,
        .name = username_fold(call->arena, name),
        .created_at = pg_text(rows, row, "created_at", call->arena),
        .last_used_at = pg_text(rows, row, "last_used_at", call->arena),
    };
    if (!account.name) {
        import_report_skipped(report, id, "the TikTok name '%s' is not valid", name);
        return STATUS_OK;
    }
    enum import_result result;
    enum status status = import_tiktok_account_insert(call, &account, &result);
    if (status == STATUS_OK)
        tell(report, id, result);
    return status;
}

static const struct import_table tables[] = {
    {"users", &import_old_users, take_user},
    {"user_settings", &import_old_settings, take_settings},
    {"user_tiktok_accounts", &import_old_tiktok_accounts, take_tiktok_account},
};

static struct import_options options_of(const void *config)
{
    const struct auth_config *auth = config;
    return (struct import_options){
        .program = "ttb-auth",
        .old_url = auth->old_database_url,
        .service = &auth->service,
        .page_rows = PAGE_ROWS,
        .tables = tables,
        .count = ARRAY_LEN(tables),
    };
}

int import_run(const void *config, const char *const *arguments)
{
    (void)arguments;
    const struct import_options options = options_of(config);
    return import_tables(&options);
}

int import_run_look(const void *config, const char *const *arguments)
{
    (void)arguments;
    const struct import_options options = options_of(config);
    return import_look(&options);
}
