/* SPDX-License-Identifier: MIT */
#include "services/license/import.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/daemon/import.h"
#include "lib/daemon/import_values.h"
#include "services/license/config.h"
#include "services/license/domain/import.h"
#include "services/license/domain/keys.h"
#include "services/license/domain/plans.h"
#include "services/license/store/import.h"
#include "services/license/store/plans.h"

#define ORDER_ID_MAX_BYTES 200
#define EMAIL_MAX_BYTES 320
#define CURRENCY_MAX_BYTES 16

/* Few: owners whose keys a page has changed can't redeem others until it ends. */
#define PAGE_ROWS 100

/* The row in hand, and its name in the report. */
struct row {
    struct call *call;
    const PGresult *rows;
    int number;
    const char *name;
    struct import_report *report;
};

/* Trimmed; NULL for null and blank. */
static const char *text_of(const struct row *row, const char *column)
{
    const char *text = pg_text(row->rows, row->number, column, row->call->arena);
    return text_is_blank(text) ? NULL : text_trim(row->call->arena, text);
}

/* The plan's id; NULL for none. One that the plans don't have is left to the caller: *ret_unknown
 * is its normalised name then. */
static enum status plan_of(const struct row *row, const char **ret_id, const char **ret_unknown)
{
    const char *name = plan_normalise(row->call->arena, text_of(row, "plan"));
    *ret_id = NULL;
    *ret_unknown = NULL;
    if (!name)
        return STATUS_OK;
    enum status status = plans_find(row->call, name, ret_id);
    if (status != STATUS_NOT_FOUND)
        return status;
    *ret_unknown = name;
    return STATUS_OK;
}

/* ---- keys ---- */

static const char *status_of(const struct row *row)
{
    const char *text = text_of(row, "status");
    bool is_known;
    const char *status = import_status(row->call->arena, text ? text : "", &is_known);
    if (!is_known)
        import_report_changed(row->report, row->name, "status '%s' becomes inactive",
                              text ? text : "");
    return status;
}

static const char *owner_of(const struct row *row)
{
    const char *text = text_of(row, "user_id");
    struct uuid uuid;
    if (!text)
        return NULL;
    if (uuid_parse(text, &uuid))
        return arena_text(row->call->arena, uuid.text);
    import_report_changed(row->report, row->name, "no owner, as user_id '%s' is no UUID", text);
    return NULL;
}

static int64_t count_of(const struct row *row, const char *column, int64_t initial)
{
    const char *text = text_of(row, column);
    int64_t count = initial;
    if (text && !import_parse_int(text, 0, INT32_MAX, &count))
        import_report_changed(row->report, row->name, "%s '%s' becomes %d", column, text,
                              (int)initial);
    return count;
}

static enum status read_key(const struct row *row, const char *key, struct import_key *ret_key)
{
    const char *plan;
    const char *unknown;
    enum status status = plan_of(row, &plan, &unknown);
    if (status != STATUS_OK)
        return status;
    if (unknown)
        import_report_changed(row->report, row->name, "no plan, as '%s' is none of ours", unknown);
    *ret_key = (struct import_key){
        .key = key,
        .plan = plan,
        .status = status_of(row),
        .issued_at = text_of(row, "issued_at"),
        .expires_at = text_of(row, "expires_at"),
        .user_id = owner_of(row),
        .max_devices = count_of(row, "max_devices", 1),
        .devices_bound = count_of(row, "devices_bound", 0),
    };
    return STATUS_OK;
}

static enum status take_key(struct call *call, const PGresult *rows, int number,
                            struct import_report *report)
{
    const char *text = pg_text(rows, number, "key", call->arena);
    const char *key = key_normalise(call->arena, text ? text : "");
    const struct row row = {call, rows, number, import_key_hint(call->arena, key), report};
    if (!import_key_is_sound(key)) {
        import_report_skipped(report, row.name, "it has not the form of a key");
        return STATUS_OK;
    }
    if (pg_bool(rows, number, "is_repeated")) {
        import_report_skipped(report, row.name, "another row is the same key");
        return STATUS_OK;
    }

    struct import_key found;
    enum import_key_result result;
    enum status status = read_key(&row, key, &found);
    if (status == STATUS_OK)
        status = import_key_insert(call, &found, &result);
    if (status != STATUS_OK)
        return status;
    if (result == IMPORT_KEY_BOUND)
        import_report_changed(report, row.name, "was there, and now has its owner");
    if (result == IMPORT_KEY_PRESENT)
        import_report_present(report);
    else
        import_report_added(report);
    return STATUS_OK;
}

/* ---- purchases ---- */

/* NULL for a text that is longer than what a client may send. */
static const char *bounded(const struct row *row, const char *column, size_t max_bytes)
{
    const char *text = text_of(row, column);
    if (!text || strlen(text) <= max_bytes)
        return text;
    import_report_changed(row->report, row->name, "without %s, which is too long", column);
    return NULL;
}

static int64_t days_of(const struct row *row)
{
    const char *text = text_of(row, "ttl_days");
    int64_t said = 0;
    int64_t days = TERM_DEFAULT_DAYS;
    bool is_number = !text || import_parse_int(text, INT64_MIN, INT64_MAX, &said);
    if (!is_number || !term_check(text != NULL, said, &days))
        import_report_changed(row->report, row->name, "ttl_days '%s' becomes %d", text,
                              TERM_DEFAULT_DAYS);
    return days;
}

static bool amount_of(const struct row *row, int64_t *ret_amount)
{
    const char *text = text_of(row, "amount");
    if (!text || import_parse_int(text, 0, INT64_MAX, ret_amount))
        return text != NULL;
    import_report_changed(row->report, row->name,
                          "without amount, as '%s' is no whole number of minor units", text);
    return false;
}

/* The plan as it was ordered, whether or not there is one of that name now. */
static enum status read_order(const struct row *row, const char *order_id, struct order *ret_order)
{
    const char *plan;
    const char *unknown;
    enum status status = plan_of(row, &plan, &unknown);
    if (status != STATUS_OK)
        return status;
    *ret_order = (struct order){
        .order_id = order_id,
        .plan = plan ? plan : unknown,
        .ttl_days = days_of(row),
        .email = bounded(row, "email", EMAIL_MAX_BYTES),
        .currency = bounded(row, "currency", CURRENCY_MAX_BYTES),
    };
    ret_order->has_amount = amount_of(row, &ret_order->amount);
    return STATUS_OK;
}

static void tell_order(const struct row *row, enum import_order_result result)
{
    switch (result) {
    case IMPORT_ORDER_ADDED:
        import_report_added(row->report);
        return;
    case IMPORT_ORDER_PRESENT:
        import_report_present(row->report);
        return;
    case IMPORT_ORDER_DIFFERS:
        import_report_skipped(row->report, row->name, "the order has another key here");
        return;
    case IMPORT_ORDER_NO_KEY:
        import_report_skipped(row->report, row->name, "its key is not here");
        return;
    case IMPORT_ORDER_KEY_TAKEN:
        import_report_skipped(row->report, row->name, "its key is another order's");
        return;
    }
}

static enum status take_purchase(struct call *call, const PGresult *rows, int number,
                                 struct import_report *report)
{
    struct row row = {call, rows, number, "", report};
    const char *order_id = text_of(&row, "order_id");
    const char *key = text_of(&row, "license_key");
    row.name = order_id ? order_id : "";
    if (!order_id || strlen(order_id) > ORDER_ID_MAX_BYTES) {
        import_report_skipped(report, row.name, "order_id is empty or too long");
        return STATUS_OK;
    }

    struct order order;
    enum import_order_result result;
    enum status status = read_order(&row, order_id, &order);
    if (status == STATUS_OK)
        status = import_order_insert(call, &order, key_normalise(call->arena, key ? key : ""),
                                     text_of(&row, "created_at"), &result);
    if (status == STATUS_OK)
        tell_order(&row, result);
    return status;
}

static const struct import_table tables[] = {
    {"license_keys", &import_old_keys, take_key},
    {"web_purchases", &import_old_purchases, take_purchase},
};

static struct import_options options_of(const void *config)
{
    const struct license_config *license = config;
    return (struct import_options){
        .program = "ttb-license",
        .old_url = license->old_database_url,
        .service = &license->service,
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
