/* SPDX-License-Identifier: MIT */
#include "lib/daemon/import_report.h"

#include "lib/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>

#define TABLES_MAX 8
#define REMARKS_MAX 100
#define ROW_BYTES 80
#define REMARK_BYTES 320

struct table {
    const char *name;
    bool is_missing;
    int64_t added;
    int64_t present;
    int64_t skipped;
};

struct import_report {
    struct table tables[TABLES_MAX];
    size_t table_count;
    char remarks[REMARKS_MAX][REMARK_BYTES];
    size_t remark_count;  /* those that were not kept, too */
    size_t settled_count; /* of these, those on rows before the one in hand */
};

struct import_report *import_report_new(void)
{
    struct import_report *report = calloc(1, sizeof(*report));
    if (!report)
        abort();
    return report;
}

static struct table *current(struct import_report *report)
{
    assert(report->table_count > 0);
    return &report->tables[report->table_count - 1];
}

void import_report_begin(struct import_report *report, const char *name)
{
    assert(report->table_count < TABLES_MAX);
    report->tables[report->table_count++] = (struct table){.name = name};
}

void import_report_missing(struct import_report *report)
{
    current(report)->is_missing = true;
}

void import_report_added(struct import_report *report)
{
    current(report)->added++;
    report->settled_count = report->remark_count;
}

void import_report_present(struct import_report *report)
{
    current(report)->present++;
    report->remark_count = report->settled_count;
}

/* ---- remarks ---- */

/* What a terminal would obey instead of showing it becomes '?': rows hold what anybody typed. */
static void add_printable(struct buffer *out, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t c;
        size_t size = text_utf8_decode(text, left, &c);
        text_utf8_append(out, c < 0x20 || (c >= 0x7f && c < 0xa0) ? '?' : c);
        text += size;
        left -= size;
    }
}

static void remark(struct import_report *report, const char *row, const char *kind,
                   const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void remark(struct import_report *report, const char *row, const char *kind,
                   const char *format, va_list arguments)
{
    size_t number = report->remark_count++;
    if (number >= REMARKS_MAX)
        return;
    char name[ROW_BYTES];
    snprintf(name, sizeof(name), "%s", row);
    char text[REMARK_BYTES];
    vsnprintf(text, sizeof(text), format, arguments);
    AUTO_BUFFER(line, REMARK_BYTES);
    buffer_printf(&line, "%s ", current(report)->name);
    add_printable(&line, name);
    buffer_printf(&line, ": %s", kind);
    add_printable(&line, text);
    snprintf(report->remarks[number], REMARK_BYTES, "%s", buffer_text(&line));
}

void import_report_skipped(struct import_report *report, const char *row, const char *reason, ...)
{
    current(report)->skipped++;
    va_list arguments;
    va_start(arguments, reason);
    remark(report, row, "skipped: ", reason, arguments);
    va_end(arguments);
    report->settled_count = report->remark_count;
}

void import_report_changed(struct import_report *report, const char *row, const char *what, ...)
{
    va_list arguments;
    va_start(arguments, what);
    remark(report, row, "", what, arguments);
    va_end(arguments);
}

/* ---- printing ---- */

static void print_table(const struct table *table, FILE *out)
{
    if (table->is_missing) {
        fprintf(out, "%-22s is not in the old database\n", table->name);
        return;
    }
    fprintf(out, "%-22s %9" PRId64 " %9" PRId64 " %13" PRId64 " %9" PRId64 "\n", table->name,
            table->added + table->present + table->skipped, table->added, table->present,
            table->skipped);
}

void import_report_print(const struct import_report *report, FILE *out)
{
    fprintf(out, "%-22s %9s %9s %13s %9s\n", "table", "read", "added", "already there", "skipped");
    for (size_t i = 0; i < report->table_count; i++)
        print_table(&report->tables[i], out);
    for (size_t i = 0; i < report->remark_count && i < REMARKS_MAX; i++)
        fprintf(out, "%s%s\n", i == 0 ? "\n" : "", report->remarks[i]);
    if (report->remark_count > REMARKS_MAX)
        fprintf(out, "… and %zu more\n", report->remark_count - REMARKS_MAX);
}

void import_report_free(struct import_report *report)
{
    free(report);
}
