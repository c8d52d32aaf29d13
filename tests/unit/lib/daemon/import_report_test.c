/* SPDX-License-Identifier: MIT */
#include "lib/daemon/import_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = import_report_new();
    import_report_begin(*state, "things");
    return 0;
}

static int tear_down(void **state)
{
    import_report_free(*state);
    return 0;
}

/* What is printed; to be freed. */
static char *print(const struct import_report *report)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    import_report_print(report, out);
    fclose(out);
    return text;
}

static void assert_has(const struct import_report *report, const char *text)
{
    AUTO(free) char *printed = print(report);
    if (!strstr(printed, text))
        fail_msg("'%s' is not in:\n%s", text, printed);
}

static void assert_lacks(const struct import_report *report, const char *text)
{
    AUTO(free) char *printed = print(report);
    assert_null(strstr(printed, text));
}

static void every_row_is_counted_as_read_and_as_what_came_of_it(void **state)
{
    struct import_report *report = *state;
    import_report_added(report);
    import_report_added(report);
    import_report_present(report);
    import_report_skipped(report, "a", "it is %s", "odd");
    AUTO(free) char *printed = print(report);
    assert_string_equal(printed,
                        "table                       read     added already there   skipped\n"
                        "things                         4         2             1         1\n"
                        "\n"
                        "things a: skipped: it is odd\n");
}

static void tables_are_counted_for_themselves_and_a_missing_one_is_told(void **state)
{
    struct import_report *report = *state;
    import_report_added(report);
    import_report_begin(report, "others");
    import_report_missing(report);
    assert_has(report, "things                         1         1             0         0\n");
    assert_has(report, "others                 is not in the old database\n");
}

static void a_remark_on_a_row_that_was_there_is_forgotten(void **state)
{
    struct import_report *report = *state;
    import_report_changed(report, "first", "becomes %d", 100);
    import_report_added(report);
    import_report_changed(report, "second", "becomes 100");
    import_report_present(report);
    import_report_changed(report, "third", "becomes 100");
    import_report_added(report);
    assert_has(report, "\nthings first: becomes 100\nthings third: becomes 100\n");
    assert_lacks(report, "second");
}

static void the_first_100_remarks_are_shown_and_the_others_counted(void **state)
{
    struct import_report *report = *state;
    for (int i = 1; i <= 100; i++)
        import_report_skipped(report, "row", "number %d.", i);
    assert_has(report, "number 100.\n");
    assert_lacks(report, "more");
    import_report_skipped(report, "row", "number 101.");
    import_report_skipped(report, "row", "number 102.");
    assert_has(report, "number 100.\n… and 2 more\n");
    assert_lacks(report, "number 101.");
}

static void what_a_terminal_would_obey_is_not_printed(void **state)
{
    struct import_report *report = *state;
    import_report_skipped(report, "a\x1b[2J\n", "'%s' is odd", "имя\r.\x7f.\xc2\x9b");
    assert_has(report, "things a?[2J?: skipped: 'имя?.?.?' is odd\n");
}

static void long_texts_are_cut_and_leave_room_for_the_reason(void **state)
{
    struct import_report *report = *state;
    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    import_report_skipped(report, text, "the name '%s' is not valid", text);
    assert_has(report, "skipped: the name 'xxx");
    AUTO(free) char *printed = print(report);
    assert_true(strlen(printed) < 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_is_counted_as_read_and_as_what_came_of_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tables_are_counted_for_themselves_and_a_missing_one_is_told,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_remark_on_a_row_that_was_there_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_first_100_remarks_are_shown_and_the_others_counted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_terminal_would_obey_is_not_printed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(long_texts_are_cut_and_leave_room_for_the_reason, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
