/* SPDX-License-Identifier: MIT */
/* How much of a form is taken. */
#include "lib/api/call.h"
#include "tests/unit/services/gateway/http/form_reading.h"

static void add_part(struct buffer *body, const char *head, size_t size)
{
    buffer_printf(body, "--bb\r\nContent-Disposition: form-data; %s\r\n\r\n%*s\r\n", head,
                  (int)size, "");
}

static void assert_bounded(void **state, struct buffer *body, enum status status,
                           const char *problem)
{
    buffer_add_text(body, LAST);
    assert_refused_bytes(state, TYPE, buffer_slice(body), status, problem);
    buffer_done(body);
}

static void fields_are_counted(void **state)
{
    AUTO_BUFFER(body, BODY_MAX);
    AUTO_BUFFER(fields, BODY_MAX);
    for (int i = 0; i < FORM_PARTS_MAX; i++) {
        add_part(&body, "name=a", 0);
        buffer_printf(&fields, "%sa=", i == 0 ? "" : "&");
    }
    AUTO_BUFFER(most, BODY_MAX);
    buffer_printf(&most, "%s" LAST, buffer_text(&body));
    assert_form(state, TYPE, buffer_text(&most), buffer_text(&fields), NULL, "");
    add_part(&body, "name=a", 0);
    assert_bounded(state, &body, STATUS_BAD_REQUEST,
                   "Too many fields. Maximum number of fields is 16.");
}

static void there_is_one_file(void **state)
{
    assert_refused(state, BOOM BOOM LAST, STATUS_BAD_REQUEST,
                   "Too many files. Maximum number of files is 1.");
}

static void a_text_is_bounded(void **state)
{
    AUTO_BUFFER(body, BODY_MAX);
    AUTO_BUFFER(fields, BODY_MAX);
    add_part(&body, "name=a", FORM_TEXT_MAX_BYTES);
    buffer_add_text(&body, LAST);
    buffer_add_text(&fields, "a=");
    for (int i = 0; i < FORM_TEXT_MAX_BYTES; i++)
        buffer_add_text(&fields, "%20");
    assert_form(state, TYPE, buffer_text(&body), buffer_text(&fields), NULL, "");
    buffer_clear(&body);
    add_part(&body, "name=a", FORM_TEXT_MAX_BYTES + 1);
    assert_bounded(state, &body, STATUS_TOO_LARGE, NULL);
}

static void texts_are_bounded_together(void **state)
{
    AUTO_BUFFER(body, BODY_MAX);
    for (size_t size = 0; size <= CALL_FORM_MAX_BYTES; size += 3 * (size_t)FORM_TEXT_MAX_BYTES)
        add_part(&body, "name=a", FORM_TEXT_MAX_BYTES);
    assert_bounded(state, &body, STATUS_TOO_LARGE, NULL);
}

static void a_file_is_bounded(void **state)
{
    AUTO_BUFFER(body, BODY_MAX);
    add_part(&body, "name=a; filename=b", FILE_MAX + 1);
    assert_bounded(state, &body, STATUS_TOO_LARGE, NULL);
}

static void files_are_bounded_by_the_memory_for_all(void **state)
{
    const struct state *made = *state;
    struct body other;
    AUTO_BUFFER(body, BODY_MAX);
    static const char taken[MEMORY - FILE_MAX + 1];
    body_init(&other, made->bodies, sizeof(taken));
    assert_int_equal(body_add(&other, taken, sizeof(taken)), STATUS_OK);
    add_part(&body, "name=a; filename=b", FILE_MAX);
    assert_bounded(state, &body, STATUS_UNAVAILABLE, NULL);
    body_done(&other);
}

static void heads_are_bounded(void **state)
{
    AUTO_BUFFER(body, BODY_MAX);
    buffer_printf(&body, PART("name=%065d") "\r\n", 0);
    assert_bounded(state, &body, STATUS_BAD_REQUEST, BAD);
    buffer_printf(&body, PART("name=a; filename=%0513d") "\r\n", 0);
    assert_bounded(state, &body, STATUS_BAD_REQUEST, BAD);
    buffer_printf(&body, PART("name=a\r\nX: %04096d") "\r\n", 0);
    assert_bounded(state, &body, STATUS_BAD_REQUEST, BAD);
    buffer_printf(&body, PART("name=%064d; filename=%0512d\r\nX: %04090d") "\r\n" LAST, 0, 0, 0);
    AUTO_BUFFER(file, BODY_MAX);
    buffer_printf(&file, "field=%064d&filename=%0512d", 0, 0);
    assert_form(state, TYPE, buffer_text(&body), NULL, buffer_text(&file), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_counted),
        cmocka_unit_test(there_is_one_file),
        cmocka_unit_test(a_text_is_bounded),
        cmocka_unit_test(texts_are_bounded_together),
        cmocka_unit_test(a_file_is_bounded),
        cmocka_unit_test(files_are_bounded_by_the_memory_for_all),
        cmocka_unit_test(heads_are_bounded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
